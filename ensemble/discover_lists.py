"""Discover's lists as rows, what is new since last week first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from db.base import IdVector
from ensemble.discover import Config, Lists

DISCOVERY = pa.schema(
    [("listener_id", pa.int64()), ("rank", pa.int32()), ("artist_id", pa.int64()), ("track_id", pa.int64()),
     ("score", pa.float32()), ("because_id", pa.int64()), ("because_plays", pa.float64()),
     ("because_rank", pa.int32()), ("place", pa.int32()), ("since", pa.string()), ("fresh", pa.bool_()),
     ("spare", pa.bool_())]
)  # fmt: skip
Days = NDArray[np.int64]
"""Days since 1970-01-01."""


@dataclass(frozen=True, eq=False)
class Before:
    """What stood in the lists before: rows of the lists' listeners and items, and since when. All (n,)."""

    listener: IdVector
    item: IdVector
    since: Days


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What the lists' rows and items are in the database.

    Attributes:
        listeners: int64 (n_listeners,), ids.
        artists: int64 (n_artists,), ids.
        tracks: int64 (n_items,), ids; None where items are artists.
        artist: int32 (n_items,), position of the artist of each item.
    """

    listeners: IdVector
    artists: IdVector
    tracks: IdVector | None
    artist: NDArray[np.int32]


def table(
    lists: Lists, plays: sparse.csr_matrix, catalogue: Catalogue, before: Before, today: int, config: Config
) -> pa.Table:
    """The lists as `DISCOVERY`, listener by listener, by rank: what is new first, then by place, then the spare ones.

    Args:
        lists: who is given what.
        plays: CSR float32 (n_listeners, n_artists).
        catalogue: ids.
        before: the lists that readers see now.
        today: as a day.
        config: settings.
    """
    listener, place = np.nonzero(lists.items >= 0)
    since = _since(listener, lists.items[listener, place].astype(np.int64), before, today, len(catalogue.artist))
    fresh = since > today - config.new_days if config.new_days else since == today
    spare = place >= config.n
    order = np.lexsort((place, ~fresh & ~spare, spare, listener))
    listener, place = listener[order], place[order]
    item, own, rank = (array[listener, place] for array in (lists.items, lists.because, lists.ranks))
    first = np.searchsorted(listener, listener)
    reason = own >= 0
    heard = np.zeros(len(own))
    if reason.any():  # scipy cannot take nothing
        heard[reason] = np.asarray(plays[listener[reason], own[reason]], dtype=np.float64).ravel()
    columns = {
        "listener_id": catalogue.listeners[listener], "rank": np.arange(len(listener)) - first + 1,
        "artist_id": catalogue.artists[catalogue.artist[item]],
        "track_id": pa.nulls(len(item), pa.int64()) if catalogue.tracks is None else catalogue.tracks[item],
        "score": lists.scores[listener, place], "because_id": _there(catalogue.artists[own], reason),
        "because_plays": _there(heard, reason), "because_rank": _there(rank, reason), "place": place + 1,
        "since": _dates(since[order]), "fresh": fresh[order], "spare": spare[order],
    }  # fmt: skip
    return pa.table([pa.array(columns[name]).cast(DISCOVERY.field(name).type) for name in columns], schema=DISCOVERY)


def _since(listener: IdVector, item: IdVector, before: Before, today: int, n_items: int) -> Days:
    """The day on which each entry came into its listener's list."""
    since = np.full(len(item), today, dtype=np.int64)
    known, there = listener * n_items + item, before.listener * n_items + before.item
    order = np.argsort(there, kind="stable")
    if len(order):
        place = np.minimum(np.searchsorted(there, known, sorter=order), len(order) - 1)
        same = there[order[place]] == known
        since[same] = before.since[order[place[same]]]
    return since


def _there(values: NDArray[np.generic], there: NDArray[np.bool_]) -> pa.Array:
    return pa.array(values, mask=~there)


def _dates(days: Days) -> pa.Array:
    different, place = np.unique(days, return_inverse=True)
    names = pa.array(np.datetime_as_string(different.astype("datetime64[D]")).tolist(), pa.string())
    return names.take(pa.array(place.ravel()))
