"""The list of places that are crawled."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import String, cast, delete, func, select
from sqlalchemy.orm import Session

from crawlers.guard import forbidden
from crawlers.takedown import is_down, targets
from crawlers.urls import canonical
from crawlers.visits import cron_trigger, next_visit
from db.base import now
from db.errors import UsageError
from db.home import Home
from db.web import Document, Entry, Page, Source

KINDS = ("site", "feed", "sitemap", "page")
MOST_PATTERNS = 50
LONGEST_PATTERN = 500
MOST_STARS = 10


@dataclass(frozen=True)
class Wishes:
    """What is asked of a source; None: as it was, at first the settings' default.

    Attributes:
        kind: site, feed, sitemap or page.
        every: seconds between visits; takes the place of `cron`.
        cron: an expression of five fields, UTC; takes the place of `every`.
        delay: least seconds between two requests to its host.
        allow_private: its host may be a private or loopback address.
        include, exclude: patterns; a given list takes the place of the one before.
        max_depth: most links away from its start.
        max_pages: most pages of one host.
    """

    kind: str | None = None
    every: int | None = None
    delay: float | None = None
    allow_private: bool = False
    cron: str | None = None
    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None
    max_depth: int | None = None
    max_pages: int | None = None

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            UsageError: the message says what to give instead.
        """
        if self.kind is not None and self.kind not in KINDS:
            raise UsageError(f"kind “{self.kind}” is not known: use one of {', '.join(KINDS)}")
        if self.every is not None and self.cron is not None:
            raise UsageError("give --every or --cron, not both")
        if self.every is not None and self.every < 0:
            raise UsageError(f"every is {self.every} seconds: give 0 or more")
        if self.delay is not None and not 0 <= self.delay <= 86_400:
            raise UsageError(f"delay is {self.delay} seconds: give 0 to 86400")
        if self.max_depth is not None and not 0 <= self.max_depth <= 1000:
            raise UsageError(f"depth is {self.max_depth}: give 0 to 1000")
        if self.max_pages is not None and not 1 <= self.max_pages <= 10**8:
            raise UsageError(f"pages is {self.max_pages}: give 1 to 100000000")
        if self.cron is not None:
            cron_trigger(self.cron)
        _check_patterns("--include", self.include or ())
        _check_patterns("--exclude", self.exclude or ())


def _check_patterns(option: str, patterns: Sequence[str]) -> None:
    if len(patterns) > MOST_PATTERNS:
        raise UsageError(f"{option}: {len(patterns)} patterns are too many, give at most {MOST_PATTERNS}")
    for pattern in patterns:
        if not pattern.isprintable() or len(pattern) > LONGEST_PATTERN or pattern.count("*") > MOST_STARS:
            raise UsageError(
                f"{option} “{pattern[:80]}”: a pattern has up to {LONGEST_PATTERN} printable letters and {MOST_STARS} *"
            )
        if pattern and not pattern.startswith(("/", "*", "http://", "https://")):
            raise UsageError(
                f"{option} “{pattern}” would match no URL: begin it with / (a path, such as /reviews/*), with * or http"
            )


def add_source(
    home: Home,
    url: str,
    kind: str | None = None,
    every: int | None = None,
    delay: float | None = None,
    allow_private: bool = False,
    entries: Sequence[tuple[str, str]] | None = None,
    **more: Any,
) -> Source:
    """Put a source on the list, or change what is given of one that is on it; either way it is due.

    Args:
        kind, every, delay, allow_private, more: see `Wishes`; the kind is guessed from the URL when it is not given.
        entries: (URL, feed or sitemap) of what is read with a site; takes the place of what there was.

    Raises:
        UsageError: the URL, the kind, a pattern or a number cannot be used; the message says what to give instead.
    """
    wishes = Wishes(kind, every, delay, allow_private, **more)
    wishes.check()
    spelled = checked_url(url, allow_private)
    with home.writing() as session:
        if is_down(spelled, targets(session)):
            raise UsageError(f"“{spelled}” is taken down: `kinsong documents allow` it first")
        source = session.scalar(select(Source).where(Source.url == spelled))
        if source is None:
            source = Source(url=spelled, kind=kind or guess_kind(spelled), added_at=now(), include="[]", exclude="[]")
            session.add(source)
        _apply(source, wishes)
        source.next_crawl_at = None
        session.flush()
        if entries is not None:
            session.execute(delete(Entry).where(Entry.source_id == source.id))
            session.add_all(Entry(source_id=source.id, url=at, kind=what) for at, what in dict(entries).items())
            session.flush()
        session.expunge(source)
    return source


def set_source(home: Home, url: str, wishes: Wishes) -> Source:
    """Change what is given of a source that is on the list. A new timetable counts from its last visit.

    Raises:
        UsageError: no source has this URL, or a value cannot be used.
    """
    wishes.check()
    with home.writing() as session:
        source = _named(session, url)
        before = (source.every, source.cron)
        _apply(source, wishes)
        if (source.every, source.cron) != before and source.next_crawl_at is not None:
            later = source.cron is not None or source.every is not None
            source.next_crawl_at = next_visit(source, 0, source.last_crawl_at or now()) if later else None
        session.flush()
        session.expunge(source)
    return source


