"""The frontier: a SQL table of pages, from which work is claimed under a lease and to which outcomes return.

A page goes due → leased → done, failed or refused, and becomes due again at its next visit. Nothing of a crawl lives
anywhere else, so that it can be killed at any moment: what was claimed and not settled is claimed again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crawlers.urls import host_of
from db.home import Home
from db.web import Page, Source
from db.write import table_of

CLAIM_CHUNK = 500


@dataclass(frozen=True)
class Claim:
    """A page that is ours to fetch until `lease_until`."""

    page_id: int
    url: str
    host: str
    source_id: int
    kind: str
    depth: int
    attempts: int
    etag: str | None
    last_modified: str | None
    known: bool
    """It was fetched before, so that a conditional request makes sense."""


@dataclass(frozen=True)
class Found:
    """A URL that a page led to."""

    url: str
    kind: str = "page"


@dataclass(frozen=True)
class State:
    """What a page's row becomes.

    Attributes:
        state: done, failed, refused, or due for another try.
        changed: its content differs from the last visit's.
        attempts: tries since the last success.
    """

    state: str
    due_at: datetime
    attempts: int
    fetched: bool
    changed: bool
    status: int | None = None
    error: str | None = None
    etag: str | None = None
    last_modified: str | None = None


def add(
    session: Session,
    source: Source,
    found: Iterable[Found],
    *,
    depth: int,
    now: datetime,
    max_pages_per_host: int,
) -> int:
    """Take canonical URLs in, each once and as long as its host has room.

    Returns:
        How many were new.
    """
    wanted = {f.url: f.kind for f in found}
    known = _known(session, wanted)
    _adopt(session, source, known, now)
    fresh = [(url, kind) for url, kind in wanted.items() if url not in known]
    if not fresh:
        return 0
    room = _room(session, {host_of(url) for url, _ in fresh}, max_pages_per_host)
    rows = []
    for url, kind in fresh:
        host = host_of(url)
        if room[host] > 0:
            room[host] -= 1
            rows.append(
                {"url": url, "host": host, "source_id": source.id, "kind": kind, "depth": depth, "due_at": now}
            )
    _insert_new(session, rows)
    return len(rows)


def _known(session: Session, urls: Collection[str]) -> set[str]:
    known: set[str] = set()
    listed = list(urls)
    for start in range(0, len(listed), CLAIM_CHUNK):
        known.update(session.scalars(select(Page.url).where(Page.url.in_(listed[start : start + CLAIM_CHUNK]))))
    return known


def _adopt(session: Session, source: Source, urls: Collection[str], now: datetime) -> None:
    """Fetch again what a removed source had left behind."""
    listed = list(urls)
    for start in range(0, len(listed), CLAIM_CHUNK):
        session.execute(
            update(Page)
            .where(Page.url.in_(listed[start : start + CLAIM_CHUNK]), Page.source_id.is_(None))
            .values(source_id=source.id, state="due", due_at=now, attempts=0)
            .execution_options(synchronize_session=False)
        )


def _room(session: Session, hosts: Collection[str], most: int) -> dict[str, int]:
    query = select(Page.host, func.count().label("n")).where(Page.host.in_(hosts)).group_by(Page.host)
    counts = {row.host: row.n for row in session.execute(query)}
    return {host: most - counts.get(host, 0) for host in hosts}


def _insert_new(session: Session, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table_of(Page)).on_conflict_do_nothing(index_elements=["url"])
    defaults = {"priority": 0.0, "state": "due", "attempts": 0, "fetches": 0, "changes": 0}
    session.execute(statement, [defaults | row for row in rows])


def claim(
    home: Home,
    owner: str,
    n: int,
    now: datetime,
    *,
    lease_seconds: int,
    per_host: int | None = None,
    full: Collection[str] = (),
) -> list[Claim]:
    """Lease up to `n` due pages, in one transaction: each host in turn, and within a host the nearest first.

    Args:
        owner: who claims; only the owner can settle.
        per_host: most pages of one host in this batch.
        full: hosts that are left out.
    """
    ready = or_(
        and_(Page.state == "due", Page.due_at <= now),
        and_(Page.state == "leased", Page.lease_until < now),
    )
    turn = func.row_number().over(partition_by=Page.host, order_by=(Page.priority.desc(), Page.depth, Page.id))
    queue = select(Page.id, Page.depth, turn.label("turn")).where(ready, Page.source_id.is_not(None))
    if full:
        queue = queue.where(Page.host.not_in(full))
    ordered = queue.subquery()
    chosen = select(ordered.c.id).order_by(ordered.c.turn, ordered.c.depth, ordered.c.id).limit(n)
    if per_host is not None:
        chosen = chosen.where(ordered.c.turn <= per_host)
    with home.writing() as session:
        ids = list(session.scalars(chosen))
        pages = session.scalars(
            select(Page).where(Page.id.in_(ids), ready).with_for_update(skip_locked=True)
        ).all()
        claims = {page.id: _claim_of(page) for page in pages}
        session.execute(
            update(Page)
            .where(Page.id.in_(claims))
            .values(state="leased", lease_owner=owner, lease_until=now + timedelta(seconds=lease_seconds))
            .execution_options(synchronize_session=False)
        )
    return [claims[i] for i in ids if i in claims]


def _claim_of(page: Page) -> Claim:
    assert page.source_id is not None  # noqa: S101  only such pages are claimed
    return Claim(
        page.id, page.url, page.host, page.source_id, page.kind, page.depth, page.attempts,
        page.etag, page.last_modified, page.fetches > 0,
    )  # fmt: skip


def owned(session: Session, owner: str, claims: Collection[Claim]) -> set[int]:
    """Ids of those claimed pages whose lease is still the owner's."""
    ids = [c.page_id for c in claims]
    query = select(Page.id).where(Page.id.in_(ids), Page.state == "leased", Page.lease_owner == owner)
    return set(session.scalars(query.with_for_update()))


