"""Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): the ranking when nobody has labelled anything.

    score(a, b) = Σ_m  w_m · ( 1 / (k + rank_m(b | a))  +  r / (k + rank_m(a | b)) )

over the models m that know both; rank_m(b | a) is b's place among all of a's candidates by model m, so that every model
scores every candidate. The second term, for where a stands from b's side (nothing when a is not in b's pool), keeps
artists that are near to everything from being at the top for everyone. A model that does not know b gives it nothing.
Equal scores are ordered by the best rank that any model gave, then by canonical order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from db.base import Config as BaseConfig
from db.base import IdVector
from ensemble.pools import Pools


class Config(BaseConfig):
    """The ranking that needs no labels: reciprocal rank fusion."""

    k: float = Field(default=60.0, ge=0, allow_inf_nan=False)
    """How little the very first ranks stand out: the larger, the more agreement counts against one model's first."""
    reverse: float = Field(default=0.25, ge=0, allow_inf_nan=False)
    """What the rank from the other side counts, as a part of the rank from this side."""
    weights: dict[str, float] = Field(default_factory=dict)
    """What a model counts, by its name; 1 for those that are not named, 0 silences one."""


def fuse(pools: Pools, config: Config) -> NDArray[np.float32]:
    """The fused score of every pair, above 0. float32 (n_pairs,)."""
    total = np.zeros(len(pools.candidates.items), dtype=np.float64)
    for number, model in enumerate(pools.models):
        weight = config.weights.get(model, 1.0)
        rank = pools.rank[number]
        back = np.where(pools.back >= 0, rank[pools.back], 0) if len(rank) else rank
        total += weight * (_reciprocal(rank, config.k) + config.reverse * _reciprocal(back, config.k))
    return total.astype(np.float32)


def best_rank(pools: Pools) -> NDArray[np.int32]:
    """The best rank that any model gives each pair; every candidate has one. int32 (n_pairs,)."""
    none = np.iinfo(np.int32).max
    ranks = np.where(pools.rank > 0, pools.rank, none)
    least: NDArray[np.int32] = ranks.min(axis=0, initial=none).astype(np.int32)
    return least


def ranking(pools: Pools, scores: Sequence[NDArray[np.float32]], best: NDArray[np.int32], query: int) -> IdVector:
    """One query's pairs in the order they are served: by each score in turn, then best rank, then canonical order."""
    begin, end = pools.candidates.offsets[query], pools.candidates.offsets[query + 1]
    order = np.lexsort((best[begin:end], *(-score[begin:end] for score in reversed(scores))))
    return np.asarray(begin + order, dtype=np.int64)


def _reciprocal(rank: NDArray[np.int32], k: float) -> NDArray[np.float64]:
    part: NDArray[np.float64] = np.divide(1.0, k + rank, out=np.zeros(len(rank)), where=rank > 0)
    return part
