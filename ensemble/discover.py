"""Discover: what each listener has never heard, ranked by all that can say something of it.

Every source scores every item for every listener, and the scores are added up on one scale:

    score(u, j) = Σ_m w_m · (s_m(u, j) − mean_j s_m(u, j)) / (best_m(u) − mean_j s_m(u, j))

where best_m(u) is the mean of the best n scores that source m gives u among what u has not heard: 1 is as good as the
list that m alone would make, 0 is as good as anything. Unlike scaling by spread this does not depend on how many items
there are that nobody would want. A source is silent about whom it does not know. There are two kinds:

    factors      s(u, j) = x_u · y_j                         ALS, Vector-Exp, and the mean of what a listener plays in a
                                                             space without listeners (playlists)
    neighbours   s(u, j) = Σ_i ln(1 + plays_ui) · w_ij       a walk over plays, and published related artists

All of it is exact: with everybody's scores in blocks there is nothing left for an index to save.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Literal

import numba
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt
from scipy import sparse
from threadpoolctl import threadpool_limits

from db.base import Config as BaseConfig
from db.base import FloatMatrix
from ensemble.discover_kernels import pick, spread
from ensemble.discover_reasons import Relations, reasons
from ensemble.discover_walk import Neighbours
from ensemble.kernels import keep_best

CELLS = 1 << 22
"""Scores of one source that are in memory at once, in each thread."""
DEPTH = 5
"""Times more than a list holds that are looked at, for what a list may hold of one kind."""
WEIGHTS: dict[str, float] = {"vector_exp": 0.5, "playlist": 0.1, "related": 0.5}
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Config(BaseConfig):
    """What listeners have never heard and might like."""

    n: PositiveInt = 30
    """How many each listener is shown."""
    spare: Annotated[int, Field(ge=0)] = 10
    """How many more are kept, for the places of those that are flagged or rated down after a build."""
    items: Literal["auto", "tracks", "artists"] = "auto"
    """What lists are made of; auto: tracks where at least half of all plays name one, otherwise artists."""
    per_artist: PositiveInt = 2
    """Tracks of one artist in a list, at most."""
    familiar: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Part of a list of tracks that may be by artists whom the listener plays."""
    unexplained: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Part of a list that may lack an artist of the listener's own to whose shown related artists it belongs, as long
    as others are left."""
    new_days: Annotated[int, Field(ge=0)] = 6
    """What came into a listener's list within so many days stands before what was there already."""
    neighbours: PositiveInt = 300
    """Items that one item speaks for in the walk over plays, at most."""
    popularity: NonNegative = 0.4
    """β of the walk: how much it counts against an item that it is well known; 0 not at all."""
    weights: dict[str, NonNegative] = Field(default_factory=lambda: dict(WEIGHTS))
    """What a source counts, by its name (als, vector_exp, playlist, walk, related); 1 for those not named."""


@dataclass(frozen=True, eq=False)
class Factors:
    """A source of vectors on both sides.

    Attributes:
        name: what is told of it.
        listeners: float32 (n_listeners, dim), 0 for whom it does not know.
        items: float32 (n_items, dim), 0 for what it does not know.
    """

    name: str
    listeners: FloatMatrix
    items: FloatMatrix


Source = Factors | Neighbours


@dataclass(frozen=True, eq=False)
class Question:
    """Who is asked about what.

    Attributes:
        plays: CSR float32 (n_listeners, n_items), what is heard already.
        artist: int32 (n_items,), whose an item is.
        artist_plays: CSR float32 (n_listeners, n_artists); the same as `plays` where items are artists.
        tracks: whether items are tracks.
        never: bool (n_items,), what is not to be suggested to anybody.
        refused: CSR bool (n_listeners, n_items), what a listener does not want.
    """

    plays: sparse.csr_matrix
    artist: NDArray[np.int32]
    artist_plays: sparse.csr_matrix
    tracks: bool
    never: NDArray[np.bool_]
    refused: sparse.csr_matrix


@dataclass(frozen=True, eq=False)
class Lists:
    """A list for each listener; all (n_listeners, n + spare).

    Attributes:
        items: int32, best first, the spare ones after all that are shown; -1 where a list is shorter.
        scores: float32.
        because: int32, an artist that the listener plays and to which the item's is related; -1 where there is none.
        ranks: int32, from 1, of the item's artist among the related artists of that one.
    """

    items: NDArray[np.int32]
    scores: FloatMatrix
    because: NDArray[np.int32]
    ranks: NDArray[np.int32]


