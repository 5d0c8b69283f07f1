"""Sites: all pages of a host, or of one folder of it, as far as links lead."""

from __future__ import annotations

from dataclasses import replace

from crawlers.frontier import Claim, Found
from crawlers.outcomes import Answer, Reading
from crawlers.settings import Config
from crawlers.spiders.base import read_page
from crawlers.urls import is_trap, scope_of


class SiteSpider:
    """Reads pages and follows the links that stay inside the source's scope."""

    start_kind = "page"

    def __init__(self, url: str, config: Config) -> None:
        self._config = config
        self._scope = scope_of(url, config.include, config.exclude)

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """The page's text, and what of its links lies in scope."""
        reading, extracted = read_page(answer, self._config)
        if extracted.nofollow or claim.depth >= self._config.max_depth:
            return reading
        links = (extracted.canonical_url, *extracted.links) if extracted.canonical_url else extracted.links
        found = tuple(Found(url) for url in links if self._scope.takes(url) and not is_trap(url))
        return replace(reading, found=found)

    def follows(self, url: str) -> bool:
        """Redirects inside the scope."""
        return self._scope.takes(url) and not is_trap(url)
