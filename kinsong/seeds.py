"""What people name to start a station from: a song, an artist or a playlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import listening
from db.catalog import Artist, Track, TrackArtist
from db.errors import ArtistNameError, UsageError
from db.home import Home
from db.names import name_key
from db.search import find_artist
from db.titles import read_title

MOST = 10
"""Tracks of an artist that a station goes out from."""
SIGNS = (" – ", " - ", " — ")


@dataclass(frozen=True)
class Seeds:
    """A title for people, and the ids of the tracks."""

    title: str
    tracks: Sequence[int]


def found(home: Home, session: Session, words: str) -> Seeds:
    """The tracks that words lead to: "ARTIST - TITLE", an artist, a title, or the name of a playlist, tried in turn.

    Raises:
        UsageError: they lead nowhere, or to songs of several artists.
        StoreError: listening facts cannot be read.
    """
    for one in (_song(session, words), _artist(session, words), _title(session, words), _playlist(home, words)):
        if one is not None:
            return one
    raise UsageError(
        f"“{words}” is no song, artist or playlist of the catalogue: write a song as “ARTIST - TITLE”, "
        "or look into the view tracks with `kinsong sql`"
    )


def _song(session: Session, words: str) -> Seeds | None:
    for sign in SIGNS:
        artist, _, title = words.partition(sign)
        key = read_title(title).key if title else ""
        if not key:
            continue
        try:
            whose = find_artist(session, artist)
        except ArtistNameError:
            continue
        tracks = _tracks(session, Track.artist_id == whose.id, Track.key == key)
        if tracks:
            return Seeds(f"{whose.name} – {tracks[0][1]}", [tracks[0][0]])
    return None


def _artist(session: Session, words: str) -> Seeds | None:
    try:
        artist = find_artist(session, words)
    except ArtistNameError:
        return None
    made = select(TrackArtist.track_id).where(TrackArtist.artist_id == artist.id)
    tracks = _tracks(session, Track.id.in_(made))
    return Seeds(artist.name, [track for track, *_ in tracks[:MOST]]) if tracks else None


def _title(session: Session, words: str) -> Seeds | None:
    key = read_title(words).key
    tracks = _tracks(session, Track.key == key) if key else []
    if not tracks:
        return None
    if len({artist for *_, artist in tracks}) > 1:
        choices = "; ".join(f"“{artist} - {title}”" for _, title, artist in tracks[:5])
        raise UsageError(f"several artists have a song “{words}”: choose one ({choices})")
    return Seeds(f"{tracks[0][2]} – {tracks[0][1]}", [tracks[0][0]])


def _tracks(session: Session, *where: object) -> list[tuple[int, str, str]]:
    """(id, title, artist) of tracks; the recording itself before other versions of it."""
    statement = select(Track.id, Track.title, Artist.name).join(Artist, Artist.id == Track.artist_id)
    ordered = statement.where(~Track.retired, *where).order_by(Track.version != "", Artist.key, Track.key, Track.id)  # type: ignore[arg-type]
    return [(row[0], row[1], row[2]) for row in session.execute(ordered)]


def _playlist(home: Home, words: str) -> Seeds | None:
    entries = listening.track_entries(home)
    wanted = name_key(words)
    names = {name: name_key(name) for name in set(entries["name"].to_pylist())}
    rows = zip(entries["name"].to_pylist(), entries["track_id"].to_pylist(), strict=True)
    tracks = [track for name, track in rows if names[name] == wanted]
    return Seeds(f"the playlist {words}", list(dict.fromkeys(tracks))) if wanted and tracks else None
