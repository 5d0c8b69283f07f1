"""Scrapy's process around one crawl: it takes signals, logging and warnings, and gives them back as they were."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crawlers.run import Run
from crawlers.settings import scrapy_settings
from db.errors import CrawlError

if TYPE_CHECKING:
    from scrapy import Spider

CHATTY = ("trafilatura", "htmldate", "charset_normalizer", "twisted")
"""They log about every odd page; what became of it stands in its row."""


def refuse_second_run() -> None:
    """Twisted's event loop starts once in a process.

    Raises:
        CrawlError: it has already run.
    """
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is not None and getattr(reactor, "_startedBefore", False):
        raise CrawlError("a crawl has already run in this process and its event loop cannot start again: use a new one")


def fetch(run: Run, spider: type[Spider]) -> None:
    """Run a spider, FetchSpider for a crawl, to its end; what went wrong inside stands in `run.failure`."""
    from scrapy.crawler import AsyncCrawlerProcess

    with _as_before():
        process = AsyncCrawlerProcess(scrapy_settings(run.config, run.opened))
        scrapy = logging.getLogger("scrapy")
        scrapy.setLevel(logging.ERROR)
        scrapy.addHandler(_Trouble(run))
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        process.crawl(spider, run=run)
        process.start(install_signal_handlers=_in_main_thread())


class _Trouble(logging.Handler):
    """Scrapy swallows an exception in a part of ours and logs it: this raises it in the end."""

    def __init__(self, run: Run) -> None:
        super().__init__(logging.ERROR)
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was swallowed."""
        error = record.exc_info[1] if record.exc_info else None
        self._run.fail(error or CrawlError(f"the crawl went wrong: {record.getMessage()}"))


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _as_before() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD) if _in_main_thread() else ()
    signals = {number: signal.getsignal(number) for number in numbers}
    scrapy = logging.getLogger("scrapy")
    handlers = list(scrapy.handlers)
    levels = {name: logging.getLogger(name).level for name in ("scrapy", *CHATTY)}
    try:
        yield
    finally:
        for number, handler in signals.items():
            signal.signal(number, handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        scrapy.handlers[:] = handlers
        logging.captureWarnings(False)
