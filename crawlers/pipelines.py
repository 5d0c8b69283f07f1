"""Outcomes to rows: page, documents, links, new pages and fetch records of a whole batch in one transaction.

After it a page is settled with all that came of it, or, killed before, it is still claimed and will be fetched again:
nothing is lost and nothing is stored twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crawlers import takedown
from crawlers.duplicates import signature
from crawlers.frontier import Found, State, add, owned, settle
from crawlers.outcomes import Outcome, Text
from crawlers.revisit import Revisit
from crawlers.urls import host_of
from db.faults import reached
from db.home import Home
from db.web import Document, Fetch, Link, Page, Source
from db.write import table_of


@dataclass(frozen=True)
class Stored:
    """What a batch came to: documents new or changed, and outcomes that were settled."""

    documents: int
    settled: tuple[Outcome, ...]


def store(
    home: Home,
    owner: str,
    outcomes: Sequence[Outcome],
    sources: Mapping[int, Source],
    now: datetime,
    *,
    max_pages_per_host: int,
    revisits: Mapping[int, Revisit] | None = None,
) -> Stored:
    """Write a batch, in one transaction. Outcomes whose lease has gone to another owner are left out, and so is what
    was taken down.

    Args:
        sources: by id; a page found keeps the source of the page that led to it.
        revisits: by source id; a page that was read or found unchanged is visited again as its own changes ask for.
    """
    with home.writing() as session:
        ours = owned(session, owner, [o.claim for o in outcomes])
        kept = list({o.claim.page_id: o for o in outcomes if o.claim.page_id in ours}.values())
        down = takedown.targets(session)
        kept = [takedown.without(o, down) for o in kept] if down else kept
        reached("crawl.owned")
        changed, written = _documents(session, kept, now)
        reached("crawl.documents")
        _gone(session, kept)
        _links(session, kept)
        reached("crawl.links")
        _found(session, kept, sources, now, max_pages_per_host)
        reached("crawl.found")
        states = [(o.claim, _state(o, o.claim.page_id in changed, revisits or {}, now)) for o in kept]
        settle(session, states, now)
        reached("crawl.settled")
        _fetches(session, kept, now)
        reached("crawl.noted")
    reached("crawl.stored")
    return Stored(written, tuple(kept))


def _state(outcome: Outcome, changed: bool, revisits: Mapping[int, Revisit], now: datetime) -> State:
    state, claimed = replace(outcome.state, changed=changed), outcome.claim
    rule = revisits.get(claimed.source_id)
    if rule is None or claimed.kind != "page" or state.state != "done":
        return state
    history = claimed.history
    if claimed.fetched_at is not None:
        history = history.after(((state.at or now) - claimed.fetched_at).total_seconds(), changed, rule.usual)
    return replace(state, history=history, due_at=rule.next(history))


GONE = (404, 410)


def _gone(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Forget pages that are gone for the second visit running: one such answer may be a slip of the server."""
    asked = [o.claim.page_id for o in outcomes if o.state.status in GONE]
    if not asked:
        return
    gone = list(session.scalars(select(Page.id).where(Page.id.in_(asked), Page.status.in_(GONE))))
    session.execute(delete(Document).where(Document.page_id.in_(gone)))
    session.execute(delete(Link).where(Link.page_id.in_(gone)))
    # asked for anew should it come back: "unchanged" would leave it without its text
    session.execute(
        update(Page)
        .where(Page.id.in_(gone))
        .values(etag=None, last_modified=None)
        .execution_options(synchronize_session=False)
    )


def sha256_of(title: str, body: str) -> str:
    """Hex digest by which a text is the same or another."""
    return hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()


def _documents(session: Session, outcomes: Sequence[Outcome], now: datetime) -> tuple[set[int], int]:
    """Upsert what is new or different; page ids of those, and how many."""
    texts = {text.url: (o, text) for o in outcomes for text in o.reading.texts}
    known = _known(session, list(texts))
    rows = [
        _row(o.claim.page_id, text, o.state.at or now)
        for url, (o, text) in texts.items()
        if known.get(url) != sha256_of(text.extracted.title, text.extracted.body)
    ]
    _upsert(session, rows)
    forgotten = [o.claim.page_id for o in outcomes if o.reading.forget]
    if forgotten:
        session.execute(delete(Document).where(Document.page_id.in_(forgotten)))
    return {row["page_id"] for row in rows}, len(rows)


def _known(session: Session, urls: Sequence[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for start in range(0, len(urls), 500):
        query = select(Document.url, Document.sha256).where(Document.url.in_(urls[start : start + 500]))
        known.update({row.url: row.sha256 for row in session.execute(query)})
    return known


def _row(page_id: int, text: Text, at: datetime) -> dict[str, Any]:
    e = text.extracted
    return {
        "page_id": page_id, "url": text.url, "canonical_url": e.canonical_url, "host": host_of(text.url),
        "title": e.title, "author": e.author, "published": e.published, "language": e.language, "body": e.body,
        "sha256": sha256_of(e.title, e.body), "signature": signature(e.body), "fetched_at": at,
        "musicality": None, "musicality_reasons": None, "duplicate_of": None,
    }  # fmt: skip


def _upsert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table_of(Document))
    fresh = {name: statement.excluded[name] for name in rows[0] if name != "url"}
    session.execute(statement.on_conflict_do_update(index_elements=["url"], set_=fresh), list(rows))


def _links(session: Session, outcomes: Sequence[Outcome]) -> None:
    read = [o.claim.page_id for o in outcomes if o.replaces]
    if not read:
        return
    session.execute(delete(Link).where(Link.page_id.in_(read)))
    rows = [{"page_id": o.claim.page_id, "url": url} for o in outcomes if o.replaces for url in set(o.reading.links)]
    if rows:
        session.execute(insert(table_of(Link)), rows)


def _found(
    session: Session, outcomes: Sequence[Outcome], sources: Mapping[int, Source], now: datetime, most: int
) -> None:
    by_place: defaultdict[tuple[int, int], list[Found]] = defaultdict(list)
    for o in outcomes:
        if o.claim.source_id in sources:
            by_place[o.claim.source_id, o.claim.depth + 1].extend(o.reading.found)
    for (source_id, depth), found in sorted(by_place.items()):
        source = sources[source_id]
        room = most if source.max_pages is None else min(most, source.max_pages)
        add(session, source, found, depth=depth, now=now, max_pages_per_host=room)


def _fetches(session: Session, outcomes: Sequence[Outcome], now: datetime) -> None:
    rows = [
        {"page_id": o.claim.page_id, "at": o.state.at or now, "status": o.state.status, "error": o.state.error,
         "bytes": o.size, "seconds": o.seconds}
        for o in outcomes if o.state.state != "refused"
    ]  # fmt: skip
    if rows:
        session.execute(insert(table_of(Fetch)), rows)


