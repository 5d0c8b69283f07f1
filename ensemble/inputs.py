"""What the ensemble reads: vectors out of artefacts, facts out of the home, as arrays over a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy import select

from db import listening, read
from db.artifacts import Artifact
from db.base import IdVector
from db.home import Home
from db.vectors import Vectors
from db.web import Document
from ensemble.facts import Facts, Incidence
from ensemble.index import CONTENTS, AnnoyIndex, open_index
from ensemble.spaces import catalogue

SUFFIX = ".artist.npy"


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that a ranking is made of.

    Attributes:
        vectors: one per model, by model name.
        artists: the catalogue, ids in canonical order. int64 (n_artists,).
        facts: over the catalogue.
        judged: (artist id, similar id, grade) of all labels.
    """

    vectors: tuple[Vectors, ...]
    artists: IdVector
    facts: Facts
    judged: tuple[tuple[int, int, float], ...]


def read_inputs(home: Home, artifacts: Mapping[str, Artifact]) -> Inputs:
    """Everything, from a home and the artefacts of the steps that feed the ensemble.

    Raises:
        ArtifactDamaged: vectors are not what their model wrote.
        StoreError: listening facts cannot be read.
    """
    vectors = read_vectors(artifacts)
    with home.reading() as session:
        artists = catalogue(vectors, read.canonical_ids(session))
        judged = tuple(read.label_pairs(session))
    return Inputs(vectors, artists, read_facts(home, artifacts, artists), judged)


def read_vectors(artifacts: Mapping[str, Artifact]) -> tuple[Vectors, ...]:
    """The artist vectors of every model that made some, by model name.

    Raises:
        ArtifactDamaged: a file is not what its model wrote.
    """
    found: dict[str, Vectors] = {}
    for artifact in artifacts.values():
        for path in artifact.path.glob(f"*{SUFFIX}"):
            model = path.name.removesuffix(SUFFIX)
            vectors = Vectors.load(artifact.path, model, "artist").check()
            if len(vectors):
                found[model] = vectors
    return tuple(found[model] for model in sorted(found))


def read_indexes(artifacts: Mapping[str, Artifact], vectors: Sequence[Vectors]) -> dict[str, AnnoyIndex]:
    """The Annoy index of each model that has one.

    Raises:
        ArtifactDamaged: an index is not one over these vectors.
    """
    artifact = artifacts.get("index")
    if artifact is None or not (artifact.path / CONTENTS).exists():
        return {}
    opened = ((one.model, open_index(artifact, one)) for one in vectors)
    return {model: index for model, index in opened if index is not None}


def read_facts(home: Home, artifacts: Mapping[str, Artifact], artists: IdVector) -> Facts:
    """Listeners, playlists, pages and terms of a catalogue.

    Raises:
        StoreError: listening facts cannot be read.
    """
    plays, entries = listening.play_totals(home), listening.playlist_entries(home)
    with home.reading() as session:
        listeners = read.listener_ids(session)
        urls = {row.id: row.url for row in session.execute(select(Document.id, Document.url))}
    playlists, playlist_names = _playlists(entries, artists)
    pages, page_urls = _pages(_table(artifacts, "read", "mentions.parquet"), urls, artists)
    terms, term_names = _terms(_table(artifacts, "terms", "terms.parquet"), artists)
    players = _places(plays, "artist_id", artists)
    return Facts(
        Incidence.of(len(artists), players, _places(plays, "listener_id", listeners)),
        playlists, pages, terms, playlist_names, page_urls, term_names,
    )  # fmt: skip


def _playlists(entries: pa.Table, artists: IdVector) -> tuple[Incidence, tuple[str, ...]]:
    things, keys = _numbered(entries["playlist"])
    table = Incidence.of(len(artists), _places(entries, "artist_id", artists), things)
    names = dict(zip(entries["playlist"].to_pylist(), entries["name"].to_pylist(), strict=True))
    return table, tuple(names[key] for key in keys)


def _pages(mentions: pa.Table | None, urls: Mapping[int, str], artists: IdVector) -> tuple[Incidence, tuple[str, ...]]:
    if mentions is None:
        return Incidence.empty(len(artists)), ()
    things, names = _numbered(pa.array([urls.get(i, "") for i in mentions["document_id"].to_pylist()], pa.string()))
    return Incidence.of(len(artists), _places(mentions, "artist_id", artists), things), names


def _terms(terms: pa.Table | None, artists: IdVector) -> tuple[Incidence, tuple[str, ...]]:
    """A term that stands under several kinds is one thing, with its largest weight."""
    if terms is None:
        return Incidence.empty(len(artists)), ()
    terms = terms.filter(pc.greater(terms["weight"], 0))
    things, names = _numbered(terms["term"])
    weights = np.asarray(terms["weight"], dtype=np.float64)
    return Incidence.of(len(artists), _places(terms, "artist_id", artists), things, weights), names


def _table(artifacts: Mapping[str, Artifact], step: str, file: str) -> pa.Table | None:
    artifact = artifacts.get(step)
    if artifact is None or not (artifact.path / file).exists():
        return None
    return pq.read_table(artifact.path / file)


def _numbered(names: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Each name's number in byte order, and the names in that order."""
    values = names.to_pylist()
    ordered = sorted(set(values))
    number = {name: place for place, name in enumerate(ordered)}
    return np.fromiter((number[name] for name in values), dtype=np.int64, count=len(values)), tuple(ordered)


def _places(table: pa.Table, column: str, order: IdVector) -> NDArray[np.int64]:
    """Each id's place in `order`, -1 where it is not there."""
    ids = np.asarray(table[column], dtype=np.int64)
    if not len(order):
        return np.full(len(ids), -1, dtype=np.int64)
    sorter = np.argsort(order, kind="stable")
    place = sorter[np.minimum(np.searchsorted(order, ids, sorter=sorter), len(order) - 1)]
    return np.where(order[place] == ids, place, -1)
