"""`kinsong evaluate --held-out`: the models fitted anew, in memory, without a fifth of the plays or playlists.

What the other kinds of data taught is taken from the published run; the home is only read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from cf import als, vector_exp, word2vec
from cf.interactions import Interactions, Playlists
from cf.jobs import with_sessions
from db import listening, read
from db.artifacts import Artifact
from db.base import IdVector
from db.columnar import numbered
from db.errors import NotBuilt, StoreError
from db.home import Home
from db.publish import published_artifacts
from db.task import Progress, Task
from db.vectors import Vectors
from ensemble.evaluate import Scoreboard
from ensemble.held_out import LEAST, HeldOut, judge, split
from ensemble.inputs import Inputs, facts_of, plays_of, read_vectors
from ensemble.spaces import catalogue
from kinsong.config import Settings

Kind = Literal["plays", "playlists"]
TAUGHT: Mapping[Kind, tuple[str, ...]] = {"plays": ("als", "vector_exp"), "playlists": ("playlist",)}
"""The models that a kind of data teaches."""


def evaluate(home: Home, settings: Settings, kind: Kind, k: int, progress: Progress) -> Scoreboard:
    """Hold out a part of one kind of data, fit what it teaches without it, and judge by what was held out.

    Raises:
        NotBuilt: no run is published, or there are no such data, or none with enough artists to hold one out.
    """
    artifacts = published_artifacts(home)
    tables = {"plays": listening.play_totals(home), "playlists": listening.playlist_entries(home)}
    if not len(tables[kind]):
        raise NotBuilt(f"there are no {kind} to hold out: import some, then run `kinsong build`")
    with home.reading() as session:
        everybody, listeners = read.canonical_ids(session), read.listener_ids(session)
    whole = tables[kind]
    group, artist = _numbers(whole, kind, listeners, everybody)
    first = _first(home, whole) if kind == "plays" else None
    hidden = split(group, artist, settings.build.seed, first)
    if not hidden.any():
        raise NotBuilt(f"nothing can be held out: none of the {_groups(kind)} has {LEAST} artists or more; import more")
    tables[kind] = whole.filter(pa.array(~hidden))
    progress.say(f"{int(hidden.sum()):,} of {len(hidden):,} rows of {kind} are held out; fitting without them")
    taught = _taught(home, settings, kind)
    fitted = fit(kind, tables[kind], listeners, everybody, settings, home, progress)
    if "playlist" in taught and kind == "plays":
        fitted = (*fitted, *_without_sessions(home, settings, everybody, progress))
    vectors = _vectors(artifacts, taught, fitted)
    if not vectors:
        raise NotBuilt(f"no model can be fitted to what is left of the {kind}: import more")
    artists = catalogue(vectors, everybody)
    facts = facts_of(home, artifacts, artists, settings.related.page_artists, tables["plays"], tables["playlists"])
    asked = _asked(home, kind, tables[kind], group, artist, hidden, everybody, artists)
    progress.say("judging")
    notes = _notes(kind, taught, asked, len(artists), dated=first is not None and bool((first >= 0).any()))
    return judge(Inputs(vectors, artists, facts, ()), asked, k, settings.build.seed, settings.ranking(), notes)


def fit(
    kind: Kind, kept: pa.Table, listeners: IdVector, artists: IdVector, settings: Settings, home: Home,
    progress: Progress,
) -> tuple[Vectors, ...]:  # fmt: skip
    """Artist vectors of the models that a kind of data teaches, from these rows of it alone; seeds as in a build."""
    task = Task(home, {}, Path(), settings.build.seed, progress)
    if kind == "playlists":
        entries = with_sessions(home, kept, settings.playlist.session_gap)
        lists = Playlists.from_entries(entries, artists, min_playlists=settings.playlist.min_playlists)
        if not len(lists.artist_ids):
            return ()
        return (word2vec.fit(lists, settings.playlist, task.rng("playlist")).vectors["artist"],)
    aged = _aged(home, kept, settings.als.half_life)
    plays = Interactions.from_plays(aged, listeners, artists, min_listeners=settings.als.min_listeners)
    if not len(plays.artist_ids):
        return ()
    made = [als.fit(plays, settings.als, task.rng("als")).vectors["artist"]]
    if settings.vector_exp.enabled:
        plays = Interactions.from_plays(kept, listeners, artists, min_listeners=settings.vector_exp.min_listeners)
        made.append(vector_exp.fit(plays, settings.vector_exp, task.rng("vector_exp")).vectors["artist"])
    return tuple(made)


def _aged(home: Home, kept: pa.Table, half_life: float) -> pa.Table:
    """The kept plays, timed ones with the weight that ALS gives to old ones."""
    if not half_life:
        return kept
    pair = ["listener_id", "artist_id"]
    schema = pa.schema([kept.schema.field(name) for name in (*pair, "plays")])

    def collect(parts: Iterator[pa.RecordBatch]) -> pa.Table:
        return pa.Table.from_batches([part.cast(schema) for part in parts], schema)

    plays = listening.with_play_parts(home, collect, half_life=half_life)
    return plays.join(kept.select(pair), pair, join_type="left semi")


def _taught(home: Home, settings: Settings, kind: Kind) -> tuple[str, ...]:
    """The models that a kind of data teaches: plays the one of playlists too, where they have listening sessions."""
    gap = settings.playlist.session_gap
    sessions = kind == "plays" and gap > 0 and len(listening.session_entries(home, gap * 60)) > 0
    return (*TAUGHT[kind], *TAUGHT["playlists"]) if sessions else TAUGHT[kind]


def _without_sessions(home: Home, settings: Settings, artists: IdVector, progress: Progress) -> tuple[Vectors, ...]:
    """The model of playlists without listening sessions, which would tell it what is held out."""
    alone = settings.model_copy(update={"playlist": settings.playlist.model_copy(update={"session_gap": 0.0})})
    nobody = np.zeros(0, np.int64)
    return fit("playlists", listening.playlist_entries(home), nobody, artists, alone, home, progress)


def _vectors(
    artifacts: Mapping[str, Artifact], taught: tuple[str, ...], fitted: tuple[Vectors, ...]
) -> tuple[Vectors, ...]:  # fmt: skip
    """What was fitted anew, and what the other data taught."""
    others = read_vectors({step: artifact for step, artifact in artifacts.items() if step not in taught})
    return tuple(sorted((*others, *fitted), key=lambda one: one.model))


def _numbers(
    table: pa.Table, kind: Kind, listeners: IdVector, artists: IdVector
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Group and artist of each row, by their places in canonical order."""
    artist = _places(table, "artist_id", artists)
    if kind == "playlists":
        return numbered(table["playlist"])[0].astype(np.int64), artist
    return _places(table, "listener_id", listeners), artist


