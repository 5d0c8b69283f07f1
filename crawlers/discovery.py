"""What a URL is, and which feeds and sitemaps belong to it: looked up through the same guarded machinery as a crawl."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import lxml.html

from crawlers import process, robots
from crawlers.extract import content_type, is_text, parse
from crawlers.outcomes import Answer
from crawlers.politeness import Hosts
from crawlers.run import Run
from crawlers.settings import Config
from crawlers.sources import checked_url
from crawlers.spiders.base import kind_of, read_any
from crawlers.text import clean, decode, line
from crawlers.urls import canonical, host_of, origin_of
from db.base import now
from db.errors import CrawlError
from db.home import Home
from db.task import Progress, Silent

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
MOST_OF_A_KIND = 5
"""Feeds, and sitemaps, that are looked at."""


@dataclass(frozen=True)
class Listing:
    """A feed or sitemap, and how many entries it had when it was looked at."""

    url: str
    kind: str
    entries: int


@dataclass(frozen=True)
class Discovered:
    """What a URL turned out to be.

    Attributes:
        url: canonical, where redirects on its host have led.
        kind: site, feed, sitemap or page.
        title: of the page, or empty.
        listings: feeds and sitemaps of its host, to be read with a site.
        elsewhere: feeds and sitemaps it names on other hosts, which are sources of their own if they are wanted.
        crawl_delay: seconds between requests that its robots.txt asks for.
    """

    url: str
    kind: str
    title: str = ""
    listings: tuple[Listing, ...] = ()
    elsewhere: tuple[str, ...] = ()
    crawl_delay: float = 0.0


@dataclass
class Look(Run):
    """The state of one look, for the spider: a crawl that hands nothing out."""

    url: str = ""
    found: Discovered | None = None
    refused: str = field(default="")


def look(home: Home, config: Config, url: str, *, allow_private: bool, progress: Progress | None = None) -> Discovered:
    """Fetch a URL, its robots.txt and what that names, and say what it all is. In this process, once.

    Raises:
        UsageError: the URL can never be fetched.
        CrawlError: it cannot be had now, has no text, or leads to another host.
    """
    spelled = checked_url(url, allow_private)
    process.refuse_second_run()
    from crawlers.spiders.look import LookSpider

    opened = frozenset({host_of(spelled)}) if allow_private else frozenset[str]()
    run = Look(
        home, config, secrets.token_hex(8), now(), {}, {}, opened, Hosts(config.delay, config.host_concurrency, {}),
        progress or Silent(), stopping=True, url=spelled,
    )  # fmt: skip
    process.fetch(run, LookSpider)
    if run.failure is not None:
        raise run.failure
    if run.refused:
        raise CrawlError(f"{spelled}: {run.refused}; nothing was added (--no-look adds it unseen)")
    if run.found is None:
        raise KeyboardInterrupt
    return run.found


def page_kind(answer: Answer, tree: lxml.html.HtmlElement | None) -> str:
    """site or page, for HTML: what calls itself an article is one page, unless it stands for a folder."""
    if tree is None:
        return "page"
    article = any(
        (meta.get("property") or "").lower() == "og:type" and (meta.get("content") or "").lower() == "article"
        for meta in tree.iterfind(".//meta[@property]")
    )
    return "page" if article and not answer.url.endswith("/") else "site"


def tree_of(answer: Answer) -> lxml.html.HtmlElement | None:
    """The tree of an HTML answer; nothing for any other."""
    kind = content_type(answer.headers, answer.body)
    if not is_text(kind) or kind == "text/plain":
        return None
    return parse(decode(answer.body, answer.headers.get("content-type")))


def title_of(tree: lxml.html.HtmlElement | None) -> str:
    """A page's title, in one line."""
    return (line(tree.findtext(".//title"), 100) or "") if tree is not None else ""


def feeds_of(tree: lxml.html.HtmlElement | None, url: str) -> list[str]:
    """Canonical URLs of the feeds that a page names in its head, each once."""
    if tree is None:
        return []
    found: dict[str, None] = {}
    for tag in tree.iterfind(".//link[@href]"):
        kind = (tag.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (tag.get("rel") or "").lower().split() and kind in FEED_TYPES:
            feed = canonical(clean(tag.get("href")), url)
            if feed is not None:
                found.setdefault(feed)
    return list(found)


def sitemaps_of(home: Home, url: str, product: str) -> tuple[list[str], float]:
    """Canonical URLs of the sitemaps that the host's stored robots.txt names, and the crawl-delay it asks for."""
    rules = robots.load(home, origin_of(url), now(), product)
    if rules is None:
        return [], 0.0
    named = (canonical(clean(each), url) for each in rules.sitemaps)
    return list(dict.fromkeys(each for each in named if each is not None)), rules.crawl_delay


def listing_of(answer: Answer, config: Config) -> Listing | None:
    """A feed or sitemap with its entries counted; nothing where the answer is neither, or empty."""
    kind = kind_of(answer)
    if kind == "page":
        return None
    content = read_any(answer, config, kind)
    entries = len(content.leads) + sum("#" in text.url for text in content.reading.texts)
    return Listing(answer.url, kind, entries) if entries else None
