"""Results at rest: runs, the one published run, related artists with their evidence, top terms, mentions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import NEVER_AGAIN, Base, BigId, BigInt, Id


class Run(Base):
    """One build that made something new."""

    __tablename__ = "run"
    __table_args__ = NEVER_AGAIN

    id: Mapped[Id]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    artifacts: Mapped[str] = mapped_column(default="{}")
    """JSON: step name → name of its artefact folder."""
    served_by: Mapped[str] = mapped_column(default="")
    """fusion or ranker, and why."""


class Published(Base):
    """The one row that says which run readers see."""

    __tablename__ = "published"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id"))
    n: Mapped[int]
    """How many related artists the views show."""


class StepReport(Base):
    """What one step of a run took and made."""

    __tablename__ = "step_report"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    reused: Mapped[bool]
    seconds: Mapped[float]
    peak_mib: Mapped[float]
    rows: Mapped[str]
    """JSON: what was made → how many."""


class RelatedArtist(Base):
    """`related_id` stands at `rank` (from 1) among those related to `artist_id`; a pool, deeper than views show."""

    __tablename__ = "related_artist"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    related_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"))
    score: Mapped[float]
    reason: Mapped[str] = mapped_column(default="")
    """One line; empty beyond the first n."""


class RelatedEvidence(Base):
    """One piece of evidence for a published pair."""

    __tablename__ = "related_evidence"
    __table_args__ = (Index(None, "run_id", "artist_id", "related_id"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"))
    artist_id: Mapped[BigInt]
    related_id: Mapped[BigInt]
    kind: Mapped[str]
    """model, term, playlists, listeners or pages."""
    name: Mapped[str]
    """The model, the term, a playlist's name, a page's URL; empty for plain counts."""
    value: Mapped[float]
    """model: similarity; term: the smaller of both weights; playlists, listeners, pages: how many in common."""
    rank: Mapped[int | None]
    """model: rank of the related artist by that model among the candidates."""


class ArtistTerm(Base):
    """A top term of an artist."""

    __tablename__ = "artist_term"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str]
    weight: Mapped[float]


class QuotedSentence(Base):
    """A sentence of a document that shows a top term; kept once, whatever it shows."""

    __tablename__ = "quoted_sentence"
    __table_args__ = (Index(None, "document_id"),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    """Counts the document's sentences from 0."""
    sentence: Mapped[str]


class TermQuote(Base):
    """A top term of an artist stands in this sentence of this document, which says it of the artist."""

    __tablename__ = "term_quote"
    __table_args__ = (Index(None, "document_id"),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    """Of the term, as in `artist_term`."""
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int]


class DocumentMention(Base):
    """How often a document names an artist."""

    __tablename__ = "document_mention"
    __table_args__ = (Index(None, "run_id", "artist_id"), Index(None, "document_id"))

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    mentions: Mapped[int]
    confidence: Mapped[float]
    """Of the surest mention."""


class Lease(Base):
    """Who holds what: one build, one crawl at a time per home."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    """host:pid:token"""
    since: Mapped[datetime]
    beat_at: Mapped[datetime]
