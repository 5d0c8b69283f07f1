"""The compiled inner loops of the ensemble: plain loops over arrays, nothing that allocates per pair, one thread each.

Their results do not depend on how work is cut into blocks, and a cosine is the same number from either side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.base import FloatMatrix, IdVector

Function = TypeVar("Function", bound=Callable[..., Any])

SKEW = 16
"""A list this many times longer than the other is searched, not walked."""
CHUNK = 64
"""Scores that are compared at once with the worst that is kept, before any is looked at by itself."""


def compiled(function: Function) -> Function:
    """`function`, compiled at its first call and kept on disk between processes."""
    return cast(Function, njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})(function))


@compiled
def push(best_scores: FloatMatrix, best_rows: NDArray[np.int32], query: int, score: float, row: int) -> None:
    """Put a score in the place of the worst one of a query's heap, whose root it must beat.

    The root is the worst: the lowest score and, of equal ones, the highest row.
    """
    k = best_scores.shape[1]
    place = 0
    while 2 * place + 1 < k:
        child = 2 * place + 1
        other = child + 1
        if other < k and (
            best_scores[query, other] < best_scores[query, child]
            or (
                best_scores[query, other] == best_scores[query, child]
                and best_rows[query, other] > best_rows[query, child]
            )
        ):
            child = other
        if best_scores[query, child] >= score:
            break
        best_scores[query, place] = best_scores[query, child]
        best_rows[query, place] = best_rows[query, child]
        place = child
    best_scores[query, place] = score
    best_rows[query, place] = row


@compiled
def keep_best(scores: FloatMatrix, first: int, best_scores: FloatMatrix, best_rows: NDArray[np.int32]) -> None:
    """Push a block of scores into one bounded heap per query.

    Args:
        scores: (n_queries, block), the block's columns being items first, first + 1, …; blocks come in rising order.
        first: the item of the first column.
        best_scores: (n_queries, k), heaps with the worst kept score at 0; starts at -inf.
        best_rows: (n_queries, k), the items they belong to; starts at -1. Of equal scores the lower item stays.
    """
    n = scores.shape[1]
    for query in range(scores.shape[0]):
        worst = best_scores[query, 0]
        for begin in range(0, n, CHUNK):
            end = min(begin + CHUNK, n)
            better = np.int32(0)
            for column in range(begin, end):
                better += np.int32(scores[query, column] > worst)
            if better == 0:
                continue
            for column in range(begin, end):
                if scores[query, column] > worst:
                    push(best_scores, best_rows, query, scores[query, column], first + column)
                    worst = best_scores[query, 0]


@compiled
def keep_best_of_both(
    scores: FloatMatrix,
    low: int,
    high: int,
    best_scores: FloatMatrix,
    best_rows: NDArray[np.int32],
    worst: NDArray[np.float32],
) -> None:
    """Push a block of scores between items into the heaps of both sides, as `keep_best` does for one.

    Args:
        scores: (rows, columns), of items low, low + 1, … with items high, high + 1, …; no item stands on both sides.
        low: the item of the first row.
        high: the item of the first column, above every row's.
        best_scores: (n_items, k), a heap for every item.
        best_rows: (n_items, k).
        worst: (n_items,), the root of every heap; kept up to date.
    """
    n = scores.shape[1]
    others = worst[high : high + n]
    for i in range(scores.shape[0]):
        row = low + i
        least = worst[row]
        for begin in range(0, n, CHUNK):
            part, theirs = scores[i, begin : begin + CHUNK], others[begin : begin + CHUNK]
            better = np.int32(0)
            for j in range(len(part)):
                better += np.int32((part[j] > least) | (part[j] > theirs[j]))
            if better == 0:
                continue
            for j in range(len(part)):
                score, column = part[j], high + begin + j
                if score > least:
                    push(best_scores, best_rows, row, score, column)
                    least = best_scores[row, 0]
                if score > theirs[j]:
                    push(best_scores, best_rows, column, score, row)
                    theirs[j] = best_scores[column, 0]
        worst[row] = least


@compiled
def pair_cosines(
    unit: FloatMatrix, row_of: IdVector, offsets: IdVector, items: NDArray[np.int32], out: NDArray[np.float32]
) -> None:
    """Cosine of every (query, candidate) pair by one model; NaN where it does not know both.

    Args:
        unit: (n_rows, dim), rows of length 1.
        row_of: (n_artists,), an artist's row, -1 for none.
        offsets: (n_artists + 1,), where each query's pool begins in `items`.
        items: (n_pairs,), candidates.
        out: (n_pairs,), written.
    """
    for query in range(len(offsets) - 1):
        own = row_of[query]
        for pair in range(offsets[query], offsets[query + 1]):
            other = row_of[items[pair]]
            if own < 0 or other < 0:
                out[pair] = np.nan
                continue
            total = np.float32(0.0)
            for column in range(unit.shape[1]):
                total += unit[own, column] * unit[other, column]
            out[pair] = total


@compiled
def pool_ranks(scores: NDArray[np.float32], offsets: IdVector, out: NDArray[np.int32]) -> None:
    """Rank from 1 of each candidate within its query's pool, best score first; 0 where the score is NaN.

    Equal scores keep the order of the pool, which is canonical.
    """
    for query in range(len(offsets) - 1):
        begin, end = offsets[query], offsets[query + 1]
        keys = np.empty(end - begin, np.float32)
        known = 0
        for i in range(end - begin):
            score = scores[begin + i]
            if score == score:
                keys[i] = -score
                known += 1
            else:
                keys[i] = np.inf
        order = np.argsort(keys, kind="mergesort")
        for rank in range(len(order)):
            out[begin + order[rank]] = rank + 1 if rank < known else 0


@compiled
def reverse_pairs(offsets: IdVector, items: NDArray[np.int32], out: NDArray[np.int64]) -> None:
    """For each pair (a, b) where the pair (b, a) stands, -1 where a is not in b's pool. Pools are sorted."""
    for query in range(len(offsets) - 1):
        for pair in range(offsets[query], offsets[query + 1]):
            low, end = offsets[items[pair]], offsets[items[pair] + 1]
            high = end
            while low < high:
                middle = (low + high) // 2
                if items[middle] < query:
                    low = middle + 1
                else:
                    high = middle
            out[pair] = low if low < end and items[low] == query else -1


