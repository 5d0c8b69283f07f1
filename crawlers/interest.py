"""What to fetch next: pages that texts about music link to, and hosts whose texts are about music, come first.

A page that was never fetched is expected to be as musical as the texts that link to it, pulled towards its host's mean
as if `PRIOR` more pages of that mean linked to it; a host that nothing is known of counts as `MIDDLE`. What is expected
(0 … 1) becomes a priority of −1 … 1 in steps of a tenth, so that within a step the crawl stays breadth first.
The scores are those of the nlp step that read the documents (`document.musicality`).
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from db.web import Document, Link, Page
from db.write import table_of

PRIOR = 2.0
MIDDLE = 0.5


def expected(linking: list[float], host: float | None) -> float:
    """How musical a page will be, given the scores of the texts that link to it and the mean of its host."""
    middle = MIDDLE if host is None else host
    return (sum(linking) + PRIOR * middle) / (len(linking) + PRIOR)


def priority(musical: float) -> float:
    """−1 … 1 in steps of a tenth."""
    return round(2 * musical - 1, 1) + 0.0  # no minus zero


def rank(session: Session) -> int:
    """Set the priority of every page that waits for its first visit.

    Returns:
        How many pages had another one before.
    """
    scored = select(Document.host, func.avg(Document.musicality)).where(Document.musicality.is_not(None))
    hosts: dict[str, float] = {host: float(mean) for host, mean in session.execute(scored.group_by(Document.host))}
    if not hosts:
        return 0
    waiting = (Page.state == "due") & (Page.fetches == 0)
    links = (
        select(Page.id, Document.musicality)
        .join(Link, Link.url == Page.url)
        .join(Document, Document.page_id == Link.page_id)
        .where(waiting, Document.musicality.is_not(None))
    )
    linking: defaultdict[int, list[float]] = defaultdict(list)
    for page_id, score in session.execute(links):
        linking[page_id].append(float(score or 0.0))
    changes = []
    for page_id, host, before in session.execute(select(Page.id, Page.host, Page.priority).where(waiting)):
        wanted = priority(expected(linking.get(page_id, []), hosts.get(host)))
        if wanted != before:
            changes.append({"key": page_id, "wanted": wanted})
    if changes:
        table = table_of(Page)
        statement = update(table).where(table.c.id == bindparam("key")).values(priority=bindparam("wanted"))
        session.connection().execute(statement, changes)
    return len(changes)
