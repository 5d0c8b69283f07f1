"""The compiled inner loops over tracks: candidates, cosines and things in common, for a block of queries at a time.

As in `ensemble.kernels`: plain loops, one thread each, results that do not depend on how queries are cut into blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ensemble.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.base import FloatMatrix, IdVector


@compiled
def listed_beside(
    queries: IdVector, own: IdVector, lists: NDArray[np.int32], starts: IdVector, members: NDArray[np.int32],
    limit: int, scores: NDArray[np.float32], out: NDArray[np.int32],
) -> None:  # fmt: skip
    """The tracks that stand in a query's playlists, those first that share the most and the shortest of them.

    A list of n tracks speaks 1 / √n for each; lists are read from the shortest on, until `limit` tracks were read.

    Args:
        queries: tracks.
        own: (n_tracks + 1,), where each track's lists begin in `lists`.
        lists: what a track stands in.
        starts: (n_lists + 1,), where each list's tracks begin in `members`.
        members: tracks of a list.
        limit: tracks that are read per query, once the shortest list is.
        scores: (n_tracks,), all 0; all 0 again when done.
        out: (n_queries, k), written: -1 where there are fewer.
    """
    k = out.shape[1]
    touched = np.empty(len(scores), np.int32)
    for place in range(len(queries)):
        query = queries[place]
        mine = lists[own[query] : own[query + 1]]
        sizes = np.empty(len(mine), np.int64)
        for i in range(len(mine)):
            sizes[i] = starts[mine[i] + 1] - starts[mine[i]]
        n, read = 0, 0
        for i in np.argsort(sizes, kind="mergesort"):
            if read > 0 and read + sizes[i] > limit:
                break
            read += sizes[i]
            weight = np.float32(1.0 / np.sqrt(np.float64(sizes[i])))
            for j in range(starts[mine[i]], starts[mine[i] + 1]):
                other = members[j]
                if other == query:
                    continue
                if scores[other] == 0:
                    touched[n] = other
                    n += 1
                scores[other] += weight
        found = np.sort(touched[:n])
        keys = np.empty(n, np.float32)
        for i in range(n):
            keys[i] = -scores[found[i]]
            scores[found[i]] = 0
        order = np.argsort(keys, kind="mergesort")
        for i in range(k):
            out[place, i] = found[order[i]] if i < n else -1


@compiled
def by_artists(
    queries: IdVector, artist: IdVector, starts: IdVector, tracks: NDArray[np.int32], around: NDArray[np.int32],
    own: int, each: int, out: NDArray[np.int32],
) -> None:  # fmt: skip
    """The first tracks of a query's own artist and of the artists around it.

    Args:
        queries: tracks.
        artist: (n_tracks,), the artist of each.
        starts: (n_artists + 1,), where each artist's tracks begin in `tracks`.
        tracks: an artist's tracks, best known first.
        around: (n_artists, n), related artists, -1 for none.
        own: how many of the own artist.
        each: how many of each other.
        out: (n_queries, own + n · each), written: -1 where there are fewer.
    """
    out[:] = -1
    for place in range(len(queries)):
        query = queries[place]
        mine = artist[query]
        n = 0
        for i in range(starts[mine], min(starts[mine] + own + 1, starts[mine + 1])):
            if tracks[i] != query and n < own:
                out[place, n] = tracks[i]
                n += 1
        for column in range(around.shape[1]):
            other = around[mine, column]
            if other < 0:
                continue
            for i in range(starts[other], min(starts[other] + each, starts[other + 1])):
                out[place, n] = tracks[i]
                n += 1


@compiled
def cosines(
    unit: FloatMatrix, row_of: IdVector, queries: IdVector, offsets: IdVector, items: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:  # fmt: skip
    """Cosine of every (query, candidate) pair by one model; NaN where it does not know both.

    Args:
        unit: (n_rows, dim), rows of length 1.
        row_of: (n_tracks,), a track's row (or its artist's), -1 for none.
        queries: tracks.
        offsets: (n_queries + 1,), where each query's candidates begin in `items`.
        items: (n_pairs,), candidates.
        out: (n_pairs,), written.
    """
    for place in range(len(queries)):
        own = row_of[queries[place]]
        for pair in range(offsets[place], offsets[place + 1]):
            other = row_of[items[pair]]
            if own < 0 or other < 0:
                out[pair] = np.nan
                continue
            total = np.float32(0.0)
            for column in range(unit.shape[1]):
                total += unit[own, column] * unit[other, column]
            out[pair] = total


@compiled
def in_common(
    starts: IdVector, things: NDArray[np.int32], queries: IdVector, offsets: IdVector, items: NDArray[np.int32],
    mark: NDArray[np.bool_], out: NDArray[np.int32],
) -> None:  # fmt: skip
    """How many things each query shares with each of its candidates.

    Args:
        starts: (n_tracks + 1,), where each track's things begin.
        things: rising within a track.
        queries: tracks.
        offsets: (n_queries + 1,), where each query's candidates begin in `items`.
        items: (n_pairs,), candidates.
        mark: (n_things,), all False; all False again when done.
        out: (n_pairs,), written.
    """
    for place in range(len(queries)):
        first, last = starts[queries[place]], starts[queries[place] + 1]
        for i in range(first, last):
            mark[things[i]] = True
        for pair in range(offsets[place], offsets[place + 1]):
            count = 0
            if last > first:
                for i in range(starts[items[pair]], starts[items[pair] + 1]):
                    count += mark[things[i]]
            out[pair] = count
        for i in range(first, last):
            mark[things[i]] = False


@compiled
def places_around(
    around: NDArray[np.int32], artist: IdVector, queries: IdVector, offsets: IdVector, items: NDArray[np.int32],
    mark: NDArray[np.int32], out: NDArray[np.int32],
) -> None:  # fmt: skip
    """The rank from 1 of each candidate's artist among those related to the query's; 0 for the same, -1 for none.

    Args:
        around: (n_artists, n), related artists by rank, -1 for none.
        artist: (n_tracks,), the artist of each track.
        queries: tracks.
        offsets: (n_queries + 1,), where each query's candidates begin in `items`.
        items: (n_pairs,), candidates.
        mark: (n_artists,), all -1; all -1 again when done.
        out: (n_pairs,), written.
    """
    for place in range(len(queries)):
        mine = artist[queries[place]]
        for rank in range(around.shape[1]):
            if around[mine, rank] >= 0:
                mark[around[mine, rank]] = rank + 1
        mark[mine] = 0
        for pair in range(offsets[place], offsets[place + 1]):
            out[pair] = mark[artist[items[pair]]]
        for rank in range(around.shape[1]):
            if around[mine, rank] >= 0:
                mark[around[mine, rank]] = -1
        mark[mine] = -1


@compiled
def keep_varied(
    order: IdVector, offsets: IdVector, items: NDArray[np.int32], artist: IdVector, most: int,
    seen: NDArray[np.int32], out: NDArray[np.int64],
) -> None:  # fmt: skip
    """The first pairs of each query in their order, at most so many of one artist.

    Args:
        order: (n_pairs,), pairs query by query, best first.
        offsets: (n_queries + 1,), where each query's pairs begin in `order`.
        items: (n_pairs,), candidates.
        artist: (n_tracks,), the artist of each track.
        most: how many of one artist, while there are others.
        seen: (n_artists,), all 0; all 0 again when done.
        out: (n_queries, k), written: pairs, -1 where there are fewer.
    """
    k = out.shape[1]
    for place in range(len(offsets) - 1):
        n, begin, end = 0, offsets[place], offsets[place + 1]
        for i in range(begin, end):
            whose = artist[items[order[i]]]
            if n < k and seen[whose] < most:
                out[place, n] = order[i]
                n += 1
            seen[whose] += 1
        if n < k:  # then those that were too many of one, behind all others
            for i in range(begin, end):
                seen[artist[items[order[i]]]] = 0
            for i in range(begin, end):
                whose = artist[items[order[i]]]
                if n < k and seen[whose] >= most:
                    out[place, n] = order[i]
                    n += 1
                seen[whose] += 1
        for i in range(begin, end):
            seen[artist[items[order[i]]]] = 0
        for i in range(n, k):
            out[place, i] = -1
