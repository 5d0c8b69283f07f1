"""Pools: for every artist its candidates, and what every model says of each (artist, candidate) pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.base import FloatMatrix, IdVector
from ensemble.candidates import Candidates
from ensemble.kernels import pair_cosines, pool_ranks, reverse_pairs
from ensemble.spaces import Space


@dataclass(frozen=True, eq=False)
class Pools:
    """What all models say of all candidates; artists are catalogue positions, pairs stand query by query.

    Attributes:
        models: their names.
        candidates: who is in whose pool.
        cosine: float32 (n_models, n_pairs), NaN where a model does not know both.
        rank: int32 (n_models, n_pairs), from 1, of the candidate in the query's pool by that model; 0 for none.
        back: int64 (n_pairs,), where the pair (b, a) stands, -1 where a is not in b's pool.
    """

    models: tuple[str, ...]
    candidates: Candidates
    cosine: FloatMatrix
    rank: NDArray[np.int32]
    back: IdVector


def pools(spaces: Sequence[Space], candidates: Candidates) -> Pools:
    """Score every pair by every model."""
    n_pairs = len(candidates.items)
    cosine = np.full((len(spaces), n_pairs), np.nan, dtype=np.float32)
    rank = np.zeros((len(spaces), n_pairs), dtype=np.int32)
    for number, one in enumerate(spaces):
        pair_cosines(one.unit, one.row_of, candidates.offsets, candidates.items, cosine[number])
        pool_ranks(cosine[number], candidates.offsets, rank[number])
    back = np.full(n_pairs, -1, dtype=np.int64)
    reverse_pairs(candidates.offsets, candidates.items, back)
    return Pools(tuple(one.model for one in spaces), candidates, cosine, rank, back)
