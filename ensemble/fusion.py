"""Fusion: the ranking when nobody has labelled anything. Similarities are added up, each as far as it can be trusted,
together with what two artists plainly have in common and with the circle of artists that both stand in:

    base(a, b)  = Σ_m w_m · t_m(a, b) · max(cos_m(a, b), 0)^p  +  s · Σ_k n_ab / √(n_a n_b) · n_ab / (n_ab + 1)
    score(a, b) = base(a, b) + c · circle_a · circle_b

over the models m that know both, and the kinds k of countable things (listeners, playlists, pages), of which a has n_a
and both share n_ab. Trust, as in significance weighting (Herlocker et al., SIGIR 1999), is

    t_m(a, b) = n / (n + trust),     n = the fewer of the things that m learnt a and b from

so that a similarity which two playlists gave away counts less than one that a hundred listeners did; a text model
learns an artist from terms, of which a biography holds a hundred, a page that names an artist in passing few. With p
above 1 one model that is sure outweighs several that are lukewarm. Plain things in common speak where a model smooths
them away, and are silent where there is no evidence, which ranks never are. circle_a is the unit vector of base(a, ·)²
over a's nearest few and a itself: whoever shares a's neighbours gains, whoever is near to everything does not (after
k-reciprocal re-ranking, Zhong et al., CVPR 2017, with a dot product for its Jaccard distance).

How far all this can be trusted stands beside each pair, and orders nothing:

    confidence(a, b) = Σ_m w_m · t_m(a, b) / Σ_m w_m,     above the models that know both, below all of them

Similarities tell a near pair from a far one, ranks only who comes before whom. `method = "reciprocal"` is reciprocal
rank fusion all the same (Cormack, Clarke and Büttcher, SIGIR 2009), from both sides and with trust:

    score(a, b) = Σ_m  w_m · t_m(a, b) · ( 1 / (k + rank_m(b | a))  +  r / (k + rank_m(a | b)) )

with rank_m(b | a) b's place among all of a's candidates; the second term is nothing when a is not in b's pool.

Equal scores are ordered by the best rank that any model gave, then by canonical order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from db.base import Config as BaseConfig
from db.base import IdVector
from ensemble.facts import Countable, Facts, Incidence, Learnable
from ensemble.kernels import pool_dots, pool_overlaps
from ensemble.pools import Pools

LEARNT_FROM: dict[str, Learnable] = {
    "als": "listeners", "vector_exp": "listeners", "playlist": "playlists", "cultural": "terms",
}  # fmt: skip
WEIGHTS: dict[str, float] = {"playlist": 0.2}
KINDS: tuple[Countable, ...] = ("listeners", "playlists", "pages")
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Config(BaseConfig):
    """The ranking that needs no labels."""

    method: Literal["similarity", "reciprocal"] = "similarity"
    """Trusted similarities, things in common and circles; or plain reciprocal rank fusion."""
    trust: NonNegative = 2.0
    """Listeners, playlists or pages of an artist at which a model is half trusted about it; 0 trusts all alike."""
    trust_terms: NonNegative = 10.0
    """Top terms of an artist at which a text model is half trusted about it; 0 trusts all alike."""
    sharpness: Annotated[float, Field(ge=1, le=8)] = 1.5
    """Power of a similarity: above 1 the nearest stand out."""
    shared: NonNegative = 0.4
    """What things in common count: listeners, playlists and pages each, beside a model's similarity."""
    circle: NonNegative = 0.6
    """What standing in the same circle counts; 0 looks at nobody but the two."""
    circle_size: PositiveInt = 20
    """How many nearest artists are an artist's circle."""
    k: NonNegative = 20.0
    """Of reciprocal rank fusion: how little the very first ranks stand out."""
    reverse: NonNegative = 0.25
    """Of reciprocal rank fusion: what the rank from the other side counts, as a part of the rank from this side."""
    learnt_from: dict[str, Learnable] = Field(default_factory=lambda: dict(LEARNT_FROM))
    """What a model learns an artist from, by the model's name; a model that is not named is always trusted."""
    weights: dict[str, NonNegative] = Field(default_factory=lambda: dict(WEIGHTS))
    """What a model counts, by its name; 1 for those that are not named, 0 silences one."""


def fuse(pools: Pools, facts: Facts, config: Config) -> NDArray[np.float32]:
    """The fused score of every pair, 0 … 1: 1 for who is the same to every model and has all in common, beyond doubt.

    Args:
        pools: the pairs, their similarities and ranks.
        facts: what the artists have in common, and how much each model could learn an artist from.
        config: settings.

    Returns:
        float32 (n_pairs,).
    """
    if config.method == "reciprocal":
        return _reciprocal(pools, facts, config)
    base, most = _base(pools, facts, config)
    total = base + config.circle * circles(pools, base, config.circle_size)
    most += config.circle
    return (total / most if most > 0 else total).astype(np.float32)


