"""The published stations as what a session can be made of."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import IdVector
from db.catalog import Track, TrackArtist
from db.never import never_suggested
from db.results import ListenerVerdict
from db.verdicts import NOT_WANTED
from ensemble.radio import STEPS, UNKNOWN
from ensemble.station import Near
from ensemble.station_files import StationFiles

CHUNK = 500
UNREAD = -2
"""The artist of a track that nobody asked for yet."""


class Around:
    """Published stations, and the catalogue's songs, of which those that were asked for are remembered."""

    def __init__(self, files: StationFiles) -> None:
        self._files = files
        self._order = np.argsort(files.ids, kind="stable")
        self._sorted = files.ids[self._order]
        self._artist = np.full(len(files.ids), UNREAD, dtype=np.int64)
        self._song = np.full(len(files.ids), -1, dtype=np.int64)
        self._numbers: dict[tuple[int, str], int] = {}
        self._near: dict[int, Near] = {}
        self._learning = Lock()

    @property
    def models(self) -> Sequence[str]:
        """Their names."""
        return self._files.models

    def knows(self, track: int) -> bool:
        """Whether there is a station of a track."""
        return bool(self._rows(np.array([track], dtype=np.int64))[0] >= 0)

    def _rows(self, tracks: IdVector) -> IdVector:
        """Where tracks stand in the stations, -1 for those that do not."""
        if not len(self._sorted):
            return np.full(len(tracks), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self._sorted, tracks), len(self._sorted) - 1)
        return np.where(self._sorted[place] == tracks, self._order[place], -1).astype(np.int64)

    def near(self, track: int) -> Near:
        """A track's station; empty for a track that the run does not know."""
        found = self._near.get(track)
        if found is None:
            found = self._read(track)
            if len(self._near) >= CHUNK:
                self._near.clear()
            self._near[track] = found
        return found

    def _read(self, track: int) -> Near:
        row = int(self._rows(np.array([track], dtype=np.int64))[0])
        if row < 0:
            n = len(self.models)
            return Near(np.empty(0, np.int64), np.empty(0, np.float32), np.empty((0, n), np.float32))
        tracks, scores, told = self._files.station(row)
        said = told.astype(np.float32)
        return Near(
            self._files.ids[tracks], scores.astype(np.float32),
            np.where(said == UNKNOWN, np.float32(np.nan), said / STEPS),
        )  # fmt: skip

    def songs(self, session: Session, tracks: IdVector) -> tuple[IdVector, IdVector]:
        """Artist and song of tracks, as in `ensemble.station.Neighbourhood`; read once from the catalogue."""
        rows = self._rows(tracks)
        new = rows[(rows >= 0) & (self._artist[rows] == UNREAD)]
        if len(new):
            with self._learning:
                self._learn(session, np.unique(new))
        there = rows >= 0
        return np.where(there, self._artist[rows], -1), np.where(there, self._song[rows], -1)

    def _learn(self, session: Session, rows: IdVector) -> None:
        ids = self._files.ids[rows].tolist()
        found: dict[int, tuple[int, str]] = {}
        for begin in range(0, len(ids), CHUNK):
            part = select(Track.id, Track.artist_id, Track.key).where(Track.id.in_(ids[begin : begin + CHUNK]))
            found.update((row[0], (row[1], row[2])) for row in session.execute(part.where(~Track.retired)))
        for row, track in zip(rows.tolist(), ids, strict=True):
            song = found.get(track)  # the catalogue may lack it by now
            self._song[row] = -1 if song is None else self._numbers.setdefault(song, len(self._numbers))
            self._artist[row] = -1 if song is None else song[0]  # last: whoever does not wait looks at this


class Heard:
    """An `Around` as one session sees it: without what is flagged, and what the listener does not want."""

    def __init__(self, around: Around, session: Session, listener_id: int | None) -> None:
        self._around, self._session = around, session
        flagged = sorted(never_suggested(session))
        tracks: set[int] = set()
        for begin in range(0, len(flagged), CHUNK):
            of = TrackArtist.artist_id.in_(flagged[begin : begin + CHUNK])
            tracks.update(session.scalars(select(TrackArtist.track_id).where(of)))
        artists: set[int] = set()
        if listener_id is not None:
            said = ListenerVerdict
            mine = said.listener_id == listener_id, said.verdict.in_(NOT_WANTED)
            for kind, thing in session.execute(select(said.kind, said.thing_id).where(*mine)):
                (tracks if kind == "track" else artists).add(thing)
        self._tracks, self._artists = (np.array(sorted(some), dtype=np.int64) for some in (tracks, artists))

    @property
    def models(self) -> Sequence[str]:
        """Their names."""
        return self._around.models

    def near(self, track: int) -> Near:
        """A track's station."""
        return self._around.near(track)

    def songs(self, tracks: IdVector) -> tuple[IdVector, IdVector]:
        """Artist and song of each; see `ensemble.station.Neighbourhood`."""
        artists, songs = self._around.songs(self._session, tracks)
        closed = np.isin(tracks, self._tracks) | np.isin(artists, self._artists)
        return np.where(closed, -1, artists), songs
