"""Stations: for every track its nearest others, by all models and by what is plainly in common.

    score(q, t) = Σ_m w_m · t_m · max(cos_m(q, t), 0)  +  s · Σ_k n / √(n_q n_t) · n / (n + 1) + c · circle + p · pop

over the models m that know both tracks (a model of artists knows a track by its first-named artist), and the kinds k of
countable things (listeners, playlists), of which q has n_q and both share n. Trust t_m is as in `ensemble.fusion`, of
the playlists and listeners that a model of tracks learnt the rarer of the two from. circle is 1 for the same artist and
falls with the rank of t's artist among those related to q's artist, so that a track that nobody put anywhere has a
station of what is around its artist; popularity tells tracks apart that nothing else does.

Candidates are the nearest by each model of tracks, what stands in the same playlists (the shortest count most), and the
best known tracks of the artist and of artists related to it. All models score all candidates. Tracks are worked on in
blocks, so that memory is that of the vectors and the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeInt, PositiveInt

from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.task import Progress, Silent
from ensemble.exact import exact_neighbours
from ensemble.facts import Incidence
from ensemble.track_kernels import by_artists, cosines, in_common, keep_varied, listed_beside, places_around
from ensemble.tracks import Tracks, TrackSpace

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
BLOCK = 1024
"""Tracks whose candidates are in memory at once, per thread."""
UNKNOWN = -128
"""What stands for the similarity by a model that does not know both."""
STEPS = 127
"""Steps of a similarity of 1, as it is kept."""
WEIGHTS = {"artist_playlist": 0.2}


class Config(BaseConfig):
    """Stations: the nearest tracks of every track."""

    n: PositiveInt = 250
    """How many."""
    depth: PositiveInt = 150
    """How many nearest tracks each model puts into a track's pool, and how many from the same playlists."""
    around: NonNegativeInt = 50
    """Related artists whose tracks are looked at."""
    own: NonNegativeInt = 40
    """Tracks of the same artist that are looked at."""
    each: NonNegativeInt = 8
    """Tracks of each related artist that are looked at."""
    per_artist: PositiveInt = 20
    """Tracks of one artist in a station, while there are others."""
    read: PositiveInt = 4000
    """Tracks of playlists that are read for one track's pool."""
    trust: NonNegative = 2.0
    """Playlists or listeners of a track at which a model of tracks is half trusted about it."""
    shared: NonNegative = 1.0
    """What things in common count: playlists and listeners each, beside a model's similarity."""
    circle: NonNegative = 1.0
    """What the same artist counts; of the artist at rank r among the related, 1 / (1 + r / 10) of it."""
    popularity: NonNegative = 0.05
    """What being well known counts."""
    weights: dict[str, NonNegative] = Field(default_factory=lambda: dict(WEIGHTS))
    """What a model counts, by its name ("artist_…" for models of artists); 1 for those that are not named."""


@dataclass(frozen=True, eq=False)
class Stations:
    """Every track's nearest; tracks are positions.

    Attributes:
        models: names of the models, in the order of `said`.
        tracks: int32 (n_tracks, n), best first, -1 where there are fewer.
        score: float32 (n_tracks, n), 0 … 1.
        playlists: int32 (n_tracks, n), how many both stand in.
        listeners: int32 (n_tracks, n), how many play both.
        rank: int32 (n_tracks, n), of the track's artist among the related; 0 for the same artist, -1 for none.
        said: int8 (n_tracks, n, n_models), each model's cosine in 127ths, -128 where it does not know both.
    """

    models: tuple[str, ...]
    tracks: NDArray[np.int32]
    score: NDArray[np.float32]
    playlists: NDArray[np.int32]
    listeners: NDArray[np.int32]
    rank: NDArray[np.int32]
    said: NDArray[np.int8]


