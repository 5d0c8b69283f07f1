"""`make bench-crawl`, the claim: what it costs to take work from a frontier of a million pages.

One host with all pages, 200 hosts, 100,000 hosts; on SQLite, and on PostgreSQL where its binaries are. Prints the plans
of the two queries, and the milliseconds of a claim of 256 pages and of what else a crawl asks again and again.

Run as `pytest -s tests/quality/crawl_claim.py`; no part of the suite.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from crawlers import frontier
from crawlers.frontier import Found, State
from db.home import Home
from db.web import Page, Source
from db.write import insert_rows

ROWS = 1_000_000
MOST_SECONDS = 0.25
"""The scheduler may ask as often as that."""
NOW = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ("url", "host", "source_id", "kind", "depth", "priority", "state", "due_at", "attempts", "fetches", "changes")


def fill(home: Home, hosts: int) -> Source:
    """A million pages, nine in ten of them due."""
    with home.writing() as session:
        source = Source(url="http://h0.example/", kind="site", added_at=NOW)
        session.add(source)
        session.flush()
        due = NOW.replace(tzinfo=None) if home.engine.dialect.name == "sqlite" else NOW
        shown = due.isoformat(" ") + ".000000" if home.engine.dialect.name == "sqlite" else due
        rows = (
            (f"http://h{n % hosts}.example/{n}", f"h{n % hosts}.example", source.id, "page", n % 7, n % 3 / 2,
             "done" if n % 10 == 0 else "due", shown, 0, 0, 0)
            for n in range(ROWS)
        )  # fmt: skip
        insert_rows(session.connection(), Page, COLUMNS, rows)
        session.expunge(source)
    with home.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE page"))
    return source


def explain(home: Home) -> None:
    """Print how the database goes about the two queries of a claim."""
    sqlite = home.engine.dialect.name == "sqlite"
    for query in (frontier._host_by_host("h1", 256), frontier._first_of("h0.example", 64, NOW)):
        spelled = query.compile(home.engine, compile_kwargs={"literal_binds": True})
        with home.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{spelled}".replace("%", "%%"))
            lines = [str(row[-1]) for row in rows]
        print("\n".join(f"    {line}" for line in lines))
        assert not any(re.search(r"SCAN page|Seq Scan on page|TEMP B-TREE|Sort Key", line) for line in lines)


def milliseconds(work: Callable[[], object], times: int = 9) -> tuple[float, float]:
    """Median and most."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent), max(spent)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("hosts", [1, 200, 100_000])
def test_claims_are_fast(any_home: Home, hosts: int) -> None:
    source = fill(any_home, hosts)
    after = [""]
    claimed: list[frontier.Claim] = []

    def claim() -> None:
        found = frontier.claim(any_home, "me", 256, NOW, lease_seconds=600, per_host=64, after=after[0])
        after[0] = found[-1].host
        claimed.extend(found)

    def settle() -> None:
        done = [(c, State("done", NOW, 0, True, True, 200)) for c in (claimed.pop() for _ in range(50))]
        with any_home.writing() as session:
            frontier.settle(session, done, NOW)

    def add() -> None:
        found = [Found(f"http://h{n % hosts}.example/{n}") for n in range(0, 3000, 3)]
        with any_home.writing() as session:
            frontier.add(session, source, found, depth=1, now=NOW, max_pages_per_host=2 * ROWS)

    print(f"\n{any_home.engine.dialect.name}, {ROWS:,} pages of {hosts:,} hosts")
    explain(any_home)
    figures = {
        "claim of 256": milliseconds(claim), "settling 50": milliseconds(settle, 4),
        "1,000 known links": milliseconds(add),
        "next due": milliseconds(lambda: frontier.next_due(any_home)),
        "lease kept": milliseconds(lambda: frontier.extend(any_home, "me", NOW)),
    }  # fmt: skip
    print("milliseconds, median (most): " + ", ".join(f"{k} {m:.1f} ({x:.1f})" for k, (m, x) in figures.items()))
    assert figures["claim of 256"][0] < MOST_SECONDS * 1000
