"""The compiled inside of Vector-Exp: the gradients of one block of listeners, and Adagrad's step.

A listener's row of gradients is written by one thread; an artist's is summed over the block in the order of its
listeners, the threads sharing out the coordinates. No sum depends on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit, prange

Array = np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])

_MATH = {"reassoc", "contract", "nsz", "arcp"}
_SERIAL: Callable[[F], F] = njit(fastmath=_MATH, error_model="numpy", nogil=True, cache=True)
_PARALLEL: Callable[[F], F] = njit(fastmath=_MATH, error_model="numpy", nogil=True, cache=True, parallel=True)

_SLICE = 16  # coordinates that one thread sums: a cache line of float32


@_SERIAL
def _dot(a: Array, b: Array) -> Any:
    total = np.float32(0)
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@_PARALLEL
def listener_gradients(
    block: Array, indptr: Array, indices: Array, confidence: Array, listeners: Array, artists: Array, drawn: Array,
    log_q: Array, gradient: Array, weight: Array, loss: Array,
) -> None:  # fmt: skip
    """∂/∂x_u of the log-likelihood of each listener in a block.

    Args:
        block: int64 (n,), rows of `listeners`.
        indptr, indices, confidence: CSR of c_ui, all listeners.
        listeners, artists: float32 (n_listeners, dim) and (n_artists, dim).
        drawn: int64 (s,), the artists that stand for all.
        log_q: float32 (s,), ln(s · Q(j)) of each.
        gradient: float32 (n, dim), out.
        weight: float32 (n, s), out: c_u · P(j | u) as the drawn artists estimate it.
        loss: float64 (n,), out: −Σ_i c_ui ln P(i | u).
    """
    dim = listeners.shape[1]
    for b in prange(len(block)):
        u = block[b]
        x = listeners[u]
        total = np.float32(0)
        gradient[b] = 0
        scored = 0.0
        for p in range(indptr[u], indptr[u + 1]):
            y = artists[indices[p]]
            total += confidence[p]
            scored += confidence[p] * _dot(x, y)
            for k in range(dim):
                gradient[b, k] += confidence[p] * y[k]
        highest = np.float32(-np.inf)
        for s in range(len(drawn)):
            weight[b, s] = _dot(x, artists[drawn[s]]) - log_q[s]
            highest = max(highest, weight[b, s])
        mass = np.float32(0)
        for s in range(len(drawn)):
            weight[b, s] = np.exp(weight[b, s] - highest)
            mass += weight[b, s]
        loss[b] = total * (highest + np.log(mass)) - scored
        for s in range(len(drawn)):
            weight[b, s] *= total / mass
            y = artists[drawn[s]]
            for k in range(dim):
                gradient[b, k] -= weight[b, s] * y[k]


@_PARALLEL
def artist_gradients(
    block: Array, indptr: Array, indices: Array, confidence: Array, listeners: Array, drawn: Array, weight: Array,
    place: Array, gradient: Array,
) -> None:  # fmt: skip
    """∂/∂y_i of the log-likelihood of a block; arguments as above.

    Args:
        block, indptr, indices, confidence, listeners, drawn, weight: as in `listener_gradients`.
        place: int64 (n_artists,), the row of `gradient` of each artist that the block plays or has drawn.
        gradient: float32 (m, dim), out.
    """
    dim = gradient.shape[1]
    for part in prange((dim + _SLICE - 1) // _SLICE):
        first, last = part * _SLICE, min(dim, (part + 1) * _SLICE)
        gradient[:, first:last] = 0
        for b in range(len(block)):
            u = block[b]
            for p in range(indptr[u], indptr[u + 1]):
                row = place[indices[p]]
                for k in range(first, last):
                    gradient[row, k] += confidence[p] * listeners[u, k]
            for s in range(len(drawn)):
                row = place[drawn[s]]
                for k in range(first, last):
                    gradient[row, k] -= weight[b, s] * listeners[u, k]


@_PARALLEL
def climb(rows: Array, gradient: Array, reg: Array, rate: Any, free: int, factors: Array, squares: Array) -> None:
    """Adagrad's step upwards, after Duchi, Hazan and Singer (JMLR 2011): f += rate · g / √Σg².

    Args:
        rows: int64 (m,), rows of `factors`, none twice.
        gradient: float32 (m, dim), without the price of long vectors.
        reg: float32 (m,), that price of each row.
        rate: of learning.
        free: coordinates from this one on pay nothing.
        factors, squares: float32 (n, dim), changed in place.
    """
    for m in prange(len(rows)):
        row = rows[m]
        for k in range(factors.shape[1]):
            step = gradient[m, k]
            if k < free:
                step -= reg[m] * factors[row, k]
            squares[row, k] += step * step
            if squares[row, k] > 0:
                factors[row, k] += rate * step / np.sqrt(squares[row, k])
