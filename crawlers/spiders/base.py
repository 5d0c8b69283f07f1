"""What the spiders of all kinds share: reading a page, feed or sitemap, and the shape that each of them has.

A spider of a kind decides two things: what an answer says (`read`) and whether a redirect may be followed (`follows`).
Fetching is the same for all and lives in `crawlers.spiders.fetch`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from crawlers.extract import Extracted, content_type, directives, extract, is_text
from crawlers.frontier import Claim, Found
from crawlers.listings import Entry, feed_entries, root_of, sitemap
from crawlers.outcomes import Answer, Reading, Text
from crawlers.settings import Config
from crawlers.text import language
from db.web import Source


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


@dataclass(frozen=True)
class Content:
    """What an answer holds, whatever it was asked for.

    Attributes:
        kind: page, feed or sitemap.
        reading: texts and links; nothing is found yet, that is for a spider to say.
        leads: where it leads to: what a feed or sitemap lists, or a page's own address and links.
        nofollow: it asks for its links not to be followed.
    """

    kind: str
    reading: Reading
    leads: tuple[Found, ...] = ()
    nofollow: bool = False


def read_any(answer: Answer, config: Config, kind: str = "page") -> Content:
    """Read an answer: a menu may lead to a feed, or to a sitemap.

    Args:
        kind: what it was asked for as; a page that turns out to be a feed or a sitemap is read as that.
    """
    if kind == "page":
        kind = kind_of(answer)
    if kind == "page":
        return _page(answer, config)
    noindex, nofollow = directives(answer.headers.get("x-robots-tag", ""), config.user_agent)
    if kind == "sitemap":
        listed = sitemap(answer.body, answer.url, config.max_bytes)
        leads = (*map(Found, listed.pages), *(Found(url, "sitemap") for url in listed.sitemaps))
        return Content("sitemap", Reading(error=None if leads else "no sitemap entries"), leads, nofollow)
    entries = feed_entries(answer.body, answer.headers, answer.url)
    texts = tuple(_text(entry, answer.url) for entry in entries if entry.url is None and entry.body and entry.key)
    pages = tuple(Found(e.url) for e in entries if e.url is not None)
    error = None if entries else "no feed entries"
    return Content("feed", Reading(() if noindex else texts, tuple(f.url for f in pages), error=error), pages, nofollow)


def kind_of(answer: Answer) -> str:
    """page, feed or sitemap, by what an answer begins with."""
    root = root_of(answer.body)
    if root in {"rss", "feed", "rdf"}:
        return "feed"
    return "sitemap" if root in {"urlset", "sitemapindex"} else "page"


def _page(answer: Answer, config: Config) -> Content:
    kind = content_type(answer.headers, answer.body)
    if not is_text(kind):
        return Content("page", Reading(error=f"content type: {kind}"))
    found = extract(
        answer.body, answer.headers, answer.url, product=config.user_agent, max_links=config.max_links
    )
    own = (found.canonical_url,) if found.canonical_url else ()
    leads = tuple(map(Found, (*own, *found.links)))
    if found.noindex:
        return Content("page", Reading(links=found.links, forget=True, error="noindex"), leads, found.nofollow)
    texts = (Text(answer.url, found),) if found.body else ()
    return Content("page", Reading(texts, found.links, error=None if texts else "no text"), leads, found.nofollow)


def _text(entry: Entry, feed: str) -> Text:
    kept = Extracted(entry.title, entry.author, entry.published, language(entry.body), entry.body)
    return Text(f"{feed}#{entry.key}", kept)


def patterns(source: Source, config: Config) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is fetched and what is not: a source's `include` takes the place of the settings', `exclude` adds to it."""
    own = tuple(json.loads(source.include or "[]"))
    return own or config.include, (*config.exclude, *json.loads(source.exclude or "[]"))
