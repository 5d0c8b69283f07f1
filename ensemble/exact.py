"""Exact nearest neighbours: scores in blocks by matrix product, the best of each query kept in a bounded heap.

Nothing is left out: it is the oracle for Annoy and, up to some hundred thousand artists, the better choice. Where
everybody is compared with everybody, a product s_ij = x_i·x_j is computed once and offered to both i and j, which
halves the arithmetic; since most scores are below the worst that either side keeps, a block is mostly read and thrown
away. Memory beyond the vectors and the result is one block.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from db.base import FloatMatrix, IdVector
from ensemble.kernels import keep_best, keep_best_of_both

QUERIES = 256
ITEMS = 1024
"""A block of scores should fit into a core's own cache."""


def exact_top_k(
    queries: FloatMatrix, items: FloatMatrix, k: int, own: IdVector | None = None
) -> tuple[NDArray[np.int64], FloatMatrix]:
    """The k items of largest dot product for each query, best first, of equal ones the lower row first.

    Args:
        queries: (n_queries, dim).
        items: (n_items, dim).
        k: how many.
        own: (n_queries,), an item that each query must not be given (itself), -1 for none.

    Returns:
        Rows int64 and scores float32, both (n_queries, k); -1 and -inf where there are fewer items.
    """
    rows, scores = _empty(len(queries), k)
    if k < 1:
        return rows.astype(np.int64), scores
    with threadpool_limits(1, user_api="blas"):
        for begin in range(0, len(queries), QUERIES):
            block = slice(begin, begin + QUERIES)
            _fill(queries[block], items, None if own is None else own[block], rows[block], scores[block])
    return _sorted(rows, scores)


def exact_neighbours(items: FloatMatrix, k: int) -> tuple[NDArray[np.int64], FloatMatrix]:
    """`exact_top_k` of all items among all others, in half the time."""
    rows, scores = _empty(len(items), k)
    if k < 1:
        return rows.astype(np.int64), scores
    worst = np.full(len(items), -np.inf, dtype=np.float32)
    with threadpool_limits(1, user_api="blas"):
        for low in range(0, len(items), ITEMS):
            tile = slice(low, low + ITEMS)
            _fill_among(items[tile], low, rows[tile], scores[tile])
            worst[tile] = scores[tile, 0]
            for high in range(low + ITEMS, len(items), ITEMS):
                others = items[high : high + ITEMS].T
                for first in range(low, low + ITEMS, QUERIES):
                    keep_best_of_both(items[first : first + QUERIES] @ others, first, high, scores, rows, worst)
    return _sorted(rows, scores)


def _empty(n: int, k: int) -> tuple[NDArray[np.int32], FloatMatrix]:
    return np.full((n, k), -1, dtype=np.int32), np.full((n, k), -np.inf, dtype=np.float32)


def _fill(
    queries: FloatMatrix, items: FloatMatrix, own: IdVector | None, rows: NDArray[np.int32], scores: FloatMatrix
) -> None:
    for first in range(0, len(items), ITEMS):
        products = queries @ items[first : first + ITEMS].T
        if own is not None:
            mine = np.flatnonzero((own >= first) & (own < first + products.shape[1]))
            products[mine, own[mine] - first] = -np.inf
        keep_best(products, first, scores, rows)


def _fill_among(items: FloatMatrix, first: int, rows: NDArray[np.int32], scores: FloatMatrix) -> None:
    """The items of one tile among each other."""
    products = items @ items.T
    np.fill_diagonal(products, -np.inf)
    keep_best(products, first, scores, rows)


def _sorted(rows: NDArray[np.int32], scores: FloatMatrix) -> tuple[NDArray[np.int64], FloatMatrix]:
    order = np.lexsort((rows, -scores), axis=-1)
    return np.take_along_axis(rows, order, axis=1).astype(np.int64), np.take_along_axis(scores, order, axis=1)
