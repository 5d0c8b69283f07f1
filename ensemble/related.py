"""The related artists of every artist: candidates from all models, scored by fusion or ranker, the best kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt, model_validator
from threadpoolctl import threadpool_limits

import ensemble.candidates
import ensemble.fusion
import ensemble.ranker
from db.base import Config as BaseConfig
from db.base import IdVector
from db.vectors import Vectors
from ensemble.candidates import nearest, union
from ensemble.facts import Facts
from ensemble.features import features
from ensemble.fusion import best_rank, ranking
from ensemble.index import AnnoyIndex
from ensemble.label_graph import LabelGraph
from ensemble.pools import Pools, pools
from ensemble.ranker import Ranker, Shares
from ensemble.spaces import Space, space

REPORT = "report.json"
"""The file in which a run writes down who serves, why, and with which settings."""
BLOCK = 1024
"""Artists whose features are in memory at once."""


class Config(BaseConfig):
    """What is published per artist."""

    n: PositiveInt = 20
    """Related artists that `kinsong related` and the SQL view show, each with its reason and evidence."""
    pool: PositiveInt = 100
    """Related artists that are kept, ready for a larger n and for filters; at least n."""
    page_artists: Annotated[int, Field(ge=2)] = 50
    """A page that names more artists than this is an index or a chart: it does not count as naming two together."""

    @model_validator(mode="after")
    def _pool_holds_n(self) -> Self:
        if self.pool < self.n:
            raise ValueError(f"pool = {self.pool} is smaller than n = {self.n}: raise pool")
        return self


class Sections(BaseConfig):
    """All settings that a ranking depends on, by section."""

    candidates: ensemble.candidates.Config = ensemble.candidates.Config()
    """Section [candidates]."""
    fusion: ensemble.fusion.Config = ensemble.fusion.Config()
    """Section [fusion]."""
    ranker: ensemble.ranker.Config = ensemble.ranker.Config()
    """Section [ranker]."""
    related: Config = Config()
    """Section [related]."""


@dataclass(frozen=True, eq=False)
class Related:
    """Ranked pairs, artist by artist, best first; artists are catalogue positions.

    Attributes:
        artist: int64 (n_rows,).
        rank: int32 (n_rows,), from 1.
        related: int64 (n_rows,).
        score: float32 (n_rows,).
        pair: int64 (n_rows,), where the pair stands in the pools.
    """

    artist: IdVector
    rank: NDArray[np.int32]
    related: IdVector
    score: NDArray[np.float32]
    pair: IdVector

    def first(self, n: int) -> Related:
        """The first n of each artist."""
        return self._of(self.rank <= n)

    def parts(self, n_artists: int) -> Iterator[Related]:
        """The rows of some artists at a time; at least one part, that of nobody where there are no rows."""
        last = int(self.artist[-1]) if len(self.artist) else 0
        for begin in range(0, last + 1, n_artists):
            low, high = np.searchsorted(self.artist, [begin, begin + n_artists])
            yield self._of(slice(low, high))

    def _of(self, kept: NDArray[np.bool_] | slice) -> Related:
        return Related(self.artist[kept], self.rank[kept], self.related[kept], self.score[kept], self.pair[kept])


def pooled(
    vectors: Sequence[Vectors], artists: IdVector, sections: Sections, indexes: Mapping[str, AnnoyIndex] | None = None
) -> Pools:
    """Every artist's candidates and what every model says of them.

    Args:
        vectors: one per model, of entity artist.
        artists: the catalogue (`ensemble.spaces.catalogue`).
        sections: settings; each model gives at least `[related] pool` candidates.
        indexes: Annoy indexes by model, for `search = "annoy"`; a model without one is searched exactly.
    """
    depth = max(sections.candidates.depth, sections.related.pool)
    spaces = [space(one, artists) for one in vectors]

    def found(one: Space) -> NDArray[np.int64]:
        return nearest(one, depth, sections.candidates, (indexes or {}).get(one.model))

    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(os.cpu_count()) as workers:
        return pools(spaces, union(len(artists), spaces, list(workers.map(found, spaces))))


def learned(
    pools: Pools, facts: Facts, fused: NDArray[np.float32], ranker: Ranker, taught: LabelGraph
) -> NDArray[np.float32]:
    """The ranker's score of every pair, `taught` being the labels that it learnt from. float32 (n_pairs,)."""
    score = np.empty(len(fused), dtype=np.float32)
    offsets = pools.candidates.offsets
    for begin in range(0, len(pools.candidates), BLOCK):
        queries = np.arange(begin, min(begin + BLOCK, len(pools.candidates)), dtype=np.int64)
        score[offsets[begin] : offsets[queries[-1] + 1]] = ranker.score(
            features(pools, facts, fused, queries, taught)
        )
    return score


def learned_shares(
    pools: Pools, facts: Facts, fused: NDArray[np.float32], ranker: Ranker, taught: LabelGraph, pairs: Related
) -> Shares:  # fmt: skip
    """What each feature adds to the ranker's score of some pairs, which stand artist by artist."""
    offsets = pools.candidates.offsets
    last = int(pairs.artist[-1]) + 1 if len(pairs.artist) else 0
    first = int(pairs.artist[0]) if len(pairs.artist) else 0
    parts = [np.empty((0, len(ranker.columns) + 1), dtype=np.float32)]
    for begin in range(first, last, BLOCK):
        queries = np.arange(begin, min(begin + BLOCK, last), dtype=np.int64)
        low, high = np.searchsorted(pairs.artist, [begin, queries[-1] + 1])
        rows = features(pools, facts, fused, queries, taught)
        parts.append(ranker.shares(rows.part(pairs.pair[low:high] - offsets[begin])))
    return Shares(ranker.columns, np.concatenate(parts))


def select(
    pools: Pools, score: NDArray[np.float32], fused: NDArray[np.float32], pool: int,
    never: NDArray[np.bool_] | None = None,
) -> Related:  # fmt: skip
    """The best `pool` candidates of every artist.

    Equal scores are ordered by the fused score, then by the best rank that any model gave, then by canonical order.

    Args:
        pools: the candidates.
        score: (n_pairs,), what ranks them.
        fused: (n_pairs,), the label-free score.
        pool: how many.
        never: (n_artists,), who is not to be suggested to anybody.
    """
    best = best_rank(pools)
    chosen = []
    for query in range(len(pools.candidates)):
        pairs = ranking(pools, (score, fused), best, query)
        chosen.append((pairs if never is None else pairs[~never[pools.candidates.items[pairs]]])[:pool])
    sizes = np.array([len(one) for one in chosen], dtype=np.int64)
    pair = np.concatenate([np.empty(0, dtype=np.int64), *chosen])
    artist = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    rank = np.concatenate([np.empty(0, dtype=np.int32), *(np.arange(1, size + 1, dtype=np.int32) for size in sizes)])
    return Related(artist, rank, pools.candidates.items[pair].astype(np.int64), score[pair], pair)
