"""The compiled inside of ALS: one half step by conjugate gradient or by Cholesky, and the loss over the plays.

With Y the fixed side, c the confidences of one row and p = 1 where there are plays, each row x solves A x = b:

    A = YᵀY + λ_x I + Σ (c_i − 1) y_i y_iᵀ        b = Σ c_i y_i        (sums over the row's plays)

which is `x_u = (YᵀY + Yᵀ(Cᵘ − I)Y + λ_u I)⁻¹ Yᵀ Cᵘ p_u` of Hu, Koren and Volinsky (2008), equation 4, so that the work
is linear in the number of plays. The conjugate gradient solver is that of Takács, Pilászy and Tikk (2011).

Every row is solved by one thread from values that no other thread writes: factors do not depend on the number of
threads. Sums may be reordered by the compiler (never by the threads); NaN and infinity keep their meaning.
The number of factors is a run-time value: one compilation serves all. A process that has run these kernels must not
fork; start others with spawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit, prange

Array = np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])

_MATH = {"reassoc", "contract", "nsz", "arcp"}
_SERIAL: Callable[[F], F] = njit(fastmath=_MATH, error_model="numpy", nogil=True, cache=True)
_PARALLEL: Callable[[F], F] = njit(fastmath=_MATH, error_model="numpy", nogil=True, cache=True, parallel=True)

CHUNKS = 64
"""Pieces of about equal work that rows are dealt to threads in."""
_CAPACITY = 2048  # plays of one row that are copied side by side; longer rows are copied in blocks, again for each pass
_SOLVED = np.float32(1e-20)  # squared residual below which a row is solved
_SINGULAR = np.float32(1e-6)  # part of a pivot that rounding may fake


@_SERIAL
def _pack(indices: Array, confidence: Array, start: int, stop: int, fixed: Array, tile: Array, weight: Array) -> int:
    """Copy the factors of one block of plays side by side, filled up with zero rows to a multiple of four."""
    dim = fixed.shape[1]
    count = stop - start
    padded = (count + 3) // 4 * 4
    for j in range(count):
        item = indices[start + j]
        weight[j] = confidence[start + j] - np.float32(1)
        for k in range(dim):
            tile[j, k] = fixed[item, k]
    for j in range(count, padded):
        weight[j] = 0
        for k in range(dim):
            tile[j, k] = 0
    return padded


@_SERIAL
def _add_gram(gram: Array, vector: Array, scale: Any, out: Array) -> None:
    """out += scale · YᵀY · vector, four rows at a time to spare loads and stores of `out`."""
    dim = len(vector)
    whole = dim // 4 * 4
    for i in range(0, whole, 4):
        v0, v1, v2, v3 = scale * vector[i], scale * vector[i + 1], scale * vector[i + 2], scale * vector[i + 3]
        for k in range(dim):
            out[k] += v0 * gram[i, k] + v1 * gram[i + 1, k] + v2 * gram[i + 2, k] + v3 * gram[i + 3, k]
    for i in range(whole, dim):
        v0 = scale * vector[i]
        for k in range(dim):
            out[k] += v0 * gram[i, k]


@_SERIAL
def _add_plays(tile: Array, weight: Array, count: int, vector: Array, target: Any, scale: Any, out: Array) -> None:
    """out += Σ (target · c_j + scale · (c_j − 1) · y_j·vector) y_j over the packed plays, four at a time."""
    dim = len(vector)
    one = np.float32(1)
    for j in range(0, count, 4):
        d0 = d1 = d2 = d3 = np.float32(0)
        for k in range(dim):
            v = vector[k]
            d0 += v * tile[j, k]
            d1 += v * tile[j + 1, k]
            d2 += v * tile[j + 2, k]
            d3 += v * tile[j + 3, k]
        t0 = target * (one + weight[j]) + scale * weight[j] * d0
        t1 = target * (one + weight[j + 1]) + scale * weight[j + 1] * d1
        t2 = target * (one + weight[j + 2]) + scale * weight[j + 2] * d2
        t3 = target * (one + weight[j + 3]) + scale * weight[j + 3] * d3
        for k in range(dim):
            out[k] += t0 * tile[j, k] + t1 * tile[j + 1, k] + t2 * tile[j + 2, k] + t3 * tile[j + 3, k]


@_SERIAL
def _dot(a: Array, b: Array) -> Any:
    total = np.float32(0)
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@_SERIAL
def _combine(
    vector: Array, target: Any, scale: Any, plays: Any, begin: int, end: int, fixed: Array, gram: Array, reg: Any,
    work: Any, packed: int, out: Array,
) -> int:  # fmt: skip
    """out = target · b + scale · A · vector; gives how many plays lie packed (all of them, or the last block)."""
    indices, confidence = plays
    tile, weight = work
    for k in range(len(out)):
        out[k] = scale * reg * vector[k]
    _add_gram(gram, vector, scale, out)
    for start in range(begin, end, _CAPACITY):
        if packed == 0 or end - begin > _CAPACITY:
            packed = _pack(indices, confidence, start, min(end, start + _CAPACITY), fixed, tile, weight)
        _add_plays(tile, weight, packed, vector, target, scale, out)
    return packed


@_SERIAL
def _descend(
    x: Array, plays: Any, begin: int, end: int, fixed: Array, gram: Array, reg: Any, steps: int, work: Any, vectors: Any
) -> None:
    """Improve one row in place by conjugate gradient."""
    residual, direction, image = vectors
    one, zero = np.float32(1), np.float32(0)
    packed = _combine(x, one, -one, plays, begin, end, fixed, gram, reg, work, 0, residual)
    direction[:] = residual
    square = _dot(residual, residual)
    for _ in range(steps):
        if not square > _SOLVED:
            break
        packed = _combine(direction, zero, one, plays, begin, end, fixed, gram, reg, work, packed, image)
        curvature = _dot(direction, image)
        if not curvature > 0:
            break
        length = square / curvature
        for k in range(len(x)):
            x[k] += length * direction[k]
            residual[k] -= length * image[k]
        ratio = one / square
        square = _dot(residual, residual)
        ratio *= square
        for k in range(len(x)):
            direction[k] = residual[k] + ratio * direction[k]


@_PARALLEL
def half_step_cg(
    bounds: Array, indptr: Array, indices: Array, confidence: Array, fixed: Array, gram: Array, reg: Array, steps: int,
    solved: Array,
) -> None:  # fmt: skip
    """Improve every row of `solved` by some steps of conjugate gradient from where it is; rows without plays become 0.

    Args:
        bounds: int64 (chunks + 1,): first row of each chunk.
        indptr, indices, confidence: CSR of the confidences, int64, int32 and float32; its rows are those of `solved`.
        fixed: float32 (n_columns, dim).
        gram: float32 (dim, dim): fixedᵀ · fixed.
        reg: float32 (n_rows,): λ of each row.
        steps: conjugate gradient steps per row.
        solved: float32 (n_rows, dim), changed in place.
    """
    dim = fixed.shape[1]
    for chunk in prange(len(bounds) - 1):
        longest = 0
        for row in range(bounds[chunk], bounds[chunk + 1]):
            longest = max(longest, indptr[row + 1] - indptr[row])
        capacity = (min(longest, _CAPACITY) + 3) // 4 * 4
        work = (np.empty((capacity, dim), np.float32), np.empty(capacity, np.float32))
        vectors = (np.empty(dim, np.float32), np.empty(dim, np.float32), np.empty(dim, np.float32))
        for row in range(bounds[chunk], bounds[chunk + 1]):
            begin, end = indptr[row], indptr[row + 1]
            if begin == end:
                solved[row] = 0
            else:
                plays = (indices, confidence)
                _descend(solved[row], plays, begin, end, fixed, gram, reg[row], steps, work, vectors)


@_SERIAL
def _fill(
    plays: Any, begin: int, end: int, fixed: Array, gram: Array, reg: Any, values: Array, weighted: Array,
    matrix: Array, right: Array,
) -> None:  # fmt: skip
    """The lower triangle of A and the right side b of one row, eight plays at a time."""
    indices, confidence = plays
    dim = len(right)
    for i in range(dim):
        right[i] = 0
        for k in range(dim):
            matrix[i, k] = gram[i, k]
        matrix[i, i] += reg
    for start in range(begin, end, 8):
        for r in range(8):
            if start + r < end:
                item, c = indices[start + r], confidence[start + r]
                for k in range(dim):
                    y = fixed[item, k]
                    values[r, k] = y
                    weighted[r, k] = (c - np.float32(1)) * y
                    right[k] += c * y
            else:
                weighted[r] = 0
        _add_outer(values, weighted, matrix)


@_SERIAL
def _add_outer(values: Array, weighted: Array, matrix: Array) -> None:
    """Lower triangle of matrix += Σ weighted_r valuesᵀ_r over eight rows, in whole vector registers of 16 columns."""
    dim = len(matrix)
    for i in range(dim):
        w0, w1, w2, w3 = weighted[0, i], weighted[1, i], weighted[2, i], weighted[3, i]
        w4, w5, w6, w7 = weighted[4, i], weighted[5, i], weighted[6, i], weighted[7, i]
        for k in range(min(dim, (i // 16 + 1) * 16)):
            matrix[i, k] += (
                w0 * values[0, k] + w1 * values[1, k] + w2 * values[2, k] + w3 * values[3, k]
                + w4 * values[4, k] + w5 * values[5, k] + w6 * values[6, k] + w7 * values[7, k]
            )  # fmt: skip


@_SERIAL
def _solve(matrix: Array, x: Array) -> None:
    """Solve A x = b in place by Cholesky, b given in x; the diagonal of `matrix` becomes 1 / L_ii.

    A pivot that rounding leaves nothing of (a singular system, at λ = 0) drops its unknown: that one becomes 0.
    """
    dim = len(x)
    for i in range(dim):
        for k in range(i):
            rest = matrix[i, k]
            for m in range(k):
                rest -= matrix[i, m] * matrix[k, m]
            matrix[i, k] = rest * matrix[k, k]
        pivot = matrix[i, i]
        least = pivot * _SINGULAR
        for m in range(i):
            pivot -= matrix[i, m] * matrix[i, m]
        matrix[i, i] = np.float32(1) / np.float32(math.sqrt(pivot)) if pivot > least else np.float32(0)
    for i in range(dim):
        rest = x[i]
        for m in range(i):
            rest -= matrix[i, m] * x[m]
        x[i] = rest * matrix[i, i]
    for i in range(dim - 1, -1, -1):
        x[i] *= matrix[i, i]
        for m in range(i):
            x[m] -= matrix[i, m] * x[i]


@_PARALLEL
def half_step_cholesky(
    bounds: Array, indptr: Array, indices: Array, confidence: Array, fixed: Array, gram: Array, reg: Array,
    solved: Array,
) -> None:  # fmt: skip
    """Solve every row of `solved` exactly; rows without plays become 0. Arguments as in `half_step_cg`."""
    dim = fixed.shape[1]
    for chunk in prange(len(bounds) - 1):
        matrix = np.empty((dim, dim), np.float32)
        values, weighted = np.zeros((8, dim), np.float32), np.zeros((8, dim), np.float32)
        for row in range(bounds[chunk], bounds[chunk + 1]):
            begin, end = indptr[row], indptr[row + 1]
            if begin == end:
                solved[row] = 0
            else:
                plays = (indices, confidence)
                _fill(plays, begin, end, fixed, gram, reg[row], values, weighted, matrix, solved[row])
                _solve(matrix, solved[row])


@_PARALLEL
def row_losses(
    bounds: Array, indptr: Array, indices: Array, confidence: Array, rows: Array, columns: Array, losses: Array
) -> None:
    """Σ over the plays of each row of c (1 − x·y)² − (x·y)²: the loss less what all pairs would cost at p = 0, c = 1.

    Args:
        bounds, indptr, indices, confidence: as in `half_step_cg`.
        rows, columns: float32 (n_rows, dim) and (n_columns, dim).
        losses: float64 (n_rows,), written.
    """
    for chunk in prange(len(bounds) - 1):
        for row in range(bounds[chunk], bounds[chunk + 1]):
            total = 0.0
            for j in range(indptr[row], indptr[row + 1]):
                predicted = _dot(rows[row], columns[indices[j]])
                missed = np.float32(1) - predicted
                total += confidence[j] * missed * missed - predicted * predicted
            losses[row] = total
