"""How the three sites look: articles between navigation, cookie notices, share buttons, related links and footers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from email.utils import format_datetime
from html import escape

from kinsong.demo.pages import BLOG, MAGAZINE, WIKI, Page

NAMES = {MAGAZINE: "The Offbeat Courier", WIKI: "Open Gazetteer of Music", BLOG: "Backroom Blogs"}
MENU = {
    MAGAZINE: (("News", "/"), ("Older", "/page/2"), ("Best of", "/best-of"), ("Feed", "/feed.xml"), ("Lost", "/lost")),
    WIKI: (("Main page", "/"), ("A to Z", "/index/a")),
    BLOG: (("Home", "/"), ("Older", "/page/2"), ("Drafts", "/private/drafts")),
}
"""Site → its menu; /lost is not there, /best-of leads elsewhere, /private is closed to robots."""
COOKIES = "We use cookies to remember you. By staying here you accept our cookie policy."
FOOTERS = {
    MAGAZINE: "© The Offbeat Courier. All rights reserved. Subscribe to our newsletter. Advertise with us. Imprint.",
    WIKI: "This page may be edited by everyone who has an account. Terms of use. Privacy. About this gazetteer.",
    BLOG: "Powered by Backroom. Report this post. Start your own blog in two minutes.",
}
_SHARE = "".join(f'<button type="button">{way}</button>' for way in ("Share", "Tweet", "Copy link", "Print"))


def article(page: Page, bases: Mapping[str, str], related: Iterable[Page], homes: Mapping[str, Page]) -> str:
    """The page as HTML.

    Args:
        page: what is shown.
        bases: site → base URL.
        related: what the box beside the text points to.
        homes: label of an artist → its biography, to which the first mention links.
    """
    linked: set[str] = set()
    body = "\n".join(f"<p>{_linked(text, page, bases, homes, linked)}</p>" for text in page.paragraphs)
    robots = '<meta name="robots" content="noindex">' if page.noindex else ""
    head = (
        f'<meta name="author" content="{escape(page.author)}">{robots}'
        f'<meta property="article:published_time" content="{page.published.isoformat()}">'
        f'<link rel="canonical" href="{bases[page.site]}{page.path}">'
    )
    links = "".join(f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in related)
    return _document(
        page.site,
        f"{page.title} – {NAMES[page.site]}",
        head,
        f'<article><h1>{escape(page.title)}</h1>\n<p class="byline">By {escape(page.author)}, '
        f'<time datetime="{page.published.isoformat()}">{page.published:%d %B %Y}</time></p>\n'
        f'<div class="content">\n{body}\n</div></article>\n<div class="share">{_SHARE}</div>\n'
        f'<aside class="related"><h2>You may also like</h2><ul>{links}</ul></aside>',
    )


def index(site: str, title: str, pages: Iterable[Page], more: Iterable[tuple[str, str]]) -> str:
    """A page of links to ``pages``, followed by ``more`` (label, path), such as older pages."""
    links = "".join(f'<li><a href="{page.path}">{escape(page.title)}</a></li>\n' for page in pages)
    further = " ".join(f'<a href="{path}">{escape(label)}</a>' for label, path in more)
    heading = f"{title} – {NAMES[site]}"
    return _document(site, heading, "", f'<ul class="index">\n{links}</ul><p class="pager">{further}</p>')


def feed(base: str, pages: Sequence[Page]) -> str:
    """RSS 2.0 of ``pages`` with the first sentences of each."""
    items = "\n".join(
        f"<item><title>{escape(page.title)}</title><link>{base}{page.path}</link><guid>{base}{page.path}</guid>"
        f"<pubDate>{stamp(page)}</pubDate><description>{escape(page.paragraphs[0][:160])} …</description></item>"
        for page in pages
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{NAMES[MAGAZINE]}</title>'
        f"<link>{base}/</link><description>Music, weekly</description>\n{items}\n</channel></rss>\n"
    )


def sitemap(base: str, pages: Iterable[Page]) -> str:
    """A sitemap of ``pages``, by the protocol of sitemaps.org."""
    rows = "\n".join(
        f"<url><loc>{base}{page.path}</loc><lastmod>{page.published.isoformat()}</lastmod></url>" for page in pages
    )
    schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{schema}">\n{rows}\n</urlset>\n'


def stamp(page: Page) -> str:
    """When the page was published, as HTTP and RSS write it."""
    return format_datetime(datetime.combine(page.published, time(9), UTC), usegmt=True)


def _document(site: str, title: str, head: str, main: str) -> str:
    menu = "".join(f'<li><a href="{path}">{label}</a></li>' for label, path in MENU[site])
    extra = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">' if site == MAGAZINE else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"{head}{extra}</head>\n"
        f'<body class="{site}"><div class="cookie-notice">{COOKIES} <button type="button">Accept</button></div>\n'
        f'<header><a href="/">{NAMES[site]}</a><nav><ul>{menu}</ul></nav></header>\n<main>{main}</main>\n'
        f"<footer>{FOOTERS[site]}</footer></body></html>\n"
    )


def _linked(text: str, page: Page, bases: Mapping[str, str], homes: Mapping[str, Page], linked: set[str]) -> str:
    """The text as HTML; the first mention of an artist on the page leads to its biography, if there is one."""
    marked = escape(text, quote=False)
    for label in sorted(page.mentions, key=len, reverse=True):
        home, shown = homes.get(label), escape(label, quote=False)
        if home and home is not page and label not in linked and marked.count(shown) and " " in label:
            linked.add(label)
            before, after = marked.split(shown, 1)
            if before.count("<a ") == before.count("</a>"):
                marked = f'{before}<a href="{bases[home.site]}{home.path}">{shown}</a>{after}'
    return marked
