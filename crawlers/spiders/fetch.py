"""The one Scrapy spider: it fetches what the frontier hands out, and has the spider of the source's kind read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    CloseSpider,
    DontCloseSpider,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response

from crawlers import outcomes
from crawlers.frontier import Claim, Found, next_due
from crawlers.gate import Refused
from crawlers.guard import prove, why_refused
from crawlers.outcomes import Answer, Outcome, Reading
from crawlers.politeness import retry_after
from crawlers.run import Run
from db.base import now
from db.faults import reached

FLUSH_SECONDS = 1.0
DEFAULT_PAUSE = 5.0
"""Seconds a host is left alone that says it is too much and not for how long."""

_BROKEN: tuple[tuple[type[Exception], str, bool], ...] = (
    (DownloadTimeoutError, "timeout", True),
    (DownloadConnectionRefusedError, "connection refused", True),
    (ResponseDataLossError, "truncated", True),
    (DownloadCancelledError, "too large", False),
    (DownloadFailedError, "connection", True),
    (IgnoreRequest, "too large", False),  # a compression bomb; what the gate refuses is told apart before
)
"""Error, what it is called, whether it is worth another try."""


class FetchSpider(Spider):
    """Fetches pages of all kinds of sources."""

    name = "kinsong"

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self._timers: list[Any] = []
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> FetchSpider:
        """Made by Scrapy, with the run as its argument."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        crawler.signals.connect(spider.ended, signals.spider_closed)
        crawler.signals.connect(spider.bug, signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Prove the guard, then let the scheduler hand pages out."""
        from twisted.internet import reactor, task

        try:
            await prove(self.crawler.engine, reactor.nameResolver)
        except Exception as error:
            self.run.fail(error)
            raise CloseSpider("guard") from error
        self.run.ready = True
        flushing = task.LoopingCall(self._flush)
        flushing.start(FLUSH_SECONDS, now=False)
        self._timers.append(lambda: flushing.stop() if flushing.running else None)
        if self.run.seconds is not None:
            self._timers.append(_cancel(reactor.callLater(self.run.seconds, self._stop, "time")))
        no_requests: tuple[Request, ...] = ()  # they come from the scheduler
        for request in no_requests:
            yield request

    def answered(self, response: Response) -> None:
        """A fetch that ended with an answer."""
        began = monotonic()
        assert response.request is not None  # noqa: S101  Scrapy sets it before it calls back
        claim: Claim = response.request.meta["claim"]
        answer = Answer(
            claim.url, response.status, outcomes.headers_of(response.headers), response.body,
            float(response.request.meta.get("download_latency") or 0.0),
        )  # fmt: skip
        reached("crawl.answered")
        outcome = self._judge(claim, answer)
        reached("crawl.extracted")
        self.run.busy += monotonic() - began
        self._settle(outcome)

    def broke(self, failure: Any) -> None:
        """A fetch that ended without an answer."""
        claim: Claim = failure.request.meta["claim"]
        self._settle(self._explain(claim, failure.value))
        _let_go(failure)

    def _judge(self, claim: Claim, answer: Answer) -> Outcome:
        visit = self.run.visit(claim)
        if answer.status == 304:
            return outcomes.unchanged(claim, answer, visit)
        if 200 <= answer.status < 300:
            return outcomes.read(claim, answer, self._read(claim, answer), visit)
        target = outcomes.redirect_of(answer)
        if target is not None:
            return outcomes.read(claim, answer, self._led_on(claim, target), visit)
        if answer.status in outcomes.ASKS_FOR_PAUSE:
            asked = retry_after(answer.headers.get("retry-after"), visit.now)
            self.run.hosts.pause(claim.host, DEFAULT_PAUSE if asked is None else asked)
        return outcomes.rejected(claim, answer, visit, self.run.config)

    def _read(self, claim: Claim, answer: Answer) -> Reading:
        try:
            return self.run.readers[claim.source_id].read(claim, answer)
        except Exception as error:  # noqa: BLE001  one hostile page never ends a crawl; its row keeps what happened
            return Reading(error=f"unreadable: {type(error).__name__}: {str(error)[:200]}")

    def _led_on(self, claim: Claim, target: str) -> Reading:
        if claim.depth >= self.run.config.max_depth:
            return Reading(error="too many redirects")
        if not self.run.readers[claim.source_id].follows(target):
            return Reading(error=f"redirect out of scope: {target}")
        return Reading(found=(Found(target, claim.kind),))

    def _explain(self, claim: Claim, error: BaseException) -> Outcome:
        visit, config = self.run.visit(claim), self.run.config
        if isinstance(error, Refused):
            return outcomes.refused(claim, str(error), visit)
        if isinstance(error, (UnsupportedURLSchemeError, NotSupported)):
            return outcomes.refused(claim, "scheme", visit)
        if isinstance(error, CannotResolveHostError):
            reason = why_refused(claim.url)
            if reason is not None:
                return outcomes.refused(claim, f"guard: {reason}", visit)
            return outcomes.broken(claim, "name not found", visit, config)
        for kind, name, again in _BROKEN:
            if isinstance(error, kind):
                return outcomes.broken(claim, name, visit, config, again=again)
        return outcomes.broken(claim, f"error: {type(error).__name__}", visit, config)

    def _settle(self, outcome: Outcome) -> None:
        self.run.settle(outcome)
        if self.run.failure is not None:
            self._stop("failure")

    def _flush(self) -> None:
        if not self.crawler.crawling and not self.run.stopping:  # a signal has come: Scrapy winds down
            self.run.stopping = True
            self.run.progress.say("stopping: what is under way is finished and stored; Ctrl-C again quits at once")
        self.run.flush()
        if self.run.failure is not None:
            self._stop("failure")

    def idle(self) -> None:
        """Nothing is under way: go on with what has become due, wait for what soon will, or end."""
        scheduler: Any = self.crawler.engine.scheduler
        if self.run.stopping or self.run.budget == 0:
            return
        if scheduler.wake():
            raise DontCloseSpider
        wait = self._wait()
        if wait is not None and not self.run.stopping:
            from twisted.internet import reactor

            self._timers.append(_cancel(reactor.callLater(wait, scheduler.wake)))
            raise DontCloseSpider

    def _wait(self) -> float | None:
        """Seconds until more is to be done, where that is worth waiting for."""
        due = next_due(self.run.home)
        if due is None:
            return None
        wait = (due - now()).total_seconds()
        if wait <= 0:  # due, and not claimed: its host wants to be left alone
            wait = self.run.hosts.shortest_pause()
        return wait + 0.01 if wait <= self.run.config.patience else None

    def _stop(self, reason: str) -> None:
        self.run.stopping = True
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def bug(self, failure: Any) -> None:
        """An exception of our own: it ends the crawl and is raised where the crawl was called."""
        self.run.fail(failure.value)
        self._stop("failure")

    def ended(self, reason: str) -> None:
        """The crawl has wound down: store the rest."""
        for cancel in self._timers:
            cancel()
        self.run.close()
        self.run.ended = reason


def _let_go(failure: Any) -> None:
    """Break the circles of frames and exceptions: what a bomb unpacked to would hang on them until a later collection.
    """
    error: BaseException | None = failure.value
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
    failure.cleanFailure()


def _cancel(call: Any) -> Any:
    return lambda: call.cancel() if call.active() else None
