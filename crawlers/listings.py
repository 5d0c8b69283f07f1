"""Feeds by feedparser, sitemaps by lxml: the pages they list, and the texts that stand in a feed itself."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from time import struct_time
from typing import Any

import feedparser
from lxml import etree

from crawlers.extract import paragraphs, parse
from crawlers.text import MAX_BYTES, clean, line
from crawlers.urls import canonical

MAX_LISTED = 50_000
_SURROGATE = re.compile(rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5[5-7][0-9]{3});?")
_WHITE = re.compile(r"\s+")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_GZIP = b"\x1f\x8b"
HEAD = 4096


@dataclass(frozen=True)
class Entry:
    """One entry of a feed.

    Attributes:
        url: canonical URL of the page it stands for, where it names one.
        key: what tells it from the feed's other entries.
        body: its text, where the feed carries it.
        published: ISO date.
    """

    url: str | None
    key: str
    title: str
    author: str | None
    published: str | None
    body: str


def feed_entries(body: bytes, headers: Mapping[str, str], url: str) -> list[Entry]:
    """The entries of an RSS or Atom feed; what is no feed has none."""
    kept = {name: headers[name] for name in ("content-type",) if name in headers}
    read = BytesIO(_SURROGATE.sub(b"", body[:MAX_BYTES]))
    try:
        parsed = feedparser.parse(read, response_headers=kept, resolve_relative_uris=False, sanitize_html=False)
    except (ValueError, OverflowError):  # character references beyond Unicode bring its loose parser down
        return []
    return [_entry(entry, url) for entry in parsed.entries[:MAX_LISTED]]


def _entry(entry: Any, base: str) -> Entry:
    link = clean(str(entry.get("link") or ""))
    texts = [c.get("value") or "" for c in entry.get("content") or ()] or [entry.get("summary") or ""]
    body = _plain(max(texts, key=len))
    key = line(str(entry.get("id") or link), 500) or ""
    updated = entry["updated_parsed"] if "updated_parsed" in entry else None  # noqa: SIM401  get would answer for it
    date = _iso(entry.get("published_parsed") or updated)
    return Entry(
        canonical(link, base) if link else None, key, _plain(str(entry.get("title") or "")).replace("\n", " "),
        line(str(entry.get("author") or "")), date, body,
    )  # fmt: skip


def _plain(markup: str) -> str:
    if "<" not in markup and "&" not in markup:
        return paragraphs(markup)
    tree = parse(f"<div>{_WHITE.sub(' ', markup)}</div>")
    if tree is None:
        return ""
    for block in tree.iter("p", "br", "div", "li", "h1", "h2", "h3", "h4", "blockquote", "tr"):
        block.tail = "\n" + (block.tail or "")
    return paragraphs(tree.text_content())


def _iso(moment: struct_time | None) -> str | None:
    if moment is None or not 1 <= moment.tm_year <= 9999:
        return None
    return f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}"


@dataclass(frozen=True)
class Sitemap:
    """What a sitemap lists, canonical URLs in order: pages, and further sitemaps."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def sitemap(body: bytes, url: str, max_bytes: int) -> Sitemap:
    """Read a sitemap or sitemap index, gzipped or not; up to 50,000 entries of it.

    Entities are not expanded and nothing is loaded; a broken tail does not cost what stands before it.

    Args:
        max_bytes: most bytes a gzipped one may unpack to.
    """
    xml = _unpack(body, max_bytes)
    pages: dict[str, None] = {}
    sitemaps: dict[str, None] = {}
    for parent, location in _locations(xml):
        found = canonical(location, url)
        if found is not None and parent in {"url", "sitemap"}:
            (pages if parent == "url" else sitemaps).setdefault(found)
        if len(pages) + len(sitemaps) >= MAX_LISTED:
            break
    return Sitemap(tuple(pages), tuple(sitemaps))


def root_of(body: bytes) -> str:
    """Name of the first element in a document's head, gzipped or not, in lower case and without its prefix; or empty.
    """
    head = body[:HEAD]
    if body.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(body[: 4 * HEAD], HEAD)
        except zlib.error:
            return ""
    if b"\x00" in head[:64]:  # UTF-16: the letters of markup are every second byte
        head = head.replace(b"\x00", b"")
    found = _ELEMENT.search(_COMMENT.sub(b"", head))
    return found[1].decode("ascii", "replace").lower() if found else ""


def _unpack(body: bytes, most: int) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as unpacked:
            return unpacked.read(most)
    except (OSError, EOFError, zlib.error):
        return b""


def _locations(xml: bytes) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return found
    if root is None:
        return found
    for node in root.iter("{*}loc"):
        try:
            parent, location = node.getparent(), (node.text or "").strip()
            name = str(parent.tag).rpartition("}")[2] if parent is not None else ""
        except UnicodeDecodeError:  # &#xD800; which libxml2 lets pass when it recovers: no address has it
            continue
        if location:
            found.append((name, location))
    return found