@compiled
def pool_overlaps(
    starts: IdVector,
    things: NDArray[np.int32],
    weights: NDArray[np.float32],
    offsets: IdVector,
    items: NDArray[np.int32],
    queries: IdVector,
    mark: NDArray[np.float32],
    counts: NDArray[np.int32],
    sums: NDArray[np.float32],
) -> None:
    """How many things each query shares with each of its candidates, and the sum of the smaller weights.

    Args:
        starts: (n_artists + 1,), where each artist's things begin.
        things: what an artist has (listeners, playlists, …), rising within an artist.
        weights: (len(things),), above 0.
        offsets: (n_artists + 1,), where each query's pool begins in `items`.
        items: (n_pairs,), candidates.
        queries: which queries to do; their pairs fill `counts` and `sums` one after the other.
        mark: (n_things,), all 0; all 0 again when done.
        counts: written.
        sums: written.
    """
    at = 0
    for query in queries:
        begin, end = starts[query], starts[query + 1]
        for place in range(begin, end):
            mark[things[place]] = weights[place]
        for pair in range(offsets[query], offsets[query + 1]):
            other = items[pair]
            first, last = starts[other], starts[other + 1]
            count = 0
            total = np.float32(0.0)
            if last - first <= SKEW * (end - begin):
                for place in range(first, last):
                    weight = mark[things[place]]
                    if weight > 0:
                        count += 1
                        total += min(weight, weights[place])
            else:
                for own in range(begin, end):
                    place = first + np.searchsorted(things[first:last], things[own])
                    if place < last and things[place] == things[own]:
                        count += 1
                        total += min(weights[own], weights[place])
            counts[at] = count
            sums[at] = total
            at += 1
        for place in range(begin, end):
            mark[things[place]] = 0


