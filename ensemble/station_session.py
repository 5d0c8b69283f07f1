"""Radio sessions: what happens when somebody asks for the next song or gives a thumb. State lives in SQL alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import radio, verdicts
from db.catalog import Artist, Track
from db.errors import Busy, UsageError
from db.home import Home
from db.radio import Event, Played
from db.results import RadioSession
from ensemble.station import DISLIKED, LIKED, Config, Song, choose, mood, weights
from ensemble.station_pool import Around, Heard

Thumb = Literal["up", "down", "skip", "ban", "favorite"]
TRIES = 20
_VERDICTS: Mapping[str, verdicts.Verdict] = {"up": "up", "down": "down", "ban": "ban", "favorite": "favorite"}


@dataclass(frozen=True)
class Playing:
    """A song of a session. `number` counts the session's songs from 1."""

    number: int
    track_id: int
    track: str
    artist_id: int
    artist: str


@dataclass(frozen=True)
class Why:
    """Why a song was chosen: what each expert made of it, 0 … 1, what each counts now, and which songs it is near to,
    each with how near."""

    song: Playing
    said: Mapping[str, float]
    weights: Mapping[str, float]
    near: Sequence[tuple[str, float]]


def start(
    home: Home, around: Around, title: str, seeds: Sequence[int], config: Config, *, seed: int = 0,
    name: str | None = None, listener_id: int | None = None,
) -> str:  # fmt: skip
    """Begin a session; its name.

    Raises:
        UsageError: the published run has no station of any of the tracks, or there is a session of this name.
    """
    known = [track for track in seeds if around.knows(track)]
    if not known:
        raise UsageError(f"the published run has no station of {title}: import playlists or plays that name its tracks")
    return radio.start(home, name, title, known, seed, config.model_dump(), listener_id)


def next_song(home: Home, around: Around, name: str) -> Playing | None:
    """Choose the next song and write it down; None where nothing is left that may be played.

    Raises:
        UsageError: there is no such session, or it is over.
        Busy: others go on asking the same session faster than a song can be written down.
    """
    for _ in range(TRIES):
        with home.reading() as session:
            found = _open(session, name)
            song = _chosen(session, around, found)
            if song is None:
                return None
            playing = _playing(session, song.track, sum(event.kind == "song" for event in found.events) + 1)
        with home.writing() as session:
            event = Event("song", song.track, song.artist, said=song.said)
            if radio.add(session, found.id, [event], version=found.version):
                return playing
    raise Busy(f"radio session “{name}” is asked by others at the same time: ask again")


def _open(session: Session, name: str) -> Played:
    found = radio.played(session, name)
    if found.ended:
        raise UsageError(f"radio session “{name}” is over: start another one with `kinsong radio start`")
    return found


def _chosen(session: Session, around: Around, found: Played) -> Song | None:
    config = Config.model_validate(dict(found.settings))
    state = mood(found.seeds, found.events, around.models, config)
    rng = np.random.default_rng([found.seed, len(state.played)])
    return choose(state, Heard(around, session, found.listener_id), config, rng)


def _playing(session: Session, track: int, number: int) -> Playing:
    row = session.execute(
        select(Track.title, Artist.id, Artist.name).join(Artist, Artist.id == Track.artist_id).where(Track.id == track)
    ).one()
    return Playing(number, track, row[0], row[1], row[2])


def thumb(home: Home, name: str, kind: Thumb, number: int | None = None) -> tuple[Playing, bool]:
    """Give a thumb to a song of a session: the last one, or that of a number.

    Returns:
        The song, and whether the thumb changed anything: not where the song has it already.

    Raises:
        UsageError: there is no such session or song, or the session is over.
    """
    with home.writing() as session:
        found = _locked(session, name)
        song = _song(session, found, number)
        last = [event.kind for event in found.events if event.track_id == song.track_id and _is_thumb(event)]
        if last and last[-1] == kind:
            return song, False
        radio.add(session, found.id, [Event(kind, song.track_id, song.artist_id)])
        if found.listener_id is not None and kind in _VERDICTS:
            verdicts.say(session, found.listener_id, "track", song.track_id, _VERDICTS[kind])
        return song, True


def _is_thumb(event: Event) -> bool:
    return event.kind in LIKED or event.kind in DISLIKED


def _locked(session: Session, name: str) -> Played:
    """The session, which nobody else can change until this transaction ends."""
    session.scalars(select(RadioSession.id).where(RadioSession.name == name).with_for_update()).all()
    return _open(session, name)


def _song(session: Session, found: Played, number: int | None) -> Playing:
    songs = [event.track_id for event in found.events if event.kind == "song" and event.track_id is not None]
    if not songs:
        raise UsageError(f"radio session “{found.name}” has played nothing yet: `kinsong radio next {found.name}`")
    place = len(songs) if number is None else number
    if not 1 <= place <= len(songs):
        raise UsageError(f"radio session “{found.name}” has played {len(songs)} songs, there is no number {place}")
    return _playing(session, songs[place - 1], place)


def song_number(session: Session, name: str, track_id: int) -> int:
    """Which song of a session a track is.

    Raises:
        UsageError: there is no such session, or it never played the track.
    """
    found = radio.played(session, name)
    songs = [event.track_id for event in found.events if event.kind == "song"]
    if track_id not in songs:
        raise UsageError(f"radio session “{name}” never played that track: thumbs are for what was played")
    return songs.index(track_id) + 1


def steer(home: Home, name: str, events: Sequence[Event]) -> None:
    """More or less of an artist, no more of one, or a dial turned.

    Raises:
        UsageError: there is no such session, or it is over.
    """
    with home.writing() as session:
        found = _locked(session, name)
        radio.add(session, found.id, events)


def end(home: Home, name: str) -> bool:
    """End a session; False where it was over.

    Raises:
        UsageError: there is no such session.
    """
    with home.writing() as session:
        found = radio.played(session, name)
        return radio.add(session, found.id, [Event("end")])


def why(session: Session, around: Around, name: str, number: int | None = None) -> Why:
    """Why the last song, or that of a number, was chosen.

    Raises:
        UsageError: there is no such session or song.
    """
    found = radio.played(session, name)
    song = _song(session, found, number)
    place = next(n for n, event in enumerate(found.events) if event.kind == "song" and event.track_id == song.track_id)
    config = Config.model_validate(dict(found.settings))
    state = mood(found.seeds, found.events[:place], around.models, config)
    near: list[tuple[str, float]] = []
    for track in state.liked:
        one = around.near(track)
        at = np.flatnonzero(one.tracks == song.track_id)
        if len(at):
            other = _playing(session, track, 0)
            near.append((f"{other.artist} – {other.track}", float(one.score[at[0]])))
    near.sort(key=lambda pair: -pair[1])
    now = mood(found.seeds, found.events, around.models, config)
    return Why(song, found.events[place].said, weights(now, around.models), near)
