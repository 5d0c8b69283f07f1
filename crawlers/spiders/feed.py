"""Feeds: the pages that an RSS or Atom feed lists, wherever they are, and texts that stand in the feed alone."""

from __future__ import annotations

from dataclasses import replace

from crawlers.frontier import Claim
from crawlers.outcomes import Answer, Reading
from crawlers.settings import Config
from crawlers.spiders.base import patterns, read_any
from crawlers.urls import Scope
from db.web import Source


class FeedSpider:
    """Reads a feed, then each page it lists."""

    start_kind = "feed"

    def __init__(self, source: Source, config: Config) -> None:
        self._config = config
        self._scope = Scope("", "/", *patterns(source, config))

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """The feed's entries, or one entry's page."""
        content = read_any(answer, self._config, claim.kind)
        if claim.kind != "feed" or content.nofollow:
            return content.reading
        return replace(content.reading, found=tuple(f for f in content.leads if self._scope.takes(f.url)))

    def follows(self, url: str) -> bool:  # noqa: ARG002
        """Wherever the feed or its pages have moved to."""
        return True
