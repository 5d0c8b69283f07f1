"""The gate that every request passes before it is sent: somebody answers for it, and robots.txt allows it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, StopDownload

from crawlers import robots
from crawlers.guard import PROOF, why_refused
from crawlers.outcomes import REDIRECTS
from crawlers.urls import canonical, host_of, origin_of
from db.base import now

ROBOTS = "kinsong_robots"
"""Request meta key of a robots.txt fetch: how many of its bytes have come."""
TIMEOUT = 20.0
MOST_COMPRESSED_OUT = 16 * 2**20


class Refused(IgnoreRequest):
    """A request that must not be sent; its text says why."""


class Gate:
    """Scrapy's downloader middleware in place of its own robots one; keeps rules per origin, in memory and in SQL."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, asyncio.Task[robots.Rules]] = {}
        crawler.signals.connect(self._bytes, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Gate:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            Refused: no contact is set and the host is not an opened one, the guard or robots.txt says no.
        """
        if request.meta.get(PROOF):
            return
        run: Any = self._crawler.spider.run  # type: ignore[union-attr]
        if not run.config.contact and host_of(request.url) not in run.opened:
            raise Refused("no contact")
        if ROBOTS in request.meta:
            return
        rules = await self._rules_of(request.url, run)
        run.hosts.slow_down(host_of(request.url), rules.crawl_delay, self._crawler.engine.downloader)
        if not rules.allows(request.url):
            raise Refused("robots" if rules.verdict == robots.RULES else "robots unreachable")

    async def _rules_of(self, url: str, run: Any) -> robots.Rules:
        origin = origin_of(url)
        if origin not in self._rules or _too_old(self._rules[origin]):
            self._rules[origin] = asyncio.ensure_future(self._look_up(origin, url, run))
        return await asyncio.shield(self._rules[origin])

    async def _look_up(self, origin: str, url: str, run: Any) -> robots.Rules:
        product = run.config.user_agent
        rules = robots.load(run.home, origin, now(), product)
        if rules is not None:
            return rules
        status, body = await self._fetch(canonical("/robots.txt", url), run)
        reason = why_refused(url) if status is None else None
        if reason is not None:
            raise Refused(f"guard: {reason}")
        verdict = robots.verdict_of(status)
        fetched_at = now()
        robots.keep(run.home, origin, fetched_at, verdict, body)
        return replace(robots.read(verdict, body, product), until=robots.until(verdict, fetched_at))

    async def _fetch(self, url: str | None, run: Any) -> tuple[int | None, bytes]:
        """Status and body of a robots.txt, redirects followed; no status where there was no answer."""
        for _ in range(robots.MAX_REDIRECTS + 1):
            if url is None:
                return 404, b""  # sent to where nothing can be fetched: as good as not there
            run.hosts.prepare(host_of(url), self._crawler.engine.downloader)
            try:
                response = await self._crawler.engine.download_async(_robots_request(url))
            except Exception:  # noqa: BLE001  whatever went wrong: no answer; its pages are refused by that name
                return None, b""
            if response.status not in REDIRECTS:
                return response.status, response.body
            location = response.headers.get("Location")
            url = canonical(location.decode("latin-1"), url) if location else None
        return 404, b""

    def _bytes(self, data: bytes, request: Request, spider: Any) -> None:  # noqa: ARG002  Scrapy's signature
        if ROBOTS in request.meta:
            request.meta[ROBOTS] += len(data)
            if request.meta[ROBOTS] > robots.MAX_BYTES:
                raise StopDownload(fail=False)


def _too_old(known: asyncio.Task[robots.Rules]) -> bool:
    if not known.done() or known.cancelled() or known.exception() is not None:
        return False
    end = known.result().until
    return end is not None and now() >= end


def _robots_request(url: str) -> Request:
    meta = {
        ROBOTS: 0, "download_slot": host_of(url), "download_timeout": TIMEOUT, "download_maxsize": MOST_COMPRESSED_OUT
    }  # fmt: skip
    return Request(url, meta=meta, dont_filter=True)