@compiled
def best_shared(
    starts: IdVector,
    things: NDArray[np.int32],
    weights: NDArray[np.float32],
    left: IdVector,
    right: IdVector,
    best: NDArray[np.int32],
    values: NDArray[np.float32],
) -> None:
    """The things that two artists share, the largest smaller weight first, of equal ones the first thing first.

    Args:
        starts: (n_artists + 1,), where each artist's things begin.
        things: rising within an artist.
        weights: (len(things),).
        left: (n_pairs,), one artist of each pair.
        right: (n_pairs,), the other.
        best: (n_pairs, limit), written; -1 where there are fewer.
        values: (n_pairs, limit), written: the smaller of both weights.
    """
    limit = best.shape[1]
    best[:] = -1
    values[:] = 0
    for pair in range(len(left)):
        i, i_end = starts[left[pair]], starts[left[pair] + 1]
        j, j_end = starts[right[pair]], starts[right[pair] + 1]
        while i < i_end and j < j_end:
            if things[i] < things[j]:
                i += 1
            elif things[i] > things[j]:
                j += 1
            else:
                value = min(weights[i], weights[j])
                place = limit
                while place > 0 and (best[pair, place - 1] < 0 or values[pair, place - 1] < value):
                    place -= 1
                for k in range(limit - 1, place, -1):
                    best[pair, k] = best[pair, k - 1]
                    values[pair, k] = values[pair, k - 1]
                if place < limit:
                    best[pair, place] = things[i]
                    values[pair, place] = value
                i += 1
                j += 1


@compiled
def carried(
    starts: IdVector,
    things: NDArray[np.int32],
    weights: NDArray[np.float32],
    left: IdVector,
    right: IdVector,
    best: NDArray[np.int32],
    values: NDArray[np.float32],
) -> None:
    """The things by which two artists are most alike: those without which their cosine would fall most.

    With x and y the weights of both artists, brought to length 1, and c = x·y, a thing t carries

        c − (c − x_t y_t) / √((1 − x_t²)(1 − y_t²))

    of the cosine; one that both have, but very unequally, may carry nothing.

    Args:
        starts: (n_artists + 1,), where each artist's things begin.
        things: rising within an artist.
        weights: (len(things),).
        left: (n_pairs,), one artist of each pair.
        right: (n_pairs,), the other.
        best: (n_pairs, limit), written: the most first, of equal ones the first thing first, -1 where there are fewer.
        values: (n_pairs, limit), written: what each carries, above 0.
    """
    limit = best.shape[1]
    best[:] = -1
    values[:] = 0
    sizes = np.zeros(len(starts) - 1)
    for artist in range(len(starts) - 1):
        for place in range(starts[artist], starts[artist + 1]):
            sizes[artist] += np.float64(weights[place]) ** 2
    for pair in range(len(left)):
        size = np.sqrt(sizes[left[pair]] * sizes[right[pair]])
        cosine = 0.0
        for walk in range(2):
            i, i_end = starts[left[pair]], starts[left[pair] + 1]
            j, j_end = starts[right[pair]], starts[right[pair] + 1]
            while i < i_end and j < j_end:
                if things[i] < things[j]:
                    i += 1
                elif things[i] > things[j]:
                    j += 1
                else:
                    product = np.float64(weights[i]) * np.float64(weights[j]) / size
                    if walk == 0:
                        cosine += product
                    else:
                        x = np.float64(weights[i]) ** 2 / sizes[left[pair]]
                        y = np.float64(weights[j]) ** 2 / sizes[right[pair]]
                        rest = (1 - x) * (1 - y)
                        value = np.float32(cosine - (cosine - product) / np.sqrt(rest) if rest > 1e-12 else cosine)
                        place = limit
                        while place > 0 and values[pair, place - 1] < value:
                            place -= 1
                        for k in range(limit - 1, place, -1):
                            best[pair, k] = best[pair, k - 1]
                            values[pair, k] = values[pair, k - 1]
                        if place < limit:
                            best[pair, place] = things[i]
                            values[pair, place] = value
                    i += 1
                    j += 1


@compiled
def pair_overlaps(
    starts: IdVector, things: NDArray[np.int32], left: IdVector, right: IdVector, counts: NDArray[np.int32]
) -> None:
    """How many things the two artists of each pair share: `counts` (n_pairs,), written."""
    for pair in range(len(left)):
        i, i_end = starts[left[pair]], starts[left[pair] + 1]
        j, j_end = starts[right[pair]], starts[right[pair] + 1]
        count = 0
        while i < i_end and j < j_end:
            if things[i] < things[j]:
                i += 1
            elif things[i] > things[j]:
                j += 1
            else:
                count += 1
                i += 1
                j += 1
        counts[pair] = count


