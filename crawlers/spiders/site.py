"""Sites: all pages of a host, or of one folder of it, as far as links, feeds and sitemaps lead."""

from __future__ import annotations

from dataclasses import replace

from crawlers.frontier import Claim
from crawlers.outcomes import Answer, Reading
from crawlers.settings import Config
from crawlers.spiders.base import patterns, read_any
from crawlers.urls import Scope, is_trap, scope_of
from db.web import Source


class SiteSpider:
    """Reads pages and follows the links that stay inside the source's scope."""

    start_kind = "page"

    def __init__(self, source: Source, config: Config) -> None:
        self._config = config
        self._depth = config.max_depth if source.max_depth is None else min(source.max_depth, config.max_depth)
        self._scope = scope_of(source.url, *patterns(source, config))
        self._host = Scope(self._scope.host, "/")

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """The texts, and what of the links lies in scope."""
        content = read_any(answer, self._config, claim.kind)
        if content.nofollow or claim.depth >= self._depth:
            return content.reading
        found = tuple(f for f in content.leads if self._takes(f.url, f.kind))
        return replace(content.reading, found=found)

    def _takes(self, url: str, kind: str) -> bool:
        scope = self._host if kind == "sitemap" else self._scope
        return scope.takes(url) and not is_trap(url)

    def follows(self, url: str) -> bool:
        """Redirects inside the scope."""
        return self._scope.takes(url) and not is_trap(url)
