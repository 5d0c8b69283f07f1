"""What the program asks of the crawler: keep a list of sources, and crawl what is due."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from crawlers import duplicates, frontier, process
from crawlers.frontier import Found
from crawlers.outcomes import PUNCTUAL
from crawlers.politeness import Hosts
from crawlers.run import Run
from crawlers.settings import Config
from crawlers.sources import add_source, all_sources, list_sources, remove_source
from crawlers.spiders.base import Reader
from crawlers.spiders.feed import FeedSpider
from crawlers.spiders.page import PageSpider
from crawlers.spiders.site import SiteSpider
from crawlers.spiders.sitemap import SitemapSpider
from crawlers.urls import host_of
from db.base import now
from db.errors import CrawlError
from db.home import Home
from db.lease import holding
from db.task import Progress, Silent
from db.web import Page, Source

__all__ = ["CrawlReport", "add_source", "crawl", "list_sources", "remove_source"]

SPIDERS: dict[str, Any] = {"site": SiteSpider, "feed": FeedSpider, "sitemap": SitemapSpider, "page": PageSpider}


@dataclass(frozen=True)
class CrawlReport:
    """What a crawl came to.

    Attributes:
        fetched: pages answered, unchanged ones among them.
        documents: texts stored that were new or different.
        refused: pages not fetched because robots, the guard or the settings say so.
        failed: pages given up.
        errors_by_kind: what pages ended with, by kind (http 404, timeout, robots, …).
        seconds: how long it took.
    """

    fetched: int = 0
    documents: int = 0
    unchanged: int = 0
    refused: int = 0
    failed: int = 0
    errors_by_kind: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


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
    """
    began = monotonic()
    process.refuse_second_run()
    with holding(home, "crawl"):
        run = _prepare(home, config, pages, seconds, progress or Silent())
        if run.sources:
            process.fetch(run)
        if run.failure is not None:
            raise run.failure
        duplicates.mark(home)
    counts = run.counts
    return CrawlReport(
        counts["fetched"], counts["documents"], counts["unchanged"], counts["refused"], counts["failed"],
        dict(sorted(run.errors.items())), monotonic() - began,
    )  # fmt: skip


def _prepare(
    home: Home, config: Config, pages: int | None, seconds: float | None, progress: Progress
) -> Run:
    started = now()
    sources = all_sources(home)
    _need_contact(sources, config)
    with home.writing() as session:
        frontier.reclaim(session)
        frontier.refresh(session, started)
        _make_due(session, sources, config, started)
    floors: dict[str, float] = {}
    for source in sources:
        if source.delay is not None:
            floors[host_of(source.url)] = max(source.delay, floors.get(host_of(source.url), 0.0))
    readers: dict[int, Reader] = {s.id: SPIDERS[s.kind](s.url, config) for s in sources}
    opened = frozenset(host_of(s.url) for s in sources if s.allow_private)
    hosts = Hosts(config.delay, config.host_concurrency, floors)
    return Run(
        home, config, secrets.token_hex(8), started, {s.id: s for s in sources}, readers, opened, hosts, progress,
        budget=pages, seconds=seconds,
    )  # fmt: skip


def _need_contact(sources: Sequence[Source], config: Config) -> None:
    public = [s.url for s in sources if not s.allow_private]
    if public and not config.contact:
        raise CrawlError(
            f"contact is empty and {public[0]} is on the public internet: set `contact` in the [crawl] section of "
            "kinsong.toml to an e-mail address or a page about your crawler, so that a host can reach you"
        )


def _make_due(session: Session, sources: Sequence[Source], config: Config, started: datetime) -> None:
    """Put the start pages of sources that are due into the frontier, due at once, and note their next visit."""
    for source in sources:
        if source.next_crawl_at is not None and source.next_crawl_at > started:
            continue
        start = Found(source.url, SPIDERS[source.kind].start_kind)
        frontier.add(session, source, [start], depth=0, now=started, max_pages_per_host=config.max_pages_per_host)
        session.execute(
            update(Page)
            .where(Page.url == source.url, or_(Page.state != "due", Page.due_at > started))
            .values(state="due", due_at=started, attempts=0, kind=start.kind)
        )
        every = config.every if source.every is None else source.every
        session.execute(
            update(Source)
            .where(Source.id == source.id)
            .values(last_crawl_at=started, next_crawl_at=started + timedelta(seconds=every * PUNCTUAL))
        )
