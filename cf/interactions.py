"""Listening as the models read it: a sparse matrix of plays, and playlists as lists of places.

Rows and columns stand in canonical order (listeners by name, artists by key), so that no fit depends on how the
database dealt its ids. What is too rare to say anything is left out here, once, for all models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from db.columnar import numbered
from db.errors import BuildError

if TYPE_CHECKING:
    from db.base import IdVector


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who played whom how often.

    Attributes:
        listener_ids: int64 (n_listeners,), in canonical order.
        artist_ids: int64 (n_artists,), in canonical order.
        matrix: scipy CSR float32 (n_listeners, n_artists), plays, sorted columns, each value finite and above zero.
    """

    listener_ids: IdVector
    artist_ids: IdVector
    matrix: sparse.csr_matrix

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
            BuildError: plays are negative or not finite, or an id is not in the catalogue.
        """
        count = _column(plays, "plays", np.float64)
        listener, artist = _column(plays, "listener_id", np.int64), _column(plays, "artist_id", np.int64)
        _refuse_unusable(count, listener, artist)
        rows, columns = _places(listener, listeners, "listener"), _places(artist, artists, "artist")
        matrix = sparse.csr_matrix((count, (rows, columns)), shape=(len(listeners), len(artists)))
        matrix.eliminate_zeros()
        present = int(np.count_nonzero(np.diff(matrix.indptr)))
        artist_rows = np.flatnonzero(_listeners_per_artist(matrix) >= max(1, min(min_listeners, present)))
        matrix = matrix[:, artist_rows]
        listener_rows = np.flatnonzero(np.diff(matrix.indptr))
        matrix = matrix[listener_rows].astype(np.float32)
        matrix.sort_indices()
        return cls(listeners[listener_rows], artists[artist_rows], matrix)

    @cached_property
    def by_artist(self) -> sparse.csr_matrix:
        """The same plays with artists as rows: CSR float32 (n_artists, n_listeners), sorted columns."""
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
        triples = np.unique(np.stack([playlist, position, artist], axis=1)[order], axis=0)
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
    order = np.argsort(canonical, kind="stable")
    found = np.searchsorted(canonical, ids, sorter=order) if len(ids) else np.zeros(0, dtype=np.int64)
    known = np.zeros(len(ids), dtype=bool)
    inside = found < len(canonical)
    known[inside] = canonical[order[found[inside]]] == ids[inside]
    if not known.all():
        raise BuildError(
            f"listening facts name {entity} id {ids[~known][0]}, which is not in the catalogue; "
            "undo and repeat the import that brought it (`kinsong import list`)"
        )
    places: NDArray[np.int64] = order[found]
    return places


def _refuse_unusable(plays: NDArray[Any], listener: NDArray[Any], artist: NDArray[Any]) -> None:
    most = np.finfo(np.float32).max
    bad = ~((plays >= 0) & (plays <= most))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise BuildError(
            f"listener id {listener[first]} has {plays[first]} plays of artist id {artist[first]}: plays must be "
            "finite and not negative; undo the import that brought them (`kinsong import list`)"
        )


def _listeners_per_artist(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return counts


def _frequent(triples: NDArray[np.int64], n_artists: int, min_playlists: int) -> NDArray[np.bool_]:
    """Which of the (playlist, position, artist) have an artist in enough playlists."""
    pairs = np.unique(triples[:, [0, 2]], axis=0)
    n_lists = len(np.unique(pairs[:, 0]))
    counts = np.bincount(pairs[:, 1], minlength=n_artists)
    frequent: NDArray[np.bool_] = counts[triples[:, 2]] >= max(1, min(min_playlists, n_lists))
    return frequent


def _varied(triples: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the (playlist, position, artist) stand in a playlist of at least two artists."""
    pairs = np.unique(triples[:, [0, 2]], axis=0)
    varied: NDArray[np.bool_] = np.bincount(pairs[:, 0])[triples[:, 0]] > 1 if len(pairs) else np.zeros(0, dtype=bool)
    return varied


def _changes(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows differ from the row before; the first always does."""
    return np.append(np.ones(min(1, len(keys)), dtype=bool), (keys[1:] != keys[:-1]).any(axis=1))
