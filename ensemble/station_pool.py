"""The published stations as what a session can be made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import IdVector
from db.catalog import Track, TrackArtist
from db.results import ListenerVerdict, NeverSuggestArtist
from db.verdicts import NOT_WANTED
from ensemble.radio import STEPS, UNKNOWN
from ensemble.station import Near
from ensemble.station_files import StationFiles

CHUNK = 500


class Around:
    """Published stations, and the catalogue's songs, of which those that were asked for are remembered."""

    def __init__(self, files: StationFiles) -> None:
        self._files = files
        self._order = np.argsort(files.ids, kind="stable")
        self._sorted = files.ids[self._order]
        self._known: dict[int, tuple[int, int]] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        self._near: dict[int, Near] = {}

    @property
    def models(self) -> Sequence[str]:
        """Their names."""
        return self._files.models

    def knows(self, track: int) -> bool:
        """Whether there is a station of a track."""
        return len(self._row(track)) > 0

    def _row(self, track: int) -> IdVector:
        place = int(np.searchsorted(self._sorted, track))
        there = place < len(self._sorted) and self._sorted[place] == track
        return self._order[place : place + 1] if there else self._order[:0]

    def near(self, track: int) -> Near:
        """A track's station; empty for a track that the run does not know."""
        found = self._near.get(track)
        if found is None:
            found = self._near[track] = self._read(track)
            if len(self._near) > CHUNK:
                del self._near[next(iter(self._near))]
        return found

    def _read(self, track: int) -> Near:
        rows = self._row(track)
        if not len(rows):
            n = len(self.models)
            return Near(np.empty(0, np.int64), np.empty(0, np.float32), np.empty((0, n), np.float32))
        row = int(rows[0])
        there = self._files.tracks[row] >= 0
        said = self._files.said[row][there].astype(np.float32)
        return Near(
            self._files.ids[self._files.tracks[row][there]], self._files.scores[row][there].astype(np.float32),
            np.where(said == UNKNOWN, np.float32(np.nan), said / STEPS),
        )  # fmt: skip

    def read_songs(self, session: Session, tracks: IdVector) -> None:
        """Remember artist and title of tracks, for `songs`."""
        new = [track for track in tracks.tolist() if track not in self._known]
        for begin in range(0, len(new), CHUNK):
            part = select(Track.id, Track.artist_id, Track.key).where(Track.id.in_(new[begin : begin + CHUNK]))
            for track, artist, key in session.execute(part.where(~Track.retired)):
                number = self._numbers.setdefault((artist, key), len(self._numbers))
                self._known[track] = artist, number
        for track in new:
            self._known.setdefault(track, (-1, -1))

    def song(self, track: int) -> tuple[int, int]:
        """Artist and song of a track that was read."""
        return self._known[track]


class Heard:
    """An `Around` as one session sees it: without what is flagged, and what the listener does not want."""

    def __init__(self, around: Around, session: Session, listener_id: int | None) -> None:
        self._around, self._session = around, session
        never = select(TrackArtist.track_id).join(
            NeverSuggestArtist, NeverSuggestArtist.artist_id == TrackArtist.artist_id
        )
        self._never = set(session.scalars(never))
        said = ListenerVerdict
        refused = select(said.kind, said.thing_id).where(
            said.listener_id == listener_id, said.verdict.in_(NOT_WANTED)
        )
        verdicts = session.execute(refused).all() if listener_id is not None else []
        self._never.update(thing for kind, thing in verdicts if kind == "track")
        self._artists = {thing for kind, thing in verdicts if kind == "artist"}

    @property
    def models(self) -> Sequence[str]:
        """Their names."""
        return self._around.models

    def near(self, track: int) -> Near:
        """A track's station."""
        return self._around.near(track)

    def songs(self, tracks: IdVector) -> tuple[IdVector, IdVector]:
        """Artist and song of each; see `ensemble.station.Neighbourhood`."""
        self._around.read_songs(self._session, tracks)
        pairs = np.array([self._around.song(track) for track in tracks.tolist()], dtype=np.int64).reshape(-1, 2)
        closed = np.isin(tracks, list(self._never)) | np.isin(pairs[:, 0], list(self._artists))
        return np.where(closed, -1, pairs[:, 0]), pairs[:, 1]
