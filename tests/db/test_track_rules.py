"""Which facts are about one track, rule by rule."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from db.credit_rules import derive
from db.track_rules import ListedTrack, Tracks, Written, derive_tracks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ONE = "00000000-0000-4000-8000-000000000001"
TWO = "00000000-0000-4000-8000-000000000002"


def tracks(facts: Mapping[Written, int], listed: Sequence[ListedTrack] = ()) -> tuple[Tracks, list[str]]:
    """The tracks, and the artists' names by index."""
    counts: Counter[str] = Counter()
    for written, n in facts.items():
        for credit in (written.credit, *written.others):
            counts[credit] += n
    for line in listed:
        counts[line.credit] += 1
    catalogue = derive(counts, [])
    alone = Counter(artist.key for artist in catalogue.artists)
    by_key = {a.key: n for n, a in enumerate(catalogue.artists) if alone[a.key] == 1}
    return (
        derive_tracks(facts, listed, catalogue.leads, catalogue.first, by_key), [a.name for a in catalogue.artists]
    )  # fmt: skip


def shown(facts: Mapping[Written, int], listed: Sequence[ListedTrack] = ()) -> list[tuple[str, str, str]]:
    return [(t.credit, t.title, t.version) for t in tracks(facts, listed)[0].tracks]


def test_spellings_meet_under_the_most_used_one() -> None:
    facts = {Written("Abba", "Dancing queen"): 2, Written("ABBA", "Dancing Queen - Remastered 2011"): 3}
    assert shown(facts) == [("ABBA", "Dancing Queen", "")]


def test_versions_are_tracks_of_their_own() -> None:
    facts = {Written("A", "Song"): 1, Written("A", "Song (Live)"): 1, Written("A", "Song - B Remix"): 1}
    assert shown(facts) == [("A", "Song", ""), ("A", "Song - B Remix", "b remix"), ("A", "Song (Live)", "live")]


def test_a_featured_artist_makes_no_other_track_and_is_one_of_its_artists() -> None:
    facts = {
        Written("A feat. B", "Song"): 1, Written("A", "Song (feat. B)"): 1, Written("A", "Song", ("B",)): 1,
        Written("B", "Other"): 1,
    }  # fmt: skip
    found, names = tracks(facts)
    song = next(t for t in found.tracks if t.key == "song")
    assert len(found.tracks) == 2
    assert [names[n] for n in song.artists] == ["A", "B"]
    assert {found.leads[w.credit, w.title] for w in facts if w.title != "Other"} == {found.tracks.index(song)}


def test_a_joint_credit_that_comes_apart_stands_for_its_first_piece() -> None:
    facts = {
        Written("Jay One & Kay Two", "Song"): 1, Written("Jay One", "Song", ("Kay Two",)): 1,
        Written("Kay Two", "Other"): 1,
    }  # fmt: skip
    found, names = tracks(facts)
    assert [(names[t.artist], t.key) for t in found.tracks] == [("Jay One", "song"), ("Kay Two", "other")]
    assert {names[n] for n in found.tracks[0].artists} == {"Jay One", "Kay Two", "Jay One & Kay Two"}


def test_a_duo_that_does_not_come_apart_is_one_artist() -> None:
    found, names = tracks({Written("Simon & Garfunkel", "Song"): 5, Written("Simon", "Song"): 1})
    assert [names[t.artist] for t in found.tracks] == ["Simon", "Simon & Garfunkel"]


def test_ids_win_over_titles() -> None:
    listed = [
        ListedTrack("A", "Song", ONE), ListedTrack("A", "Song, renamed", ONE), ListedTrack("A", "Other", None, "X1"),
        ListedTrack("A", "Other one", None, "X1"),
    ]  # fmt: skip
    found, _ = tracks({Written("A", "Song"): 1, Written("A", "other"): 1}, listed)
    assert [(t.key, t.mbid, t.isrc, t.curated) for t in found.tracks] == [
        ("other", None, "X1", True), ("song", ONE, None, True),
    ]  # fmt: skip


def test_different_ids_are_different_tracks_and_facts_go_to_the_one_written_so() -> None:
    listed = [ListedTrack("A", "Song", ONE), ListedTrack("A", "SONG!", TWO)]
    facts = {Written("A", "SONG!"): 1, Written("A", "song"): 1}
    found, _ = tracks(facts, listed)
    assert [(t.mbid, t.mark) for t in found.tracks] == [(ONE, ONE), (TWO, TWO)]
    assert {title: found.tracks[n].mbid for (_, title), n in found.leads.items()} == {"SONG!": TWO, "song": ONE}


def test_a_line_without_an_id_is_the_one_that_has_one() -> None:
    found, _ = tracks({}, [ListedTrack("A", "Song"), ListedTrack("A", "Song", ONE)])
    assert [(t.mbid, t.mark) for t in found.tracks] == [(ONE, "")]


def test_what_is_no_title_is_no_track() -> None:
    facts = {Written("A", "x" * 501): 1, Written("A", "   "): 1}
    assert tracks(facts)[0] == Tracks([], {})


CREDITS = st.sampled_from(["A", "a", "B", "A & B", "A feat. B"])
TITLES = st.sampled_from(["Song", "song", "Song (Live)", "Song - Mono", "Song (feat. B)", "Other", ""])
LISTED = st.builds(ListedTrack, CREDITS, TITLES, st.sampled_from([None, ONE, TWO]), st.sampled_from([None, "X1", "X2"]))


@given(
    st.dictionaries(st.builds(Written, CREDITS, TITLES, st.sampled_from([(), ("B",)])), st.integers(1, 3), max_size=8),
    st.lists(LISTED, max_size=6), st.randoms(use_true_random=False),
)  # fmt: skip
def test_tracks_do_not_depend_on_order_and_have_keys_of_their_own(
    facts: dict[Written, int], listed: list[ListedTrack], random: object
) -> None:
    found, names = tracks(facts, listed)
    keys = [(t.artist, t.key, t.version, t.mark) for t in found.tracks]
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys)
    ids = [t.mbid for t in found.tracks if t.mbid]
    assert len(set(ids)) == len(ids)
    for (credit, title), n in found.leads.items():
        assert title.strip()
        assert found.tracks[n].artist == found.tracks[n].artists[0]
        assert credit
    items = list(facts.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    again, names_again = tracks(dict(items), list(reversed(listed)))
    assert (again, names_again) == (found, names)
