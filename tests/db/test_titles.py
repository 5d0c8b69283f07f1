from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.titles import LONGEST, read_title


@pytest.mark.parametrize(
    "title",
    [
        "Dancing Queen", "dancing queen!", "Dancing Queen - Remastered 2011", "Dancing Queen (2014 Remaster)",
        "Dancing Queen [Mono]", "Dancing Queen - Radio Edit", "Dancing Queen (feat. Somebody)",
        "Dancing Queen ft. Somebody", "Dancing Queen (with Somebody Else)", "Dancing Queen - 7\" Version",
        "Dancing Queen (From “A Film”)", "Dancing Queen (Original Mix) [Deluxe Edition]", "Dancing Queen - Edit",
        "Dancing Queen feat. Somebody - Single Version", "Dancing  Queen (Bonus Track)",
    ],
)  # fmt: skip
def test_spellings_of_one_recording_meet(title: str) -> None:
    read = read_title(title)
    assert (read.key, read.version) == ("dancing queen", "")


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("Song - Live", "live"), ("Song (Live at the Hall, 1974)", "live"), ("Song [Recorded Live in Paris]", "live"),
        ("Song - Live - 2005 Remaster", "live"), ("Song (Acoustic Version)", "acoustic"),
        ("Song - Unplugged", "acoustic"), ("Song (Instrumental)", "instrumental"), ("Song - Demo", "demo"),
        ("Song (Karaoke Version)", "karaoke"), ("Song - Somebody Remix", "somebody remix"),
        ("Song - Somebody Remix Radio Edit", "somebody remix"), ("Song - Remix", "remix"),
        ("Song - Extended Mix", "extended"), ("Song (12\" Version)", "extended"),
        ("Song - Spanish Version", "spanish version"), ("Song (Re-Recorded)", "new recording"),
        ("Song (Acoustic) [Live]", "acoustic live"),
    ],
)  # fmt: skip
def test_versions_are_told_apart_but_share_the_song(title: str, version: str) -> None:
    read = read_title(title)
    assert (read.key, read.version) == ("song", version)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("(I Can't Get No) Satisfaction", "i cant get no satisfaction"), ("Live and Let Die", "live and let die"),
        ("Live Forever", "live forever"), ("Long Live", "long live"), ("With or Without You", "with or without you"),
        ("Dancing (With You)", "dancing with you"), ("Remix", "remix"), ("Home - Part 2", "home part 2"),
        ("(Live)", "live"), ("1999", "1999"), ("!!!", "!!!"), ("Mono - Stereo", "mono"), ("Featuring", "featuring"),
        ("Song (Interlude)", "song interlude"), ("Radio Edit", "radio edit"),
    ],
)  # fmt: skip
def test_what_belongs_to_a_title_stays_in_it(title: str, key: str) -> None:
    assert read_title(title).key == key
    assert not read_title(title).version


def test_credits_in_titles_are_reported() -> None:
    assert read_title("Song (feat. B & C) - Radio Edit").featured == ("B", "C")
    assert read_title("Song (with B) [feat. C]").featured == ("B", "C")
    assert read_title("Song").featured == ()


def test_what_is_shown_keeps_the_version_as_written() -> None:
    assert read_title("Song (feat. B) (Live at Home) - 2011 Remaster").shown == "Song (Live at Home)"


@given(st.text(max_size=80))
def test_any_text_is_read_and_reading_is_stable(title: str) -> None:
    read = read_title(title)
    assert bool(read.key) == bool(title.strip() and read_title(title.strip()).key)
    again = read_title(read.shown)
    assert (again.key, again.version) == (read.key, read.version)


@pytest.mark.parametrize("title", ["(" * 100_000, "a - " * 100_000, " " * 100_000 + "x", "feat. " * 50_000])
def test_a_hostile_title_takes_no_time_to_speak_of(title: str) -> None:
    assert len(title) > LONGEST
    assert not read_title(title).version
