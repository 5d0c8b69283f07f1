"""The compiled inside of ALS: one half step by conjugate gradient or by Cholesky, and the loss over the plays.

With Y the fixed side, c the confidences of one row and p = 1 where there are plays, each row x solves A x = b:

    A = YᵀY + λ_x I + Σ (c_i − 1) y_i y_iᵀ        b = Σ c_i y_i        (sums over the row's plays)

which is `x_u = (YᵀY + Yᵀ(Cᵘ − I)Y + λ_u I)⁻¹ Yᵀ Cᵘ p_u` of Hu, Koren and Volinsky (2008), equation 4, so that the work
is linear in the number of plays. The conjugate gradient solver is that of Takács, Pilászy and Tikk (2011).

One number of a row may be frozen, at 1 where there are biases: it is part of every product and never solved for.

Every row is solved by one thread from values that no other thread writes: factors do not depend on the number of
threads. The number of factors is a run-time value: one compilation serves all. It is filled up with zeros to `width`, a
multiple of eight, for all that goes eight numbers at a time; what a row needs of Y is first copied side by side. A
process that has run these kernels must not fork; start others with spawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit, prange

from cf.lanes import WIDTH, fill, load, muladd, prefetch, store, sums, times, total

Array = np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])

_SERIAL: Callable[[F], F] = njit(error_model="numpy", nogil=True, cache=True, fastmath={"contract", "nsz"})
_PARALLEL: Callable[[F], F] = njit(
    error_model="numpy", nogil=True, cache=True, fastmath={"contract", "nsz"}, parallel=True
)

CHUNKS = 64
"""Pieces of about equal work that rows are dealt to threads in."""
_TILE = 1 << 17  # numbers of the factors that are copied side by side: half a MiB, what a second-level cache holds
_AHEAD = 1 << 11  # how far before its copying a factor is asked for, in numbers
_LINE = 16  # numbers that come with one fetch
_SOLVED = np.float32(1e-20)  # squared residual below which a row is solved
_SINGULAR = np.float32(1e-6)  # part of a pivot that rounding may fake


@_SERIAL
def _capacity(width: int) -> int:
    """How many plays of one row are copied side by side; longer rows are copied in blocks, again for each pass."""
    return max(WIDTH, _TILE // width // WIDTH * WIDTH)


@_SERIAL
def _ask(indices: Array, place: int, fixed: Array) -> None:
    """Have the factors of a play of later fetched."""
    if place < len(indices):
        width = fixed.shape[1]
        for k in range(0, width, _LINE):
            prefetch(fixed, indices[place] * width + k)


@_SERIAL
def _pack(plays: Any, start: int, stop: int, fixed: Array, tile: Array, weight: Array) -> int:
    """Copy the factors of one block of plays side by side, filled up with zero rows to a multiple of eight."""
    indices, confidence = plays
    width = fixed.shape[1]
    count = stop - start
    padded = (count + WIDTH - 1) // WIDTH * WIDTH
    ahead = max(2, _AHEAD // width)
    for j in range(count):
        _ask(indices, start + j + ahead, fixed)
        weight[j] = confidence[start + j] - np.float32(1)
        item = indices[start + j] * width
        for k in range(0, width, WIDTH):
            store(tile, j * width + k, load(fixed, item + k))
    for j in range(count, padded):
        weight[j] = 0
        for k in range(0, width, WIDTH):
            store(tile, j * width + k, fill(np.float32(0)))
    return padded


@_SERIAL
def _add_gram(gram: Array, vector: Array, scale: Any, out: Array) -> None:
    """out += scale · YᵀY · vector, eight rows at a time to spare loads and stores of `out`."""
    width = len(vector)
    for i in range(0, width, WIDTH):
        v0, v1 = fill(scale * vector[i]), fill(scale * vector[i + 1])
        v2, v3 = fill(scale * vector[i + 2]), fill(scale * vector[i + 3])
        v4, v5 = fill(scale * vector[i + 4]), fill(scale * vector[i + 5])
        v6, v7 = fill(scale * vector[i + 6]), fill(scale * vector[i + 7])
        for k in range(0, width, WIDTH):
            g = i * width + k
            a = muladd(v0, load(gram, g), load(out, k))
            a = muladd(v1, load(gram, g + width), a)
            a = muladd(v2, load(gram, g + 2 * width), a)
            a = muladd(v3, load(gram, g + 3 * width), a)
            a = muladd(v4, load(gram, g + 4 * width), a)
            a = muladd(v5, load(gram, g + 5 * width), a)
            a = muladd(v6, load(gram, g + 6 * width), a)
            store(out, k, muladd(v7, load(gram, g + 7 * width), a))


@_SERIAL
def _products(tile: Array, first: int, vector: Array) -> Any:
    """y_j · vector of eight packed plays."""
    width = len(vector)
    zero = fill(np.float32(0))
    d0, d1, d2, d3, d4, d5, d6, d7 = zero, zero, zero, zero, zero, zero, zero, zero
    for k in range(0, width, WIDTH):
        v, y = load(vector, k), first * width + k
        d0 = muladd(v, load(tile, y), d0)
        d1 = muladd(v, load(tile, y + width), d1)
        d2 = muladd(v, load(tile, y + 2 * width), d2)
        d3 = muladd(v, load(tile, y + 3 * width), d3)
        d4 = muladd(v, load(tile, y + 4 * width), d4)
        d5 = muladd(v, load(tile, y + 5 * width), d5)
        d6 = muladd(v, load(tile, y + 6 * width), d6)
        d7 = muladd(v, load(tile, y + 7 * width), d7)
    return sums(d0, d1, d2, d3, d4, d5, d6, d7)


@_SERIAL
def _add_plays(
    tile: Array, weight: Array, count: int, vector: Array, target: Any, scale: Any, factor: Array, out: Array
) -> None:
    """out += Σ (target · c_j + scale · (c_j − 1) · y_j·vector) y_j over the packed plays, eight at a time."""
    width = len(vector)
    for j in range(0, count, WIDTH):
        w = load(weight, j)
        wanted = muladd(w, fill(target), fill(target))
        store(factor, 0, muladd(times(w, fill(scale)), _products(tile, j, vector), wanted))
        t0, t1, t2, t3 = fill(factor[0]), fill(factor[1]), fill(factor[2]), fill(factor[3])
        t4, t5, t6, t7 = fill(factor[4]), fill(factor[5]), fill(factor[6]), fill(factor[7])
        for k in range(0, width, WIDTH):
            y = j * width + k
            a = muladd(t0, load(tile, y), load(out, k))
            a = muladd(t1, load(tile, y + width), a)
            a = muladd(t2, load(tile, y + 2 * width), a)
            a = muladd(t3, load(tile, y + 3 * width), a)
            a = muladd(t4, load(tile, y + 4 * width), a)
            a = muladd(t5, load(tile, y + 5 * width), a)
            a = muladd(t6, load(tile, y + 6 * width), a)
            store(out, k, muladd(t7, load(tile, y + 7 * width), a))


@_SERIAL
def _dot(a: Array, b: Array) -> Any:
    found = fill(np.float32(0))
    for k in range(0, len(a), WIDTH):
        found = muladd(load(a, k), load(b, k), found)
    return total(found)


@_SERIAL
def _add(scale: Any, a: Array, out: Array) -> None:
    """out += scale · a"""
    s = fill(scale)
    for k in range(0, len(out), WIDTH):
        store(out, k, muladd(s, load(a, k), load(out, k)))


@_SERIAL
def _combine(
    vector: Array, target: Any, scale: Any, plays: Any, ends: Any, sides: Any, reg: Any, work: Any, packed: int,
    out: Array,
) -> int:  # fmt: skip
    """out = target · b + scale · A · vector; gives how many plays lie packed (all of them, or the last block)."""
    fixed, gram, price, frozen = sides
    tile, weight, factor = work
    begin, end = ends
    paid = fill(scale * reg)
    for k in range(0, len(out), WIDTH):
        store(out, k, times(times(paid, load(price, k)), load(vector, k)))
    _add_gram(gram, vector, scale, out)
    capacity = _capacity(len(vector))
    for start in range(begin, end, capacity):
        if packed == 0 or end - begin > capacity:
            packed = _pack(plays, start, min(end, start + capacity), fixed, tile, weight)
        _add_plays(tile, weight, packed, vector, target, scale, factor, out)
    if frozen >= 0:
        out[frozen] = 0
    return packed


@_SERIAL
def _descend(x: Array, plays: Any, ends: Any, sides: Any, reg: Any, steps: int, work: Any, vectors: Any) -> None:
    """Improve one row in place by conjugate gradient."""
    residual, direction, image = vectors
    one, zero = np.float32(1), np.float32(0)
    packed = _combine(x, one, -one, plays, ends, sides, reg, work, 0, residual)
    direction[:] = residual
    square = _dot(residual, residual)
    for _ in range(steps):
        if not square > _SOLVED:
            break
        packed = _combine(direction, zero, one, plays, ends, sides, reg, work, packed, image)
        curvature = _dot(direction, image)
        if not curvature > 0:
            break
        length = square / curvature
        _add(length, direction, x)
        _add(-length, image, residual)
        ratio = one / square
        square = _dot(residual, residual)
        ratio *= square
        for k in range(0, len(x), WIDTH):
            store(direction, k, muladd(fill(ratio), load(direction, k), load(residual, k)))


@_PARALLEL
def half_step_cg(
    bounds: Array, indptr: Array, indices: Array, confidence: Array, fixed: Array, gram: Array, reg: Array,
    price: Array, frozen: int, steps: int, solved: Array,
) -> None:  # fmt: skip
    """Improve every row of `solved` by some steps of conjugate gradient from where it is; rows without plays become 0.

    Args:
        bounds: int64 (chunks + 1,): first row of each chunk.
        indptr, indices, confidence: CSR of the confidences, int64, int32 and float32; its rows are those of `solved`.
        fixed: float32 (n_columns, width).
        gram: float32 (width, width): fixedᵀ · fixed.
        reg: float32 (n_rows,): λ of each row.
        price: float32 (width,): what λ is multiplied with, for each number of a row.
        frozen: the number that stays as it is, -1 for none.
        steps: conjugate gradient steps per row.
        solved: float32 (n_rows, width), changed in place.
    """
    width = fixed.shape[1]
    for chunk in prange(len(bounds) - 1):
        longest = 0
        for row in range(bounds[chunk], bounds[chunk + 1]):
            longest = max(longest, indptr[row + 1] - indptr[row])
        rows = (min(longest, _capacity(width)) + WIDTH - 1) // WIDTH * WIDTH
        work = (np.empty((rows, width), np.float32), np.empty(rows, np.float32), np.empty(WIDTH, np.float32))
        vectors = (np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32))
        plays, sides = (indices, confidence), (fixed, gram, price, frozen)
        for row in range(bounds[chunk], bounds[chunk + 1]):
            ends = (indptr[row], indptr[row + 1])
            if ends[0] == ends[1]:
                for k in range(width):
                    if k != frozen:
                        solved[row, k] = 0
            else:
                _descend(solved[row], plays, ends, sides, reg[row], steps, work, vectors)


@_SERIAL
def _weigh(plays: Any, start: int, stop: int, fixed: Array, tile: Array, right: Array) -> None:
    """Copy √(c − 1) · y of one block of plays side by side, and right += Σ c y."""
    indices, confidence = plays
    width = fixed.shape[1]
    ahead = max(2, _AHEAD // width)
    for j in range(stop - start):
        _ask(indices, start + j + ahead, fixed)
        c = confidence[start + j]
        whole, root = fill(c), fill(np.float32(math.sqrt(c - np.float32(1))))
        item = indices[start + j] * width
        for k in range(0, width, WIDTH):
            y = load(fixed, item + k)
            store(right, k, muladd(whole, y, load(right, k)))
            store(tile, j * width + k, times(root, y))


@_SERIAL
def _add_tile(left: Array, right: Array, count: int, i: int, j: int, out: Array) -> None:
    """out[i : i + 8, j : j + 8] += leftᵀ · right, over the first rows of both, eight sums of eight in registers."""
    width = out.shape[1]
    o = i * width + j
    c0, c1, c2, c3 = load(out, o), load(out, o + width), load(out, o + 2 * width), load(out, o + 3 * width)
    c4, c5 = load(out, o + 4 * width), load(out, o + 5 * width)
    c6, c7 = load(out, o + 6 * width), load(out, o + 7 * width)
    for row in range(count):
        v = load(right, row * width + j)
        c0 = muladd(fill(left[row, i]), v, c0)
        c1 = muladd(fill(left[row, i + 1]), v, c1)
        c2 = muladd(fill(left[row, i + 2]), v, c2)
        c3 = muladd(fill(left[row, i + 3]), v, c3)
        c4 = muladd(fill(left[row, i + 4]), v, c4)
        c5 = muladd(fill(left[row, i + 5]), v, c5)
        c6 = muladd(fill(left[row, i + 6]), v, c6)
        c7 = muladd(fill(left[row, i + 7]), v, c7)
    store(out, o, c0)
    store(out, o + width, c1)
    store(out, o + 2 * width, c2)
    store(out, o + 3 * width, c3)
    store(out, o + 4 * width, c4)
    store(out, o + 5 * width, c5)
    store(out, o + 6 * width, c6)
    store(out, o + 7 * width, c7)


@_SERIAL
def _gather(plays: Any, ends: Any, sides: Any, reg: Any, tile: Array, matrix: Array, right: Array) -> None:
    """The upper triangle of A, in whole tiles of eight by eight, and the right side b of one row."""
    fixed, gram, price, frozen = sides
    begin, end = ends
    width = len(right)
    for i in range(width):
        for k in range(i // WIDTH * WIDTH, width, WIDTH):
            store(matrix, i * width + k, load(gram, i * width + k))
        matrix[i, i] += reg * price[i]
        right[i] = 0
    capacity = len(tile)
    for start in range(begin, end, capacity):
        stop = min(end, start + capacity)
        _weigh(plays, start, stop, fixed, tile, right)
        for i in range(0, width, WIDTH):
            for j in range(i, width, WIDTH):
                _add_tile(tile, tile, stop - start, i, j, matrix)
    if frozen >= 0:
        _freeze(matrix, right, frozen)


@_SERIAL
def _freeze(matrix: Array, right: Array, frozen: int) -> None:
    """Take an unknown that is 1 to the right side."""
    for i in range(len(right)):
        if i < frozen:
            right[i] -= matrix[i, frozen]
            matrix[i, frozen] = 0
        elif i > frozen:
            right[i] -= matrix[frozen, i]
            matrix[frozen, i] = 0
    matrix[frozen, frozen] = 1
    right[frozen] = 1


@_SERIAL
def _pivots(matrix: Array, negative: Array, inverse: Array, i: int) -> None:
    """Factor the tile on the diagonal, whose earlier rows have been taken off.

    A pivot that rounding leaves nothing of (a singular system, at λ = 0) drops its unknown: that one becomes 0.
    """
    for r in range(i, i + WIDTH):
        pivot = matrix[r, r]
        inverse[r] = np.float32(1) / np.float32(math.sqrt(pivot)) if pivot > inverse[r] else np.float32(0)
        for k in range(i, r + 1):
            negative[r, k] = 0
        for k in range(r + 1, i + WIDTH):
            matrix[r, k] *= inverse[r]
            negative[r, k] = -matrix[r, k]
        for s in range(r + 1, i + WIDTH):
            for k in range(s, i + WIDTH):
                matrix[s, k] += negative[r, s] * matrix[r, k]


@_SERIAL
def _substitute(matrix: Array, negative: Array, inverse: Array, i: int, j: int) -> None:
    """Eight rows right of a factored tile on the diagonal: each less what those above it take off, over its pivot."""
    w = matrix.shape[1]
    o = i * w + j
    a, b, c, d = negative[i], negative[i + 1], negative[i + 2], negative[i + 3]
    e, f, g = negative[i + 4], negative[i + 5], negative[i + 6]
    t0 = times(load(matrix, o), fill(inverse[i]))
    s = muladd(fill(a[i + 1]), t0, load(matrix, o + w))
    t1 = times(s, fill(inverse[i + 1]))
    s = muladd(fill(b[i + 2]), t1, muladd(fill(a[i + 2]), t0, load(matrix, o + 2 * w)))
    t2 = times(s, fill(inverse[i + 2]))
    s = muladd(fill(b[i + 3]), t1, muladd(fill(a[i + 3]), t0, load(matrix, o + 3 * w)))
    t3 = times(muladd(fill(c[i + 3]), t2, s), fill(inverse[i + 3]))
    s = muladd(fill(b[i + 4]), t1, muladd(fill(a[i + 4]), t0, load(matrix, o + 4 * w)))
    s = muladd(fill(d[i + 4]), t3, muladd(fill(c[i + 4]), t2, s))
    t4 = times(s, fill(inverse[i + 4]))
    s = muladd(fill(b[i + 5]), t1, muladd(fill(a[i + 5]), t0, load(matrix, o + 5 * w)))
    s = muladd(fill(d[i + 5]), t3, muladd(fill(c[i + 5]), t2, s))
    t5 = times(muladd(fill(e[i + 5]), t4, s), fill(inverse[i + 5]))
    s = muladd(fill(b[i + 6]), t1, muladd(fill(a[i + 6]), t0, load(matrix, o + 6 * w)))
    s = muladd(fill(d[i + 6]), t3, muladd(fill(c[i + 6]), t2, s))
    t6 = times(muladd(fill(f[i + 6]), t5, muladd(fill(e[i + 6]), t4, s)), fill(inverse[i + 6]))
    s = muladd(fill(b[i + 7]), t1, muladd(fill(a[i + 7]), t0, load(matrix, o + 7 * w)))
    s = muladd(fill(d[i + 7]), t3, muladd(fill(c[i + 7]), t2, s))
    s = muladd(fill(f[i + 7]), t5, muladd(fill(e[i + 7]), t4, s))
    t7 = times(muladd(fill(g[i + 7]), t6, s), fill(inverse[i + 7]))
    less = fill(np.float32(-1))
    store(matrix, o, t0)
    store(matrix, o + w, t1)
    store(matrix, o + 2 * w, t2)
    store(matrix, o + 3 * w, t3)
    store(matrix, o + 4 * w, t4)
    store(matrix, o + 5 * w, t5)
    store(matrix, o + 6 * w, t6)
    store(matrix, o + 7 * w, t7)
    store(negative, o, times(less, t0))
    store(negative, o + w, times(less, t1))
    store(negative, o + 2 * w, times(less, t2))
    store(negative, o + 3 * w, times(less, t3))
    store(negative, o + 4 * w, times(less, t4))
    store(negative, o + 5 * w, times(less, t5))
    store(negative, o + 6 * w, times(less, t6))
    store(negative, o + 7 * w, times(less, t7))


@_SERIAL
def _factor(matrix: Array, negative: Array, inverse: Array) -> None:
    """A = UᵀU by the upper triangle, in place: U above the diagonal, −U in `negative`, 1 / U_ii in `inverse`."""
    width = len(inverse)
    for i in range(width):
        inverse[i] = matrix[i, i] * _SINGULAR
    for i in range(0, width, WIDTH):
        for j in range(i, width, WIDTH):
            _add_tile(negative, matrix, i, i, j, matrix)
        _pivots(matrix, negative, inverse, i)
        for j in range(i + WIDTH, width, WIDTH):
            _substitute(matrix, negative, inverse, i, j)


@_SERIAL
def _solve(negative: Array, inverse: Array, x: Array) -> None:
    """UᵀU x = b in place, b given in x."""
    width = len(x)
    for i in range(width):
        x[i] *= inverse[i]
        z = fill(x[i])
        for k in range(i // WIDTH * WIDTH, width, WIDTH):
            store(x, k, muladd(z, load(negative, i * width + k), load(x, k)))
    for i in range(width - 1, -1, -1):
        found = fill(np.float32(0))
        for k in range(i // WIDTH * WIDTH, width, WIDTH):
            found = muladd(load(negative, i * width + k), load(x, k), found)
        x[i] = (x[i] + total(found)) * inverse[i]


@_PARALLEL
def half_step_cholesky(
    bounds: Array, indptr: Array, indices: Array, confidence: Array, fixed: Array, gram: Array, reg: Array,
    price: Array, frozen: int, solved: Array,
) -> None:  # fmt: skip
    """Solve every row of `solved` exactly; rows without plays become 0. Arguments as in `half_step_cg`."""
    width = fixed.shape[1]
    for chunk in prange(len(bounds) - 1):
        matrix, negative = np.empty((width, width), np.float32), np.empty((width, width), np.float32)
        tile, inverse = np.empty((256, width), np.float32), np.empty(width, np.float32)
        plays, sides = (indices, confidence), (fixed, gram, price, frozen)
        for row in range(bounds[chunk], bounds[chunk + 1]):
            ends = (indptr[row], indptr[row + 1])
            if ends[0] == ends[1]:
                for k in range(width):
                    if k != frozen:
                        solved[row, k] = 0
            else:
                _gather(plays, ends, sides, reg[row], tile, matrix, solved[row])
                _factor(matrix, negative, inverse)
                _solve(negative, inverse, solved[row])


@_PARALLEL
def row_losses(
    bounds: Array, indptr: Array, indices: Array, confidence: Array, rows: Array, columns: Array, losses: Array
) -> None:
    """Σ over the plays of each row of c (1 − x·y)² − (x·y)²: the loss less what all pairs would cost at p = 0, c = 1.

    Args:
        bounds, indptr, indices, confidence: as in `half_step_cg`.
        rows, columns: float32 (n_rows, width) and (n_columns, width).
        losses: float64 (n_rows,), written.
    """
    ahead = max(2, _AHEAD // rows.shape[1])
    for chunk in prange(len(bounds) - 1):
        for row in range(bounds[chunk], bounds[chunk + 1]):
            lost = 0.0
            for j in range(indptr[row], indptr[row + 1]):
                _ask(indices, j + ahead, columns)
                predicted = _dot(rows[row], columns[indices[j]])
                missed = np.float32(1) - predicted
                lost += confidence[j] * missed * missed - predicted * predicted
            losses[row] = lost
