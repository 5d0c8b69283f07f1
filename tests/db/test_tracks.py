"""Tracks derived from facts and lists, through real files and real databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from db.base import now
from db.catalog import Artist, RejectedRow, Track, TrackArtist, TrackTitle
from db.errors import InputError
from db.imports import import_file, list_batches, undo
from db.read import track_ids
from db.results import Run

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from db.home import Home

ONE = "00000000-0000-4000-8000-000000000001"
PLAYS = (
    "user\tartist\ttrack\tplays\nanna\tAbba\tDancing Queen\t3\nanna\tABBA\tDancing Queen - Remastered 2011\t4\n"
    "ben\tABBA\tChess (feat. Benny)\t1\nben\tBenny\tSolo\t1\nben\tABBA\t\t1\n"
)
LISTS = '{"name": "mix", "tracks": [{"title": "Dancing Queen (Live)", "artists": ["ABBA", "Benny"]}]}\n'


def put(home: Home, folder: Path, kind: str, name: str, content: str) -> int:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return import_file(home, kind, path).batch_id


def dump(session: Session) -> list[tuple[str, str, str, tuple[str, ...]]]:
    artists: dict[int, list[str]] = {}
    for track, key in session.execute(select(TrackArtist.track_id, Artist.key).join(Artist)):
        artists.setdefault(track, []).append(key)
    order = list(track_ids(session))
    rows = {t.id: t for t in session.scalars(select(Track).where(~Track.retired))}
    return [(rows[i].credit, rows[i].title, rows[i].version, tuple(sorted(artists[i]))) for i in order]


def test_facts_become_tracks(any_home: Home, tmp_path: Path) -> None:
    put(any_home, tmp_path, "plays", "p.tsv", PLAYS)
    put(any_home, tmp_path, "playlists", "l.jsonl", LISTS)
    with any_home.reading() as session:
        assert dump(session) == [
            ("ABBA", "Chess", "", ("abba", "benny")), ("ABBA", "Dancing Queen", "", ("abba",)),
            ("ABBA, Benny", "Dancing Queen (Live)", "live", ("abba", "benny")), ("Benny", "Solo", "", ("benny",)),
        ]  # fmt: skip
        assert session.execute(text("SELECT count(*) FROM tracks")).scalar() == 4
        assert len(session.scalars(select(TrackTitle)).all()) == 5


def test_the_order_of_imports_does_not_matter_and_ids_are_kept(any_home: Home, tmp_path: Path) -> None:
    put(any_home, tmp_path, "playlists", "l.jsonl", LISTS)
    with any_home.reading() as session:
        live = session.scalars(select(Track.id)).one()
    batch = put(any_home, tmp_path, "plays", "p.tsv", PLAYS)
    listed = put(any_home, tmp_path, "tracks", "t.tsv", f"artist\ttitle\tmbid\nABBA\tDancing queen (Live)\t{ONE}\n")
    with any_home.reading() as session:
        track = session.scalars(select(Track).where(Track.mbid == ONE)).one()
        assert (track.id, track.title, track.credit, track.curated) == (live, "Dancing queen (Live)", "ABBA", True)
    undo(any_home, batch)
    undo(any_home, listed)
    with any_home.reading() as session:
        assert dump(session) == [("ABBA, Benny", "Dancing Queen (Live)", "live", ("abba", "benny"))]
        assert session.scalars(select(Track.id)).one() == live


def test_a_track_that_a_run_may_point_to_is_retired_and_comes_back(any_home: Home, tmp_path: Path) -> None:
    put(any_home, tmp_path, "plays", "p.tsv", PLAYS)
    with any_home.writing() as session:
        session.add(Run(started_at=now()))
    with any_home.reading() as session:
        before = {(t.key, t.version): t.id for t in session.scalars(select(Track))}
        batch = list_batches(session)[0].id
    undo(any_home, batch)
    with any_home.reading() as session:
        assert dump(session) == []
        assert session.scalars(select(Track.id).where(Track.retired)).all()
    put(any_home, tmp_path, "plays", "p.tsv", PLAYS)
    with any_home.reading() as session:
        assert len(dump(session)) == len(before)


def test_rows_of_a_track_list_that_cannot_be_used_are_kept(home: Home, tmp_path: Path) -> None:
    content = "artist,title,mbid,isrc\nA,Song,,se-ayd-77-01040\nB,,,\nC,Song,nonsense,\nD,Song,,123\n"
    batch = put(home, tmp_path, "tracks", "t.csv", content)
    with home.reading() as session:
        assert session.scalars(select(Track.isrc)).all() == ["SEAYD7701040"]
        kept = session.scalars(select(RejectedRow.reason).where(RejectedRow.batch_id == batch)).all()
        assert sorted(kept) == ["isrc is no ISRC", "mbid is no MusicBrainz id", "title is empty"]


def test_a_track_list_needs_artist_and_title(home: Home, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no title column"):
        put(home, tmp_path, "tracks", "t.csv", "artist,mbid\nA,\n")
