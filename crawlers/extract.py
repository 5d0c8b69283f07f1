"""A page's bytes to what is kept of it: main text and metadata by trafilatura, links and robots directives by lxml."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import lxml.html
from lxml import etree

from crawlers.text import clean, decode, language, line
from crawlers.urls import canonical
from db.base import now

log = logging.getLogger(__name__)

with warnings.catch_warnings():
    # its own downloader, which is not used here, misses an optional library
    warnings.filterwarnings("ignore", message="SOCKS support in urllib3")
    from trafilatura import bare_extraction, html2txt
    from trafilatura.settings import Extractor

TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
_SPACES = re.compile(r"[ \t\xa0]+")
_BLANK_LINES = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Extracted:
    """What a page says.

    Attributes:
        published: ISO date, as far as the page tells.
        language: BCP 47 code, or und.
        body: the main text, one paragraph a line; empty where there is none.
        canonical_url: what the page calls its own address.
        links: canonical URLs it links to, each once, in order; those marked nofollow are left out.
        noindex, nofollow: the page asks not to be kept, or its links not to be followed.
    """

    title: str = ""
    author: str | None = None
    published: str | None = None
    language: str = "und"
    body: str = ""
    canonical_url: str | None = None
    links: tuple[str, ...] = ()
    noindex: bool = False
    nofollow: bool = False


def content_type(headers: Mapping[str, str], body: bytes) -> str:
    """The media type: what the header says, or without one what the first bytes look like."""
    declared = headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared and declared != "application/octet-stream":
        return declared
    head = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<?xml", b"<rss", b"<feed", b"<urlset")):
        return "application/xml"
    if head.startswith(b"<"):
        return "text/html"
    return "text/plain" if head and b"\x00" not in head else "application/octet-stream"


def is_text(kind: str) -> bool:
    """Whether a media type is one that text is read from."""
    return kind in TEXT_TYPES


def extract(
    body: bytes, headers: Mapping[str, str], url: str, *, product: str = "kinsong", max_links: int = 1000
) -> Extracted:
    """Read a page. Bytes of any kind lead to a result; what cannot be read is empty.

    Args:
        headers: names in lower case.
        url: canonical URL of the page; its links are resolved against it.
        product: our name in robots directives.
    """
    kind = content_type(headers, body)
    noindex, nofollow = directives(headers.get("x-robots-tag", ""), product)
    if not is_text(kind):
        return Extracted(noindex=noindex, nofollow=nofollow)
    text = decode(body, headers.get("content-type"))
    if kind == "text/plain":
        plain = paragraphs(text)
        return Extracted(language=language(plain), body=plain, noindex=noindex, nofollow=nofollow)
    tree = parse(text)
    if tree is None:
        return Extracted(noindex=noindex, nofollow=nofollow)
    return _read(tree, url, product, max_links, noindex, nofollow)


def parse(text: str) -> lxml.html.HtmlElement | None:
    """A page's tree, or nothing where there is no element in it."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return lxml.html.document_fromstring(clean(text).encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # empty, or nothing but a comment
        return None


def directives(value: str, product: str) -> tuple[bool, bool]:
    """noindex and nofollow of a robots directive ("noindex, nofollow", "otherbot: none"), as far as it is for us."""
    words = set()
    for part in value.lower().split(","):
        name, colon, rest = part.rpartition(":")
        if not colon or name.strip() == product.lower():
            words.update(rest.split())
    return bool(words & {"noindex", "none"}), bool(words & {"nofollow", "none"})


def paragraphs(text: str) -> str:
    """Clean text with single spaces, one paragraph a line."""
    return _BLANK_LINES.sub("\n", _SPACES.sub(" ", clean(text))).strip()


def _read(
    tree: lxml.html.HtmlElement, url: str, product: str, max_links: int, noindex: bool, nofollow: bool
) -> Extracted:
    for meta in tree.iterfind(".//meta[@name]"):
        if (meta.get("name") or "").strip().lower() in {"robots", product.lower()}:
            more_noindex, more_nofollow = directives(meta.get("content") or "", product)
            noindex, nofollow = noindex or more_noindex, nofollow or more_nofollow
    base = _base(tree, url)
    declared = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    own = canonical_link(tree, base)
    links = outlinks(tree, base, max_links)
    if noindex:
        return Extracted(canonical_url=own, links=links, noindex=True, nofollow=nofollow)
    title, author, published, body = _text(tree, url)
    spoken = language(body, declared)
    return Extracted(title or "", author, published, spoken, body, own, links, False, nofollow)


def _base(tree: lxml.html.HtmlElement, url: str) -> str:
    found = tree.find(".//base[@href]")
    return (canonical(found.get("href"), url) or url) if found is not None else url


def canonical_link(tree: lxml.html.HtmlElement, base: str) -> str | None:
    """What a page calls its own address."""
    for link in tree.iterfind(".//link[@href]"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return canonical(link.get("href"), base)
    return None


def outlinks(tree: lxml.html.HtmlElement, base: str, most: int) -> tuple[str, ...]:
    """Canonical URLs a page links to, each once, in order, without those it marks nofollow."""
    found: dict[str, None] = {}
    for anchor in tree.iter("a", "area"):
        href = anchor.get("href")
        if not href or "nofollow" in (anchor.get("rel") or "").lower().split():
            continue
        url = canonical(clean(href), base)
        if url is not None:
            found.setdefault(url)
            if len(found) >= most:
                break
    return tuple(found)


def _text(tree: lxml.html.HtmlElement, url: str) -> tuple[str | None, str | None, str | None, str]:
    try:
        found = bare_extraction(tree, url=url, options=_options(url))
    except Exception as error:  # noqa: BLE001  RecursionError and what else a hostile page brings out
        log.warning("%s: the article could not be told apart (%r); all of its text is taken", url, error)
        found = None
    if found is None or isinstance(found, dict):
        return line(tree.findtext(".//title")), None, None, paragraphs(html2txt(tree))
    body = paragraphs(found.text or "") or paragraphs(html2txt(tree))
    return line(found.title), line(found.author), line(found.date, 10), body


def _options(url: str) -> Extractor:
    dates = {"original_date": True, "extensive_search": False, "max_date": now().date().isoformat()}
    # any other format leaves the text of the result empty
    return Extractor(output_format="python", fast=True, comments=False, with_metadata=True, url=url, date_params=dates)