def _base(pools: Pools, facts: Facts, config: Config) -> tuple[NDArray[np.float32], float]:
    """What speaks for each pair by itself, float32 (n_pairs,), and the most it can be."""
    total, most = np.zeros(len(pools.candidates.items), dtype=np.float64), 0.0
    for number, model in enumerate(pools.models):
        weight = config.weights.get(model, 1.0)
        cosine = np.maximum(np.nan_to_num(pools.cosine[number]), 0)
        total += weight * _trust(pools, facts, model, config) * cosine**config.sharpness
        most += weight
    for kind in KINDS:
        table = facts.of(kind)
        if config.shared and len(table.things):
            total += config.shared * _shared(pools, table)
            most += config.shared
    return total.astype(np.float32), most


def _trust(pools: Pools, facts: Facts, model: str, config: Config) -> NDArray[np.float64] | float:
    trust = _trusted(facts, model, config)
    if trust is None:
        return 1.0
    own = np.repeat(trust, np.diff(pools.candidates.offsets))
    return np.minimum(own, trust[pools.candidates.items], out=own)


def _trusted(facts: Facts, model: str, config: Config) -> NDArray[np.float64] | None:
    """How far a model is trusted about each artist that it knows, float64 (n_artists,); None where it always is."""
    kind = config.learnt_from.get(model)
    half = config.trust_terms if kind == "terms" else config.trust
    if kind is None or half == 0:
        return None
    things = np.maximum(facts.of(kind).degree, 1)  # it does know the artist, so it has learnt it from something
    trust: NDArray[np.float64] = things / (things + half)
    return trust


def confidence(
    pools: Pools, facts: Facts, config: Config, artists: IdVector, pairs: IdVector
) -> NDArray[np.float64]:  # fmt: skip
    """How far what the models say of some pairs can be trusted, 0 … 1; 0 where every model's weight is 0.

    Args:
        pools: the pairs and who knows them.
        facts: how much each model could learn an artist from.
        config: settings.
        artists: (n,), whose pool each pair is in.
        pairs: (n,), where it stands in the pools.

    Returns:
        float64 (n,).
    """
    items, total, most = pools.candidates.items[pairs], np.zeros(len(pairs)), 0.0
    for number, model in enumerate(pools.models):
        weight, trust = config.weights.get(model, 1.0), _trusted(facts, model, config)
        both = 1.0 if trust is None else np.minimum(trust[artists], trust[items])
        total += np.where(np.isnan(pools.cosine[number, pairs]), 0.0, weight * both)
        most += weight
    return np.minimum(total / most, 1.0) if most > 0 else total


def _shared(pools: Pools, table: Incidence) -> NDArray[np.float64]:
    """The cosine of what both have, less the fewer things that is: float64 (n_pairs,)."""
    offsets, items = pools.candidates.offsets, pools.candidates.items
    counts, sums = np.zeros(len(items), dtype=np.int32), np.zeros(len(items), dtype=np.float32)
    mark = np.zeros(max(table.n_things, 1), dtype=np.float32)
    queries = np.arange(len(pools.candidates), dtype=np.int64)
    pool_overlaps(table.starts, table.things, table.weights, offsets, items, queries, mark, counts, sums)
    degree = table.degree.astype(np.float64)
    size = np.sqrt(np.repeat(degree, np.diff(offsets)) * degree[items])
    return np.divide(counts, size, out=np.zeros(len(items)), where=size > 0) * counts / (counts + 1.0)


def circles(pools: Pools, base: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """How far the two of each pair stand in one circle, 0 … 1: the cosine of their circles. float32 (n_pairs,).

    An artist's circle is itself, with the weight of its nearest, and its `size` nearest by `base`, each with the square
    of it. Of equal ones those of a better rank come first, then canonical order.
    """
    offsets, items = pools.candidates.offsets, pools.candidates.items
    n = len(pools.candidates)
    query = np.repeat(np.arange(n, dtype=np.int64), np.diff(offsets))
    order = np.lexsort((best_rank(pools), -base, query))
    nearest = order[np.arange(len(order)) - offsets[query] < size]
    nearest = nearest[base[nearest] > 0]
    weight = base[nearest].astype(np.float64) ** 2
    own = np.zeros(n)
    np.maximum.at(own, query[nearest], weight)
    member = np.concatenate([query[nearest], np.arange(n)])
    other = np.concatenate([items[nearest].astype(np.int64), np.arange(n)])
    value = np.concatenate([weight, np.where(own > 0, own, 1.0)])
    value /= np.sqrt(np.bincount(member, value * value, n))[member]
    table = Incidence.of(n, member, other, value)
    found = np.zeros(len(items), dtype=np.float32)
    pool_dots(table.starts, table.things, table.weights, offsets, items, found)
    return found


def _reciprocal(pools: Pools, facts: Facts, config: Config) -> NDArray[np.float32]:
    total, most = np.zeros(len(pools.candidates.items), dtype=np.float64), 0.0
    for number, model in enumerate(pools.models):
        weight, rank = config.weights.get(model, 1.0), pools.rank[number]
        part = np.divide(1.0, config.k + rank, out=np.zeros(len(rank)), where=rank > 0)
        part += config.reverse * np.where(pools.back >= 0, part[pools.back], 0.0)
        total += weight * _trust(pools, facts, model, config) * part
        most += weight * (1 + config.reverse) / (config.k + 1)
    return (total / most if most > 0 else total).astype(np.float32)


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
