"""Pages: one URL, read and kept, nothing followed but redirects."""

from __future__ import annotations

from crawlers.frontier import Claim
from crawlers.outcomes import Answer, Reading
from crawlers.settings import Config
from crawlers.spiders.base import read_any
from db.web import Source


class PageSpider:
    """Reads one page."""

    start_kind = "page"

    def __init__(self, source: Source, config: Config) -> None:  # noqa: ARG002  all spiders are made alike
        self._config = config

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """The page's text."""
        return read_any(answer, self._config, claim.kind).reading

    def follows(self, url: str) -> bool:  # noqa: ARG002
        """Wherever the page has moved to."""
        return True
