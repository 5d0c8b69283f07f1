"""Which playlists an artist stands in, as short vectors whose cosine is that of the long ones.

An artist a is a row of √n_al / N_l^¼ over the lists l, cut to unit length: R. n_al is how many places a has in l, N_l
how many artists l has: a second place says less than the first, and a list of everything says little. The cosines are
RRᵀ. Where lists are few, R is only turned, and no cosine changes; where they are many, the k directions that hold most
of R are kept (Eckart and Young 1936): what single lists share by chance is in the others. They are found by subspace
iteration from a random start, after Halko, Martinsson and Tropp, "Finding Structure with Randomness" (SIAM Review
2011), algorithm 4.4, on RRᵀ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cf.interactions import Playlists
    from db.base import FloatMatrix

KEPT = 2
"""Up to so many times k lists are all kept: a cut would save little."""
_EXACT = 2048
"""Lists up to which directions are found by solving RᵀR whole."""
_ROUNDS, _SPARE = 3, 10
_LISTS = 1 << 16  # lists that are looked at at once


def numbers(n_artists: int, n_lists: int, k: int) -> int:
    """How many numbers a vector has for so many artists and lists."""
    return min(n_artists, n_lists if n_lists <= KEPT * k else k)


def vectors(data: Playlists, k: int, rng: np.random.Generator) -> FloatMatrix:
    """float32 (n_artists, numbers(n_artists, n_lists, k)), each of unit length.

    Args:
        data: playlists.
        k: numbers for many lists.
        rng: where the random start comes from.
    """
    rows = _rows(data)
    n_artists, n_lists = rows.shape
    wanted = numbers(n_artists, n_lists, k)
    with threadpool_limits(1):  # BLAS sums in another order with two threads
        found = _exactly(rows, wanted) if n_lists <= max(_EXACT, wanted) else _nearly(rows, wanted, rng)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    made: FloatMatrix = (found / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return made


def _rows(data: Playlists) -> sparse.csr_matrix:
    """R: CSR float32 (n_artists, n_lists)."""
    rows = data.membership.copy()
    rows.sum_duplicates()
    artists = np.bincount(rows.indices, minlength=rows.shape[1])
    rows.data = np.sqrt(rows.data / np.sqrt(artists[rows.indices])).astype(np.float32)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows.data /= np.repeat(lengths, np.diff(rows.indptr)).astype(np.float32)
    return rows


def _exactly(rows: sparse.csr_matrix, wanted: int) -> NDArray[np.float64]:
    """R turned so that its first directions hold most."""
    gram = (rows.T @ rows).toarray().astype(np.float64)
    _, directions = np.linalg.eigh(gram)
    found: NDArray[np.float64] = rows @ directions[:, ::-1][:, :wanted]
    return found


def _nearly(rows: sparse.csr_matrix, wanted: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The same within rounding of the iteration."""
    basis = rng.standard_normal((rows.shape[0], min(rows.shape[0], wanted + _SPARE)))
    by_list = rows.tocsc()
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(_twice(by_list, basis))[0]
    small = basis.T @ _twice(by_list, basis)
    values, turn = np.linalg.eigh((small + small.T) / 2)
    best = np.argsort(-values)[:wanted]
    found: NDArray[np.float64] = basis @ turn[:, best] * np.sqrt(np.maximum(values[best], 0))
    return found


def _twice(by_list: sparse.csc_matrix, basis: NDArray[Any]) -> NDArray[np.float64]:
    """RRᵀ · basis, some lists at a time, each product in the 24 bits that R has."""
    found, basis = np.zeros_like(basis), basis.astype(np.float32)
    for first in range(0, by_list.shape[1], _LISTS):
        part = by_list[:, first : first + _LISTS]
        found += part @ (part.T @ basis)
    return found
