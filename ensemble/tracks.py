"""The tracks that stations are made of: who made each, who plays it, in which playlists it stands, and what the models
say of it. A model of tracks speaks of tracks; a model of artists speaks of the artist that a track names first, so that
a track that nobody put anywhere is still known by its artist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import listening, read
from db.artifacts import Artifact
from db.base import FloatMatrix, IdVector
from db.catalog import Track
from db.columnar import numbered
from db.home import Home
from db.vectors import Vectors
from ensemble.facts import Incidence
from ensemble.inputs import places, read_vectors
from ensemble.spaces import space

OF_ARTIST = "artist_"
"""What stands before the name of a model that knows a track by its artist."""
TRACK_SUFFIX = ".track.npy"


@dataclass(frozen=True, eq=False)
class TrackSpace:
    """One model's unit vectors, tied to tracks.

    Attributes:
        model: its name; "artist_…" for a model of artists.
        unit: float32 (n_rows, dim), length 1 or, where the model says nothing, all 0.
        row_of: int64 (n_tracks,), a track's row, -1 where the model does not know it.
    """

    model: str
    unit: FloatMatrix
    row_of: IdVector

    @property
    def of_artist(self) -> bool:
        """Whether it knows tracks by their artists only."""
        return self.model.startswith(OF_ARTIST)


@dataclass(frozen=True, eq=False)
class Tracks:
    """A catalogue of tracks; tracks and artists are positions in canonical order.

    Attributes:
        ids: int64 (n_tracks,).
        artist_ids: int64 (n_artists,), all artists.
        artist: int64 (n_tracks,), the artist that each track names first.
        listeners: who plays which track.
        playlists: which track stands in which playlist.
        around: int32 (n_artists, n), related artists by rank, -1 for none.
    """

    ids: IdVector
    artist_ids: IdVector
    artist: IdVector
    listeners: Incidence
    playlists: Incidence
    around: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def members(self) -> tuple[IdVector, NDArray[np.int32]]:
        """Playlist by playlist: where each begins, int64 (n_lists + 1,), and its tracks, rising."""
        table = self.playlists
        order = np.argsort(table.things, kind="stable")
        starts = np.searchsorted(table.things[order], np.arange(table.n_things + 1)).astype(np.int64)
        tracks = np.repeat(np.arange(len(self), dtype=np.int32), table.degree)
        return starts, tracks[order]

    @cached_property
    def popularity(self) -> NDArray[np.float32]:
        """log(1 + listeners + playlists) of each track, 0 … 1 of the most popular one's. float32 (n_tracks,)."""
        count = np.log1p(self.listeners.degree + self.playlists.degree)
        popularity: NDArray[np.float32] = (count / max(1.0, float(count.max(initial=0)))).astype(np.float32)
        return popularity

    @cached_property
    def by_artist(self) -> tuple[IdVector, NDArray[np.int32]]:
        """Artist by artist: where each begins, int64 (n_artists + 1,), and its tracks, the most popular first."""
        order = np.lexsort((-self.popularity, self.artist))
        starts = np.searchsorted(self.artist[order], np.arange(len(self.artist_ids) + 1)).astype(np.int64)
        return starts, order.astype(np.int32)


def read_tracks(home: Home, artifacts: Mapping[str, Artifact], around: int) -> Tracks:
    """The catalogue of a home, with related artists out of the artefact of step `related`, the first `around` of each.

    Raises:
        StoreError: listening facts cannot be read.
    """
    return tracks_of(home, artifacts, around, listening.track_totals(home), listening.track_entries(home))


def tracks_of(home: Home, artifacts: Mapping[str, Artifact], around: int, plays: pa.Table, entries: pa.Table) -> Tracks:
    """What `read_tracks` reads, with these plays and playlist entries instead of the home's own."""
    with home.reading() as session:
        ids, artist_ids, listeners = read.track_ids(session), read.canonical_ids(session), read.listener_ids(session)
        artist = _first_artists(session, ids, artist_ids)
    things, _ = numbered(entries["playlist"])
    return Tracks(
        ids, artist_ids, artist,
        Incidence.of(len(ids), places(plays, "track_id", ids), places(plays, "listener_id", listeners)),
        Incidence.of(len(ids), places(entries, "track_id", ids), things),
        _around(artifacts, artist_ids, around),
    )  # fmt: skip


def _first_artists(session: Session, ids: IdVector, artist_ids: IdVector) -> IdVector:
    whose = dict(session.execute(select(Track.id, Track.artist_id)).all())
    place = {artist: n for n, artist in enumerate(artist_ids.tolist())}
    return np.array([place[whose[track]] for track in ids.tolist()], dtype=np.int64)


def _around(artifacts: Mapping[str, Artifact], artist_ids: IdVector, most: int) -> NDArray[np.int32]:
    artifact = artifacts.get("related")
    found = np.full((len(artist_ids), most), -1, dtype=np.int32)
    if artifact is None or not (artifact.path / "related.parquet").exists():
        return found
    rows = pq.read_table(artifact.path / "related.parquet", columns=["artist_id", "rank", "related_id"])
    artist, related = places(rows, "artist_id", artist_ids), places(rows, "related_id", artist_ids)
    rank = np.asarray(rows["rank"], dtype=np.int64)
    shown = (artist >= 0) & (related >= 0) & (rank <= most)
    found[artist[shown], rank[shown] - 1] = related[shown]
    return found


def track_spaces(tracks: Tracks, of_tracks: Sequence[Vectors], of_artists: Sequence[Vectors]) -> tuple[TrackSpace, ...]:
    """All models over a catalogue of tracks: those of tracks, then those of artists."""
    spaces = []
    for vectors in of_tracks:
        one = space(vectors, tracks.ids)
        spaces.append(TrackSpace(vectors.model, one.unit, one.row_of))
    for vectors in of_artists:
        one = space(vectors, tracks.artist_ids)
        spaces.append(TrackSpace(OF_ARTIST + vectors.model, one.unit, one.row_of[tracks.artist]))
    return tuple(spaces)


def read_spaces(tracks: Tracks, artifacts: Mapping[str, Artifact]) -> tuple[TrackSpace, ...]:
    """`track_spaces` of all models that made vectors.

    Raises:
        ArtifactDamaged: a file is not what its model wrote.
    """
    return track_spaces(tracks, read_track_vectors(artifacts), read_vectors(artifacts))


def read_track_vectors(artifacts: Mapping[str, Artifact]) -> tuple[Vectors, ...]:
    """The track vectors of every model that made some, by model name.

    Raises:
        ArtifactDamaged: a file is not what its model wrote.
    """
    found: dict[str, Vectors] = {}
    for artifact in artifacts.values():
        for path in artifact.path.glob(f"*{TRACK_SUFFIX}"):
            model = path.name.removesuffix(TRACK_SUFFIX)
            vectors = Vectors.load(artifact.path, model, "track").check()
            if len(vectors):
                found[model] = vectors
    return tuple(found[model] for model in sorted(found))
