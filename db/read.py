"""Small reads of the catalogue and of the kept texts, in canonical order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.base import IdVector
from db.catalog import Alias, Artist, Credit, CreditArtist, Label, Listener, Track, TrackArtist, TrackTitle
from db.results import Rating
from db.search import find_artist, leads
from db.web import Document

__all__ = [
    "Kept", "Text", "artist_names", "canonical_ids", "catalog_fingerprint", "document_ids", "documents_fingerprint",
    "find_artist", "imported_grades", "kept_documents", "label_pairs", "labels_fingerprint", "listener_ids",
    "listeners_fingerprint", "texts", "track_ids", "tracks_fingerprint",
]  # fmt: skip

CHUNK = 500


@dataclass(frozen=True)
class Text:
    """A kept document as the nlp steps read it."""

    id: int
    url: str
    host: str
    title: str
    body: str
    language: str
    sha256: str


def canonical_ids(session: Session) -> IdVector:
    """Ids of all artists that facts or lists name, in canonical order: by key, then disambiguation. int64 (n,)."""
    statement = select(Artist.id).where(~Artist.retired).order_by(Artist.key, Artist.disambiguation)
    return np.fromiter(session.scalars(statement), dtype=np.int64)


def artist_names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The name of each of these artists, by id."""
    found: dict[int, str] = {}
    for begin in range(0, len(ids), CHUNK):
        part = select(Artist.id, Artist.name).where(Artist.id.in_(ids[begin : begin + CHUNK]))
        found.update(dict(session.execute(part).all()))
    return found


def listener_ids(session: Session) -> IdVector:
    """Ids of all listeners in name order. int64 (n,)."""
    return np.fromiter(session.scalars(select(Listener.id).order_by(Listener.name)), dtype=np.int64)


def listeners_fingerprint(session: Session) -> str:
    """Hex digest over names and ids of all listeners (artefacts name listeners by id)."""
    return _digest(session, select(Listener.name, Listener.id).order_by(Listener.name))


def track_ids(session: Session) -> IdVector:
    """Ids of all tracks that facts or lists name, in canonical order. int64 (n,).

    The order is that of the first-named artist's canonical key, then of title key, version and mark.
    """
    statement = (
        select(Track.id).join(Artist, Artist.id == Track.artist_id).where(~Track.retired)
        .order_by(Artist.key, Artist.disambiguation, Track.key, Track.version, Track.mark)
    )  # fmt: skip
    return np.fromiter(session.scalars(statement), dtype=np.int64)


def tracks_fingerprint(session: Session) -> str:
    """Hex digest over tracks, their artists and where every title leads."""
    columns = Track.__table__.c["id", "artist_id", "key", "version", "mark", "title", "credit", "mbid", "isrc"]
    return _digest(
        session,
        select(*columns).where(~Track.retired).order_by(Track.id),
        select(TrackArtist.track_id, TrackArtist.artist_id).order_by(TrackArtist.track_id, TrackArtist.artist_id),
        select(TrackTitle.credit_id, TrackTitle.title, TrackTitle.track_id)
        .order_by(TrackTitle.credit_id, TrackTitle.title),
    )  # fmt: skip


def catalog_fingerprint(session: Session) -> str:
    """Hex digest over artists (names, keys, ids), their aliases and where every credit leads."""
    artists = (
        select(Artist.key, Artist.disambiguation, Artist.name, Artist.mbid, Artist.id)
        .where(~Artist.retired)
        .order_by(Artist.key, Artist.disambiguation)
    )
    aliases = select(Alias.artist_id, Alias.name).order_by(Alias.artist_id, Alias.name)
    mapping = (
        select(Credit.text, CreditArtist.artist_id, CreditArtist.position)
        .join(CreditArtist, CreditArtist.credit_id == Credit.id)
        .order_by(Credit.text, CreditArtist.position, CreditArtist.artist_id)
    )
    return _digest(session, artists, aliases, mapping)


