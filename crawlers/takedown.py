"""Takedown: a page, or all of a host, is forgotten, and neither fetched nor kept again until that is lifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from crawlers import duplicates
from crawlers.outcomes import Outcome
from crawlers.urls import canonical, host_of
from db.base import now
from db.errors import UsageError
from db.home import Home
from db.web import Document, Link, Page, Takedown

ERROR = "taken down"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TakenDown:
    """What a takedown came to.

    Attributes:
        target: the URL or host, as it is kept.
        documents: how many went.
        twins: URLs of near-duplicates of them that stay.
    """

    target: str
    documents: int
    twins: tuple[str, ...] = ()


def targets(session: Session) -> frozenset[str]:
    """The URLs and hosts that are taken down."""
    return frozenset(session.scalars(select(Takedown.target)))


def page_of(target: str) -> str:
    """The page that a document is read from, by its URL: an entry of a feed has the feed's, a # and a key."""
    return target.partition("#")[0]


def left_out(home: Home) -> frozenset[str]:
    """Pages that go on being fetched but not archived: an entry of theirs is taken down."""
    with home.reading() as session:
        return frozenset(page_of(target) for target in targets(session) if "#" in target)


def is_down(url: str, down: Collection[str]) -> bool:
    """Whether a URL, or its host, is among the targets."""
    return url in down or host_of(url) in down


def without(outcome: Outcome, down: Collection[str]) -> Outcome:
    """An outcome without the texts and links that are taken down."""
    reading = outcome.reading
    texts = tuple(text for text in reading.texts if not is_down(text.url, down))
    found = tuple(f for f in reading.found if not is_down(f.url, down))
    return replace(outcome, reading=replace(reading, texts=texts, found=found))


def take_down(home: Home, url: str | None = None, host: str | None = None) -> TakenDown:
    """Forget a document, or all of a host's, and fetch it no more.

    The counts and evidence made from it leave the results at the next build.

    Raises:
        UsageError: neither or both are given, or nothing is known of it.
    """
    if (url is None) == (host is None):
        raise UsageError("say what is to be taken down: a URL, or --host HOST")
    with home.writing() as session:
        target, kind = _url_known(session, url) if url is not None else _host_known(session, host or "")
        of_documents, of_pages = _where(target, kind)
        gone = session.execute(select(Document.id, Document.page_id, Document.duplicate_of).where(of_documents)).all()
        twins = _twins(session, [row.id for row in gone], [row.duplicate_of for row in gone if row.duplicate_of])
        session.execute(delete(Document).where(of_documents))
        pages = select(Page.id).where(of_pages)
        session.execute(delete(Link).where(Link.page_id.in_(pages)))
        session.merge(Takedown(target=target, kind=kind, at=now()))
        _refuse(session, of_pages)
    duplicates.mark(home)
    return TakenDown(target, len(gone), twins)


def documents_of(home: Home, url: str | None = None, host: str | None = None) -> list[Document]:
    """The documents that `take_down` would forget.

    Raises:
        UsageError: neither or both are given, or nothing is known of it.
    """
    if (url is None) == (host is None):
        raise UsageError("say what is to be taken down: a URL, or --host HOST")
    with home.reading() as session:
        target, kind = _url_known(session, url) if url is not None else _host_known(session, host or "")
        return list(session.scalars(select(Document).where(_where(target, kind)[0])))


def _where(target: str, kind: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    if kind == "url":
        of_pages = Page.url == target
        return or_(Document.url == target, Document.page_id.in_(select(Page.id).where(of_pages))), of_pages
    return Document.host == target, Page.host == target


def _spellings(url: str) -> list[str]:
    """What a URL may be kept as. One with a # is an entry of a feed: as it is, or it would be the feed."""
    return [s for s in (url, None if "#" in url else canonical(url)) if s is not None]


def _url_known(session: Session, url: str) -> tuple[str, str]:
    for spelled in _spellings(url):
        if _is_known(session, Takedown.target == spelled, Document.url == spelled, Page.url == spelled):
            return spelled, "url"
    raise UsageError(f"no document has the url “{url}”: `kinsong documents search` finds its spelling")


def _host_known(session: Session, host: str) -> tuple[str, str]:
    spelled = host_of(canonical(f"http://{host}/") or "") if host else ""
    if spelled and _is_known(session, Takedown.target == spelled, Document.host == spelled, Page.host == spelled):
        return spelled, "host"
    raise UsageError(f"no document is of the host “{host}”: give it as `kinsong documents list` shows it")


def _is_known(session: Session, *where: ColumnElement[bool]) -> bool:
    return any(session.scalar(select(one).where(one).limit(1)) for one in where)


def _twins(session: Session, gone: Collection[int], kept: Collection[int]) -> tuple[str, ...]:
    found: set[str] = set()
    ids = set(gone)
    of = [*ids, *kept]
    for start in range(0, len(of), 500):
        chunk = of[start : start + 500]
        query = select(Document.id, Document.url).where(or_(Document.duplicate_of.in_(chunk), Document.id.in_(chunk)))
        found.update(row.url for row in session.execute(query) if row.id not in ids)
    return tuple(sorted(found))


def _refuse(session: Session, where: ColumnElement[bool]) -> None:
    values: dict[str, Any] = {
        "state": "refused", "error": ERROR, "due_at": NEVER, "attempts": 0, "etag": None, "last_modified": None,
        "fetched_at": None, "lease_owner": None, "lease_until": None,
    }  # fmt: skip
    session.execute(update(Page).where(where).values(values).execution_options(synchronize_session=False))


def sweep(session: Session) -> None:
    """Keep the frontier from what is taken down, whoever has brought it back meanwhile."""
    down = select(Takedown.target)
    _refuse(session, or_(Page.url.in_(down), Page.host.in_(down)) & (Page.due_at < NEVER))


def allow(home: Home, url: str | None = None, host: str | None = None) -> str:
    """Lift a takedown; its pages are due again.

    Returns:
        The URL or host.

    Raises:
        UsageError: it is not taken down.
    """
    if (url is None) == (host is None):
        raise UsageError("say what may be fetched again: a URL, or --host HOST")
    wanted = _spellings(url) if url is not None else [host, host_of(canonical(f"http://{host}/") or "")]
    kind = "url" if url is not None else "host"
    with home.writing() as session:
        row = session.scalar(select(Takedown).where(Takedown.target.in_(filter(None, wanted)), Takedown.kind == kind))
        if row is None:
            raise UsageError(f"“{url or host}” is not taken down: `kinsong documents removed` lists what is")
        target = row.target
        session.delete(row)
        session.flush()
        _, of_pages = _where(target, kind)
        again = {"state": "due", "error": None, "due_at": now()}
        session.execute(
            update(Page).where(of_pages, Page.error == ERROR).values(again).execution_options(synchronize_session=False)
        )
        # "unchanged" would leave a feed without the entry
        anew = update(Page).where(Page.url == page_of(target)).values(etag=None, last_modified=None)
        session.execute(anew.execution_options(synchronize_session=False))
        sweep(session)
    return target


def taken_down(home: Home) -> list[dict[str, object]]:
    """What is taken down: target, kind (url or host) and when."""
    query = select(Takedown.target, Takedown.kind, Takedown.at).order_by(Takedown.target)
    with home.reading() as session:
        return [dict(row) for row in session.execute(query).mappings()]
