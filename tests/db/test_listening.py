"""Facts joined with the catalogue, against slow obvious definitions."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from db import listening
from db.base import now
from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Listener, Track, TrackTitle
from db.columnar import write_parquet
from db.credits import resolve
from db.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from sqlalchemy.orm import Session

    from db.home import Home

START = datetime(2020, 1, 1, tzinfo=UTC)
PLAY = st.tuples(
    st.sampled_from(["anna", "ben"]), st.sampled_from(["A", "a", "B", "A & B", "C feat. A"]),
    st.sampled_from([None, "x", "y"]), st.sampled_from([1.0, 2.5, 3.0]),
    st.none() | st.integers(0, 2).map(lambda h: START + timedelta(hours=h)),
)  # fmt: skip


def put(home: Home, kind: str, *batches: list[tuple[Any, ...]]) -> None:
    """Batches of facts in place of all that were there, resolved."""
    folder = home.listening / kind
    folder.mkdir(parents=True, exist_ok=True)
    schema = listening.SCHEMAS[kind]
    with home.writing() as session:
        session.execute(delete(ImportBatch))
        for n, rows in enumerate(batches):
            table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
            write_parquet(table, folder / f"{n}.parquet")
            session.add(ImportBatch(
                kind=kind, source=f"/{n}", sha256=str(n), format="tsv", file=f"{kind}/{n}.parquet", rows=len(rows),
                rejected=0, imported_at=now(),
            ))  # fmt: skip
    resolve(home)


def names(home: Home) -> tuple[dict[int, str], dict[int, str], dict[str, list[int]]]:
    with home.reading() as session:
        artists = {a.id: a.key for a in session.scalars(select(Artist).where(~Artist.retired))}
        listeners = {x.id: x.name for x in session.scalars(select(Listener))}
        leads: dict[str, list[int]] = defaultdict(list)
        for text, artist in session.execute(select(Credit.text, CreditArtist.artist_id).join(CreditArtist)):
            leads[text].append(artist)
    return artists, listeners, leads


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLAY, min_size=1, max_size=25), st.lists(PLAY, max_size=10))
def test_play_totals_are_what_the_definition_says(home: Home, one: list[Any], other: list[Any]) -> None:
    put(home, "plays", one, other)
    artists, listeners, leads = names(home)
    listens: dict[Any, float] = defaultdict(float)
    for n, (listener, credit, title, plays, time) in enumerate(one + other):
        key = (listener, time, credit, title) if time else (listener, None, credit, n)
        listens[key] = max(listens[key], plays)
    expected: dict[tuple[str, str], float] = defaultdict(float)
    for (listener, _, credit, _), plays in listens.items():
        for artist in leads[credit]:
            expected[listener, artists[artist]] += plays
    rows = listening.play_totals(home).to_pylist()
    got = [((listeners[r["listener_id"]], artists[r["artist_id"]]), r["plays"]) for r in rows]
    assert got == sorted(expected.items())
    times: dict[tuple[str, str], list[datetime | None]] = defaultdict(list)
    for listener, credit, _, _, time in one + other:
        for artist in leads[credit]:
            times[listener, artists[artist]].append(time)
    first = {
        pair: min(dated) if len(dated := [time for time in known if time]) == len(known) else None
        for pair, known in times.items()
    }
    rows = listening.first_plays(home).to_pylist()
    found = [((listeners[r["listener_id"]], artists[r["artist_id"]]), r["first"]) for r in rows]
    assert found == sorted(first.items())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLAY, min_size=1, max_size=25), st.lists(PLAY, max_size=10), st.sampled_from([0.0, 0.04, 30.0]))
def test_play_parts_add_up_to_the_totals_and_age(
    home: Home, one: list[Any], other: list[Any], half_life: float
) -> None:
    put(home, "plays", one, other)
    artists, listeners, leads = names(home)
    listens: dict[Any, float] = defaultdict(float)
    for n, (listener, credit, title, plays, time) in enumerate(one + other):
        key = (listener, time, credit, title) if time else (listener, None, credit, n)
        listens[key] = max(listens[key], plays)
    newest = max((key[1] for key in listens if key[1]), default=None)
    expected: dict[tuple[str, str], float] = defaultdict(float)
    for (listener, time, credit, _), plays in listens.items():
        weight = 0.5 ** ((newest - time) / timedelta(days=half_life)) if time and half_life else 1.0
        for artist in leads[credit]:
            expected[listener, artists[artist]] += plays * weight

    def added(batches: Iterator[pa.RecordBatch]) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = defaultdict(float)
        for batch in batches:
            for row in batch.to_pylist():
                found[listeners[row["listener_id"]], artists[row["artist_id"]]] += row["plays"]
        return found

    assert listening.with_play_parts(home, added, half_life=half_life) == pytest.approx(expected, abs=1e-4)
    got: dict[tuple[str, str], float] = {}
    for listener_id, name in listeners.items():
        for row in listening.listener_plays(home, listener_id, half_life).to_pylist():
            got[name, artists[row["artist_id"]]] = row["plays"]
    assert got == pytest.approx(expected, abs=1e-4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLAY, min_size=1, max_size=25), st.lists(PLAY, max_size=10))
def test_track_totals_are_what_the_definition_says(home: Home, one: list[Any], other: list[Any]) -> None:
    put(home, "plays", one, other)
    _, listeners, _ = names(home)
    titles = titles_of(home)
    listens: dict[Any, float] = defaultdict(float)
    for n, (listener, credit, title, plays, time) in enumerate(one + other):
        key = (listener, time, credit, title) if time else (listener, None, credit, (n, title))
        listens[key] = max(listens[key], plays)
    expected: dict[tuple[str, str], float] = defaultdict(float)
    for (listener, _, credit, title), plays in listens.items():
        name = title[1] if isinstance(title, tuple) else title
        if (credit, name) in titles:
            expected[listener, titles[credit, name]] += plays
    rows = listening.track_totals(home).to_pylist()
    shown = {track.id: f"{track.artist_id} {track.key}" for track in tracks_of(home)}
    got = {(listeners[r["listener_id"]], shown[r["track_id"]]): r["plays"] for r in rows}
    assert got == expected
    assert len(rows) == len(got)


def tracks_of(home: Home) -> list[Track]:
    with home.reading() as session:
        return list(session.scalars(select(Track)))


def titles_of(home: Home) -> dict[tuple[str, str], str]:
    """(credit, title) → artist id and title key of the track it leads to."""
    shown = {track.id: f"{track.artist_id} {track.key}" for track in tracks_of(home)}
    with home.reading() as session:
        rows = session.execute(select(Credit.text, TrackTitle.title, TrackTitle.track_id).join(
            Credit, Credit.id == TrackTitle.credit_id))  # fmt: skip
        return {(credit, title): shown[track] for credit, title, track in rows}


def test_track_entries_follow_the_first_credit(home: Home) -> None:
    put(
        home, "playlists",
        [("k:2", "mix", 0, ["B", "A"], "Song (feat. A)", None), ("k:2", "mix", 3, ["A & B"], None, None)],
        [("k:1", "other", 0, ["B"], "song", "2020"), ("k:1", "other", 1, ["A"], "Song", "2020")],
    )  # fmt: skip
    artists, *_ = names(home)
    made = {track.id: (artists[track.artist_id], track.key) for track in tracks_of(home)}
    rows = listening.track_entries(home).to_pylist()
    assert [(r["playlist"], r["name"], r["position"], made[r["track_id"]]) for r in rows] == [
        ("k:1", "other", 0, ("b", "song")), ("k:1", "other", 1, ("a", "song")), ("k:2", "mix", 0, ("b", "song")),
    ]  # fmt: skip


def test_playlist_entries_hold_an_artist_once_per_position(home: Home) -> None:
    put(
        home, "playlists",
        [("k:2", "mix", 0, ["B", "A", "a"], "song", None), ("k:2", "mix", 3, ["A & B"], None, None)],
        [("k:1", "other", 0, ["B"], "t", "2020")], [("z:1", "third", 0, ["A"], "t", None)],
    )  # fmt: skip
    artists, *_ = names(home)
    rows = listening.playlist_entries(home).to_pylist()
    assert [(r["playlist"], r["position"], artists[r["artist_id"]], r["title"]) for r in rows] == [
        ("k:1", 0, "b", "t"), ("k:2", 0, "a", "song"), ("k:2", 0, "b", "song"), ("k:2", 3, "a", ""),
        ("k:2", 3, "a and b", ""), ("k:2", 3, "b", ""), ("z:1", 0, "a", "t"),
    ]  # fmt: skip


LISTEN = st.tuples(st.sampled_from(["anna", "ben"]), st.sampled_from(["A", "B"]), st.integers(0, 40))


@given(st.lists(LISTEN, max_size=9))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sessions_end_where_nothing_was_heard_for_long(home: Home, listens: list[tuple[str, str, int]]) -> None:
    put(home, "plays", [(who, whom, None, 1.0, START + timedelta(minutes=at)) for who, whom, at in listens])
    artists, listeners, _ = names(home)
    wanted: list[tuple[str, ...]] = []
    for listener in sorted(set(listeners.values())):
        last = -99
        for at, key in sorted({(at, whom.lower()) for who, whom, at in listens if who == listener}):
            wanted = [*wanted, (key,)] if at - last > 10 else [*wanted[:-1], (*wanted[-1], key)]
            last = at
    found: dict[str, list[str]] = defaultdict(list)
    for row in listening.session_entries(home, 600.0).to_pylist():
        found[row["playlist"]].append(artists[row["artist_id"]])
    assert sorted(map(tuple, found.values())) == sorted(wanted)


def test_tag_counts_add_up_over_spellings(home: Home) -> None:
    put(home, "tags", [("The A", "Rock", 2), ("A", "rock ", 3), ("A", "pop", 1), ("B", "pop", 1)])
    artists, *_ = names(home)
    rows = listening.tag_counts(home).to_pylist()
    assert [(artists[r["artist_id"]], r["tag"], r["count"]) for r in rows] == [
        ("a", "pop", 1), ("a", "rock", 5), ("b", "pop", 1),
    ]  # fmt: skip


def test_nothing_imported_is_an_empty_table(home: Home) -> None:
    assert listening.play_totals(home).num_rows == 0
    assert listening.playlist_entries(home).column_names == ["playlist", "name", "position", "artist_id", "title"]
    assert listening.tag_counts(home).num_rows == 0


def test_a_file_that_no_batch_names_does_not_count(home: Home) -> None:
    put(home, "tags", [("A", "rock", 2)])
    (home.listening / "tags" / "stray.parquet").write_bytes((home.listening / "tags" / "0.parquet").read_bytes())
    assert listening.tag_counts(home)["count"].to_pylist() == [2]


def test_a_missing_or_damaged_file_is_named(home: Home) -> None:
    put(home, "tags", [("A", "rock", 2)])
    path = home.listening / "tags" / "0.parquet"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreError, match=r"0\.parquet"):
        listening.tag_counts(home)
    path.unlink()
    with pytest.raises(StoreError, match=r"0\.parquet is missing.*undo"):
        listening.tag_counts(home)


def test_the_fingerprint_follows_the_facts(home: Home) -> None:
    put(home, "tags", [("A", "rock", 2)])
    with home.reading() as session:
        first, plays = listening.fingerprint(session), listening.fingerprint(session, ["plays"])
    put(home, "tags", [("A", "rock", 2)], [("A", "pop", 2)])
    with home.reading() as session:
        assert listening.fingerprint(session) != first
        assert listening.fingerprint(session, ["plays"]) == plays


def test_a_file_that_is_replaced_while_it_is_read_is_read_anew(home: Home) -> None:
    put(home, "tags", [("A", "rock", 2)])
    path = home.listening / "tags" / "0.parquet"
    seen: list[int] = []

    def use(duck: duckdb.DuckDBPyConnection, _: Session) -> int:
        seen.append(1)
        if len(seen) == 1:  # an import takes its place after the first look
            path.rename(path.with_name("1.parquet"))
            with home.writing() as session:
                session.execute(update(ImportBatch).values(file="tags/1.parquet"))
        return len(duck.sql("select * from facts").fetchall())

    assert listening.with_facts(home, "tags", use, lambda: 0) == 1
    assert len(seen) == 2
