"""Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009), from both sides and with trust: the ranking when
nobody has labelled anything.

    score(a, b) = Σ_m  w_m · t_m(a, b) · ( 1 / (k + rank_m(b | a))  +  r / (k + rank_m(a | b)) )

over the models m that know both; rank_m(b | a) is b's place among all of a's candidates by model m, so that every model
scores every candidate. The second term, for where a stands from b's side (nothing when a is not in b's pool), keeps
artists that are near to everything from being at the top for everyone. Trust is

    t_m(a, b) = n / (n + c),     n = the fewer of the things (listeners, playlists, pages) that m learnt a and b from

so that a place which two playlists gave away counts less than one that a hundred listeners did; where a itself is
hardly known it is nearly the same for all b. A model that does not know b gives it nothing. Equal scores are ordered
by the best rank that any model gave, then by canonical order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from db.base import Config as BaseConfig
from db.base import IdVector
from ensemble.facts import Countable, Facts
from ensemble.pools import Pools

LEARNT_FROM: dict[str, Countable] = {"als": "listeners", "playlist": "playlists", "cultural": "pages"}
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Config(BaseConfig):
    """The ranking that needs no labels: reciprocal rank fusion."""

    k: NonNegative = 20.0
    """How little the very first ranks stand out: the larger, the more agreement counts against one model's first."""
    reverse: NonNegative = 0.25
    """What the rank from the other side counts, as a part of the rank from this side."""
    trust: NonNegative = 3.0
    """Listeners, playlists or pages of an artist at which a model is half trusted about it; 0 trusts all alike."""
    learnt_from: dict[str, Countable] = Field(default_factory=lambda: dict(LEARNT_FROM))
    """What a model learns an artist from, by the model's name; a model that is not named is always trusted."""
    weights: dict[str, NonNegative] = Field(default_factory=dict)
    """What a model counts, by its name; 1 for those that are not named, 0 silences one."""


def fuse(pools: Pools, facts: Facts, config: Config) -> NDArray[np.float32]:
    """The fused score of every pair, 0 … 1: 1 for who is first for every model, from both sides, beyond doubt.

    Args:
        pools: the pairs and their ranks.
        facts: how much each model could learn an artist from.
        config: settings.

    Returns:
        float32 (n_pairs,).
    """
    total = np.zeros(len(pools.candidates.items), dtype=np.float64)
    best = 0.0
    for number, model in enumerate(pools.models):
        weight = config.weights.get(model, 1.0)
        rank = pools.rank[number]
        part = _reciprocal(rank, config.k)
        part += config.reverse * np.where(pools.back >= 0, part[pools.back], 0.0)
        part *= weight * _trust(pools, facts, model, config)
        total += part
        best += weight * (1 + config.reverse) / (config.k + 1)
    return (total / best if best > 0 else total).astype(np.float32)


def best_rank(pools: Pools) -> NDArray[np.int32]:
    """The best rank that any model gives each pair; every candidate has one. int32 (n_pairs,)."""
    least = np.full(len(pools.candidates.items), np.iinfo(np.int32).max, dtype=np.int32)
    for rank in pools.rank:
        np.minimum(least, rank, out=least, where=rank > 0)
    return least


def ranking(pools: Pools, scores: Sequence[NDArray[np.float32]], best: NDArray[np.int32], query: int) -> IdVector:
    """One query's pairs in the order they are served: by each score in turn, then best rank, then canonical order."""
    begin, end = pools.candidates.offsets[query], pools.candidates.offsets[query + 1]
    order = np.lexsort((best[begin:end], *(-score[begin:end] for score in reversed(scores))))
    return np.asarray(begin + order, dtype=np.int64)


def _reciprocal(rank: NDArray[np.int32], k: float) -> NDArray[np.float64]:
    part: NDArray[np.float64] = np.divide(1.0, k + rank, out=np.zeros(len(rank)), where=rank > 0)
    return part


def _trust(pools: Pools, facts: Facts, model: str, config: Config) -> NDArray[np.float64] | float:
    kind = config.learnt_from.get(model)
    if kind is None or config.trust == 0:
        return 1.0
    things = np.maximum(facts.of(kind).degree, 1)  # it does know both, so it has learnt them from something
    trust = things / (things + config.trust)
    own = np.repeat(trust, np.diff(pools.candidates.offsets))
    return np.minimum(own, trust[pools.candidates.items], out=own)
