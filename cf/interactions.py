"""Listening as the models read it: a sparse matrix of plays, and playlists as lists of places.

Rows and columns stand in canonical order (listeners by name, artists by key), so that no fit depends on how the
database dealt its ids. What is too rare to say anything is left out here, once, for all models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from cf.mapped import Growing, let_go, pieces, spans
from db.columnar import numbered
from db.errors import BuildError

if TYPE_CHECKING:
    from db.base import IdVector

_UNITS = 1e6  # parts of a play that are counted
_MOST = 1e9  # plays in a row; thousands of such rows add up within int64
_PIECE = 1 << 20  # plays that are looked at at once
_PARTS = 40  # in which plays are sorted where all are in memory
_SORTED = 72  # bytes that one play takes while it is sorted
_SHARE = 0.6  # of the room for what is sorted at once


@dataclass(frozen=True)
class Room:
    """Where arrays go that shall not be held in memory whole.

    Attributes:
        folder: an empty folder; what is written there is no longer needed when the arrays are not.
        size: bytes that may be in memory at once.
    """

    folder: Path
    size: int


@dataclass(frozen=True, eq=False)
class Gathered:
    """Plays as they came, in files where there is a room.

    Attributes:
        listeners: int64, every listener id, in canonical order.
        artists: int64, every artist id, in canonical order.
        raw: rows of `listeners` int32, rows of `artists` int32, and plays in whole millionths, int64.
        room: where they are.
    """

    listeners: IdVector
    artists: IdVector
    raw: list[Growing]
    room: Room | None

    @classmethod
    def of(cls, batches: Iterable[Batch], listeners: IdVector, artists: IdVector, room: Room | None) -> Self:
        """Read batches; zero plays are no play.

        Raises:
            BuildError: plays are negative, not finite or above a billion, or an id is not in the catalogue.
        """
        listener_places, artist_places = _finder(listeners, "listener"), _finder(artists, "artist")
        kinds = (("rows", np.int32), ("columns", np.int32), ("plays", np.int64))
        raw = [_growing(room, f"raw.{name}", kind) for name, kind in kinds]
        for listener, artist, plays in batches:
            _refuse_unusable(plays, listener, artist)
            whole = np.rint(plays * _UNITS).astype(np.int64)
            rows, columns, some = listener_places(listener), artist_places(artist), whole > 0
            for one, part in zip(raw, (rows, columns, whole), strict=True):
                one.add(part if some.all() else part[some])
        return cls(listeners, artists, raw, room)


Batch = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Ids of listeners, ids of artists, and plays."""


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who played whom how often.

    Attributes:
        listener_ids: int64 (n_listeners,), in canonical order.
        artist_ids: int64 (n_artists,), in canonical order.
        matrix: scipy CSR float32 (n_listeners, n_artists), plays, sorted columns, each value finite and above zero;
            its arrays are mapped files where there is a room.
        room: where its other order goes; None keeps all in memory.
    """

    listener_ids: IdVector
    artist_ids: IdVector
    matrix: sparse.csr_matrix
    room: Room | None = None

    @classmethod
    def from_plays(cls, plays: pa.Table, listeners: IdVector, artists: IdVector, *, min_listeners: int = 3) -> Self:
        """Read a table of totals.

        Args:
            plays: columns listener_id, artist_id, plays; a pair that stands twice is summed, zero plays are no play.
            listeners: every listener id, in canonical order.
            artists: every artist id, in canonical order.
            min_listeners: artists with fewer are left out; lowered to the number of listeners where there are fewer.
                Listeners who then have no artist are left out too.

        Raises:
            BuildError: plays are negative, not finite or above a billion, or an id is not in the catalogue.
        """
        count = _column(plays, "plays", np.float64)
        listener, artist = _column(plays, "listener_id", np.int64), _column(plays, "artist_id", np.int64)
        return cls.from_batches([(listener, artist, count)], listeners, artists, min_listeners=min_listeners)

    @classmethod
    def from_batches(
        cls, batches: Iterable[Batch], listeners: IdVector, artists: IdVector, *, min_listeners: int = 3,
        room: Room | None = None,
    ) -> Self:  # fmt: skip
        """Read plays as they come, in any order; arguments as in `from_plays`.

        Raises:
            BuildError: plays are negative, not finite or above a billion, or an id is not in the catalogue.
        """
        return cls.from_gathered(Gathered.of(batches, listeners, artists, room), min_listeners=min_listeners)

    @classmethod
    def from_gathered(cls, gathered: Gathered, *, min_listeners: int) -> Self:
        """Put plays in order that have all been read; they are used up.

        Plays are added up in whole millionths, so that neither batches nor their order matter, and then rounded once.
        Holds at most 30 bytes per play at once, or what the room allows.
        """
        listeners, artists, room = gathered.listeners, gathered.artists, gathered.room
        matrix = _sorted(gathered.raw, (len(listeners), len(artists)), room, "all")
        present = int(np.count_nonzero(np.diff(matrix.indptr)))
        kept = _listeners_per_artist(matrix) >= max(1, min(min_listeners, present))
        matrix = _without(matrix, kept, room)
        rows_left = np.flatnonzero(np.diff(matrix.indptr))
        indptr = np.append(matrix.indptr[rows_left], matrix.nnz)
        matrix = _csr(matrix.data, matrix.indices, indptr, (len(rows_left), matrix.shape[1]))
        return cls(listeners[rows_left], artists[kept], matrix, room)

    @cached_property
    def by_artist(self) -> sparse.csr_matrix:
        """The same plays with artists as rows: CSR float32 (n_artists, n_listeners), sorted columns."""
        if self.room is not None:
            return _transposed(self.matrix, self.room)
        transposed = self.matrix.T.tocsr()
        transposed.sort_indices()
        return transposed


@dataclass(frozen=True, eq=False)
class Playlists:
    """Playlists as lists of places; the artists of one track share its place.

    Attributes:
        artist_ids: int64 (n_artists,), in canonical order.
        lists: int64 (n_lists + 1,); list i has the places lists[i] … lists[i + 1] - 1.
        places: int64 (n_places + 1,); place j has the artists rows[places[j]] … rows[places[j + 1] - 1].
        rows: int32, rows of `artist_ids`.
    """

    artist_ids: IdVector
    lists: NDArray[np.int64]
    places: NDArray[np.int64]
    rows: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.lists) - 1

    @classmethod
    def from_entries(cls, entries: pa.Table, artists: IdVector, *, min_playlists: int = 3) -> Self:
        """Read a table of entries.

        Args:
            entries: columns playlist, position, artist_id, sorted by playlist and position.
            artists: every artist id, in canonical order.
            min_playlists: artists in fewer are left out; lowered to the number of playlists where there are fewer.
                A playlist that then has no two artists says nothing and is left out too.

        Raises:
            BuildError: an artist id is not in the catalogue.
        """
        playlist, _ = numbered(entries.column("playlist"))
        position = _column(entries, "position", np.int64)
        artist = _places(_column(entries, "artist_id", np.int64), artists, "artist")
        order = np.lexsort((artist, position, playlist))
        triples = np.stack([playlist, position, artist], axis=1)[order]
        triples = triples[_changes(triples)]
        triples = triples[_varied(triples)]
        triples = triples[_frequent(triples, len(artists), min_playlists)]
        triples = triples[_varied(triples)]
        kept, rows = np.unique(triples[:, 2], return_inverse=True)
        starts = np.flatnonzero(_changes(triples[:, :2]))
        list_starts = np.flatnonzero(_changes(triples[starts][:, :1]))
        return cls(
            artist_ids=artists[kept],
            lists=np.append(list_starts, len(starts)),
            places=np.append(starts, len(triples)),
            rows=rows.astype(np.int32),
        )

    @cached_property
    def membership(self) -> sparse.csr_matrix:
        """How many places of each playlist each artist has: CSR float32 (n_artists, n_lists)."""
        lengths = self.places[self.lists[1:]] - self.places[self.lists[:-1]]
        columns = np.repeat(np.arange(len(self)), lengths)
        ones = np.ones(len(self.rows), dtype=np.float32)
        return sparse.csr_matrix((ones, (self.rows, columns)), shape=(len(self.artist_ids), len(self)))


def _column(table: pa.Table, name: str, dtype: type[np.generic]) -> NDArray[Any]:
    values: NDArray[Any] = table.column(name).to_numpy(zero_copy_only=False).astype(dtype)
    return values


def _places(ids: NDArray[Any], canonical: IdVector, entity: str) -> NDArray[np.int64]:
    """Where each id stands in the canonical order."""
    return _finder(canonical, entity)(ids)


def _finder(canonical: IdVector, entity: str) -> Callable[[NDArray[Any]], NDArray[np.int64]]:
    """What tells of ids where they stand in the canonical order."""
    order = np.argsort(canonical, kind="stable")
    ordered = canonical[order]

    def find(ids: NDArray[Any]) -> NDArray[np.int64]:
        found = np.searchsorted(ordered, ids) if len(ids) else np.zeros(0, dtype=np.int64)
        known = np.zeros(len(ids), dtype=bool)
        inside = found < len(ordered)
        known[inside] = ordered[found[inside]] == ids[inside]
        if not known.all():
            raise BuildError(
                f"listening facts name {entity} id {ids[~known][0]}, which is not in the catalogue; "
                "undo and repeat the import that brought it (`kinsong import list`)"
            )
        places: NDArray[np.int64] = order[found]
        return places

    return find


def _refuse_unusable(plays: NDArray[Any], listener: NDArray[Any], artist: NDArray[Any]) -> None:
    bad = ~((plays >= 0) & (plays <= _MOST))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise BuildError(
            f"listener id {listener[first]} has {plays[first]} plays of artist id {artist[first]}: plays must be "
            f"not negative and at most {_MOST:,.0f}; undo the import that brought them (`kinsong import list`)"
        )


def _listeners_per_artist(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    counts = np.zeros(matrix.shape[1], dtype=np.int64)
    for piece in pieces(matrix.nnz, _PIECE):
        counts += np.bincount(matrix.indices[piece], minlength=matrix.shape[1])
        let_go(matrix.indices)
    return counts


def _growing(room: Room | None, name: str, kind: type[np.generic]) -> Growing:
    return Growing(kind, None if room is None else room.folder / f"plays.{name}")


def _csr(data: NDArray[Any], indices: NDArray[Any], indptr: NDArray[Any], shape: tuple[int, int]) -> sparse.csr_matrix:
    """A CSR matrix around arrays that may be mapped."""
    matrix = sparse.csr_matrix((data, indices, indptr.astype(indices.dtype)), shape=shape, copy=False)
    matrix.has_canonical_format = True
    return matrix


def _sorted(raw: list[Growing], shape: tuple[int, int], room: Room | None, name: str) -> sparse.csr_matrix:
    """Triples as CSR float32, columns sorted: as many rows at once as there is room for.

    Whole plays are millionths, and summed where a pair stands twice.
    """
    rows, columns, plays = (one.whole() for one in raw)
    if not len(rows):
        return sparse.csr_matrix(shape, dtype=np.float32)
    counts = np.zeros(shape[0], dtype=np.int64)
    for piece in pieces(len(rows), _PIECE):
        counts += np.bincount(rows[piece], minlength=shape[0])
        let_go(rows)
    indices, data = _growing(room, f"{name}.indices", np.int32), _growing(room, f"{name}.plays", np.float32)
    lengths = [np.zeros(1, dtype=np.int64)]
    most = max(_PIECE // 8, len(rows) // _PARTS) if room is None else max(1, int(room.size * _SHARE) // _SORTED)
    for first, last in spans(counts, most):
        found: list[list[NDArray[Any]]] = [[], [], []]
        for piece in pieces(len(rows), _PIECE):
            inside = (rows[piece] >= first) & (rows[piece] < last)
            for one, array in zip(found, (rows, columns, plays), strict=True):
                one.append(array[piece][inside])
            let_go(rows, columns, plays)
        some, which, values = (np.concatenate(one) for one in found)
        del found
        part = sparse.csr_matrix((values, (some - np.int32(first), which)), shape=(last - first, shape[1]))
        part.sum_duplicates()
        indices.add(part.indices)
        data.add(part.data if part.data.dtype == np.float32 else part.data / _UNITS)
        lengths.append(np.diff(part.indptr).astype(np.int64))
    for done in raw:
        if done.path is not None:
            done.path.unlink()
    return _csr(data.whole(), indices.whole(), np.cumsum(np.concatenate(lengths)), shape)


def _without(matrix: sparse.csr_matrix, kept: NDArray[np.bool_], room: Room | None) -> sparse.csr_matrix:
    """The matrix with these columns alone."""
    if kept.all():
        return matrix
    number = (np.cumsum(kept) - 1).astype(np.int32)
    indices, data = _growing(room, "kept.indices", np.int32), _growing(room, "kept.plays", np.float32)
    lost = np.zeros(matrix.shape[0] + 1, dtype=np.int64)
    for piece in pieces(matrix.nnz, _PIECE):
        columns = matrix.indices[piece]
        some = kept[columns]
        indices.add(number[columns[some]])
        data.add(matrix.data[piece][some])
        gone = np.flatnonzero(~some) + piece.start
        lost += np.bincount(np.searchsorted(matrix.indptr, gone, side="right"), minlength=len(lost))[: len(lost)]
        let_go(matrix.indices, matrix.data)
    indptr = matrix.indptr - np.cumsum(lost)
    return _csr(data.whole(), indices.whole(), indptr, (matrix.shape[0], int(kept.sum())))


def _transposed(matrix: sparse.csr_matrix, room: Room) -> sparse.csr_matrix:
    """The other order, in files."""
    raw = [_growing(room, f"turned.{name}", np.int32) for name in ("rows", "columns")]
    raw.append(_growing(room, "turned.raw", np.float32))
    lengths = np.diff(matrix.indptr)
    for first, last in spans(lengths, _PIECE):
        piece = slice(matrix.indptr[first], matrix.indptr[last])
        parts = (matrix.indices[piece], np.repeat(np.arange(first, last), lengths[first:last]), matrix.data[piece])
        for one, part in zip(raw, parts, strict=True):
            one.add(part)
        let_go(matrix.indices, matrix.data)
    return _sorted(raw, (matrix.shape[1], matrix.shape[0]), room, "turned")


def _frequent(triples: NDArray[np.int64], n_artists: int, min_playlists: int) -> NDArray[np.bool_]:
    """Which of the (playlist, position, artist) have an artist in enough playlists."""
    pairs = _pairs(triples)
    n_lists = int(np.count_nonzero(np.diff(pairs.indptr)))
    counts = np.bincount(pairs.indices, minlength=n_artists)
    frequent: NDArray[np.bool_] = counts[triples[:, 2]] >= max(1, min(min_playlists, n_lists))
    return frequent


def _varied(triples: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the (playlist, position, artist) stand in a playlist of at least two artists."""
    varied: NDArray[np.bool_] = np.diff(_pairs(triples).indptr)[triples[:, 0]] > 1
    return varied


def _pairs(triples: NDArray[np.int64]) -> sparse.csr_matrix:
    """Which artist stands in which playlist: CSR (playlists, artists), each pair once."""
    shape = tuple(int(triples[:, column].max(initial=-1)) + 1 for column in (0, 2))
    ones = np.ones(len(triples), dtype=np.int32)
    pairs = sparse.csr_matrix((ones, (triples[:, 0], triples[:, 2])), shape=shape)
    pairs.sum_duplicates()
    return pairs


def _changes(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows differ from the row before; the first always does."""
    return np.append(np.ones(min(1, len(keys)), dtype=bool), (keys[1:] != keys[:-1]).any(axis=1))
