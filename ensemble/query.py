"""What programs ask of the results. SQL only, and always of the one published run."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.catalog import Artist
from db.errors import NotBuilt, StoreError
from db.published import published_artifacts
from db.results import (
    ArtistTerm,
    NeverSuggestArtist,
    PackedEvidence,
    Published,
    QuotedSentence,
    RelatedArtist,
    TermQuote,
)
from db.web import Document

if TYPE_CHECKING:
    from db.home import Home
    from ensemble.dials import Config, Surroundings


@dataclass(frozen=True)
class RelatedRow:
    """One related artist. `rank` is the published one, from 1; `reason` is one line, empty beyond the run's first n.

    `confidence` is how far what the models say of the two can be trusted, 0 … 1; None in runs of earlier versions.
    """

    rank: int
    artist_id: int
    name: str
    score: float
    confidence: float | None
    reason: str


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence for a pair, as `db.results.PIECE` says."""

    kind: str
    name: str
    value: float
    rank: int | None = None
    back: int | None = None
    chance: float | None = None
    text: str | None = None


@dataclass(frozen=True)
class TermRow:
    """One top term of an artist."""

    kind: str
    rank: int
    term: str
    weight: float


@dataclass(frozen=True)
class Quote:
    """A sentence that shows a term. `published` is the document's date as far as it is known."""

    url: str
    title: str
    published: str | None
    sentence: str


@dataclass(frozen=True)
class ComparedTerm:
    """A term of two artists: its weight for each, 0 for one that does not have it among its top terms."""

    kind: str
    term: str
    one: float
    other: float


@dataclass(frozen=True)
class Comparison:
    """What two artists share, and what sets each apart from the other; each list most telling first."""

    shared: Sequence[ComparedTerm]
    of_one: Sequence[ComparedTerm]
    of_other: Sequence[ComparedTerm]


def published(session: Session) -> Published:
    """The row that says which run readers see.

    Raises:
        NotBuilt: no run is published.
    """
    row = session.get(Published, 1)
    if row is None:
        raise NotBuilt("nothing is published in this home yet: run `kinsong build`")
    return row


def related(session: Session, artist_id: int, n: int | None = None) -> list[RelatedRow]:
    """The artists most related to one, best first; empty for an artist that no model knows.

    Artists that a never-suggest flag means are left out, also where the flag is newer than the run.

    Args:
        session: a reading one.
        artist_id: whose.
        n: how many, at most the pool that was published; without it as many as the views show.

    Raises:
        NotBuilt: no run is published.
    """
    return pool(session, artist_id)[: published(session).n if n is None else n]


def pool(session: Session, artist_id: int) -> list[RelatedRow]:
    """All that are published as related to one artist, and may be suggested.

    Raises:
        NotBuilt: no run is published.
    """
    run = published(session)
    row = RelatedArtist
    flagged = select(NeverSuggestArtist).where(NeverSuggestArtist.artist_id == row.related_id).exists()
    statement = (
        select(row.rank, row.related_id, Artist.name, row.score, row.confidence, row.reason)
        .join(Artist, Artist.id == row.related_id)
        .where(row.run_id == run.run_id, row.artist_id == artist_id, ~flagged)
        .order_by(row.rank)
    )
    return [RelatedRow(*found) for found in session.execute(statement)]


def steered(
    home: Home, session: Session, artist_id: int, n: int | None, dials: Config, *,
    exclude: Collection[int] = (), reverse: bool = False,
) -> list[RelatedRow]:  # fmt: skip
    """The published pool of an artist in another order; see `ensemble.dials`.

    A row beyond those that the run keeps evidence for has a reason that says so.

    Args:
        home: the workspace that the session reads.
        session: a reading one.
        artist_id: whose.
        n: how many; without it as many as the views show.
        dials: how they are turned.
        exclude: ids of artists to leave out.
        reverse: the least related first, of those that the dials leave in the pool.

    Raises:
        NotBuilt: no run is published.
        ArtifactGone: its artefact is not there; see `db.answered`.
        ArtifactDamaged: what the dials read is not what was written.
    """
    import numpy as np

    from ensemble.dials import turned

    run = published(session)
    rows = [row for row in pool(session, artist_id) if row.artist_id not in exclude]
    limit = run.n if n is None else n
    if reverse:
        rows = rows[::-1]
    if dials.turned and rows:
        others = np.array([row.artist_id for row in rows], dtype=np.int64)
        around = _surroundings(home, session).pool(artist_id, others)
        rows = [rows[place] for place in turned(around, dials, limit)]
    unsaid = f"of the published pool; evidence is kept for the first {run.n}"
    return [row if row.reason else replace(row, reason=f"number {row.rank} {unsaid}") for row in rows[:limit]]


