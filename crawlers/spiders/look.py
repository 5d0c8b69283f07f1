"""The Scrapy spider that looks at one URL, for `crawlers.discovery`: same gate, same guard, same delays as a crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, CloseSpider

from crawlers import discovery
from crawlers.discovery import MOST_OF_A_KIND, Discovered, Listing, Look
from crawlers.extract import content_type, is_text
from crawlers.gate import Refused
from crawlers.guard import prove, why_refused
from crawlers.outcomes import Answer, headers_of, redirect_of
from crawlers.urls import canonical, host_of

MAX_REDIRECTS = 5


class NotThere(Exception):
    """A URL that has no answer to be read; its text says why."""


class LookSpider(Spider):
    """Looks at a URL and at the feeds and sitemaps that belong to it."""

    name = "kinsong-look"

    def __init__(self, run: Look) -> None:
        super().__init__()
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> LookSpider:
        """Made by Scrapy, with the run as its argument."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.bug, signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Prove the guard, look, and be done."""
        from twisted.internet import reactor

        try:
            await prove(self.crawler.engine, reactor.nameResolver)
            self.run.found = await self._look(self.run.url)
        except NotThere as error:
            self.run.refused = str(error)
        except Exception as error:
            self.run.fail(error)
            raise CloseSpider("failure") from error
        no_requests: tuple[Request, ...] = ()
        for request in no_requests:
            yield request

    def bug(self, failure: Any) -> None:
        """An exception of our own is raised where the look was asked for."""
        self.run.fail(failure.value)

    async def _look(self, url: str) -> Discovered:
        self.run.progress.say(f"looking at {url}")
        answer = await self._get(url)
        at = answer.url
        if _site_host(at) != _site_host(url):
            raise NotThere(f"it leads to another host, {at}: add that, if it is what you mean")
        listing = discovery.listing_of(answer, self.run.config)
        if listing is not None:
            return Discovered(at, listing.kind, listings=(listing,))
        kind = content_type(answer.headers, answer.body)
        if not is_text(kind):
            raise NotThere(f"there is nothing to read, it is {kind}")
        tree = discovery.tree_of(answer)
        sitemaps, delay = discovery.sitemaps_of(self.run.home, at, self.run.config.user_agent)
        found = Discovered(at, discovery.page_kind(answer, tree), discovery.title_of(tree), crawl_delay=delay)
        if found.kind != "site":
            return found
        return await self._with_listings(found, discovery.feeds_of(tree, at), sitemaps)

    async def _with_listings(self, found: Discovered, feeds: list[str], sitemaps: list[str]) -> Discovered:
        guessed = canonical("/sitemap.xml", found.url)
        if not sitemaps and guessed is not None:
            sitemaps = [guessed]
        near = [
            [url for url in named if _site_host(url) == _site_host(found.url)][:MOST_OF_A_KIND]
            for named in (feeds, sitemaps)
        ]  # fmt: skip
        listings: dict[str, Listing] = {}
        for url in (*near[0], *near[1]):
            self.run.progress.say(f"looking at {url}")
            try:
                listing = discovery.listing_of(await self._get(url), self.run.config)
            except NotThere:
                continue
            if listing is not None and _site_host(listing.url) == _site_host(found.url):
                listings.setdefault(listing.url, listing)
        elsewhere = tuple(url for url in (*feeds, *sitemaps) if _site_host(url) != _site_host(found.url))
        return Discovered(
            found.url, found.kind, found.title, tuple(listings.values()), elsewhere[:MOST_OF_A_KIND], found.crawl_delay
        )

    async def _get(self, url: str) -> Answer:
        """The answer that a URL leads to.

        Raises:
            NotThere: there is none to be read.
        """
        engine: Any = self.crawler.engine
        for _ in range(MAX_REDIRECTS + 1):
            self.run.hosts.prepare(host_of(url), engine.downloader)
            request = Request(url, dont_filter=True, meta={"download_slot": host_of(url), "verbatim_url": True})
            try:
                response = await engine.download_async(request)
            except Refused as error:
                raise NotThere(_reason(str(error))) from error
            except CannotResolveHostError as error:
                reason = why_refused(url)
                raise NotThere(f"guard: {reason}" if reason else "its host's name is not found") from error
            except Exception as error:
                raise NotThere(f"it cannot be fetched ({str(error) or type(error).__name__})") from error
            answer = Answer(url, response.status, headers_of(response.headers), response.body)
            target = redirect_of(answer)
            if target is None:
                break
            url = target
        else:
            raise NotThere(f"it leads on and on, after {MAX_REDIRECTS} redirects to {url}")
        if answer.status != HTTPStatus.OK:
            raise NotThere(f"it answers with http {answer.status}")
        return answer


def _reason(refused: str) -> str:
    told = {
        "robots": "its robots.txt asks us not to fetch it",
        "robots unreachable": "its robots.txt cannot be had, and until it can nothing may be fetched there",
        "no contact": "it leads to a host that is not opened, and [crawl] contact is empty",
    }
    return told.get(refused, refused)


def _site_host(url: str) -> str:
    return host_of(url).removeprefix("www.")
