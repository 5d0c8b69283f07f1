"""What the spiders of all kinds share: reading one page, and the shape that each of them has.

A spider of a kind decides two things: what an answer says (`read`) and whether a redirect may be followed (`follows`).
Fetching is the same for all and lives in `crawlers.spiders.fetch`.
"""

from __future__ import annotations

from typing import Protocol

from crawlers.extract import Extracted, content_type, extract, is_text
from crawlers.frontier import Claim
from crawlers.outcomes import Answer, Reading, Text
from crawlers.settings import Config


class Reader(Protocol):
    """A spider of one kind, over one source."""

    start_kind: str
    """How the source's own URL is read: page, feed or sitemap."""

    def read(self, claim: Claim, answer: Answer) -> Reading:
        """What a successful answer says."""
        ...

    def follows(self, url: str) -> bool:
        """Whether a redirect to a canonical URL may be followed."""
        ...


def read_page(answer: Answer, config: Config) -> tuple[Reading, Extracted]:
    """One page's text as a document, without anything to follow."""
    kind = content_type(answer.headers, answer.body)
    if not is_text(kind):
        return Reading(error=f"content type: {kind}"), Extracted()
    found = extract(
        answer.body, answer.headers, answer.url, product=config.user_agent, max_links=config.max_links
    )
    if found.noindex:
        return Reading(links=found.links, forget=True, error="noindex"), found
    texts = (Text(answer.url, found),) if found.body else ()
    return Reading(texts, found.links, error=None if texts else "no text"), found
