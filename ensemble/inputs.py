"""What the ensemble reads: vectors out of artefacts, facts out of the home, as arrays over a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db import listening, read
from db.artifacts import Artifact
from db.base import IdVector
from db.catalog import Alias, Artist
from db.columnar import numbered
from db.home import Home
from db.never import never_suggested
from db.task import Progress
from db.vectors import Vectors
from db.web import Document
from ensemble.facts import Facts, Incidence
from ensemble.index import CONTENTS, AnnoyIndex, open_index
from ensemble.sentences import Quotes, Sentence, quotes, sentences
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
        never: ids of artists who are not to be suggested. int64 (n,).
    """

    vectors: tuple[Vectors, ...]
    artists: IdVector
    facts: Facts
    judged: tuple[tuple[int, int, float], ...]
    never: IdVector = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def read_inputs(home: Home, artifacts: Mapping[str, Artifact], page_artists: int) -> Inputs:
    """Everything, from a home and the artefacts of the steps that feed the ensemble.

    Args:
        home: the workspace.
        artifacts: verified, by step.
        page_artists: pages that name more artists are left out.

    Raises:
        ArtifactDamaged: vectors are not what their model wrote.
        StoreError: listening facts cannot be read.
    """
    vectors = read_vectors(artifacts)
    with home.reading() as session:
        artists = catalogue(vectors, read.canonical_ids(session))
        judged = tuple(read.label_pairs(session))
        never = np.array(sorted(never_suggested(session)), dtype=np.int64)
    return Inputs(vectors, artists, read_facts(home, artifacts, artists, page_artists), judged, never)


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


def read_facts(home: Home, artifacts: Mapping[str, Artifact], artists: IdVector, page_artists: int) -> Facts:
    """Listeners, playlists, pages and terms of a catalogue; see `read_inputs`.

    Raises:
        StoreError: listening facts cannot be read.
    """
    plays, entries = listening.play_totals(home), listening.playlist_entries(home)
    return facts_of(home, artifacts, artists, page_artists, plays, entries)


def facts_of(
    home: Home, artifacts: Mapping[str, Artifact], artists: IdVector, page_artists: int, plays: pa.Table,
    entries: pa.Table,
) -> Facts:  # fmt: skip
    """What `read_facts` reads, with these plays (as `play_totals`) and playlist entries instead of the home's own."""
    with home.reading() as session:
        listeners = read.listener_ids(session)
        documents = session.execute(select(Document.id, Document.url).order_by(Document.url)).all()
    playlists, playlist_names = _playlists(entries, artists)
    pages, page_urls = _pages(_table(artifacts, "read", "mentions.parquet"), documents, artists)
    terms, term_names = _terms(_table(artifacts, "terms", "terms.parquet"), artists)
    players = places(plays, "artist_id", artists)
    return Facts(
        Incidence.of(len(artists), players, places(plays, "listener_id", listeners)),
        playlists, pages.narrow(page_artists), terms, playlist_names, page_urls, term_names,
    )  # fmt: skip


def read_plays(home: Home, artists: IdVector) -> sparse.csr_matrix:
    """Who was played by whom how often: CSR float64 (n_artists, n_listeners).

    Raises:
        StoreError: listening facts cannot be read.
    """
    return plays_of(home, artists, listening.play_totals(home))


def plays_of(home: Home, artists: IdVector, plays: pa.Table) -> sparse.csr_matrix:
    """What `read_plays` reads, out of these plays (as `play_totals`) instead of the home's own."""
    with home.reading() as session:
        listeners = read.listener_ids(session)
    rows, columns = places(plays, "artist_id", artists), places(plays, "listener_id", listeners)
    known = (rows >= 0) & (columns >= 0)
    count = np.asarray(plays["plays"], dtype=np.float64)[known]
    return sparse.csr_matrix((count, (rows[known], columns[known])), shape=(len(artists), len(listeners)))


