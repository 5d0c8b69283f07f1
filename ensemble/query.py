"""What programs ask of the results. SQL only, and always of the one published run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.catalog import Artist
from db.errors import NotBuilt
from db.results import ArtistTerm, Published, RelatedArtist, RelatedEvidence


@dataclass(frozen=True)
class RelatedRow:
    """One related artist. `rank` counts from 1; `reason` is one line, empty beyond the first n of the run."""

    rank: int
    artist_id: int
    name: str
    score: float
    reason: str


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence for a pair; kinds and values as in `db.results.RelatedEvidence`."""

    kind: str
    name: str
    value: float
    rank: int | None


@dataclass(frozen=True)
class TermRow:
    """One top term of an artist."""

    kind: str
    rank: int
    term: str
    weight: float


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

    Args:
        session: a reading one.
        artist_id: whose.
        n: how many, at most the pool that was published; without it as many as the views show.

    Raises:
        NotBuilt: no run is published.
    """
    run = published(session)
    row = RelatedArtist
    statement = (
        select(row.rank, row.related_id, Artist.name, row.score, row.reason)
        .join(Artist, Artist.id == row.related_id)
        .where(row.run_id == run.run_id, row.artist_id == artist_id, row.rank <= (run.n if n is None else n))
        .order_by(row.rank)
    )
    return [RelatedRow(*found) for found in session.execute(statement)]


def why(session: Session, artist_id: int, related_ids: Sequence[int]) -> Mapping[int, Sequence[Evidence]]:
    """The evidence for an artist's related ones, by related artist, in the order in which it is told.

    Raises:
        NotBuilt: no run is published.
    """
    run = published(session)
    row = RelatedEvidence
    statement = (
        select(row.related_id, row.kind, row.name, row.value, row.rank)
        .where(row.run_id == run.run_id, row.artist_id == artist_id, row.related_id.in_(related_ids))
        .order_by(row.id)
    )
    told: dict[int, list[Evidence]] = {related_id: [] for related_id in related_ids}
    for related_id, kind, name, value, rank in session.execute(statement):
        told[related_id].append(Evidence(kind, name, value, rank))
    return told


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
