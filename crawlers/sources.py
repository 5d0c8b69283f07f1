"""The list of places that are crawled."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select

from crawlers.guard import forbidden
from crawlers.urls import canonical
from db.base import now
from db.errors import UsageError
from db.home import Home
from db.web import Document, Page, Source

KINDS = ("site", "feed", "sitemap", "page")


def add_source(
    home: Home,
    url: str,
    kind: str | None = None,
    every: int | None = None,
    delay: float | None = None,
    allow_private: bool = False,
) -> Source:
    """Put a source on the list, or change what is given of one that is on it; either way it is due.

    Args:
        kind: site, feed, sitemap or page; guessed from the URL when it is not given.
        every: seconds between visits; None: as it was, at first the settings' default.
        delay: least seconds between two requests to its host; None: as it was, at first the settings' default.
        allow_private: its host may be a private or loopback address.

    Raises:
        UsageError: the URL, the kind or a number cannot be used; the message says what to give instead.
    """
    spelled = _checked_url(url, allow_private)
    if kind is not None and kind not in KINDS:
        raise UsageError(f"kind “{kind}” is not known: use one of {', '.join(KINDS)}")
    if every is not None and every < 0:
        raise UsageError(f"every is {every} seconds: give 0 or more")
    if delay is not None and not 0 <= delay <= 86_400:
        raise UsageError(f"delay is {delay} seconds: give 0 to 86400")
    with home.writing() as session:
        source = session.scalar(select(Source).where(Source.url == spelled))
        if source is None:
            source = Source(url=spelled, kind=kind or guess_kind(spelled), added_at=now())
            session.add(source)
        source.kind = kind or source.kind
        source.every = source.every if every is None else every
        source.delay = source.delay if delay is None else delay
        source.allow_private = source.allow_private or allow_private
        source.next_crawl_at = None
        session.flush()
        session.expunge(source)
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
        url, kind, pages (known), documents (kept), failed (pages given up), last and next (times of visits; next is
        empty for a source that is due).
    """
    pages = select(func.count()).where(Page.source_id == Source.id)
    documents = select(func.count()).select_from(Document).join(Page).where(Page.source_id == Source.id)
    query = select(
        Source.url, Source.kind, pages.scalar_subquery().label("pages"), documents.scalar_subquery().label("documents"),
        pages.where(Page.state == "failed").scalar_subquery().label("failed"),
        Source.last_crawl_at.label("last"), Source.next_crawl_at.label("next"),
    ).order_by(Source.url)  # fmt: skip
    with home.reading() as session:
        return [dict(row) for row in session.execute(query).mappings()]


def remove_source(home: Home, url: str, documents: bool = False) -> int:
    """Take a source off the list. Pages that nothing was read from leave the frontier; the others keep their documents.

    Args:
        documents: whether the documents go too.

    Returns:
        How many documents went.

    Raises:
        UsageError: no source has this URL.
    """
    spelled = canonical(url) or url
    with home.writing() as session:
        source = session.scalar(select(Source).where(Source.url == spelled))
        if source is None:
            raise UsageError(f"no source has the url “{url}”: `kinsong source list` shows those that there are")
        pages = select(Page.id).where(Page.source_id == source.id)
        read = select(Document.page_id)
        gone = session.scalar(select(func.count()).where(Document.page_id.in_(pages))) or 0 if documents else 0
        session.execute(delete(Page).where(Page.id.in_(pages), *(() if documents else (Page.id.not_in(read),))))
        session.delete(source)
    return gone


def all_sources(home: Home) -> list[Source]:
    """All sources by URL, apart from any session."""
    with home.reading() as session:
        sources = list(session.scalars(select(Source).order_by(Source.url)))
        session.expunge_all()
    return sources


def _checked_url(url: str, allow_private: bool) -> str:
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
