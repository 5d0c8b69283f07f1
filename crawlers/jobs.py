"""What the program asks of the crawler: keep a list of sources, and crawl what is due."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from crawlers import duplicates, frontier, interest, process, revisit, takedown
from crawlers.archive import Archive, recover
from crawlers.frontier import Found
from crawlers.politeness import Hosts
from crawlers.replay import ReplayReport, replay
from crawlers.run import Run
from crawlers.settings import Config, agent
from crawlers.sources import add_source, all_sources, entries_of, list_sources, remove_source
from crawlers.spiders.base import Reader
from crawlers.spiders.feed import FeedSpider
from crawlers.spiders.page import PageSpider
from crawlers.spiders.site import SiteSpider
from crawlers.spiders.sitemap import SitemapSpider
from crawlers.urls import host_of
from crawlers.visits import next_visit, rest
from db.base import now
from db.errors import CrawlError
from db.faults import reached
from db.home import Home
from db.lease import holding
from db.task import Progress, Silent
from db.web import Fetch, Page, Source

__all__ = [
    "CrawlReport", "ReplayReport", "add_source", "crawl", "crawl_due", "list_sources", "remove_source", "replay",
]  # fmt: skip
WARC = "warc"
"""Folder of the archive, in the home."""
Entries = Mapping[int, Sequence[tuple[str, str]]]

SPIDERS: dict[str, Any] = {"site": SiteSpider, "feed": FeedSpider, "sitemap": SitemapSpider, "page": PageSpider}


@dataclass(frozen=True)
class CrawlReport:
    """What a crawl came to. Every page that was settled is counted once:
    pages = fetched + refused + failed + retried, and fetched = read + unchanged + redirected.

    Attributes:
        pages: settled, however.
        fetched: answered: read anew, unchanged since the last visit, or redirected.
        refused: not fetched because robots, the guard or the settings say so.
        failed: given up.
        retried: to be tried again later.
        documents: texts stored that were new or different.
        errors_by_kind: what pages ended with, by kind (http 404, timeout, robots, …).
        seconds: how long it took.
        stopped: it was told to stop and did so in order.
        archived: records written to the archive.
    """

    pages: int = 0
    fetched: int = 0
    read: int = 0
    unchanged: int = 0
    redirected: int = 0
    refused: int = 0
    failed: int = 0
    retried: int = 0
    documents: int = 0
    errors_by_kind: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    stopped: bool = False
    archived: int = 0


def crawl(
    home: Home,
    config: Config,
    *,
    pages: int | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> CrawlReport:
    """Crawl what is due, in this process, which can do so once. It can be killed at any moment and run again.

    Args:
        pages: most pages to fetch.
        seconds: most time to begin fetching in.

    Raises:
        CrawlError: no contact is set and a source is on the public internet; or the guard could not be proved.
        Busy: another crawl of this workspace is running.
        KeyboardInterrupt: it was told to stop twice and did so at once.
    """
    began = monotonic()
    process.refuse_second_run()
    with holding(home, "crawl"):
        recover(home.path / WARC)
        run = _prepare(home, config, pages, seconds, progress or Silent())
        reached("crawl.prepared")
        if run.sources:
            from crawlers.spiders.fetch import FetchSpider

            process.fetch(run, FetchSpider)
        if run.failure is not None:
            raise run.failure
        if run.sources and run.ended is None:
            raise KeyboardInterrupt
        reached("crawl.fetched")
        _finish(home, run)
        reached("crawl.finished")
        duplicates.mark(home)
        reached("crawl.marked")
    return CrawlReport(
        **run.counts, errors_by_kind=dict(sorted(run.errors.items())), seconds=monotonic() - began,
        stopped=run.ended == "shutdown", archived=run.archive.records if run.archive is not None else 0,
    )  # fmt: skip


def _prepare(
    home: Home, config: Config, pages: int | None, seconds: float | None, progress: Progress
) -> Run:
    started = now()
    sources = all_sources(home)
    entries = entries_of(home)
    _need_contact(sources, config)
    with home.writing() as session:
        frontier.reclaim(session)
        frontier.refresh(session, started)
        reached("crawl.reclaimed")
        _make_due(session, sources, entries, config, started)
        takedown.sweep(session)
        interest.rank(session)
        reached("crawl.ranked")
        usual = {s.id: float(rest(s, config.every, started)) for s in sources}
        revisits = revisit.plan(session, usual, started)
    floors: dict[str, float] = {}
    for source in sources:
        if source.delay is not None:
            floors[host_of(source.url)] = max(source.delay, floors.get(host_of(source.url), 0.0))
    readers: dict[int, Reader] = {s.id: SPIDERS[s.kind](s, config) for s in sources}
    opened = frozenset(host_of(s.url) for s in sources if s.allow_private)
    hosts = Hosts(config.delay, config.host_concurrency, floors)
    owner = secrets.token_hex(8)
    return Run(
        home, config, owner, started, {s.id: s for s in sources}, readers, opened, hosts, progress,
        budget=pages, seconds=seconds, revisits=revisits,
        archive=Archive(home.path / WARC, owner, agent(config), takedown.left_out(home)) if config.warc else None,
    )  # fmt: skip


def _need_contact(sources: Sequence[Source], config: Config) -> None:
    public = [s.url for s in sources if not s.allow_private]
    if public and not config.contact:
        raise CrawlError(
            f"contact is empty and {public[0]} is on the public internet: set `contact` in the [crawl] section of "
            "kinsong.toml to an e-mail address or a page about your crawler, so that a host can reach you"
        )


def _make_due(
    session: Session, sources: Sequence[Source], entries: Entries, config: Config, started: datetime
) -> None:
    """Put what sources that are due begin with into the frontier, due at once, and note their next visit."""
    for source in sources:
        if source.next_crawl_at is not None and source.next_crawl_at > started:
            continue
        starts = [Found(source.url, SPIDERS[source.kind].start_kind)]
        if source.kind == "site":
            starts += [Found(url, kind) for url, kind in entries.get(source.id, ())]
        most = config.max_pages_per_host
        frontier.add(session, source, starts, depth=0, now=started, max_pages_per_host=most)
        for start in starts:
            session.execute(
                update(Page)
                .where(Page.url == start.url, or_(Page.state != "due", Page.due_at > started, Page.kind != start.kind))
                .values(state="due", due_at=started, attempts=0, kind=start.kind)
            )
        session.execute(
            update(Source)
            .where(Source.id == source.id)
            .values(last_crawl_at=started, next_crawl_at=next_visit(source, config.every, started))
        )


def _finish(home: Home, run: Run) -> None:
    """What the operator's tables say of this crawl, and no more of old requests than is asked for."""
    with home.writing() as session:
        for source_id, (pages, seconds) in run.pace().items():
            session.execute(
                update(Source).where(Source.id == source_id).values(crawled_pages=pages, crawled_seconds=seconds)
            )
        session.execute(delete(Fetch).where(Fetch.at < run.started - timedelta(days=run.config.keep_fetches)))


def crawl_due(home: Home, moment: datetime) -> datetime | None:
    """When there is next something to crawl, a source's visit or a page's; nothing where nothing waits.

    Args:
        moment: the time, for a source that is due at once.
    """
    with home.reading() as session:
        sources = session.scalars(select(Source.next_crawl_at)).all()
        if not sources:
            return None
        page = session.scalar(
            select(func.min(Page.due_at)).where(
                Page.source_id.is_not(None), Page.due_at < takedown.NEVER, Page.state != "leased"
            )
        )
    waiting = [at for at in (*sources, page) if at is not None]
    return moment if None in sources else min(waiting, default=None)
