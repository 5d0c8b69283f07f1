"""The build step of Discover: plays, vectors and published relations in, a list for every listener out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse
from sqlalchemy import select

from db import listening, read
from db.artifacts import Artifact
from db.base import IdVector, now
from db.catalog import Track, TrackArtist
from db.columnar import write_parquet
from db.errors import ArtifactDamaged
from db.faults import reached
from db.never import never_suggested
from db.publish import published_artifact
from db.ratings import thumbs_down
from db.task import Task
from db.vectors import Vectors
from db.verdicts import refused
from ensemble.discover import Config, Factors, Question, Source, discover, placed, weighted_means
from ensemble.discover_lists import Before, Catalogue, table
from ensemble.discover_reasons import Relations
from ensemble.discover_walk import Neighbours, walk
from ensemble.inputs import places_of

FILE = "discovery.parquet"
BIAS = "bias.npy"
_EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True, eq=False)
class _World:
    """What is asked, and how its rows are called in the database.

    Attributes:
        question: listeners and items.
        catalogue: ids.
        relations: published, among the catalogue's artists.
    """

    question: Question
    catalogue: Catalogue
    relations: Relations


def lists(task: Task, config: Config, shown: int) -> dict[str, int]:
    """Write discovery.parquet: every listener's list, with reasons.

    Args:
        task: artefacts of als, vector_exp, playlist and related, as far as they are there.
        config: settings.
        shown: how many related artists views show.

    Returns:
        Listeners, entries, and entries with a reason.
    """
    task.progress.say("discover: plays")
    world = _world(task, config, shown)
    reached("discover.plays")
    task.progress.say("discover: lists")
    found = discover(world.question, list(_sources(task, world, config)), world.relations, config)
    reached("discover.lists")
    today = int((np.datetime64(now().date(), "D") - _EPOCH).astype(np.int64))
    before = _before(task, world.catalogue)
    rows = table(found, world.question.artist_plays, world.catalogue, before, today, config)
    write_parquet(rows, task.output / FILE)
    reached("discover.written")
    return {
        "listeners": int((found.items >= 0).any(axis=1).sum()), "entries": len(rows),
        "reasons": len(rows) - rows["because_id"].null_count,
    }  # fmt: skip


def _world(task: Task, config: Config, shown: int) -> _World:
    with task.home.reading() as session:
        listeners, artists = read.listener_ids(session), read.canonical_ids(session)
        never = np.array(sorted(never_suggested(session)), dtype=np.int64)
        not_wanted, down = refused(session), thumbs_down(session)
    totals = listening.play_totals(task.home)
    plays = _matrix(totals, listeners, artists, "artist_id")
    relations = _relations(task.inputs.get("related"), artists, shown)
    closed = _pairs(not_wanted, "artist", listeners, artists) + _through(plays, down, artists)
    tracks = _tracks(task, config, totals)
    if tracks is None:
        own = np.arange(len(artists), dtype=np.int32)
        question = Question(plays, own, plays, False, np.isin(artists, never), closed.astype(bool))
        return _World(question, Catalogue(listeners, artists, None, own), relations)
    own = places_of(tracks.first, artists).astype(np.int32)
    closed = closed.tocsc()[:, own].tocsr() + _pairs(not_wanted, "track", listeners, tracks.ids)
    flagged = np.isin(tracks.ids, tracks.made[np.isin(tracks.made[:, 1], never), 0])
    heard = _matrix(tracks.plays, listeners, tracks.ids, "track_id")
    question = Question(heard, own, plays, True, flagged, closed.astype(bool))
    return _World(question, Catalogue(listeners, artists, tracks.ids, own), relations)


@dataclass(frozen=True, eq=False)
class _Tracks:
    """The catalogue's tracks.

    Attributes:
        ids: int64 (n,), in canonical order.
        first: int64 (n,), id of the artist that is named first.
        made: int64 (m, 2), (track id, artist id) of all who made them.
        plays: as of `db.listening.track_totals`.
    """

    ids: IdVector
    first: IdVector
    made: NDArray[np.int64]
    plays: pa.Table


def _tracks(task: Task, config: Config, totals: pa.Table) -> _Tracks | None:
    """None where lists are made of artists."""
    if config.items == "artists":
        return None
    plays = listening.track_totals(task.home)
    named, every = (pc.sum(one["plays"]).as_py() or 0.0 for one in (plays, totals))
    if not len(plays) or (config.items == "auto" and named < every / 2):
        return None
    with task.home.reading() as session:
        ids = read.track_ids(session)
        first = dict(session.execute(select(Track.id, Track.artist_id)).all())
        made = session.execute(select(TrackArtist.track_id, TrackArtist.artist_id)).all()
    pairs = np.array([tuple(row) for row in made], dtype=np.int64).reshape(-1, 2)
    return _Tracks(ids, np.array([first[track] for track in ids.tolist()], dtype=np.int64), pairs, plays)


def _sources(task: Task, world: _World, config: Config) -> Iterator[Source]:
    """All that can say something, in an order that does not depend on what is there."""
    catalogue, question = world.catalogue, world.question
    for model in ("als", "vector_exp"):
        artifact = task.inputs.get(model)
        if artifact is not None and (artifact.path / f"{model}.listener.npy").exists():
            yield _factors(artifact, model, catalogue)
    playlists = task.inputs.get("playlist")
    if playlists is not None and (playlists.path / "playlist.artist.npy").exists():
        space = Vectors.load(playlists.path, "playlist", "artist").check()
        unit = placed(space.rows_of(catalogue.artists), space.unit())
        yield Factors("playlist", weighted_means(question.artist_plays, unit), unit[catalogue.artist])
    if config.weights.get("walk", 1.0):
        yield walk(question.plays, config.neighbours, config.popularity)
    if catalogue.tracks is None:
        yield _related(world.relations)


def _factors(artifact: Artifact, model: str, catalogue: Catalogue) -> Factors:
    """A model of listeners and artists; a track has the vector of its artist."""
    listeners, artists = (Vectors.load(artifact.path, model, entity).check() for entity in ("listener", "artist"))
    one, other = listeners.rows_of(catalogue.listeners), artists.rows_of(catalogue.artists)[catalogue.artist]
    file = artifact.path / BIAS
    if not file.exists():
        return Factors(model, placed(one, listeners.matrix), placed(other, artists.matrix))
    bias = np.load(file, allow_pickle=False).astype(np.float32)
    ones = np.ones(len(listeners), dtype=np.float32)
    return Factors(model, placed(one, listeners.matrix, ones), placed(other, artists.matrix, bias))


def _related(relations: Relations) -> Neighbours:
    """Published relations as a source."""
    sizes = np.diff(relations.starts)
    shape = len(sizes), int(sizes.max(initial=0))
    rows, weights = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float32)
    whose = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(whose)) - relations.starts[whose]
    rows[whose, place], weights[whose, place] = relations.related, relations.score
    return Neighbours("related", rows, weights)


def _matrix(totals: pa.Table, listeners: IdVector, items: IdVector, column: str) -> sparse.csr_matrix:
    rows, columns = places_of(_column(totals, "listener_id"), listeners), places_of(_column(totals, column), items)
    known = (rows >= 0) & (columns >= 0)
    plays = totals["plays"].to_numpy().astype(np.float32)[known]
    shape = len(listeners), len(items)
    matrix = sparse.csr_matrix((plays, (rows[known].astype(np.int32), columns[known].astype(np.int32))), shape=shape)
    matrix.sort_indices()
    return matrix


def _relations(related: Artifact | None, artists: IdVector, shown: int) -> Relations:
    none = np.empty(0, dtype=np.int64)
    whose, other, score = none, none, np.empty(0, dtype=np.float32)
    if related is not None and (related.path / "related.parquet").exists():
        rows = pq.read_table(related.path / "related.parquet", columns=["artist_id", "rank", "related_id", "score"])
        whose, other = places_of(_column(rows, "artist_id"), artists), places_of(_column(rows, "related_id"), artists)
        order = np.lexsort((rows["rank"].to_numpy(), whose))
        order = order[(whose[order] >= 0) & (other[order] >= 0)]
        whose, other, score = whose[order], other[order], rows["score"].to_numpy()[order]
    starts = np.searchsorted(whose, np.arange(len(artists) + 1)).astype(np.int64)
    return Relations(starts, other.astype(np.int32), score.astype(np.float32), shown)


def _pairs(
    found: Sequence[tuple[int, str, int]], kind: str, listeners: IdVector, items: IdVector
) -> sparse.csr_matrix:
    """Which listener does not want which item. CSR int8."""
    mine = [(listener, thing) for listener, what, thing in found if what == kind]
    pairs = np.array(mine, dtype=np.int64).reshape(-1, 2)
    rows, columns = places_of(pairs[:, 0], listeners), places_of(pairs[:, 1], items)
    known = (rows >= 0) & (columns >= 0)
    ones = np.ones(int(known.sum()), dtype=np.int8)
    return sparse.csr_matrix((ones, (rows[known], columns[known])), shape=(len(listeners), len(items)))


def _through(plays: sparse.csr_matrix, down: Sequence[tuple[int, int]], artists: IdVector) -> sparse.csr_matrix:
    """Whom listeners are not to be given since somebody they play is said to be unlike. CSR int8."""
    pairs = places_of(np.array(down, dtype=np.int64).reshape(-1), artists).reshape(-1, 2)
    pairs = pairs[(pairs >= 0).all(axis=1)]
    ones = np.ones(len(pairs), dtype=np.int32)
    unlike = sparse.csr_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(artists), len(artists)))
    return ((plays.astype(bool).astype(np.int32) @ unlike) > 0).astype(np.int8)


def _before(task: Task, catalogue: Catalogue) -> Before:
    """The lists that readers see now; none where there are none, or none that can be read."""
    none = np.empty(0, dtype=np.int64)
    try:
        artifact = published_artifact(task.home, "discover")
    except ArtifactDamaged as error:
        task.progress.say(f"discover: everything counts as new, since {error}")
        artifact = None
    if artifact is None or not (artifact.path / FILE).exists():
        return Before(none, none, none)
    return _read_before(artifact.path / FILE, catalogue)


def _read_before(path: Path, catalogue: Catalogue) -> Before:
    rows = pq.read_table(path, columns=["listener_id", "artist_id", "track_id", "since", "spare"])
    rows = rows.filter(pc.invert(rows["spare"]))  # nobody was shown those
    rows = rows.filter(pc.is_null(rows["track_id"]) if catalogue.tracks is None else pc.is_valid(rows["track_id"]))
    ids, column = (catalogue.artists, "artist_id") if catalogue.tracks is None else (catalogue.tracks, "track_id")
    listener, item = places_of(_column(rows, "listener_id"), catalogue.listeners), places_of(_column(rows, column), ids)
    since = np.asarray(rows["since"].to_pylist(), dtype="datetime64[D]").astype(np.int64)
    known = (listener >= 0) & (item >= 0)
    return Before(listener[known], item[known], since[known])


def _column(rows: pa.Table, name: str) -> IdVector:
    return np.asarray(rows[name], dtype=np.int64)
