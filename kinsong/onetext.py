"""One text from a file, a URL or standard input, read as a crawl would have read it."""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

import crawlers.settings
from db.errors import CrawlError, InputError
from db.home import Home
from db.web import Document, Page

MOST_BYTES = 8 * 2**20
"""A file is read so far."""
HEAD = 8192
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class OneText:
    """A text. `origin` says where it is from; `published` is an ISO date as far as it is known."""

    origin: str
    title: str
    body: str
    language: str
    published: str | None = None


def get(
    home: Home, source: str, config: crawlers.settings.Config, *, fetch: bool = False, allow_private: bool = False
) -> OneText:
    """The text of a file, of a URL, or, for "-", of standard input. HTML is extracted.

    Args:
        home: a document that is kept there is not fetched again.
        source: what was asked for.
        config: how the crawler behaves.
        fetch: fetch the page even so.
        allow_private: its host may be a private address.

    Raises:
        InputError: there is no such file, or it is no text.
        CrawlError: no contact is set, or the page could not be read: robots, the guard, its host or its kind.
    """
    if source == "-":
        return from_bytes(sys.stdin.buffer.read(MOST_BYTES), "standard input", config)
    if _URL.match(source):
        kept = None if fetch else _kept(home, source)
        return kept or _fetched(source, config, allow_private=allow_private)
    path = Path(source)
    try:
        with path.open("rb") as stream:
            return from_bytes(stream.read(MOST_BYTES), source, config)
    except OSError as error:
        way_out = "give a file, a URL, or - for standard input"
        raise InputError(f"{source} cannot be read: {error.strerror}; {way_out}") from error


def from_bytes(data: bytes, name: str, config: crawlers.settings.Config) -> OneText:
    """The text that some bytes are.

    Raises:
        InputError: they are empty or no text.
    """
    from crawlers.extract import content_type, extract
    from crawlers.text import decode

    if not data.strip():
        raise InputError(f"{name} is empty: there is nothing to read")
    kind = content_type({}, data)
    head = data[:HEAD]
    wide = head.startswith(BYTE_ORDER_MARKS)
    odd = len(_CONTROL.findall(decode(head, None))) * 20 > len(head)
    if head.startswith(b"%PDF") or odd or (b"\0" in head and not wide):
        raise InputError(f"{name} is no text and no HTML page: save what it says as one, then read that")
    headers = {"content-type": "text/plain"} if kind == "application/octet-stream" else {}
    found = extract(data, headers, "http://localhost/", product=config.user_agent)
    if not found.body:
        why = "the page asks not to be kept (noindex)" if found.noindex else "there is no text in it"
        raise InputError(f"{name} cannot be read: {why}")
    return OneText(name, found.title, found.body, found.language, found.published)


def _kept(home: Home, url: str) -> OneText | None:
    """The document of a URL that was crawled already."""
    from crawlers.urls import canonical

    with home.reading() as session:
        row = session.scalars(select(Document).where(Document.url.in_({url, canonical(url) or url}))).first()
        if row is None:
            return None
        origin = f"{row.url} as it was crawled on {row.fetched_at:%Y-%m-%d}"
        return OneText(origin, row.title, row.body, row.language, row.published)


def _fetched(url: str, config: crawlers.settings.Config, *, allow_private: bool) -> OneText:
    """Fetch one page by a crawl of its own in a home that is gone afterwards: with the guard, robots and contact."""
    from crawlers import jobs
    from kinsong import home as homes

    with tempfile.TemporaryDirectory(prefix="kinsong-read-") as folder:
        home, _ = homes.create(Path(folder) / "home")
        try:
            jobs.add_source(home, url, kind="page", allow_private=allow_private)
            jobs.crawl(home, config.model_copy(update={"max_attempts": 1, "patience": 0.0}))
            with home.reading() as session:
                row = session.scalars(select(Document).order_by(Document.id.desc())).first()
                if row is not None:
                    return OneText(row.url, row.title, row.body, row.language, row.published)
                errors = session.scalars(select(Page.error).where(Page.error.is_not(None)).order_by(Page.id)).all()
        finally:
            home.engine.dispose()
    raise CrawlError(f"{url} was not read: {errors[-1] if errors else 'there is no text in it'}")