def _places(table: pa.Table, column: str, order: IdVector) -> NDArray[np.int64]:
    place = {int(one): number for number, one in enumerate(order)}
    return np.array([place[one] for one in table[column].to_pylist()], dtype=np.int64)


def _first(home: Home, plays: pa.Table) -> NDArray[np.int64]:
    """When each row of the plays was first heard, -1 where that is not known."""
    found = listening.first_plays(home)
    pair = ["listener_id", "artist_id"]
    if not found.select(pair).equals(plays.select(pair)):
        raise StoreError("plays were imported while they were read: run the command again")
    return np.asarray(found["first"].cast(pa.int64()).fill_null(-1), dtype=np.int64)


def _asked(
    home: Home, kind: Kind, kept: pa.Table, group: NDArray[np.int64], artist: NDArray[np.int64],
    hidden: NDArray[np.bool_], everybody: IdVector, artists: IdVector,
) -> HeldOut:  # fmt: skip
    """By catalogue position; an artist outside the catalogue is the catalogue's size and its canonical place."""
    place = {int(one): number for number, one in enumerate(artists)}
    position = np.array([place.get(int(one), len(artists) + n) for n, one in enumerate(everybody)], dtype=np.int64)
    answers: dict[int, list[int]] = {}
    for whose, item in np.unique(np.stack([group[hidden], position[artist[hidden]]], axis=1), axis=0).tolist():
        answers.setdefault(whose, []).append(item)
    if kind == "plays":
        return HeldOut(plays_of(home, artists, kept), answers)
    row, column = position[artist[~hidden]], group[~hidden]
    inside = row < len(artists)
    shape = (len(artists), int(group.max()) + 1)
    ones = np.ones(int(inside.sum()))
    return HeldOut(sparse.csr_matrix((ones, (row[inside], column[inside])), shape=shape), answers)


def _notes(kind: Kind, taught: tuple[str, ...], asked: HeldOut, n_artists: int, *, dated: bool) -> list[str]:
    total = sum(map(len, asked.hidden.values()))
    outside = sum(item >= n_artists for items in asked.hidden.values() for item in items)
    which = "the newest where all of a listener's plays have dates" if dated else "at random"
    told = [f"held out: a fifth of the artists of each of {len(asked.hidden):,} {_groups(kind)}, {which}: {total:,}; "
            f"{' and '.join(taught)} fitted without them, what other data taught is as published"]  # fmt: skip
    if outside:
        told.append(f"{outside:,} of these no model knows without them: they count, and no ranking can find them")
    return told


def _groups(kind: Kind) -> str:
    return "listeners" if kind == "plays" else "playlists"