def stations(
    tracks: Tracks, spaces: Sequence[TrackSpace], config: Config, *, threads: int = 1, progress: Progress | None = None
) -> Iterator[Stations]:
    """The stations of all tracks in canonical order, a block at a time.

    The same for any number of threads.
    """
    watched = progress if progress is not None else Silent()
    near = [nearest(one, len(tracks), config.depth) for one in spaces if not one.of_artist]
    blocks = [np.arange(begin, min(begin + BLOCK, len(tracks))) for begin in range(0, len(tracks), BLOCK)]
    maker = _Maker(tracks, tuple(spaces), config, np.hstack([np.empty((len(tracks), 0), np.int32), *near]))
    with ThreadPoolExecutor(threads) as pool:
        for begin in watched.track(range(0, len(blocks), threads), "stations", -(-len(blocks) // threads)):
            yield from pool.map(maker.make, blocks[begin : begin + threads])


def nearest(space: TrackSpace, n_tracks: int, k: int) -> NDArray[np.int32]:
    """Each track's k nearest by one model of tracks, as positions. int32 (n_tracks, k), -1 for none."""
    known = np.flatnonzero(space.row_of >= 0)
    found, _ = exact_neighbours(np.ascontiguousarray(space.unit[space.row_of[known]]), k)
    near = np.full((n_tracks, k), -1, dtype=np.int32)
    near[known] = np.where(found >= 0, known[found], -1)
    return near


@dataclass(frozen=True, eq=False)
class _Maker:
    tracks: Tracks
    spaces: tuple[TrackSpace, ...]
    config: Config
    near: NDArray[np.int32]
    _trust: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        things = np.maximum(self.tracks.listeners.degree + self.tracks.playlists.degree, 1).astype(np.float64)
        object.__setattr__(self, "_trust", things / (things + self.config.trust))

    def make(self, queries: IdVector) -> Stations:
        offsets, items = self._candidates(queries)
        pairs = Pairs.of(self.tracks, self.spaces, queries, offsets, items)
        score = self.scored(pairs)
        order = np.lexsort((items, -score, np.repeat(np.arange(len(queries)), np.diff(offsets))))
        kept = np.empty((len(queries), self.config.n), dtype=np.int64)
        seen = np.zeros(len(self.tracks.artist_ids), dtype=np.int32)
        keep_varied(order, offsets, items, self.tracks.artist, self.config.per_artist, seen, kept)
        return pairs.kept(kept, score)

    def _candidates(self, queries: IdVector) -> tuple[IdVector, NDArray[np.int32]]:
        tracks, config = self.tracks, self.config
        beside = np.empty((len(queries), config.depth), dtype=np.int32)
        scores = np.zeros(len(tracks), dtype=np.float32)
        listed_beside(queries, tracks.playlists.starts, tracks.playlists.things, *tracks.members, config.read, scores,
                      beside)  # fmt: skip
        related = np.empty((len(queries), config.own + tracks.around.shape[1] * config.each), dtype=np.int32)
        by_artists(queries, tracks.artist, *tracks.by_artist, tracks.around, config.own, config.each, related)
        found = np.hstack([self.near[queries], beside, related])
        codes = (np.arange(len(queries))[:, None] * len(tracks) + found)[found >= 0]
        query, item = np.divmod(np.unique(codes), max(len(tracks), 1))
        return np.searchsorted(query, np.arange(len(queries) + 1)).astype(np.int64), item.astype(np.int32)

    def scored(self, pairs: Pairs) -> NDArray[np.float32]:
        config = self.config
        total, most = np.zeros(len(pairs.items)), 0.0
        trust = np.minimum(self._trust[pairs.query], self._trust[pairs.items])
        for space, cosine in zip(self.spaces, pairs.cosine, strict=True):
            weight = config.weights.get(space.model, 1.0)
            total += weight * (1.0 if space.of_artist else trust) * np.maximum(np.nan_to_num(cosine), 0)
            most += weight
        for table, count in ((self.tracks.playlists, pairs.playlists), (self.tracks.listeners, pairs.listeners)):
            if len(table.things):
                degree = table.degree.astype(np.float64)
                size = np.sqrt(degree[pairs.query] * degree[pairs.items])
                shared = np.divide(count, size, out=np.zeros(len(size)), where=size > 0) * count / (count + 1.0)
                total += config.shared * shared
                most += config.shared
        total += config.circle * np.where(pairs.rank >= 0, 1 / (1 + pairs.rank / 10), 0)
        total += config.popularity * self.tracks.popularity[pairs.items]
        return (total / (most + config.circle + config.popularity)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Pairs:
    """What all models and facts say of some queries' candidates.

    Attributes:
        models: their names.
        offsets: int64 (n_queries + 1,), where each query's candidates begin.
        query: int64 (n_pairs,), the track each candidate is for.
        items: int32 (n_pairs,), candidates.
        cosine: float32 (n_models, n_pairs), NaN where a model does not know both.
        playlists: int32 (n_pairs,), in common.
        listeners: int32 (n_pairs,), in common.
        rank: int32 (n_pairs,), as in `Stations`.
    """

    models: tuple[str, ...]
    offsets: IdVector
    query: IdVector
    items: NDArray[np.int32]
    cosine: FloatMatrix
    playlists: NDArray[np.int32]
    listeners: NDArray[np.int32]
    rank: NDArray[np.int32]

    @classmethod
    def of(
        cls, tracks: Tracks, spaces: Sequence[TrackSpace], queries: IdVector, offsets: IdVector,
        items: NDArray[np.int32],
    ) -> Pairs:  # fmt: skip
        """Ask every model and count what is in common."""
        cosine = np.empty((len(spaces), len(items)), dtype=np.float32)
        for number, space in enumerate(spaces):
            cosines(space.unit, space.row_of, queries, offsets, items, cosine[number])
        rank = np.empty(len(items), dtype=np.int32)
        mark = np.full(len(tracks.artist_ids), -1, dtype=np.int32)
        places_around(tracks.around, tracks.artist, queries, offsets, items, mark, rank)
        return cls(
            tuple(one.model for one in spaces), offsets, np.repeat(queries, np.diff(offsets)), items, cosine,
            _counted(tracks.playlists, queries, offsets, items), _counted(tracks.listeners, queries, offsets, items),
            rank,
        )  # fmt: skip

    def kept(self, pairs: IdVector, score: NDArray[np.float32]) -> Stations:
        """Some pairs, (n_queries, n), -1 for none, as stations."""
        there = pairs >= 0
        tracks = np.where(there, self.items[pairs], -1).astype(np.int32)
        cosine = self.cosine[:, pairs]
        known = there & ~np.isnan(cosine)
        said = np.where(known, np.rint(np.nan_to_num(cosine) * STEPS), UNKNOWN).astype(np.int8)
        return Stations(
            self.models, tracks, np.where(there, score[pairs], 0), np.where(there, self.playlists[pairs], 0),
            np.where(there, self.listeners[pairs], 0), np.where(there, self.rank[pairs], -1),
            np.moveaxis(said, 0, 2),
        )  # fmt: skip


def _counted(
    table: Incidence, queries: IdVector, offsets: IdVector, items: NDArray[np.int32]
) -> NDArray[np.int32]:  # fmt: skip
    out = np.zeros(len(items), dtype=np.int32)
    mark = np.zeros(max(table.n_things, 1), dtype=np.bool_)
    in_common(table.starts, table.things, queries, offsets, items, mark, out)
    return out
