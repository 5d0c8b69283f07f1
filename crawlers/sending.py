"""Where requests are sent: the moment that a host's delay is counted from, and no request sent behind its back."""

from __future__ import annotations

from time import monotonic

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response


class Sender(HTTP11DownloadHandler):
    """Scrapy's HTTP handler, punctual.

    Scrapy counts a delay from when it schedules a request, and the event loop sends it when it comes to it: after the
    pages that are being read, for instance. Two requests could then be as close as that loop is busy.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.crawler = crawler
        # a request on a connection that was dropped would be sent again at once: that is the frontier's to decide
        self._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        """Send a request, and count its host's delay from now on."""
        engine = self.crawler.engine
        slot = engine.downloader.slots.get(request.meta.get("download_slot", "")) if engine is not None else None
        if slot is not None:
            slot.lastseen = monotonic()
        return await super().download_request(request)
