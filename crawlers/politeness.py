"""Politeness per host: the least time between two requests, longer for slow hosts, and a pause when one asks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.http import Response

MAX_PAUSE = 3600.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, at most an hour: seconds, a date, or nothing when it is garbage."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_PAUSE)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MAX_PAUSE)


class Hosts:
    """What each host asks for: its floor (least seconds between requests) and until when it wants to be left alone.

    The floor is the source's or the settings' delay, or the host's own crawl-delay where that is longer.
    """

    def __init__(self, delay: float, concurrency: int, floors: dict[str, float]) -> None:
        self._delay = delay
        self._concurrency = concurrency
        self._floors = dict(floors)
        self._paused: dict[str, float] = {}

    def floor(self, host: str) -> float:
        """Least seconds between two requests to a host."""
        return self._floors.get(host, self._delay)

    def slow_down(self, host: str, crawl_delay: float, downloader: Downloader) -> None:
        """Keep a crawl-delay that is longer than the floor."""
        if crawl_delay > self.floor(host):
            self._floors[host] = crawl_delay
            self.prepare(host, downloader)
            if host in downloader.slots:
                downloader.slots[host].delay = max(crawl_delay, downloader.slots[host].delay)

    def prepare(self, host: str, downloader: Downloader) -> None:
        """Tell Scrapy the host's floor, before its first request is handed over."""
        downloader.per_slot_settings[host] = {"concurrency": self._concurrency, "delay": self.floor(host)}

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while."""
        self._paused[host] = max(self._paused.get(host, 0.0), monotonic() + seconds)

    def paused_for(self, host: str) -> float:
        """Seconds until a host may be asked again; 0 when it may."""
        return max(0.0, self._paused.get(host, 0.0) - monotonic())

    def paused(self) -> list[str]:
        """Hosts that want to be left alone for now."""
        return [host for host in self._paused if self.paused_for(host) > 0]

    def shortest_pause(self) -> float:
        """Seconds until the first of them may be asked again; 1 where none is paused."""
        return min((self.paused_for(host) for host in self.paused()), default=1.0)


class Throttle:
    """Adapts a host's delay to how fast it answers: Scrapy's AutoThrottle rule, over each host's own floor.

    delay ← max(latency, (delay + latency) / 2), between the floor and `max_delay`; an answer other than 200 never
    shortens it. Time that this process spent on other pages meanwhile is not the host's, and is taken off.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self._sent, signals.request_reached_downloader)
        crawler.signals.connect(self._answered, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Throttle:
        """Made by Scrapy."""
        return cls(crawler)

    def _sent(self, request: Request, spider: Any) -> None:
        request.meta["busy_before"] = spider.run.busy

    def _answered(self, response: Response, request: Request, spider: Spider) -> None:
        run: Any = spider.run  # type: ignore[attr-defined]
        host, latency = request.meta.get("download_slot"), request.meta.get("download_latency")
        slot = self._crawler.engine.downloader.slots.get(host or "")
        if host is None or latency is None or slot is None:
            return
        latency = max(0.0, latency - (run.busy - request.meta.get("busy_before", run.busy)))
        floor = run.hosts.floor(host)
        delay = min(max(floor, latency, (slot.delay + latency) / 2), max(floor, run.config.max_delay))
        if response.status == 200 or delay > slot.delay:
            slot.delay = delay