def label_pairs(session: Session) -> list[tuple[int, int, float]]:
    """(artist id, similar artist's id, grade) of every judgement, in canonical order.

    A grade is above 0 for "alike", 0 for "not alike". A name leads to the artist that a fact of that name would lead
    to; pairs with a name that leads nowhere, to several, or both to one artist are left out. A pair that was judged
    several times has the mean of its grades; one with a thumb has 0 for down and for up the best grade of all.
    """
    grades = imported_grades(session)
    best = max((grade for given in grades.values() for grade in given), default=0.0) or 1.0
    for one, other, up in session.execute(select(Rating.artist_id, Rating.similar_id, Rating.up)):
        grades[one, other] = [best if up else 0.0]
    place = {int(i): n for n, i in enumerate(canonical_ids(session))}
    pairs = sorted((pair for pair in grades if set(pair) <= place.keys()), key=lambda p: (place[p[0]], place[p[1]]))
    return [(one, other, sum(sorted(grades[one, other])) / len(grades[one, other])) for one, other in pairs]


def imported_grades(session: Session) -> dict[tuple[int, int], list[float]]:
    """The grades of every pair of artists (ids) in imported lists; see `label_pairs`."""
    lead = leads(session)
    grades: dict[tuple[int, int], list[float]] = defaultdict(list)
    for artist, similar, grade in session.execute(select(Label.artist, Label.similar, Label.grade)):
        one, other = lead(artist), lead(similar)
        if one is not None and other is not None and one != other:
            grades[one, other].append(grade)
    return dict(grades)


def labels_fingerprint(session: Session) -> str:
    """Hex digest over all judgements, imported ones and thumbs."""
    return _digest(
        session,
        select(Label.artist, Label.similar, Label.grade).order_by(*Label.__table__.c["artist", "similar", "grade"]),
        select(Rating.artist_id, Rating.similar_id, Rating.up).order_by(Rating.artist_id, Rating.similar_id),
    )


class Kept(NamedTuple):
    """A kept document without its text; the verdict on it is empty until an nlp step read it."""

    id: int
    url: str
    host: str
    language: str
    sha256: str
    musicality: float | None
    musicality_reasons: str | None


def kept_documents(session: Session) -> list[Kept]:
    """The kept documents (one of each near-duplicate group), by URL."""
    columns = [getattr(Document, name) for name in Kept._fields]
    statement = select(*columns).where(Document.duplicate_of.is_(None)).order_by(Document.url)
    return [Kept(*row) for row in session.execute(statement)]


def texts(session: Session, ids: Sequence[int] | None = None) -> Iterator[Text]:
    """The kept documents by URL, or the documents of these ids in their order, streamed."""
    columns = (
        Document.id, Document.url, Document.host, Document.title, Document.body, Document.language, Document.sha256,
    )  # fmt: skip
    if ids is None:
        statement = select(*columns).where(Document.duplicate_of.is_(None)).order_by(Document.url)
        for row in session.execute(statement.execution_options(yield_per=CHUNK)):
            yield Text(*row)
        return
    for first in range(0, len(ids), CHUNK):
        chunk = ids[first : first + CHUNK]
        found = {row.id: Text(*row) for row in session.execute(select(*columns).where(Document.id.in_(chunk)))}
        yield from (found[document] for document in chunk)


def document_ids(session: Session) -> IdVector:
    """Ids of the kept documents in the order of `texts`. int64 (n,)."""
    statement = select(Document.id).where(Document.duplicate_of.is_(None)).order_by(Document.url)
    return np.fromiter(session.scalars(statement), dtype=np.int64)


def documents_fingerprint(session: Session) -> str:
    """Hex digest over URL, text and id of every kept document (artefacts name documents by id)."""
    statement = (
        select(Document.url, Document.sha256, Document.id).where(Document.duplicate_of.is_(None)).order_by(Document.url)
    )
    return _digest(session, statement)


def _digest(session: Session, *statements: Select[*tuple[object, ...]]) -> str:
    digest = hashlib.sha256()
    for statement in statements:
        digest.update(b"\n---\n")
        for rows in session.connection().execute(statement.execution_options(yield_per=CHUNK)).partitions():
            digest.update(repr([tuple(row) for row in rows]).encode())
    return digest.hexdigest()
