from __future__ import annotations

from pathlib import Path

import pytest

from db import never
from db.catalog import Artist
from db.errors import InputError, UnknownName, UsageError
from db.home import Home
from db.imports import import_files


@pytest.fixture
def tagged(any_home: Home, tmp_path: Path) -> Home:
    """Three artists; two are on a record label, one of them plays polka."""
    table = tmp_path / "tags.tsv"
    table.write_text(
        "artist\ttag\tcount\nOne\tPolka\t3\nOne\tLabel: Far  Records\t1\nTwo\tlabel:far records\t1\nThree\tjazz\t2\n"
    )
    import_files(any_home, "tags", [table])
    return any_home


def meant(home: Home) -> set[str]:
    with home.reading() as session:
        return {session.get_one(Artist, i).name for i in never.never_suggested(session)}


def test_flags_mean_artists_by_name_tag_and_label(tagged: Home) -> None:
    assert never.add(tagged, "artist", "three") == ("Three", True)
    assert meant(tagged) == {"Three"}
    assert never.add(tagged, "label", " FAR records ") == ("far records", True)
    assert meant(tagged) == {"One", "Two", "Three"}
    never.add(tagged, "tag", "polka")
    never.remove(tagged, "label", "Far Records")
    assert meant(tagged) == {"One", "Three"}
    with tagged.reading() as session:
        told = [(flag.kind, flag.name, flag.artists) for flag in never.flags(session)]
    assert told == [("artist", "Three", 1), ("tag", "polka", 1)]


def test_a_flag_that_is_set_stays(tagged: Home) -> None:
    never.add(tagged, "tag", "polka")
    assert never.add(tagged, "tag", "Polka") == ("polka", False)
    with tagged.reading() as session:
        before = never.fingerprint(session)
    never.resolve(tagged)
    with tagged.reading() as session:
        assert never.fingerprint(session) == before


def test_a_tag_that_comes_later_counts(any_home: Home, tmp_path: Path) -> None:
    never.add(any_home, "tag", "polka")
    assert meant(any_home) == set()
    table = tmp_path / "tags.tsv"
    table.write_text("artist\ttag\tcount\nOne\tPolka\t3\n")
    import_files(any_home, "tags", [table])
    never.resolve(any_home)
    assert meant(any_home) == {"One"}


def test_what_cannot_be_flagged_is_named(tagged: Home) -> None:
    with pytest.raises(UnknownName, match="Three"):
        never.add(tagged, "artist", "Threee")
    with pytest.raises(UsageError, match="not empty"):
        never.add(tagged, "tag", "  ")
    with pytest.raises(InputError, match="--list"):
        never.remove(tagged, "tag", "jazz")
