"""The frontier: a SQL table of pages, from which work is claimed under a lease and to which outcomes return.

A page goes due → leased → done, failed or refused, and becomes due again at its next visit. Nothing of a crawl lives
anywhere else, so that it can be killed at any moment: what was claimed and not settled is claimed again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from crawlers.revisit import History
from crawlers.urls import host_of
from db.home import Home
from db.web import Page, Source
from db.write import table_of

CLAIM_CHUNK = 500
HOSTS_AT_ONCE = 100
"""Hosts in one statement."""
NO_HISTORY = History()


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
    fetched_at: datetime | None = None
    history: History = NO_HISTORY
    """What the visits before have seen of its changes."""


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
        history: what visits have seen of its changes, where this one adds to it.
        at: when it was answered, where it was; None: just now.
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
    history: History | None = None
    at: datetime | None = None


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
    per_host: int = CLAIM_CHUNK,
    full: Collection[str] = (),
    after: str = "",
) -> list[Claim]:
    """Lease up to `n` due pages, in one transaction: each host in turn, and within a host the nearest first.

    It costs as much as the hosts and pages it looks at, up to `n` of each, however large the frontier is. Conditions
    that are to be checked and not searched by stand in a `coalesce`, or planners would search by them.

    Args:
        owner: who claims; only the owner can settle.
        per_host: most pages of one host in this batch.
        full: hosts that are left out.
        after: host to begin behind, in byte order, so that of more hosts than `n` all have their turn.
    """
    with home.writing() as session:
        _expire(session, now)
        hosts = _hosts(session, after, n, full)
        ids = _nearest(session, hosts, min(per_host, n), now)[:n]
        pages = [
            page
            for start in range(0, len(ids), CLAIM_CHUNK)
            for page in session.scalars(
                select(Page)
                .where(Page.id.in_(ids[start : start + CLAIM_CHUNK]), func.coalesce(Page.state, "") == "due")
                .with_for_update(skip_locked=True)
            )
        ]
        claims = {page.id: _claim_of(page) for page in pages}
        until = now + timedelta(seconds=lease_seconds)
        table = table_of(Page)
        statement = update(table).where(table.c.id == bindparam("key")).values(
            state="leased", lease_owner=owner, lease_until=until
        )  # fmt: skip
        if claims:
            session.connection().execute(statement, [{"key": key} for key in claims])
    return [claims[i] for i in ids if i in claims]


def _expire(session: Session, now: datetime) -> None:
    session.execute(
        update(Page)
        .where(Page.state == "leased", Page.lease_until < now)
        .values(state="due", lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _hosts(session: Session, after: str, n: int, full: Collection[str]) -> list[str]:
    """Up to `n` hosts with pages in state due, from `after` on and round again, without those that are full."""
    left_out = frozenset(full)
    found: list[str] = []
    for least, most in ((after, None), ("", after)) if after else (("", None),):
        query = _host_by_host(least, n - len(found) + len(left_out))
        rows = list(session.scalars(query if most is None else query.where(query.selected_columns[0] <= most)))
        found += [host for host in rows if host not in left_out and host not in found]
    return found[:n]


def _host_by_host(after: str, n: int) -> Select[str]:
    """A query that jumps through the index from host to host instead of reading all rows of each."""
    first = select(func.min(Page.host).label("host")).where(Page.state == "due", Page.host > after)
    turn = first.cte("turn", recursive=True)
    later = aliased(Page)
    following = select(func.min(later.host)).where(later.state == "due", later.host > turn.c.host).scalar_subquery()
    turn = turn.union_all(select(following).where(turn.c.host.is_not(None)))
    return select(turn.c.host).where(turn.c.host.is_not(None)).limit(n)


def _nearest(session: Session, hosts: Sequence[str], most: int, now: datetime) -> list[int]:
    """Ids of the `most` first due pages of each host: first all the hosts' first ones, then their second ones, …"""
    queued: list[tuple[int, int, int]] = []
    for start in range(0, len(hosts), HOSTS_AT_ONCE):
        parts = [_first_of(host, most, now) for host in hosts[start : start + HOSTS_AT_ONCE]]
        places: Counter[str] = Counter()
        for row in session.execute(union_all(*parts) if len(parts) > 1 else parts[0]):
            places[row.host] += 1
            queued.append((places[row.host], row.depth, row.id))
    return [key for _, _, key in sorted(queued)]


def _first_of(host: str, most: int, now: datetime) -> Select[Any]:
    # coalesce keeps the time from the planner: SQLite would take the index of times, and sort the whole host
    ready = func.coalesce(Page.due_at, now) <= now
    queue = (
        select(Page.id, Page.depth, Page.host)
        .where(Page.state == "due", Page.host == host, ready, Page.source_id.is_not(None))
        .order_by(Page.priority.desc(), Page.depth, Page.id)
        .limit(most)
        .subquery()
    )
    return select(queue.c.id, queue.c.depth, queue.c.host)


def extend(home: Home, owner: str, until: datetime) -> None:
    """Keep all that an owner has claimed: a slow host's queue may outlast a lease."""
    with home.writing() as session:
        session.execute(
            update(Page)
            .where(Page.state == "leased", Page.lease_owner == owner)
            .values(lease_until=until)
            .execution_options(synchronize_session=False)
        )


def _claim_of(page: Page) -> Claim:
    assert page.source_id is not None  # noqa: S101  only such pages are claimed
    return Claim(
        page.id, page.url, page.host, page.source_id, page.kind, page.depth, page.attempts,
        page.etag, page.last_modified, page.fetches > 0, page.fetched_at,
        History(page.watched_changes, page.watched_seconds),
    )  # fmt: skip


def owned(session: Session, owner: str, claims: Collection[Claim]) -> set[int]:
    """Ids of those claimed pages whose lease is still the owner's."""
    ids = [c.page_id for c in claims]
    query = select(Page.id).where(Page.id.in_(ids), Page.state == "leased", Page.lease_owner == owner)
    return set(session.scalars(query.with_for_update()))


def settle(session: Session, outcomes: Sequence[tuple[Claim, State]], now: datetime) -> None:
    """Write outcomes into their pages' rows and end their leases: one statement per kind of outcome, not per page."""
    kinds: defaultdict[tuple[bool, bool, bool], list[dict[str, object]]] = defaultdict(list)
    for claimed, state in outcomes:
        row = {"key": claimed.page_id} | {name: getattr(state, name) for name in _SETTLED}
        if state.fetched:
            row |= {"etag": state.etag, "last_modified": state.last_modified, "fetched_at": state.at or now}
        if state.changed:
            row |= {"changed_at": state.at or now}
        if state.history is not None:
            row |= {"watched_changes": state.history.changes, "watched_seconds": state.history.seconds}
        kinds[state.fetched, state.changed, state.history is not None].append(row)
    table = table_of(Page)
    for (fetched, changed, _), rows in kinds.items():
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "key"}
        values |= {"lease_owner": None, "lease_until": None}
        if fetched:
            values |= {"fetches": table.c.fetches + 1}
        if changed:
            values |= {"changes": table.c.changes + 1}
        statement = update(table).where(table.c.id == bindparam("key")).values(values)
        session.connection().execute(statement, rows)


_SETTLED = ("state", "due_at", "attempts", "status", "error")


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