def read_quotes(home: Home, inputs: Inputs, progress: Progress) -> Quotes:
    """The sentences of all pages that name two artists of the catalogue or more."""
    table = inputs.facts.pages
    by_page = np.argsort(table.things, kind="stable")
    whose = np.repeat(np.arange(len(inputs.artists)), table.degree)[by_page]
    starts = np.searchsorted(table.things[by_page], np.arange(table.n_things + 1)).tolist()
    pages = {url: page for page, url in enumerate(inputs.facts.page_urls) if starts[page + 1] - starts[page] > 1}
    found: list[tuple[int, Sentence]] = []
    if not pages:
        return quotes(len(inputs.artists), found)
    with home.reading() as session:
        names = _names(session, inputs.artists)
        for text in progress.track(read.texts(session), "sentences"):
            page = pages.get(text.url)
            if page is None:
                continue
            artists = whose[starts[page] : starts[page + 1]].tolist()
            found += ((page, one) for one in sentences(text.body, {artist: names[artist] for artist in artists}))
    return quotes(len(inputs.artists), found)


def _names(session: Session, artists: IdVector) -> list[list[str]]:
    """What each artist of the catalogue is called."""
    place = {artist: n for n, artist in enumerate(artists.tolist())}
    names: list[list[str]] = [[] for _ in place]
    for statement in (select(Artist.id, Artist.name), select(Alias.artist_id, Alias.name).order_by(Alias.name)):
        for artist, name in session.execute(statement):
            if artist in place and name not in names[place[artist]]:
                names[place[artist]].append(name)
    return names


def _playlists(entries: pa.Table, artists: IdVector) -> tuple[Incidence, tuple[str, ...]]:
    things, _ = numbered(entries["playlist"])
    table = Incidence.of(len(artists), places(entries, "artist_id", artists), things)
    first = np.unique(things, return_index=True)[1]
    return table, tuple(entries["name"].take(pa.array(first)).to_pylist())


def _pages(
    mentions: pa.Table | None, documents: Sequence[Row[int, str]], artists: IdVector
) -> tuple[Incidence, tuple[str, ...]]:
    """A document that is gone since it was read is left out."""
    if mentions is None:
        return Incidence.empty(len(artists)), ()
    on = places(mentions, "document_id", np.array([row.id for row in documents], dtype=np.int64))
    named = np.unique(on[on >= 0])
    things = np.where(on >= 0, np.searchsorted(named, on), -1)
    return Incidence.of(len(artists), places(mentions, "artist_id", artists), things), tuple(
        documents[place].url for place in named.tolist()
    )


def _terms(terms: pa.Table | None, artists: IdVector) -> tuple[Incidence, tuple[str, ...]]:
    """A term that stands under several kinds is one thing, with its largest weight."""
    if terms is None:
        return Incidence.empty(len(artists)), ()
    terms = terms.filter(pc.greater(terms["weight"], 0))
    things, names = numbered(terms["term"])
    weights = np.asarray(terms["weight"], dtype=np.float64)
    return Incidence.of(len(artists), places(terms, "artist_id", artists), things, weights), names


def _table(artifacts: Mapping[str, Artifact], step: str, file: str) -> pa.Table | None:
    artifact = artifacts.get(step)
    if artifact is None or not (artifact.path / file).exists():
        return None
    return pq.read_table(artifact.path / file)


def places(table: pa.Table, column: str, order: IdVector) -> NDArray[np.int64]:
    """Where the ids of a column stand in `order`, -1 where they do not."""
    return places_of(np.asarray(table[column], dtype=np.int64), order)


def places_of(ids: IdVector, order: IdVector) -> NDArray[np.int64]:
    """Each id's place in `order`, -1 where it is not there."""
    if not len(order):
        return np.full(len(ids), -1, dtype=np.int64)
    sorter = np.argsort(order, kind="stable")
    place = sorter[np.minimum(np.searchsorted(order, ids, sorter=sorter), len(order) - 1)]
    return np.where(order[place] == ids, place, -1)
