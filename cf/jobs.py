"""The build steps of this package: listening facts in, `Vectors` out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import sparse

from cf import als as als_model
from cf import vector_exp as vector_exp_model
from cf import word2vec
from cf.fold_in import fold_in
from cf.interactions import Interactions, Playlists, Room
from db.listening import play_totals, playlist_entries, with_play_parts
from db.read import canonical_ids, listener_ids
from db.vectors import Vectors

if TYPE_CHECKING:
    from cf.fitted import Fitted
    from db.base import IdVector
    from db.home import Home
    from db.task import Task

_LEAST_MIB = 64  # DuckDB does not join with less


def als(task: Task, config: als_model.Config) -> dict[str, int]:
    """Vectors als/artist and als/listener from plays; nothing when there are none. Biases get files of their own."""
    with tempfile.TemporaryDirectory(prefix="als-", dir=task.output) as folder:
        room = None if config.most_bytes is None else Room(Path(folder), config.most_bytes)
        data = plays_of(task.home, config, room)
        if not len(data.artist_ids):
            return {}
        fitted = als_model.fit(data, config, task.rng("als"))
        losses = fitted.arrays["loss"]
        task.progress.say(f"als: loss {losses[0]:.4g} → {losses[-1]:.4g} in {len(losses) - 1} iterations")
        for entity in fitted.vectors if config.biases else ():
            name = als_model.BIASES[entity]
            np.save(task.output / f"{name}.npy", fitted.arrays[name], allow_pickle=False)
        return _save(task, fitted)


def plays_of(home: Home, config: als_model.Config, room: Room | None = None) -> Interactions:
    """All plays of a home as ALS reads them; in files where there is a room."""
    with home.reading() as session:
        listeners, artists = listener_ids(session), canonical_ids(session)

    def collect(parts: Iterator[pa.RecordBatch]) -> Interactions:
        batches = (tuple(part.column(n).to_numpy() for n in range(3)) for part in parts)
        return Interactions.from_batches(batches, listeners, artists, min_listeners=config.min_listeners, room=room)

    memory = "1GB" if room is None else f"{max(_LEAST_MIB, room.size // 2 >> 20)}MiB"
    return with_play_parts(home, collect, half_life=config.half_life, memory=memory)


def playlist(task: Task, config: word2vec.Config) -> dict[str, int]:
    """Vectors playlist/artist from playlists; nothing when there are none."""
    data = read_playlists(task.home, config.min_playlists)
    if not len(data.artist_ids):
        return {}
    return _save(task, word2vec.fit(data, config, task.rng("playlist")))


def _save(task: Task, fitted: Fitted) -> dict[str, int]:
    """Write every entity's vectors; how many of each."""
    for vectors in fitted.vectors.values():
        vectors.save(task.output)
    return {f"{entity}s": len(vectors) for entity, vectors in fitted.vectors.items()}


def vector_exp(task: Task, config: vector_exp_model.Config) -> dict[str, int]:
    """Vectors vector_exp/artist and vector_exp/listener from plays; nothing when there are none or it is off."""
    if not config.enabled:
        return {}
    data = read_plays(task.home, config.min_listeners)
    if not len(data.artist_ids):
        return {}
    fitted = vector_exp_model.fit(data, config, task.rng("vector_exp"))
    losses = fitted.arrays["loss"]
    task.progress.say(f"vector_exp: loss {losses[0]:.4g} → {losses[-1]:.4g} in {len(losses)} epochs")
    np.save(task.output / "bias.npy", fitted.arrays["bias"], allow_pickle=False)
    return _save(task, fitted)


def read_plays(home: Home, min_listeners: int) -> Interactions:
    """All plays of a home, as models read them."""
    with home.reading() as session:
        listeners, artists = listener_ids(session), canonical_ids(session)
    return Interactions.from_plays(play_totals(home), listeners, artists, min_listeners=min_listeners)


def read_playlists(home: Home, min_playlists: int) -> Playlists:
    """All playlists of a home, as models read them."""
    with home.reading() as session:
        artists = canonical_ids(session)
    return Playlists.from_entries(playlist_entries(home), artists, min_playlists=min_playlists)


def newcomers(home: Home, fit: Path, config: als_model.Config, output: Path) -> dict[str, int]:
    """Vectors als/listener and als/artist, in the folder "als" below the output, of whom the ALS fit in a folder does
    not know: listeners from the fitted artists, then artists from all these listeners."""
    data = read_plays(home, config.min_listeners)
    artists, listeners = (Vectors.load(fit, als_model.MODEL, entity) for entity in ("artist", "listener"))
    fresh = _folded(data.matrix, data.listener_ids, data.artist_ids, listeners, artists, config)
    everybody = joined(listeners, fresh)
    more = _folded(data.by_artist, data.artist_ids, data.listener_ids, artists, everybody, config)
    folder = output / als_model.MODEL
    folder.mkdir()
    for vectors in (fresh, more):
        vectors.save(folder)
    return {"listeners": len(fresh), "artists": len(more)}


def _folded(
    plays: sparse.csr_matrix, ids: IdVector, column_ids: IdVector, known: Vectors, fixed: Vectors,
    config: als_model.Config,
) -> Vectors:  # fmt: skip
    """Vectors of the rows that are not among the known ones, from the fixed vectors of the other side."""
    rows = np.flatnonzero(known.rows_of(ids) < 0)
    part = plays[rows].tocoo()
    columns = fixed.rows_of(column_ids)[part.col]
    there = columns >= 0
    shape = len(rows), len(fixed)
    against = sparse.csr_matrix((part.data[there], (part.row[there], columns[there])), shape=shape)
    matrix = fold_in(against, fixed, config)
    said = np.diff(against.indptr) > 0
    return Vectors(known.model, known.entity, ids[rows[said]], matrix[said])


def joined(one: Vectors, other: Vectors) -> Vectors:
    """The vectors of both, the first ones first."""
    ids = np.concatenate([one.ids, other.ids])
    return Vectors(one.model, one.entity, ids, np.concatenate([one.matrix, other.matrix]))
