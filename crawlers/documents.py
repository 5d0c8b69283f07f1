"""What the crawler keeps, for people: lists, search, one document in full."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from crawlers.urls import canonical
from db.errors import UsageError
from db.web import Document, Link, Page, Source

SNIPPET = 60
"""Letters shown before and after what was searched for."""
MOST_WORDS = 20


@dataclass(frozen=True)
class Filter:
    """Which documents; what is not given does not sift.

    Attributes:
        source: its URL.
        host: as documents have it, host or host:port.
        language: a code such as en; en-GB counts as en.
        since: fetched at that time or later.
        musicality: least score, 0 … 1; documents without one are left out then.
        duplicates: near-duplicates of kept ones too.
    """

    source: str | None = None
    host: str | None = None
    language: str | None = None
    since: datetime | None = None
    musicality: float | None = None
    duplicates: bool = False


def listed(session: Session, wanted: Filter, words: Sequence[str] = (), n: int = 20) -> list[dict[str, object]]:
    """Documents, the last fetched first; of a search those with the words in their title first.

    Args:
        words: each, a word or a phrase, must stand in title or text, in any case.
        n: most of them.

    Returns:
        url, title, author, published, language, host, musicality, duplicate_of (URL of the kept one), fetched, and for
        a search `found`, the words in their place.

    Raises:
        UsageError: the source is not on the list, or nothing is searched for.
    """
    searched = _checked(words)
    kept = aliased(Document)
    columns: list[Any] = [
        Document.url, Document.title, Document.author, Document.published, Document.language, Document.host,
        Document.musicality, kept.url.label("duplicate_of"), Document.fetched_at.label("fetched"),
        *([Document.body] if searched else []),
    ]  # fmt: skip
    query = _sifted(session, select(*columns).outerjoin(kept, kept.id == Document.duplicate_of), wanted)
    for word in searched:
        query = query.where(or_(_holds(Document.title, word), _holds(Document.body, word)))
    rank: list[Any] = [_holds(Document.title, word).desc() for word in searched]
    query = query.order_by(*rank, Document.fetched_at.desc(), Document.url).limit(n)
    return [_shown(dict(row), searched) for row in session.execute(query).mappings()]


def count(session: Session, wanted: Filter) -> int:
    """How many documents a filter leaves."""
    return session.scalar(_sifted(session, select(func.count()).select_from(Document), wanted)) or 0


def _sifted(session: Session, query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.source is not None:
        source = session.scalar(select(Source.id).where(Source.url == (canonical(wanted.source) or wanted.source)))
        if source is None:
            raise UsageError(f"no source has the url “{wanted.source}”: `kinsong source list` shows what there is")
        query = query.where(Document.page_id.in_(select(Page.id).where(Page.source_id == source)))
    if wanted.host is not None:
        query = query.where(Document.host == wanted.host.strip().lower())
    if wanted.language is not None:
        code = wanted.language.strip()
        query = query.where(or_(Document.language == code, Document.language.startswith(f"{code}-", autoescape=True)))
    if wanted.since is not None:
        query = query.where(Document.fetched_at >= wanted.since)
    if wanted.musicality is not None:
        query = query.where(Document.musicality >= wanted.musicality)
    if not wanted.duplicates:
        query = query.where(Document.duplicate_of.is_(None))
    return query


def _checked(words: Sequence[str]) -> list[str]:
    searched = [" ".join(word.split()) for word in words]
    if not all(word and word.isprintable() for word in searched) or len(searched) > MOST_WORDS:
        raise UsageError(f"give 1 to {MOST_WORDS} words or phrases to search for, of letters that can be seen")
    return searched


def _holds(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a text holds a word in small letters, capitals or with one capital, whatever % and _ it has.

    Databases know the case of ASCII letters only: others are asked for in each spelling.
    """
    spellings = {_ascii_lower(form) for form in (word, word.lower(), word.upper(), word.title())}
    return or_(*(func.lower(column).contains(form, autoescape=True) for form in sorted(spellings)))


def _ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def _shown(row: dict[str, Any], searched: list[str]) -> dict[str, object]:
    if searched:
        row["found"] = _snippet(row.pop("body"), searched)
    return row


def _snippet(body: str, searched: list[str]) -> str:
    low = body.lower()
    places = [at for word in searched if (at := low.find(word.lower())) >= 0]
    start = max(min(places, default=0) - SNIPPET, 0)
    end = min(min(places, default=0) + SNIPPET, len(body))
    text = " ".join(body[start:end].split())
    return f"{'…' if start else ''}{text}{'…' if end < len(body) else ''}"


def one(session: Session, url: str) -> dict[str, object]:
    """All that is kept of one document: what a list shows, canonical_url, source, changes of its page, reasons of its
    musicality, near_duplicates (URLs of its group, the kept one first), links, text.

    Raises:
        UsageError: no document has this URL.
    """
    document = None
    for spelled in (url, canonical(url)):
        document = document or session.scalar(select(Document).where(Document.url == spelled))
    if document is None:
        raise UsageError(f"no document has the url “{url}”: `kinsong documents search` finds its spelling")
    page = session.get_one(Page, document.page_id)
    kept = document.duplicate_of or document.id
    group = session.execute(
        select(Document.url, Document.id).where(or_(Document.id == kept, Document.duplicate_of == kept))
    ).all()
    group = group if len(group) > 1 else []
    return {
        "url": document.url, "title": document.title, "author": document.author, "published": document.published,
        "language": document.language, "host": document.host, "canonical_url": document.canonical_url,
        "source": session.scalar(select(Source.url).where(Source.id == page.source_id)),
        "fetched": document.fetched_at, "visits": page.fetches, "changes": page.changes,
        "musicality": document.musicality, "reasons": json.loads(document.musicality_reasons or "[]"),
        "near_duplicates": [at for at, _ in sorted(group, key=lambda row: (row[1] != kept, row[0]))],
        "links": sorted(session.scalars(select(Link.url).where(Link.page_id == page.id))),
        "text": document.body,
    }  # fmt: skip