def _surroundings(home: Home, session: Session) -> Surroundings:
    from ensemble.dials import FILES, Surroundings

    artifact = published_artifacts(home, {"related"}, session=session, names=FILES, quick=True).get("related")
    if artifact is None:
        raise NotBuilt("dials need what step related makes, which the published run has not: run `kinsong build`")
    return Surroundings.open(artifact.path)  # what is open stays, whatever is published


def why(session: Session, artist_id: int, related_ids: Sequence[int]) -> Mapping[int, Sequence[Evidence]]:
    """The evidence for an artist's related ones, by related artist, in the order in which it is told.

    Raises:
        NotBuilt: no run is published.
        StoreError: the database is damaged.
    """
    run = published(session)
    row = PackedEvidence
    statement = select(row.related_id, row.pieces).where(
        row.run_id == run.run_id, row.artist_id == artist_id, row.related_id.in_(related_ids)
    )
    told: dict[int, list[Evidence]] = {related_id: [] for related_id in related_ids}
    for related_id, pieces in session.execute(statement):
        told[related_id] = _unpacked(artist_id, related_id, pieces)
    return told


def _unpacked(artist_id: int, related_id: int, pieces: str) -> list[Evidence]:
    try:
        return [Evidence(*piece) for piece in json.loads(pieces)]
    except (ValueError, TypeError, RecursionError) as error:
        what = f"the evidence for artists {artist_id} and {related_id} is not what was published ({error})"
        raise StoreError(f"the database is damaged: {what}; run `kinsong doctor`") from error


def terms(session: Session, artist_id: int, n: int, kinds: Sequence[str] | None = None) -> list[TermRow]:
    """The first n top terms of an artist of each kind, kind by kind; empty for an artist of whom no document speaks.

    Args:
        session: a reading one.
        artist_id: whose.
        n: how many of each kind.
        kinds: only these.

    Raises:
        NotBuilt: no run is published.
    """
    run = published(session)
    row = ArtistTerm
    statement = select(row.kind, row.rank, row.term, row.weight).where(
        row.run_id == run.run_id, row.artist_id == artist_id, row.rank <= n
    )
    if kinds is not None:
        statement = statement.where(row.kind.in_(kinds))
    return [TermRow(*found) for found in session.execute(statement.order_by(row.kind, row.rank))]


def quotes(
    session: Session, artist_id: int, n: int, kinds: Sequence[str] | None = None
) -> Mapping[tuple[str, int], Sequence[Quote]]:
    """The sentences that show an artist's first n terms of each kind, by kind and rank, in the order of their URLs.

    Raises:
        NotBuilt: no run is published.
    """
    run = published(session)
    quote, line = TermQuote, QuotedSentence
    same = (line.run_id == quote.run_id) & (line.document_id == quote.document_id) & (line.place == quote.place)
    statement = (
        select(quote.kind, quote.rank, Document.url, Document.title, Document.published, line.sentence)
        .join(line, same)
        .join(Document, Document.id == quote.document_id)
        .where(quote.run_id == run.run_id, quote.artist_id == artist_id, quote.rank <= n)
        .order_by(quote.kind, quote.rank, Document.url)
    )
    if kinds is not None:
        statement = statement.where(quote.kind.in_(kinds))
    found: dict[tuple[str, int], list[Quote]] = {}
    for kind, rank, url, title, date, sentence in session.execute(statement):
        found.setdefault((kind, rank), []).append(Quote(url, title, date, sentence))
    return found


def compare(session: Session, one: int, other: int, n: int, kinds: Sequence[str] | None = None) -> Comparison:
    """The top terms of two artists side by side, at most n of each kind in each list.

    Shared terms stand in the order of the smaller of their weights, what sets apart in that of the distance.

    Raises:
        NotBuilt: no run is published.
    """
    run = published(session)
    weights: dict[tuple[str, str], list[float]] = {}
    for place, artist_id in enumerate((one, other)):
        row = ArtistTerm
        statement = select(row.kind, row.term, row.weight).where(row.run_id == run.run_id, row.artist_id == artist_id)
        if kinds is not None:
            statement = statement.where(row.kind.in_(kinds))
        for kind, term, weight in session.execute(statement):
            weights.setdefault((kind, term), [0.0, 0.0])[place] = weight
    found = [ComparedTerm(kind, term, *both) for (kind, term), both in sorted(weights.items())]
    shared = sorted((t for t in found if t.one and t.other), key=lambda t: -min(t.one, t.other))
    of_one = sorted((t for t in found if t.one > t.other), key=lambda t: t.other - t.one)
    of_other = sorted((t for t in found if t.other > t.one), key=lambda t: t.one - t.other)
    return Comparison(_first(shared, n), _first(of_one, n), _first(of_other, n))


def _first(found: Sequence[ComparedTerm], n: int) -> list[ComparedTerm]:
    """The first n of each kind, kind by kind."""
    of: dict[str, list[ComparedTerm]] = {}
    for term in found:
        of.setdefault(term.kind, []).append(term)
    return [term for kind in sorted(of) for term in of[kind][:n]]
