"""Sitemaps: the pages of its own host that a sitemap, or an index of sitemaps, lists."""

from __future__ import annotations

from crawlers.frontier import Claim, Found
from crawlers.listings import sitemap
from crawlers.outcomes import Answer, Reading
from crawlers.settings import Config
from crawlers.spiders.base import read_page
from crawlers.urls import Scope, host_of


class SitemapSpider:
    """Reads sitemaps, then each page they list."""

    start_kind = "sitemap"

    def __init__(self, url: str, config: Config) -> None:
        self._config = config
        self._scope = Scope(host_of(url).removeprefix("www."), "/", config.include, config.exclude)
        self._host = Scope(host_of(url).removeprefix("www."), "/")

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """What the sitemap lists, or one listed page."""
        if claim.kind != "sitemap":
            reading, _ = read_page(answer, self._config)
            return reading
        listed = sitemap(answer.body, answer.url, self._config.max_bytes)
        found = [Found(url) for url in listed.pages if self._scope.takes(url)]
        if claim.depth < self._config.max_depth:
            found += [Found(url, "sitemap") for url in listed.sitemaps if self._host.takes(url)]
        return Reading(found=tuple(found), error=None if found else "no sitemap entries")

    def follows(self, url: str) -> bool:
        """Redirects within the host."""
        return self._host.takes(url)
