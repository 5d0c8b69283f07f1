"""Which items a listener's own lead to, by a walk of three steps over plays: item → listener → item.

RP3beta of Paudel, Christoffel, Newell and Bernstein, "Updatable, Accurate, Diverse, and Scalable Recommendations for
Interactive Applications" (ACM TiiS 2017): the chance of arriving at j from i, less what comes of j being well known,

    w_ij = Σ_u p(u | i) p(j | u) / n_j^β          p(u | i) = r_ui / Σ_v r_vi,    p(j | u) = r_uj / Σ_k r_uk

with r = ln(1 + plays), n_j the listeners of j, and of each i the k largest w_ij alone. The paper walks over whether
there are plays (r = 1) and takes powers of the chances; that power is 1 here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.base import FloatMatrix
from ensemble.discover_kernels import walk_rows

BLOCK = 256


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Which items each item speaks for, and how much.

    Attributes:
        name: what is told of it.
        rows: int32 (n_items, k), -1 where there are fewer.
        weights: float32 (n_items, k), 0 where there are fewer.
    """

    name: str
    rows: NDArray[np.int32]
    weights: FloatMatrix


def walk(plays: sparse.csr_matrix, k: int, beta: float) -> Neighbours:
    """The k items that each item leads to most, itself left out.

    Args:
        plays: CSR (n_listeners, n_items), above 0.
        k: how many.
        beta: how much it counts against an item that it is well known; 0 not at all.
    """
    n_items = plays.shape[1]
    heard = plays.astype(np.float64, copy=True)
    heard.data = np.log1p(heard.data)
    forth = _chances(heard)
    back = _chances(heard.T.tocsr())
    known = np.maximum(np.diff(back.indptr), 1).astype(np.float64) ** -beta
    rows = np.full((n_items, k), -1, dtype=np.int32)
    weights = np.zeros((n_items, k), dtype=np.float32)

    def fill(first: int) -> None:
        walk_rows(
            back.indptr, back.indices, back.data, forth.indptr, forth.indices, forth.data, known, first,
            rows[first : first + BLOCK], weights[first : first + BLOCK],
        )  # fmt: skip

    if n_items and k:
        with ThreadPoolExecutor(numba.get_num_threads()) as threads:
            list(threads.map(fill, range(0, n_items, BLOCK)))
    order = np.lexsort((rows, -weights), axis=-1)
    return Neighbours("walk", np.take_along_axis(rows, order, axis=1), np.take_along_axis(weights, order, axis=1))


def _chances(table: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows that sum to 1; a row without an entry stays empty."""
    sums = np.asarray(table.sum(axis=1)).ravel()
    found = table.copy()
    found.data = found.data / np.repeat(np.where(sums > 0, sums, 1), np.diff(found.indptr))
    found.sort_indices()
    return found
