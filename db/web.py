"""The web at rest: sources, the frontier of pages, robots answers, documents and their links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import NEVER_AGAIN, Base, BigId, BigInt, Id


class Source(Base):
    """A place that is crawled."""

    __tablename__ = "source"

    id: Mapped[Id]
    url: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    """site, feed, sitemap or page."""
    every: Mapped[int | None]
    """Seconds between visits; empty: the crawl's default."""
    cron: Mapped[str | None]
    """Visits by a cron expression, in place of `every`."""
    delay: Mapped[float | None]
    """Least seconds between two requests to its host; empty: the crawl's default."""
    allow_private: Mapped[bool] = mapped_column(default=False)
    """Its host may be a private or loopback address."""
    include: Mapped[str] = mapped_column(default="[]", server_default="[]")
    """JSON list of patterns: only page URLs that match one are fetched; empty: all of its scope."""
    exclude: Mapped[str] = mapped_column(default="[]", server_default="[]")
    """JSON list of patterns: page URLs that match one are left out."""
    max_depth: Mapped[int | None]
    """Most links away from its start; empty: the crawl's default."""
    max_pages: Mapped[int | None]
    """Most pages of one host; empty: the crawl's default."""
    added_at: Mapped[datetime]
    last_crawl_at: Mapped[datetime | None]
    """When the last crawl that visited it began."""
    next_crawl_at: Mapped[datetime | None]
    """When its start is visited again; empty: at once."""
    crawled_pages: Mapped[int] = mapped_column(default=0, server_default="0")
    """Pages that the last crawl settled for it."""
    crawled_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """How long that took."""


class Entry(Base):
    """A feed or sitemap of a site, read with it at each visit."""

    __tablename__ = "entry"

    source_id: Mapped[int] = mapped_column(BigId, ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """feed or sitemap."""


class Takedown(Base):
    """What was taken down: neither fetched nor kept again until that is lifted."""

    __tablename__ = "takedown"

    target: Mapped[str] = mapped_column(primary_key=True)
    """A canonical URL, or a host as documents have it."""
    kind: Mapped[str]
    """url or host."""
    at: Mapped[datetime]


class Timetable(Base):
    """What is due at set times besides sources."""

    __tablename__ = "timetable"

    name: Mapped[str] = mapped_column(primary_key=True)
    """build."""
    cron: Mapped[str]
    """The expression that `next_at` comes from."""
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]


class Page(Base):
    """One URL of the frontier and what is known of it."""

    __tablename__ = "page"
    __table_args__ = (
        Index(None, "state", "due_at"), Index(None, "host"), Index(None, "source_id"),
        Index("ix_page_queue", "state", "host", text("priority DESC"), "depth", "id"),
    )  # fmt: skip

    id: Mapped[Id]
    url: Mapped[str] = mapped_column(unique=True)
    """Canonical form; what is fetched."""
    host: Mapped[str]
    """host, or host:port where the port is not the scheme's own; the unit of politeness."""
    source_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("source.id", ondelete="SET NULL"))
    """Empty once its source was removed and its documents stayed: such a page is not fetched again."""
    kind: Mapped[str] = mapped_column(default="page")
    """page, feed or sitemap: how the answer is read."""
    depth: Mapped[int] = mapped_column(default=0)
    priority: Mapped[float] = mapped_column(default=0.0)
    """Higher is fetched first among pages that are due."""
    state: Mapped[str] = mapped_column(default="due")
    """due, leased, done, failed (gave up), refused (robots, guard, scope)."""
    due_at: Mapped[datetime]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    error: Mapped[str | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    fetched_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    fetches: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)
    watched_changes: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """Changes between visits, as many as are to be expected where a visit saw one."""
    watched_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """Seconds between its first visit and its last."""


class Robots(Base):
    """The robots answer of one origin, kept for its 24 hours."""

    __tablename__ = "robots"

    origin: Mapped[str] = mapped_column(primary_key=True)
    """scheme://host:port"""
    fetched_at: Mapped[datetime]
    verdict: Mapped[str]
    """rules, allow_all or disallow_all."""
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Document(Base):
    """An extracted text. Kept whatever it is about; `musicality` is the verdict of an nlp step."""

    __tablename__ = "document"
    __table_args__ = (Index(None, "host"), Index(None, "duplicate_of"), NEVER_AGAIN)

    id: Mapped[Id]
    page_id: Mapped[int] = mapped_column(BigId, ForeignKey("page.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(unique=True)
    """Where it was read (a feed entry may stand for a page of its own)."""
    canonical_url: Mapped[str | None]
    host: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    author: Mapped[str | None]
    published: Mapped[str | None]
    """ISO date, as far as the page tells."""
    language: Mapped[str] = mapped_column(default="und")
    """BCP 47 code, und when unknown."""
    body: Mapped[str]
    sha256: Mapped[str]
    """Of title and body."""
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    """MinHash signature, uint32 little endian."""
    duplicate_of: Mapped[int | None] = mapped_column(BigId, ForeignKey("document.id", ondelete="SET NULL"))
    """The kept document of its near-duplicate group; empty for the kept one itself."""
    fetched_at: Mapped[datetime]
    musicality: Mapped[float | None]
    """0 … 1, how much the text is about music; empty until the nlp step read it."""
    musicality_reasons: Mapped[str | None]
    """JSON list of (word, share of the evidence), most telling first."""


class Link(Base):
    """A link out of a document's page."""

    __tablename__ = "link"

    page_id: Mapped[int] = mapped_column(BigId, ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)


class Fetch(Base):
    """One request as it ended, for the operator: what was fetched when, and with what result."""

    __tablename__ = "fetch"
    __table_args__ = (Index(None, "page_id"),)

    id: Mapped[Id]
    page_id: Mapped[int] = mapped_column(BigId, ForeignKey("page.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    status: Mapped[int | None]
    error: Mapped[str | None]
    bytes: Mapped[BigInt] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