def discover(question: Question, sources: Sequence[Source], relations: Relations, config: Config) -> Lists:
    """Every listener's list.

    What no source knows anything of, for this listener, is not in it: a list may be shorter, or empty.
    """
    n_listeners, n_items = question.plays.shape
    shape = n_listeners, config.n + config.spare
    lists = Lists(
        np.full(shape, -1, dtype=np.int32), np.full(shape, -np.inf, dtype=np.float32),
        np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.int32),
    )  # fmt: skip
    told = question.plays.copy()
    told.data = np.log1p(told.data).astype(np.float32)
    spoken = [_centred(source) for source in sources if config.weights.get(source.name, 1.0) > 0]
    block = max(1, min(1024, CELLS // max(n_items, 1)))

    def fill(first: int) -> None:
        rows = slice(first, min(first + block, n_listeners))
        _choose(question, _total(question, told, spoken, config, rows), relations, config, rows, lists)

    if n_items:
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(numba.get_num_threads()) as threads:
            list(threads.map(fill, range(0, n_listeners, block)))
    return lists


def _centred(source: Source) -> Source:
    """The same source, by which items have 0 on average, and unknown ones always."""
    if isinstance(source, Neighbours):
        return source
    known = np.any(source.items != 0, axis=1)
    mean = source.items[known].mean(axis=0, dtype=np.float64).astype(np.float32) if known.any() else 0
    return Factors(source.name, source.listeners, np.where(known[:, None], source.items - mean, np.float32(0)))


def _total(
    question: Question, told: sparse.csr_matrix, sources: Sequence[Source], config: Config, rows: slice
) -> FloatMatrix:
    """The scores of some listeners, -inf for what they are not to be given."""
    total = np.zeros((rows.stop - rows.start, question.plays.shape[1]), dtype=np.float32)
    closed = _closed(question, rows)
    for source in sources:
        one = _scores(source, told, rows)
        scale = config.weights.get(source.name, 1.0) * _scales(one, closed, config.n)
        total += one * scale[:, None]
    total[total == 0] = -np.inf  # of which nobody knows anything
    total[closed] = -np.inf
    total[:, question.never] = -np.inf
    return total


def _closed(question: Question, rows: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Who and what: heard already, or not wanted."""
    pairs = [part[rows].nonzero() for part in (question.plays, question.refused)]
    listener, item = (np.concatenate([pair[side] for pair in pairs]).astype(np.int64) for side in (0, 1))
    return listener, item


def _scores(source: Source, told: sparse.csr_matrix, rows: slice) -> FloatMatrix:
    if isinstance(source, Factors):
        product: FloatMatrix = source.listeners[rows] @ source.items.T
        return product
    out = np.zeros((rows.stop - rows.start, told.shape[1]), dtype=np.float32)
    spread(told.indptr, told.indices, told.data, rows.start, source.rows, source.weights, out)
    return out


def _scales(scores: FloatMatrix, closed: tuple[NDArray[np.int64], NDArray[np.int64]], n: int) -> NDArray[np.float32]:
    """1 / best of each listener, 0 where the source says nothing. float32 (n_listeners,)."""
    open_ = scores.copy()
    open_[closed] = -np.inf
    _, best = _best(open_, n)
    mean = np.where(np.isfinite(best), best, 0).mean(axis=1, dtype=np.float64)
    scale: NDArray[np.float32] = np.divide(1.0, mean, out=np.zeros(len(mean)), where=mean > 1e-12).astype(np.float32)
    return scale


def _best(scores: FloatMatrix, k: int) -> tuple[NDArray[np.int32], FloatMatrix]:
    """The k best of each row, best first, of equal ones the lower item first."""
    rows = np.full((len(scores), k), -1, dtype=np.int32)
    best = np.full((len(scores), k), -np.inf, dtype=np.float32)
    keep_best(scores, 0, best, rows)
    order = np.lexsort((rows, -best), axis=-1)
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(best, order, axis=1)


def _choose(
    question: Question, total: FloatMatrix, relations: Relations, config: Config, rows: slice, lists: Lists
) -> None:
    """Of the best of some listeners those that a list may hold, with their reasons."""
    pool = lists.items.shape[1]
    found, best = _best(total, DEPTH * pool)
    artists = np.where(found >= 0, question.artist[found], np.int32(-1))
    own, ranks = reasons(question.artist_plays, rows, artists, relations)
    familiar = np.zeros(found.shape, dtype=np.bool_)
    if question.tracks:
        played = question.artist_plays[rows].toarray() > 0
        familiar = np.take_along_axis(played, np.maximum(artists, 0), axis=1) & (artists >= 0)
    chosen = np.full((len(found), pool), -1, dtype=np.int32)
    pick(
        found, question.artist, config.per_artist if question.tracks else 1, familiar, int(config.familiar * config.n),
        ranks, relations.shown, int(config.unexplained * config.n), config.n, chosen,
    )  # fmt: skip
    there = chosen >= 0
    for values, into in (
        (found, lists.items), (best, lists.scores), (own, lists.because), (ranks, lists.ranks),
    ):  # fmt: skip
        into[rows][there] = np.take_along_axis(values, np.maximum(chosen, 0), axis=1)[there]


def weighted_means(plays: sparse.csr_matrix, unit: FloatMatrix) -> FloatMatrix:
    """What each listener plays, as one vector in a space that has none of listeners. float32 (n_listeners, dim).

    The sum of the items' vectors, each with ln(1 + plays).

    Args:
        plays: CSR (n_listeners, n_items).
        unit: (n_items, dim), of length 1, or 0 where the space does not know the item.
    """
    told = plays.astype(np.float64, copy=True)
    told.data = np.log1p(told.data)
    means: FloatMatrix = np.asarray(told @ unit.astype(np.float64), dtype=np.float32)
    return means


def placed(rows: NDArray[np.int64], vectors: FloatMatrix, bias: NDArray[np.float32] | None = None) -> FloatMatrix:
    """The vectors of some rows, 0 for row -1; with a bias as one more number where there is one."""
    wide = vectors if bias is None else np.hstack([vectors, bias[:, None]])
    found = np.zeros((len(rows), wide.shape[1]), dtype=np.float32)
    found[rows >= 0] = wide[rows[rows >= 0]]
    return found


