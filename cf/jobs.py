"""The build steps of this package: listening facts in, `Vectors` out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from cf import als as als_model
from cf import tracks, word2vec
from cf import vector_exp as vector_exp_model
from cf.fitted import Fitted
from cf.fold_in import fold_in_biased
from cf.interactions import Gathered, Interactions, Playlists, Room
from db.faults import reached
from db.listening import playlist_entries, session_entries, track_entries, track_totals, with_play_parts
from db.read import canonical_ids, listener_ids, track_ids
from db.vectors import Vectors, save_array

if TYPE_CHECKING:
    from db.base import IdVector
    from db.home import Home
    from db.task import Task

_LEAST_MIB = 64  # DuckDB does not join with less


def als(task: Task, config: als_model.Config) -> dict[str, int]:
    """Vectors als/artist and als/listener from plays; nothing when there are none. Biases get files of their own."""
    with tempfile.TemporaryDirectory(prefix="als-", dir=task.output) as folder:
        room = None if config.most_bytes is None else Room(Path(folder), config.most_bytes)
        data = read_plays(
            task.home, min_listeners=config.min_listeners, half_life=config.half_life, room=room
        )  # fmt: skip
        if not len(data.artist_ids):
            return {}
        reached("als.read")
        fitted = als_model.fit(data, config, task.rng("als"), _start(task, config))
        reached("als.fitted")
        losses = fitted.arrays["loss"]
        task.progress.say(f"als: loss {losses[0]:.4g} → {losses[-1]:.4g} in {len(losses) - 1} iterations")
        if config.biases:
            for entity, name in als_model.BIASES.items():
                _save_biases(task.output, entity, fitted.arrays[name])
        return _save(task, fitted)


def _start(task: Task, config: als_model.Config) -> Fitted | None:
    """The fit of the published run, where there is one of the same dim to begin from."""
    if task.parent is None or not (task.parent.path / "als.artist.npy").exists():
        return None
    found = {entity: Folded.load(task.parent.path, entity) for entity in als_model.BIASES}
    dims = {one.vectors.dim for one in found.values()}
    if dims != {config.dim}:
        task.progress.say(f"als: the published fit has dim {', '.join(map(str, sorted(dims)))}; starting afresh")
        return None
    biases = {als_model.BIASES[entity]: one.biases for entity, one in found.items() if one.biases is not None}
    return Fitted({entity: one.vectors for entity, one in found.items()}, biases)


def playlist(task: Task, config: word2vec.SessionConfig) -> dict[str, int]:
    """Vectors playlist/artist from playlists and listening sessions; nothing when there are none."""
    data = read_playlists(task.home, config.min_playlists, config.session_gap)
    if not len(data.artist_ids):
        return {}
    reached("playlist.read")
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
    data = read_plays(task.home, min_listeners=config.min_listeners)
    if not len(data.artist_ids):
        return {}
    reached("vector_exp.read")
    fitted = vector_exp_model.fit(data, config, task.rng("vector_exp"))
    reached("vector_exp.fitted")
    losses = fitted.arrays["loss"]
    task.progress.say(f"vector_exp: loss {losses[0]:.4g} → {losses[-1]:.4g} in {len(losses)} epochs")
    save_array(task.output / "bias.npy", fitted.arrays["bias"])
    return _save(task, fitted)


def als_tracks(task: Task, config: als_model.Config) -> dict[str, int]:
    """Vectors als/track from plays that name a track; nothing when there are none."""
    with task.home.reading() as session:
        listeners, known = listener_ids(session), track_ids(session)
    data = tracks.plays(track_totals(task.home), listeners, known, config.min_listeners)
    if not len(data.artist_ids):
        return {}
    reached("als_tracks.read")
    fitted = tracks.fit_plays(data, config, task.rng("als_tracks"))
    reached("als_tracks.fitted")
    return _save(task, fitted)


def playlist_tracks(task: Task, words: word2vec.Config, lists: als_model.Config) -> dict[str, int]:
    """Vectors playlist/track and lists/track from playlists; nothing when there are none."""
    with task.home.reading() as session:
        known = track_ids(session)
    entries = track_entries(task.home)
    places = tracks.playlists(entries, known, words.min_playlists)
    members = tracks.memberships(entries, known, lists.min_listeners)
    made: dict[str, int] = {}
    reached("playlist_tracks.read")
    if len(places.artist_ids):
        made["tracks"] = _save(task, tracks.fit_playlists(places, words, task.rng("playlist_tracks")))["tracks"]
    reached("playlist_tracks.fitted")
    if len(members.artist_ids):
        made["listed"] = _save(task, tracks.fit_lists(members, lists, task.rng("list_tracks")))["tracks"]
    return made


def read_plays(
    home: Home, *, min_listeners: int, half_life: float = 0.0, room: Room | None = None
) -> Interactions:  # fmt: skip
    """All plays of a home, as models read them; in files where there is a room.

    Args:
        home: the workspace.
        min_listeners: artists with fewer are left out.
        half_life: days in which a timed listen loses half its weight; 0 for never.
        room: where plays go that shall not be held in memory.
    """
    with home.reading() as session:
        listeners, artists = listener_ids(session), canonical_ids(session)

    def gather(parts: Iterator[pa.RecordBatch]) -> Gathered:
        batches = (tuple(part.column(n).to_numpy() for n in range(3)) for part in parts)
        return Gathered.of(batches, listeners, artists, room)

    memory = "1GB" if room is None else f"{max(_LEAST_MIB, room.size // 3 >> 20)}MiB"
    gathered = with_play_parts(home, gather, half_life=half_life, memory=memory)
    # by now DuckDB has given back what it took
    return Interactions.from_gathered(gathered, min_listeners=min_listeners)


def read_playlists(home: Home, min_playlists: int, session_gap: float = 0.0) -> Playlists:
    """All playlists of a home, as models read them.

    Args:
        home: the workspace.
        min_playlists: artists in fewer are left out.
        session_gap: minutes without a listen that end a session, which is a playlist too; 0: none is.
    """
    with home.reading() as session:
        artists = canonical_ids(session)
    entries = with_sessions(home, playlist_entries(home), session_gap)
    return Playlists.from_entries(entries, artists, min_playlists=min_playlists)


def with_sessions(home: Home, entries: pa.Table, gap: float) -> pa.Table:
    """Entries of playlists (playlist, position, artist_id) and, after them, of listening sessions."""
    if not gap:
        return entries
    sessions = session_entries(home, gap * 60)
    return pa.concat_tables([entries.select(sessions.column_names), sessions])


def newcomers(home: Home, fit: Path, config: als_model.Config, output: Path) -> dict[str, int]:
    """Vectors als/listener and als/artist, in the folder "als" below the output, of whom the ALS fit in a folder does
    not know: listeners from the fitted artists, then artists from all these listeners. Biases come with them where the
    fit has any."""
    data = read_plays(home, min_listeners=config.min_listeners, half_life=config.half_life)
    artists, listeners = (Folded.load(fit, entity) for entity in ("artist", "listener"))
    fresh = _folded(data.matrix, data.listener_ids, data.artist_ids, listeners.vectors, artists, config)
    everybody = listeners.joined(fresh)
    more = _folded(data.by_artist, data.artist_ids, data.listener_ids, artists.vectors, everybody, config)
    folder = output / als_model.MODEL
    folder.mkdir()
    for folded in (fresh, more):
        folded.vectors.save(folder)
        if folded.biases is not None:
            _save_biases(folder, folded.vectors.entity, folded.biases)
    return {"listeners": len(fresh.vectors), "artists": len(more.vectors)}


@dataclass(frozen=True, eq=False)
class Folded:
    """One side of an ALS fit: its vectors, and float32 (n,) biases where the fit has them."""

    vectors: Vectors
    biases: NDArray[np.float32] | None

    @classmethod
    def load(cls, folder: Path, entity: str) -> Folded:
        """What `als` or `newcomers` left in a folder."""
        file = _biases_file(folder, entity)
        biases = np.load(file, allow_pickle=False) if file.exists() else None
        return cls(Vectors.load(folder, als_model.MODEL, entity), biases)

    def joined(self, other: Folded) -> Folded:
        """Both, the first ones first."""
        one, two = self.vectors, other.vectors
        ids, matrix = np.concatenate([one.ids, two.ids]), np.concatenate([one.matrix, two.matrix])
        biases = None
        if self.biases is not None and other.biases is not None:
            biases = np.concatenate([self.biases, other.biases])
        return Folded(Vectors(one.model, one.entity, ids, matrix), biases)


def _biases_file(folder: Path, entity: str) -> Path:
    return folder / f"{als_model.BIASES[entity]}.npy"


def _save_biases(folder: Path, entity: str, biases: NDArray[np.float32]) -> None:
    save_array(_biases_file(folder, entity), biases)


def _folded(
    plays: sparse.csr_matrix, ids: IdVector, column_ids: IdVector, known: Vectors, fixed: Folded,
    config: als_model.Config,
) -> Folded:  # fmt: skip
    """The rows that are not among the known ones, from the fixed vectors of the other side."""
    rows = np.flatnonzero(known.rows_of(ids) < 0)
    part = plays[rows].tocoo()
    columns = fixed.vectors.rows_of(column_ids)[part.col]
    there = columns >= 0
    shape = len(rows), len(fixed.vectors)
    against = sparse.csr_matrix((part.data[there], (part.row[there], columns[there])), shape=shape)
    matrix, biases = fold_in_biased(against, fixed.vectors, config, fixed.biases)
    said = np.diff(against.indptr) > 0
    vectors = Vectors(known.model, known.entity, ids[rows[said]], matrix[said])
    return Folded(vectors, None if biases is None else biases[said])
