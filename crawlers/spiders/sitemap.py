"""Sitemaps: the pages of its own host that a sitemap, or an index of sitemaps, lists."""

from __future__ import annotations

from dataclasses import replace

from crawlers.frontier import Claim
from crawlers.outcomes import Answer, Reading
from crawlers.settings import Config
from crawlers.spiders.base import patterns, read_any
from crawlers.urls import Scope, host_of
from db.web import Source


class SitemapSpider:
    """Reads sitemaps, then each page they list."""

    start_kind = "sitemap"

    def __init__(self, source: Source, config: Config) -> None:
        self._config = config
        host = host_of(source.url).removeprefix("www.")
        self._scope = Scope(host, "/", *patterns(source, config))
        self._host = Scope(host, "/")

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """What the sitemap lists, or one listed page."""
        content = read_any(answer, self._config, claim.kind)
        if claim.kind != "sitemap" or content.nofollow:
            return content.reading
        further = claim.depth < self._config.max_depth
        found = tuple(f for f in content.leads if self._takes(f.url, f.kind, further))
        return replace(content.reading, found=found, error=None if found else "no sitemap entries")

    def _takes(self, url: str, kind: str, further: bool) -> bool:
        return further and self._host.takes(url) if kind == "sitemap" else self._scope.takes(url)

    def follows(self, url: str) -> bool:
        """Redirects within the host."""
        return self._host.takes(url)
