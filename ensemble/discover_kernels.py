"""The compiled inner loops of Discover: one thread each, over as many listeners or items as they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ensemble.kernels import compiled, push

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.base import FloatMatrix, IdVector

_SHOWN = 1e6  # lifts a reason that views show above any that they do not


@compiled
def walk_rows(
    back_starts: NDArray[np.int32], back_listeners: NDArray[np.int32], back_chances: NDArray[np.float64],
    starts: NDArray[np.int32], items: NDArray[np.int32], chances: NDArray[np.float64], known: NDArray[np.float64],
    first: int, rows: NDArray[np.int32], weights: FloatMatrix,
) -> None:  # fmt: skip
    """`ensemble.discover_walk` for the items first, first + 1, …; each row is a heap with its least weight at 0.

    Args:
        back_starts: (n_items + 1,), where each item's listeners begin.
        back_listeners: whom an item leads to.
        back_chances: and with which chance.
        starts: (n_listeners + 1,), where each listener's items begin.
        items: whom a listener leads to.
        chances: and with which chance.
        known: (n_items,), what each item's weight is multiplied with.
        first: the item of the first row.
        rows: (n, k), -1 to begin with.
        weights: (n, k), 0 to begin with.
    """
    n_items = len(known)
    total = np.zeros(n_items, dtype=np.float64)
    touched = np.empty(n_items, dtype=np.int32)
    for place in range(rows.shape[0]):
        item, n = first + place, 0
        for at in range(back_starts[item], back_starts[item + 1]):
            listener, chance = back_listeners[at], back_chances[at]
            for to in range(starts[listener], starts[listener + 1]):
                other = items[to]
                if total[other] == 0.0:
                    touched[n] = other
                    n += 1
                total[other] += chance * chances[to]
        for at in range(n):
            other = touched[at]
            weight = total[other] * known[other]
            total[other] = 0.0
            if other != item and weight > weights[place, 0]:
                push(weights, rows, place, weight, other)


@compiled
def spread(
    starts: NDArray[np.int32], items: NDArray[np.int32], told: NDArray[np.float32], first: int,
    rows: NDArray[np.int32], weights: FloatMatrix, out: FloatMatrix,
) -> None:  # fmt: skip
    """Σ_i told_i · weight_ij over the items i of the listeners first, first + 1, …

    Args:
        starts: (n_listeners + 1,), where each listener's items begin.
        items: the listeners' items.
        told: how much each of them tells.
        first: the listener of the first row of `out`.
        rows: (n_items, k), whom each item speaks for; -1 ends a row.
        weights: (n_items, k), and how much.
        out: (n, n_items), zeros to begin with.
    """
    k = rows.shape[1]
    for place in range(out.shape[0]):
        for at in range(starts[first + place], starts[first + place + 1]):
            item, weight = items[at], told[at]
            for to in range(k):
                other = rows[item, to]
                if other < 0:
                    break
                out[place, other] += weight * weights[item, to]


@compiled
def pick(
    rows: NDArray[np.int32], group: NDArray[np.int32], most: int, familiar: NDArray[np.bool_], most_familiar: int,
    ranks: NDArray[np.int32], shown: int, most_unexplained: int, first: int, out: NDArray[np.int32],
) -> None:  # fmt: skip
    """The places of the best of each row, under what a list may hold; rising, the first ones before the others.

    An entry is explained where views show it among the related artists of its reason. Where there are too few of
    these, entries with another reason fill up, then those without any.

    Args:
        rows: (n, depth), items, best first; -1 ends a row.
        group: (n_items,), the artist of each item.
        most: entries of one artist.
        familiar: (n, depth), whether the item's artist is one that the listener plays.
        most_familiar: how many of these there may be among the first.
        ranks: (n, depth), of the item's artist among the related artists of its reason; 0 without a reason.
        shown: the last rank that views show.
        most_unexplained: how many may be unexplained among the first, as long as others are left.
        first: how many are chosen first, under these rules; of the others there are as many as `out` has places.
        out: (n, pool), -1 to begin with.
    """
    depth, pool = rows.shape[1], out.shape[1]
    taken = np.zeros(depth, dtype=np.int8)
    for place in range(rows.shape[0]):
        taken[:] = 0
        n = known = unexplained = 0
        for stage in range(6):
            # explained ones and a few others; with any reason; all: among the first, then among the rest
            room = first if stage < 3 else pool
            for at in range(depth):
                item = rows[place, at]
                if item < 0 or n >= room:
                    break
                rank = ranks[place, at]
                lacking = rank == 0 or rank > shown
                if taken[at] or (familiar[place, at] and known >= most_familiar):
                    continue
                if stage % 3 == 1 and rank == 0 and most_unexplained < first:
                    continue
                if stage == 0 and lacking and unexplained >= most_unexplained:
                    continue
                if stage == 3 and lacking and most_unexplained < first:
                    continue
                same = 0
                for before in range(depth):
                    same += taken[before] != 0 and group[rows[place, before]] == group[item]
                if same >= most:
                    continue
                taken[at] = 1 if stage < 3 else 2
                n += 1
                known += familiar[place, at]
                unexplained += lacking
        n = 0
        for kind in range(1, 3):
            for at in range(depth):
                if taken[at] == kind:
                    out[place, n] = at
                    n += 1


@compiled
def because(
    starts: NDArray[np.int32], artists: NDArray[np.int32], plays: NDArray[np.float32], first: int,
    pool_starts: IdVector, related: NDArray[np.int32], likeness: NDArray[np.float32], shown: int,
    wanted: NDArray[np.int32], reasons: NDArray[np.int32], ranks: NDArray[np.int32],
) -> None:  # fmt: skip
    """For each wanted artist one of the listener's own whose related artists it is among.

    It is the one with the largest ln(1 + plays) · likeness, those first at whom the wanted one is shown.

    Args:
        starts: (n_listeners + 1,), where each listener's artists begin.
        artists: whom a listener plays.
        plays: and how often.
        first: the listener of the first row of `wanted`.
        pool_starts: (n_artists + 1,), where each artist's related ones begin.
        related: the related artists, by rank.
        likeness: above 0, how alike the two are.
        shown: how many of them views show.
        wanted: (n, pool), artists, -1 for none.
        reasons: (n, pool), -1 to begin with.
        ranks: (n, pool), from 1, 0 to begin with: of the wanted one among the related ones of the reason.
    """
    n_artists = len(pool_starts) - 1
    head = np.full(n_artists, -1, dtype=np.int32)
    best = np.zeros(wanted.shape[1], dtype=np.float64)
    after = np.full(wanted.shape[1], -1, dtype=np.int32)
    for place in range(wanted.shape[0]):
        best[:] = 0.0
        for slot in range(wanted.shape[1]):
            if wanted[place, slot] >= 0:
                after[slot] = head[wanted[place, slot]]
                head[wanted[place, slot]] = slot
        for at in range(starts[first + place], starts[first + place + 1]):
            own = artists[at]
            for pair in range(pool_starts[own], pool_starts[own + 1]):
                slot = head[related[pair]]
                if slot < 0:
                    continue
                rank = pair - pool_starts[own] + 1
                value = np.log1p(plays[at]) * likeness[pair] + (_SHOWN if rank <= shown else 0.0)
                while slot >= 0:
                    if value > best[slot]:
                        best[slot] = value
                        reasons[place, slot] = own
                        ranks[place, slot] = rank
                    slot = after[slot]
        for slot in range(wanted.shape[1]):
            if wanted[place, slot] >= 0:
                head[wanted[place, slot]] = -1
