"""`kinsong extend` and `kinsong radio SEED`: what fits a playlist that lies in a file, or a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from db.home import Home
from db.track_search import find_tracks
from ensemble.extend import Fit, fitting, read_shelf
from ensemble.radio_query import Song
from ensemble.radio_query import station as station_of
from kinsong import playlist_file, seeds
from kinsong.exports import output_stream
from kinsong.playlist_file import Entry, ListFile


@dataclass(frozen=True)
class Extended:
    """A playlist and what fits it.

    Attributes:
        listed: the file's own.
        known: how many of its lines are tracks of the catalogue.
        fits: what fits, best first; with few or none, `why` says the reason.
        why: a sentence where there are fewer than asked for, else empty.
    """

    listed: ListFile
    known: int
    fits: Sequence[Fit]
    why: str


def extend(home: Home, path: Path, n: int) -> Extended:
    """What fits the playlist of a file.

    Raises:
        InputError: the file cannot be read, or is no one playlist.
        NotBuilt: no run is published, or it knows no tracks.
        ArtifactDamaged: its playlists are not what was written.
    """
    listed = playlist_file.read(path)
    with home.reading() as session:
        shelved = read_shelf(home, session)
        tracks = [track for track in find_tracks(session, listed.entries) if track is not None]
        fits = fitting(session, shelved, tracks, n)
    return Extended(listed, len(tracks), fits, _why(path, listed, tracks, fits, n))


@dataclass(frozen=True)
class Station:
    """What is printed of a station: its title, its songs, and where there are none, why."""

    title: str
    songs: Sequence[Fit | Song]
    why: str = ""


def station(home: Home, seed: str, n: int) -> Station:
    """The station of a song, an artist, a playlist by its name or a playlist's file.

    Of one song it is the published one; of several, what fits them all.

    Raises:
        UsageError: the seed leads nowhere, or to songs of several artists.
        NotBuilt: no run is published, or it knows no tracks.
    """
    path = Path(seed)
    if path.suffix.lower() in playlist_file.SUFFIXES and path.is_file():
        told = extend(home, path, n)
        return Station(told.listed.name, told.fits, told.why)
    with home.reading() as session:
        found = seeds.found(home, session, seed)
        songs: Sequence[Fit | Song] = station_of(session, found.tracks[0], n) if len(found.tracks) == 1 else ()
        if not songs:
            songs = fitting(session, read_shelf(home, session), found.tracks, n)
    unknown = f"{found.title} is newer than the published run, or there is no other song: run `kinsong build`"
    return Station(found.title, songs, "" if songs else unknown)


def _why(path: Path, listed: ListFile, tracks: Sequence[int], fits: Sequence[Fit], n: int) -> str:
    if not listed.entries:
        return f"{path.name} holds no track that can be read" + (
            f" ({listed.unusable} lines cannot be used)" if listed.unusable else ""
        )
    if not tracks:
        none = f"none of the {len(listed.entries)} tracks of {path.name} is in the catalogue"
        return f"{none}: import playlists or plays with them"
    if not fits:
        return f"the published run knows none of the tracks of {path.name}, or no others: run `kinsong build`"
    return f"the catalogue holds {len(fits)} other tracks, not {n}" if len(fits) < n else ""


def write(output: Path, extended: Extended, *, whole: bool) -> int:
    """Write what fits, after the list's own tracks if the whole is asked for; how many tracks.

    Raises:
        UsageError: the file name asks for no format that is written.
        InputError: the file cannot be written.
    """
    own = [Entry(", ".join(names), title or "") for names, title in extended.listed.entries] if whole else []
    entries = [*own, *(Entry(fit.artist, fit.title) for fit in extended.fits)]
    text = playlist_file.written(extended.listed.name, entries, playlist_file.form_of(output))
    with output_stream(output, binary=False) as stream:
        stream.write(text)
    return len(entries)
