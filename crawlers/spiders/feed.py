"""Feeds: the pages that an RSS or Atom feed lists, wherever they are, and texts that stand in the feed alone."""

from __future__ import annotations

from crawlers.extract import Extracted
from crawlers.frontier import Claim, Found
from crawlers.listings import Entry, feed_entries
from crawlers.outcomes import Answer, Reading, Text
from crawlers.settings import Config
from crawlers.spiders.base import read_page
from crawlers.text import language
from crawlers.urls import Scope


class FeedSpider:
    """Reads a feed, then each page it lists."""

    start_kind = "feed"

    def __init__(self, url: str, config: Config) -> None:  # noqa: ARG002  all spiders are made alike
        self._config = config
        self._scope = Scope("", "/", config.include, config.exclude)

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """The feed's entries, or one entry's page."""
        if claim.kind != "feed":
            reading, _ = read_page(answer, self._config)
            return reading
        entries = feed_entries(answer.body, answer.headers, answer.url)
        texts = tuple(_text(entry, answer.url) for entry in entries if entry.url is None and entry.body and entry.key)
        found = tuple(Found(e.url) for e in entries if e.url is not None and self._scope.takes(e.url))
        return Reading(texts, tuple(f.url for f in found), found, error=None if entries else "no feed entries")

    def follows(self, url: str) -> bool:  # noqa: ARG002
        """Wherever the feed or its pages have moved to."""
        return True


def _text(entry: Entry, feed: str) -> Text:
    kept = Extracted(entry.title, entry.author, entry.published, language(entry.body), entry.body)
    return Text(f"{feed}#{entry.key}", kept)