@compiled
def pool_dots(
    starts: IdVector,
    things: NDArray[np.int32],
    weights: NDArray[np.float32],
    offsets: IdVector,
    items: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:
    """Dot product of the weights of every (query, candidate) pair, artists themselves being the things.

    Args:
        starts: (n_artists + 1,), where each artist's row begins.
        things: columns of a row, artists, rising.
        weights: (len(things),).
        offsets: (n_artists + 1,), where each query's pool begins in `items`.
        items: (n_pairs,), candidates.
        out: (n_pairs,), written.
    """
    mark = np.zeros(len(offsets) - 1, np.float32)
    for query in range(len(offsets) - 1):
        for place in range(starts[query], starts[query + 1]):
            mark[things[place]] = weights[place]
        for pair in range(offsets[query], offsets[query + 1]):
            total = np.float32(0.0)
            for place in range(starts[items[pair]], starts[items[pair] + 1]):
                total += mark[things[place]] * weights[place]
            out[pair] = total
        for place in range(starts[query], starts[query + 1]):
            mark[things[place]] = 0


@compiled
def label_votes(
    starts: IdVector,
    similar: IdVector,
    grade: NDArray[np.float32],
    back_starts: IdVector,
    back_artist: IdVector,
    back_grade: NDArray[np.float32],
    named: NDArray[np.float32],
    offsets: IdVector,
    items: NDArray[np.int32],
    fused: NDArray[np.float32],
    queries: IdVector,
    mark: FloatMatrix,
    out: FloatMatrix,
) -> None:
    """What labelled lists say of the candidates of some queries; `ensemble.label_graph` gives the equations.

    Args:
        starts: (n_artists + 1,), where each artist's list begins.
        similar: who stands in the lists.
        grade: of each, above 0.
        back_starts: (n_artists + 1,), where those begin in whose lists an artist stands.
        back_artist: who they are.
        back_grade: what grade they give.
        named: (n_artists,), the sum of all grades that an artist has.
        offsets: (n_artists + 1,), where each query's pool begins in `items`.
        items: (n_pairs,), candidates.
        fused: (n_pairs,).
        queries: which queries to do; their pairs fill `out` one after the other.
        mark: (4, n_artists), all 0; all 0 again when done.
        out: (pairs of the queries, 4), written.
    """
    at = 0
    for query in queries:
        whole = np.float32(0.0)
        for pair in range(offsets[query], offsets[query + 1]):
            other = items[pair]
            if starts[other] < starts[other + 1]:
                weight = fused[pair] * fused[pair]
                whole += weight
                for place in range(starts[other], starts[other + 1]):
                    mark[0, similar[place]] += weight * grade[place]
        for known in range(back_starts[query], back_starts[query + 1]):
            other = back_artist[known]
            mark[1, other] = back_grade[known]
            for place in range(starts[other], starts[other + 1]):
                mark[2, similar[place]] += back_grade[known] * grade[place]
        for place in range(starts[query], starts[query + 1]):
            mark[3, similar[place]] = grade[place]
        for pair in range(offsets[query], offsets[query + 1]):
            item = items[pair]
            out[at, 0] = mark[0, item] / whole if whole > 0 else np.nan
            out[at, 1] = mark[1, item] if starts[item] < starts[item + 1] else np.nan
            out[at, 2] = mark[2, item]
            out[at, 3] = named[item] - mark[3, item]
            at += 1
        for pair in range(offsets[query], offsets[query + 1]):
            for place in range(starts[items[pair]], starts[items[pair] + 1]):
                mark[0, similar[place]] = 0
        for known in range(back_starts[query], back_starts[query + 1]):
            other = back_artist[known]
            mark[1, other] = 0
            for place in range(starts[other], starts[other + 1]):
                mark[2, similar[place]] = 0
        for place in range(starts[query], starts[query + 1]):
            mark[3, similar[place]] = 0
