"""Scrapy's scheduler over the SQL frontier: pages are claimed a little ahead, and handed out host by host in turn."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from time import monotonic
from typing import Any

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from crawlers import frontier
from crawlers.frontier import Claim
from crawlers.run import Run
from db.base import now

PER_HOST = 64
"""Pages of one host claimed ahead."""
REFILL_SECONDS = 0.25
HEARTBEAT = 5.0
"""Scrapy asks at least this often, in seconds: what may be sent later than that stays here."""


class FrontierScheduler(BaseScheduler):
    """Claims pages and hands them out when their host is ready for them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._run: Run | None = None
        self._queues: dict[str, deque[Claim]] = {}
        self._turn: deque[str] = deque()
        self._next: deque[Request] = deque()
        self._refilled = 0.0
        self._extended = monotonic()
        self._after = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FrontierScheduler:
        """Made by Scrapy."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Take the run from the spider."""
        self._run = spider.run  # type: ignore[attr-defined]

    @property
    def run(self) -> Run:
        """The crawl under way."""
        assert self._run is not None  # noqa: S101  Scrapy opens a scheduler before it asks anything of it
        return self._run

    def has_pending_requests(self) -> bool:
        """Whether claimed pages wait here, or the guard has still to be proved."""
        return not self.run.stopping and (not self.run.ready or bool(self._next) or any(self._queues.values()))

    def enqueue_request(self, request: Request) -> bool:
        """Take a request back that was handed out by `wake`."""
        self._next.append(request)
        return True

    def next_request(self) -> Request | None:
        """The next page whose host is ready, or nothing for now."""
        if self._next:
            return self._next.popleft()
        if self.run.stopping or not self.run.ready:
            return None
        claimed = self._pop()
        if claimed is None and monotonic() - self._refilled > REFILL_SECONDS:
            # asked even while slow hosts' queues are full: they keep no other host waiting
            self.refill()
            claimed = self._pop()
        return self._request(claimed) if claimed is not None else None

    def wake(self) -> bool:
        """Claim what is due and set Scrapy going again; False when nothing is."""
        if not self.run.stopping and self.refill():
            claimed = self._pop()
            if claimed is not None:
                self._crawler.engine.crawl(self._request(claimed))
            return True
        return False

    def refill(self) -> int:
        """Store what waits, then claim pages of hosts that have little claimed and are not to be left alone.

        Returns:
            How many were claimed.
        """
        run = self.run
        run.flush()
        self._refilled = monotonic()
        n = run.config.concurrency * 8 if run.budget is None else min(run.budget, run.config.concurrency * 8)
        if n <= 0 or run.stopping:
            return 0
        full = [host for host, queue in self._queues.items() if len(queue) >= PER_HOST // 2]
        try:
            self._extend()
            claims = frontier.claim(
                run.home, run.owner, n, now(), lease_seconds=run.config.lease_seconds, per_host=PER_HOST,
                full=[*full, *run.hosts.paused()], after=self._after,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  inside the event loop: raised again when the crawl has wound down
            run.fail(error)
            return 0
        for claimed in claims:
            if claimed.host not in self._queues:
                self._queues[claimed.host] = deque()
                self._turn.append(claimed.host)
            self._queues[claimed.host].append(claimed)
        if claims:
            self._after = claims[-1].host
        if run.budget is not None:
            run.budget -= len(claims)
        return len(claims)

    def _extend(self) -> None:
        seconds = self.run.config.lease_seconds
        if monotonic() - self._extended > seconds / 3:
            self._extended = monotonic()
            frontier.extend(self.run.home, self.run.owner, now() + timedelta(seconds=seconds))

    def _pop(self) -> Claim | None:
        for _ in range(len(self._turn)):
            host = self._turn.popleft()
            queue = self._queues[host]
            if not queue:
                del self._queues[host]
                continue
            self._turn.append(host)
            pause = self.run.hosts.paused_for(host)
            if pause > self.run.config.patience:
                self._give_back(host, pause)
            elif pause == 0 and self._ready(host):
                return queue.popleft()
        return None

    def _ready(self, host: str) -> bool:
        under_way = self.run.in_flight[host]
        if under_way > self.run.config.host_concurrency:
            return False
        slot = self._crawler.engine.downloader.slots.get(host)
        if slot is None:
            return under_way == 0
        return bool(slot.lastseen + slot.delay * (under_way + 1) <= monotonic() + HEARTBEAT)

    def _give_back(self, host: str, pause: float) -> None:
        claims = list(self._queues[host])
        self._queues[host].clear()
        frontier.release(self.run.home, self.run.owner, claims, now() + timedelta(seconds=pause))
        if self.run.budget is not None:
            self.run.budget += len(claims)

    def _request(self, claimed: Claim) -> Request:
        run = self.run
        run.in_flight[claimed.host] += 1
        run.hosts.prepare(claimed.host, self._crawler.engine.downloader)
        headers = {}
        if claimed.known and claimed.etag:
            headers["If-None-Match"] = claimed.etag
        if claimed.known and claimed.last_modified:
            headers["If-Modified-Since"] = claimed.last_modified
        spider: Any = self._crawler.spider
        return Request(
            claimed.url, callback=spider.answered, errback=spider.broke, headers=headers, dont_filter=True,
            meta={"claim": claimed, "download_slot": claimed.host, "verbatim_url": True},
        )  # fmt: skip

    def close(self, reason: str) -> None:  # noqa: ARG002  Scrapy's signature
        """Give back what was claimed and not handed out."""
        claims = [c for queue in self._queues.values() for c in queue] + [r.meta["claim"] for r in self._next]
        if claims and self.run.failure is None:
            frontier.release(self.run.home, self.run.owner, claims)