def settle(session: Session, outcomes: Sequence[tuple[Claim, State]], now: datetime) -> None:
    """Write outcomes into their pages' rows and end their leases."""
    for claimed, state in outcomes:
        values: dict[str, object] = {
            "state": state.state, "due_at": state.due_at, "attempts": state.attempts, "status": state.status,
            "error": state.error, "lease_owner": None, "lease_until": None,
        }  # fmt: skip
        if state.fetched:
            values |= {
                "etag": state.etag, "last_modified": state.last_modified, "fetched_at": now,
                "fetches": Page.fetches + 1,
            }  # fmt: skip
        if state.changed:
            values |= {"changed_at": now, "changes": Page.changes + 1}
        session.execute(
            update(Page).where(Page.id == claimed.page_id).values(values).execution_options(synchronize_session=False)
        )


def release(home: Home, owner: str, claims: Collection[Claim], due_at: datetime | None = None) -> None:
    """Give claimed pages back unfetched, due at once or at a given time."""
    values: dict[str, object] = {"state": "due", "lease_owner": None, "lease_until": None}
    if due_at is not None:
        values["due_at"] = due_at
    with home.writing() as session:
        session.execute(
            update(Page)
            .where(Page.id.in_([c.page_id for c in claims]), Page.lease_owner == owner)
            .values(values)
            .execution_options(synchronize_session=False)
        )


def reclaim(session: Session) -> int:
    """Take back every leased page; for a crawl that begins and knows that it is the only one.

    Returns:
        How many a crawl that was killed had left behind.
    """
    leased = session.scalars(select(Page.id).where(Page.state == "leased")).all()
    session.execute(
        update(Page).where(Page.state == "leased").values(state="due", lease_owner=None, lease_until=None)
    )
    return len(leased)


def refresh(session: Session, now: datetime) -> None:
    """Make pages due whose next visit has come."""
    session.execute(
        update(Page)
        .where(Page.state.in_(["done", "failed", "refused"]), Page.due_at <= now)
        .values(state="due", attempts=0)
    )


def next_due(home: Home) -> datetime | None:
    """When the next waiting page is due; nothing when none waits."""
    with home.reading() as session:
        return session.scalar(select(func.min(Page.due_at)).where(Page.state == "due", Page.source_id.is_not(None)))
