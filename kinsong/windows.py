"""`kinsong terms --since --until`: an artist's top terms weighed anew for the documents of some time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.base import IdVector
from db.errors import NotBuilt, UsageError
from db.home import Home
from db.publish import published_artifacts
from db.read import canonical_ids
from db.results import DocumentMention, Published
from db.web import Document
from ensemble.query import Quote, TermRow
from nlp import quotes
from nlp.jobs import TermsConfig, names_by_artist
from nlp.window import window_terms

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
CHUNK = 500
COUNTS = "counts.parquet"


@dataclass(frozen=True)
class Span:
    """Days from `since` to `until`, both included; each a year, month or day as documents have it, or open."""

    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no span of time.

        Raises:
            UsageError: a date is not written so, or the end lies before the beginning.
        """
        for option, text in (("--since", self.since), ("--until", self.until)):
            if text is not None and not _DATE.fullmatch(text):
                raise UsageError(f"{option} {text}: write a year, month or day, such as 2019, 2019-05 or 2019-05-31")
        if self.since and self.until and self.since[: len(self.until)] > self.until:
            raise UsageError(f"--since {self.since} is after --until {self.until}: no document is of that time")

    def __str__(self) -> str:
        """As a reader says it."""
        since = f"from {self.since}" if self.since else ""
        until = f"until {self.until}" if self.until else ""
        return " ".join(part for part in (since, until) if part)


@dataclass(frozen=True)
class Window:
    """An artist's terms in the documents of some time.

    Attributes:
        terms: kind by kind.
        quotes: the sentences that show them, by kind and rank.
        documents: how many of that time name the artist, of `of` that name it at all; `undated` of those have no date.
    """

    terms: Sequence[TermRow]
    quotes: dict[tuple[str, int], list[Quote]]
    documents: int
    of: int
    undated: int


def terms_of(
    home: Home, session: Session, artist_id: int, span: Span, n: int, config: TermsConfig, *, quoted: bool = False
) -> Window:
    """An artist's first n terms of each kind in documents of some time, from the facts of the published run.

    A document of which only the year or month is known counts as written at its beginning.

    Args:
        quoted: with the sentences that show them, which are looked for in the documents.

    Raises:
        NotBuilt: no run is published, or it has read no document.
    """
    read = published_artifacts(home, {"read"}, session=session, names={COUNTS}, quick=True)["read"]  # held to the end
    counts = read.path / COUNTS
    if not counts.is_file():
        raise NotBuilt("the published run has read no document: crawl, then run `kinsong build`")
    named = (
        select(Document.id)
        .join(DocumentMention, DocumentMention.document_id == Document.id)
        .join(Published, Published.run_id == DocumentMention.run_id)
        .where(DocumentMention.artist_id == artist_id)
    )
    undated = named.where(func.coalesce(Document.published, "") == "")
    documents = np.fromiter(session.scalars(_within(named, span).order_by(Document.url)), dtype=np.int64)
    names = names_by_artist(session).get(artist_id, [])
    table = window_terms(counts, canonical_ids(session), artist_id, names, documents, config)
    table = table.filter(pa.array(table["rank"].to_numpy() <= n))
    rows = sorted((r["kind"], r["rank"], r["term"], r["weight"]) for r in table.to_pylist())
    return Window(
        [TermRow(*row) for row in rows],
        _quotes(session, counts, table, documents, config, {artist_id: names}) if quoted else {},
        len(documents), _count(session, named), _count(session, undated),
    )  # fmt: skip


def _within(documents: Select[int], span: Span) -> Select[int]:
    found = documents.where(Document.published != "")
    if span.since is not None:
        found = found.where(Document.published >= span.since)
    if span.until is not None:
        found = found.where(func.substr(Document.published, 1, len(span.until)) <= span.until)
    return found


def _count(session: Session, documents: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(documents.subquery())) or 0


def _quotes(
    session: Session, counts: Path, table: pa.Table, documents: IdVector, config: TermsConfig,
    names: Mapping[int, Sequence[str]],
) -> dict[tuple[str, int], list[Quote]]:
    every = config.model_copy(update={"quoted_terms": len(table)})
    wanted = quotes.chosen(counts, table, documents, every)
    found: dict[tuple[str, int], list[Quote]] = {}
    ids = list(wanted)
    for start in range(0, len(ids), CHUNK):
        rows = select(Document.id, Document.url, Document.title, Document.published, Document.body)
        rows = rows.where(Document.id.in_(ids[start : start + CHUNK])).order_by(Document.url)
        for document_id, url, title, published, body in session.execute(rows):
            for want, _, sentence in quotes.quoted(body, wanted[document_id], names):
                found.setdefault((want.kind, want.rank), []).append(Quote(url, title, published, sentence))
    return found
