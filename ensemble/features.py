"""Features: one row of numbers per (artist, candidate) pair. What is not known is NaN, never a branch.

Columns, for each model m: `m` (cosine), `m rank` (of the candidate in the artist's pool), `m back` (rank of the artist
in the candidate's pool); then for listeners, playlists, pages: how many in common and, as `… cosine`, relative to how
many each has; `terms` (sum of the smaller weights); `popularity` of the candidate; four of labels
(`ensemble.label_graph`); and `fused`, the label-free score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.base import FloatMatrix, IdVector
from ensemble.facts import Countable, Facts, Incidence
from ensemble.kernels import pool_overlaps
from ensemble.label_graph import BACK, NAMED, NEAR, TOGETHER, LabelGraph
from ensemble.pools import Pools

RISING, FALLING, FREE = 1, -1, 0
COUNTED: tuple[Countable, ...] = ("listeners", "playlists", "pages")
FROM_LABELS = ((NEAR, RISING), (BACK, RISING), (TOGETHER, RISING), (NAMED, FREE))


@dataclass(frozen=True, eq=False)
class Features:
    """Rows of features.

    Attributes:
        columns: their names.
        monotone: for each column whether more of it can only speak for (1) or against (-1) a pair, or either (0).
        matrix: float32 (n_pairs, n_columns), NaN for what is not known.
    """

    columns: tuple[str, ...]
    monotone: tuple[int, ...]
    matrix: FloatMatrix

    def only(self, columns: tuple[str, ...]) -> Features:
        """These columns, in this order."""
        if columns == self.columns:
            return self
        places = [self.columns.index(column) for column in columns]
        return Features(columns, tuple(self.monotone[place] for place in places), self.matrix[:, places])

    def part(self, rows: IdVector) -> Features:
        """Some of the rows."""
        return Features(self.columns, self.monotone, self.matrix[rows])

    def without(self, *columns: str) -> Features:
        """All columns but these."""
        return self.only(tuple(one for one in self.columns if one not in columns))

    def of_labels(self, values: FloatMatrix) -> Features:
        """The same rows with other values in the columns of `FROM_LABELS`. `values`: (n_pairs, 4)."""
        matrix = self.matrix.copy()
        matrix[:, [self.columns.index(name) for name, _ in FROM_LABELS]] = values
        return Features(self.columns, self.monotone, matrix)


def column_names(models: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The columns for these models, and which way each may speak."""
    named: list[tuple[str, int]] = []
    for model in models:
        named += [(model, RISING), (f"{model} rank", FALLING), (f"{model} back", FALLING)]
    for kind in COUNTED:
        named += [(kind, RISING), (f"{kind} cosine", RISING)]
    named += [("terms", RISING), ("popularity", FREE), *FROM_LABELS, ("fused", RISING)]
    return tuple(name for name, _ in named), tuple(direction for _, direction in named)


def pairs_of(pools: Pools, queries: IdVector) -> IdVector:
    """Where the pairs of these queries stand, query by query. int64 (n_pairs,)."""
    offsets = pools.candidates.offsets
    spans = [np.arange(offsets[query], offsets[query + 1], dtype=np.int64) for query in queries]
    return np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)


def features(
    pools: Pools, facts: Facts, fused: NDArray[np.float32], queries: IdVector, taught: LabelGraph | None = None
) -> Features:
    """The features of all pairs of some queries, in the order of `pairs_of`.

    Args:
        pools: candidates and what the models say of them.
        facts: what they have in common.
        fused: (n_pairs of the pools,), the label-free score.
        queries: catalogue positions.
        taught: the labels; without them what they say is unknown.
    """
    names, monotone = column_names(pools.models)
    pairs = pairs_of(pools, queries)
    matrix = np.empty((len(pairs), len(names)), dtype=np.float32)
    back = pools.back[pairs]
    for number in range(len(pools.models)):
        rank, column = pools.rank[number], 3 * number
        matrix[:, column] = pools.cosine[number, pairs]
        matrix[:, column + 1] = _or_nan(rank[pairs])
        matrix[:, column + 2] = _or_nan(np.where(back >= 0, rank[back], 0))
    column = 3 * len(pools.models)
    for kind in COUNTED:
        matrix[:, column : column + 2] = _common(facts.of(kind), pools, queries, pairs)
        column += 2
    matrix[:, column] = overlaps(facts.terms, pools, queries)[1]
    matrix[:, column + 1] = facts.popularity[pools.candidates.items[pairs]]
    matrix[:, column + 2 : column + 6] = np.nan if taught is None else taught.columns(queries)
    matrix[:, column + 6] = fused[pairs]
    return Features(names, monotone, matrix)


def overlaps(table: Incidence, pools: Pools, queries: IdVector) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """How many things each pair of these queries has in common, and the sum of the smaller weights."""
    offsets, items = pools.candidates.offsets, pools.candidates.items
    n_pairs = int((offsets[queries + 1] - offsets[queries]).sum())
    counts, sums = np.zeros(n_pairs, dtype=np.int32), np.zeros(n_pairs, dtype=np.float32)
    mark = np.zeros(max(table.n_things, 1), dtype=np.float32)
    pool_overlaps(table.starts, table.things, table.weights, offsets, items, queries, mark, counts, sums)
    return counts, sums


def _common(table: Incidence, pools: Pools, queries: IdVector, pairs: IdVector) -> FloatMatrix:
    """Count and cosine of membership; NaN where one of the two has nothing. float32 (n_pairs, 2)."""
    counts, _ = overlaps(table, pools, queries)
    degree = table.degree.astype(np.float32)
    offsets = pools.candidates.offsets
    own = np.repeat(degree[queries], offsets[queries + 1] - offsets[queries])
    size = np.sqrt(own * degree[pools.candidates.items[pairs]])
    both = np.where(size > 0, counts, np.nan).astype(np.float32)
    cosine = np.divide(both, size, out=np.full_like(both, np.nan), where=size > 0)
    return np.stack([both, cosine], axis=1)


def _or_nan(rank: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.where(rank > 0, rank, np.nan).astype(np.float32)
