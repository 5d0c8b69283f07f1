"""The view `radio` and the digest over packed stations, on both databases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from db.base import now
from db.catalog import Artist, Track, TrackArtist
from db.digest import lines
from db.results import NeverSuggest, NeverSuggestArtist, PackedStation, Published, Run

if TYPE_CHECKING:
    from db.home import Home

PIECES = [
    (12, 0.9, 2, 1, 0, None), (13, 0.5, 1, 0, 3, None), (14, 0.25, 0, 0, None, "playlist"),
]  # fmt: skip


def publish(home: Home, first: int) -> int:
    """Artists first and first + 1; tracks first + 10 of the one, first + 11 of the one, the others of the other."""
    with home.writing() as session:
        for n, name in enumerate(("One", "Two")):
            session.add(Artist(id=first + n, name=name, key=name.lower()))
        session.flush()
        for n in range(4):
            track, artist = first + 10 + n, first + n // 2
            session.add(Track(id=track, artist_id=artist, key=f"t{n}", title=f"T{n}", credit=f"C{n}"))
            session.flush()
            session.add(TrackArtist(track_id=track, artist_id=artist))
        run = Run(started_at=now(), finished_at=now())
        session.add(run)
        session.flush()
        session.add(Published(id=1, run_id=run.id, n=20))
        pieces = json.dumps([(track - 1 + first, *rest) for track, *rest in PIECES])
        session.add(PackedStation(run_id=run.id, track_id=first + 10, pieces=pieces))
        return run.id


def test_the_view_unfolds_stations_with_names_and_reasons(any_home: Home) -> None:
    run = publish(any_home, 1)
    query = text("SELECT track, next_track, next_artist, rank, score, reason, run_id FROM radio ORDER BY rank")
    with any_home.reading() as session:
        assert [tuple(row) for row in session.execute(query)] == [
            ("T0", "T1", "C1", 1, 0.9, "2 playlists in common; 1 listener in common; by the same artist", run),
            ("T0", "T2", "C2", 2, 0.5, "1 playlist in common; Two is number 3 of those related to One", run),
            ("T0", "T3", "C3", 3, 0.25, "near by playlist", run),
        ]
    with any_home.writing() as session:
        session.add(NeverSuggest(id=1, kind="artist", name="Two", added_at=now()))
        session.flush()
        session.add(NeverSuggestArtist(never_id=1, artist_id=2))
    with any_home.reading() as session:
        assert [row.next_track for row in session.execute(query)] == ["T1"]


@pytest.mark.parametrize("first", [1, 500])
def test_the_digest_does_not_see_how_ids_were_dealt(any_home: Home, first: int) -> None:
    run = publish(any_home, first)
    with any_home.reading() as session:
        (line,) = lines(session, "packed_station", run)
    artist, key, pieces = ("one", ""), ("t0", "", ""), [
        (("one", "", "t1", "", ""), 0.9, 2, 1, 0, None), (("two", "", "t2", "", ""), 0.5, 1, 0, 3, None),
        (("two", "", "t3", "", ""), 0.25, 0, 0, None, "playlist"),
    ]  # fmt: skip
    assert line.decode() == repr((*artist, *key, pieces)) + "\n"