def _apply(source: Source, wishes: Wishes) -> None:
    source.kind = wishes.kind or source.kind
    if wishes.every is not None:
        source.every, source.cron = wishes.every, None
    if wishes.cron is not None:
        source.every, source.cron = None, wishes.cron
    source.delay = source.delay if wishes.delay is None else wishes.delay
    source.allow_private = source.allow_private or wishes.allow_private
    source.max_depth = source.max_depth if wishes.max_depth is None else wishes.max_depth
    source.max_pages = source.max_pages if wishes.max_pages is None else wishes.max_pages
    if wishes.include is not None:
        source.include = json.dumps([pattern for pattern in wishes.include if pattern])
    if wishes.exclude is not None:
        source.exclude = json.dumps([pattern for pattern in wishes.exclude if pattern])


def _named(session: Session, url: str) -> Source:
    source = session.scalar(select(Source).where(Source.url == (canonical(url) or url)))
    if source is None:
        raise UsageError(f"no source has the url “{url}”: `kinsong source list` shows those that there are")
    return source


def guess_kind(url: str) -> str:
    """What a URL looks like: sitemap, feed, or else site."""
    parts = urlsplit(url)
    path = parts.path.lower()
    name = path.rstrip("/").rpartition("/")[2]
    if "sitemap" in name and (name.endswith((".xml", ".gz")) or "." not in name):
        return "sitemap"
    if name.endswith((".rss", ".atom")) or name.removesuffix(".xml") in {"rss", "atom", "feed", "feeds", "index.rdf"}:
        return "feed"
    return "sitemap" if name.endswith((".xml", ".xml.gz")) else "site"


def list_sources(home: Home) -> list[dict[str, object]]:
    """All sources by URL, and what came of them.

    Returns:
        url, kind, pages (known), documents (kept), failed (pages given up), refused, last and next (times of visits;
        next is empty for a source that is due), every (a span in seconds, or a cron expression), include, exclude
        (patterns), depth, host_pages (limits of its own), entries (feeds and sitemaps read with it).
    """
    pages = select(func.count()).where(Page.source_id == Source.id)
    documents = select(func.count()).select_from(Document).join(Page).where(Page.source_id == Source.id)
    query = select(
        Source.id, Source.url, Source.kind, pages.scalar_subquery().label("pages"),
        documents.scalar_subquery().label("documents"),
        pages.where(Page.state == "failed").scalar_subquery().label("failed"),
        pages.where(Page.state == "refused").scalar_subquery().label("refused"),
        Source.last_crawl_at.label("last"), Source.next_crawl_at.label("next"),
        func.coalesce(Source.cron, cast(Source.every, String)).label("every"),
        Source.include, Source.exclude, Source.max_depth.label("depth"), Source.max_pages.label("host_pages"),
    ).order_by(Source.url)  # fmt: skip
    with home.reading() as session:
        entries: dict[int, list[str]] = {}
        for source_id, url in session.execute(select(Entry.source_id, Entry.url).order_by(Entry.url)):
            entries.setdefault(source_id, []).append(url)
        return [
            {**row, "include": json.loads(row["include"]), "exclude": json.loads(row["exclude"]),
             "entries": entries.get(row["id"], [])}
            for row in session.execute(query).mappings()
        ]  # fmt: skip


def remove_source(home: Home, url: str, documents: bool = False) -> int:
    """Take a source off the list. Pages that nothing was read from leave the frontier; the others keep their documents.

    Args:
        documents: whether the documents go too.

    Returns:
        How many documents went.

    Raises:
        UsageError: no source has this URL.
    """
    with home.writing() as session:
        source = _named(session, url)
        pages = select(Page.id).where(Page.source_id == source.id)
        read = select(Document.page_id)
        gone = session.scalar(select(func.count()).where(Document.page_id.in_(pages))) or 0 if documents else 0
        session.execute(delete(Page).where(Page.id.in_(pages), *(() if documents else (Page.id.not_in(read),))))
        session.delete(source)
    return gone


def entries_of(home: Home) -> dict[int, list[tuple[str, str]]]:
    """Source id → (URL, feed or sitemap) of what is read with it."""
    found: dict[int, list[tuple[str, str]]] = {}
    with home.reading() as session:
        for entry in session.scalars(select(Entry).order_by(Entry.source_id, Entry.url)):
            found.setdefault(entry.source_id, []).append((entry.url, entry.kind))
    return found


def all_sources(home: Home) -> list[Source]:
    """All sources by URL, apart from any session."""
    with home.reading() as session:
        sources = list(session.scalars(select(Source).order_by(Source.url)))
        session.expunge_all()
    return sources


def checked_url(url: str, allow_private: bool) -> str:
    """A URL's canonical spelling.

    Raises:
        UsageError: it can never be fetched, or names a host that is not the public internet's.
    """
    scheme = url.partition(":")[0].lower() if ":" in url else ""
    spelled = canonical(url)
    if spelled is None:
        hint = "begin it with http:// or https://" if scheme not in {"http", "https"} else "check its host and port"
        raise UsageError(f"url “{url}” cannot be crawled: {hint}")
    reason = _private(urlsplit(spelled).hostname or "")
    if reason is not None and not allow_private:
        raise UsageError(f"url “{url}” names a host that is {reason}: add --allow-private if it is meant to be crawled")
    return spelled


def _private(host: str) -> str | None:
    """Why a literal address, or a name that is always local, is not the public internet's."""
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    try:
        ip_address(host)
    except ValueError:
        try:
            host = socket.inet_ntoa(socket.inet_aton(host))  # 127.1, 0x7f.1, 2130706433
        except (OSError, UnicodeEncodeError):
            return None
    return forbidden(host)
