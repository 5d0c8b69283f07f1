"""`make prove-crawl`, hostile bytes: seeded mutations of everything a host may send, none of which may do harm.

20,000 mutations of pages, feeds, sitemaps, robots files, headers and charsets: no exception, each in under 2 s; 2,000
of robots files: each in under 100 ms. Times are CPU seconds of the one call.

Run as `python -m tests.quality.crawl_mutations`; a sample of each kind is in the default suite.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from crawlers import robots
from crawlers.extract import Extracted, extract
from crawlers.listings import feed_entries, sitemap
from crawlers.outcomes import Answer, redirect_of
from crawlers.politeness import retry_after
from crawlers.text import clean

MUTATIONS = 20_000
MOST_SECONDS = 2.0
ROBOTS_FILES = 2_000
MOST_ROBOTS_SECONDS = 0.1
URL = "http://a.example/music/page.html"
NOW = datetime(2026, 3, 1, tzinfo=UTC)

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Night Tide – a review</title>
<base href="/m/"><meta name="author" content="Jane Doe"><meta property="article:published_time"
content="2021-03-04T10:00:00Z"><meta name="robots" content="index"><link rel="canonical" href="/music/night-tide">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Article","datePublished":"2021-03-04",
"author":[{"@type":"Person","name":"Jane"}]}</script></head><body><nav><a href="/">Home</a></nav><main><article>
<h1>Night Tide</h1><p>The new record of the quartet is a slow one, with an organ that never quite finds its way home,
and <a href="artist/quartet?utm_source=mail">the quartet</a> sounds better for it.</p><table><tr><td>1</td>
<td>Rivers</td></tr></table><ul><li>Señor Ø</li><li>Ночь</li></ul><p>Nobody sings on the first half, and when a voice
comes in at last it is a <a href="artist/guest" rel="nofollow">guest</a> whom the liner notes forget to name.</p>
</article></main></body></html>
"""
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>t</title><link>http://a.example/</link><item><title>First &amp; last</title><link>/one</link><author>Ann
</author><pubDate>Mon, 06 Sep 2021 00:01:00 +0000</pubDate></item><item><guid isPermaLink="false">id-2</guid>
<title>Second</title><description>&lt;p&gt;Para one.&lt;/p&gt;</description><content:encoded><![CDATA[<p>Long</p>]]>
</content:encoded></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>f</title><entry><id>urn:1</id>
<title type="html">&lt;b&gt;A</title>
<link href="http://a.example/1"/><updated>2021-01-01T00:00:00Z</updated><content type="xhtml"><div>x</div></content>
</entry></feed>"""
SITEMAP = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "http://a.example/e">]><urlset
xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.example/1</loc><lastmod>2021-01-01</lastmod></url><url><loc>&a;</loc></url></urlset>"""
ROBOTS = """User-agent: *
Disallow: /private/
Allow: /private/open$
Disallow: /*?sid=*&x=%2A
Crawl-delay: 2.5

User-agent: kinsong
User-agent: otherbot/1.0
Disallow: /admin # not here
Disallow: /ünïcode/%E3%83%84
Allow: /
Sitemap: http://a.example/sitemap.xml
"""
ROBOTS_URLS = ("http://a.example/", "http://a.example/private/open?x=1&y=%2A#z", "http://a.example/" + "a*b$%" * 300)
HEADERS = {
    "content-type": "text/html; charset=utf-8", "location": "/next?x=1", "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
    "x-robots-tag": "otherbot: noindex, nofollow", "etag": '"abc"', "last-modified": "Wed, 21 Oct 2020 07:28:00 GMT",
}  # fmt: skip
PIECES = (
    b"<", b">", b"</", b"<a href=", b"<div>", b"<p>", b"<script>", b"<!--", b"<![CDATA[", b"]]>", b"&#xD800;",
    b"&#0;", b"\x00", b"<table><td>", b"<svg>", b"<base href='http://[x'>", b"<meta charset=utf-7>", b"<title>",
    b"\xff\xfe", b"<?xml encoding='utf-16'?>", b"<frameset>", b"<article>", b"<h1>", b"<li>", b'{"@type":[',
    b"&lol9;", b"\xed\xa0\x80", b"http://[::1", b"//", b"?", b"#", b"%", b"%00", b"\r\n", b"\n", b"\r", b"*", b"$",
    b":", b"\xef\xbb\xbf", b"\x1b$B", b"&#x110000;", b"&#99999999999;", b"<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    b"\xe2\x80\xa8", b"9" * 400, b"-", b"\x7f", b"<plaintext>", b"<select><option>", b"<template>", b"</body></html>",
    b"charset=utf-16", b"charset=hz", b"charset=x", b"0001-01-01", b"99999-99-99", b"Allow", b"Disallow: /",
    b"User-agent: kinsong", b"Crawl-delay: 1e999",
)  # fmt: skip
CHARSETS = ("utf-8", "utf-16", "utf-32", "cp1251", "shift_jis", "gb18030", "iso-2022-jp", "cp437", "big5", "utf-7")


def mutated(original: bytes, rng: random.Random) -> bytes:
    """Bytes with pieces put in, taken out, doubled, swapped and cut off."""
    body = bytearray(original)
    for _ in range(int(2 ** rng.uniform(0, 7))):
        at = rng.randrange(len(body) + 1)
        act = rng.randrange(6)
        if act == 0:
            body[at:at] = rng.choice(PIECES) * int(2 ** rng.uniform(0, 6))
        elif act == 1:
            body[at : at + rng.randrange(40)] = rng.choice(PIECES)
        elif act == 2:
            del body[at : at + rng.randrange(200)]
        elif act == 3:
            body[at:at] = body[at : at + rng.randrange(300)] * rng.randrange(1, 5)
        elif act == 4:
            body[at : at + 1] = bytes([rng.randrange(256)])
        else:
            end = rng.randrange(len(body) + 1)
            body[min(at, end) : max(at, end)] = bytes(reversed(body[min(at, end) : max(at, end)][:2000]))
    return bytes(body[: rng.randrange(len(body) + 1)] if rng.random() < 0.1 else body)


def mutated_robots(seed: int) -> bytes:
    """A robots file, in one of ten cases swollen to up to a megabyte."""
    rng = random.Random(seed)
    body = mutated(ROBOTS.encode(), rng)
    return body * (rng.randrange(1, 1_000_000) // max(len(body), 1) + 1) if seed % 10 == 0 else body


def page(rng: random.Random) -> None:
    kind = rng.choice(("text/html", "text/html; charset=utf-8", "", "application/xhtml+xml"))
    headers = HEADERS | {"content-type": kind}
    sound(extract(mutated(PAGE.encode(), rng), headers, URL))


def charset(rng: random.Random) -> None:
    body = PAGE.replace("utf-8", rng.choice(CHARSETS)).encode(rng.choice(CHARSETS), errors="replace")
    declared = rng.choice(("", *CHARSETS))
    sound(extract(mutated(body, rng), {"content-type": f"text/html; charset={declared}" if declared else ""}, URL))


def header(rng: random.Random) -> None:
    """Header values, and the page under them."""
    headers = {name: mutated(value.encode(), rng).decode("utf-8", "replace") for name, value in HEADERS.items()}
    sound(extract(PAGE.encode(), headers, URL))
    redirect_of(Answer(URL, rng.choice((301, 302, 303, 307, 308)), headers, b""))
    pause = retry_after(headers["retry-after"], NOW)
    assert pause is None or pause >= 0


def feed(rng: random.Random) -> None:
    for entry in feed_entries(mutated(rng.choice((FEED, ATOM)).encode(), rng), {}, URL):
        whole(entry.title, entry.body, entry.author or "", entry.key, entry.url or "", entry.published or "")


def listed(rng: random.Random) -> None:
    body = mutated(SITEMAP.encode(), rng)
    found = sitemap(mutated(gzip.compress(body), rng) if rng.random() < 0.3 else body, URL, 1_000_000)
    whole(*found.pages, *found.sitemaps)


def robots_file(rng: random.Random) -> None:
    rules = robots.read(robots.RULES, mutated_robots(rng.randrange(10**9)), "kinsong")
    for url in ROBOTS_URLS:
        rules.allows(url)


KINDS: dict[str, Callable[[random.Random], None]] = {
    "page": page, "charset": charset, "header": header, "feed": feed, "sitemap": listed, "robots": robots_file
}  # fmt: skip


def sound(found: Extracted) -> None:
    """What an extraction gives can be stored."""
    whole(found.title, found.body, found.author or "", found.published or "", found.language, *found.links)


def whole(*texts: str) -> None:
    """Text that every database takes: no NUL, no lone surrogate."""
    for text in texts:
        text.encode("utf-8")
        if clean(text) != text:
            raise ValueError(f"a character that no database takes in {text[:80]!r}")


def one(kind: str, seed: int) -> float:
    """CPU seconds that one mutation took."""
    began = time.process_time()
    KINDS[kind](random.Random(seed))
    return time.process_time() - began


def main() -> int:
    """All of them; exit code 1 for one exception, or one that is too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failures: Counter[str] = Counter()
    slowest = dict.fromkeys(KINDS, 0.0)
    for number in range(options.mutations):
        kind = list(KINDS)[number % len(KINDS)]
        seed = options.seed * 10_000_000 + number
        try:
            slowest[kind] = max(slowest[kind], one(kind, seed))
        except Exception as error:  # noqa: BLE001  counted and shown
            failures[f"{kind}: {type(error).__name__}"] += 1
            print(f"{kind}, seed {seed}: {error!r}"[:300])
    robots_slowest = 0.0
    for seed in range(ROBOTS_FILES):
        body = mutated_robots(options.seed * 10_000_000 + seed)
        began = time.process_time()
        rules = robots.read(robots.RULES, body, "kinsong")
        for url in ROBOTS_URLS:
            rules.allows(url)
        robots_slowest = max(robots_slowest, time.process_time() - began)
    shown = ", ".join(f"{kind} {seconds:.3f}" for kind, seconds in slowest.items())
    print(f"{options.mutations:,} mutations: {sum(failures.values())} exceptions, must be 0; {dict(failures)}")
    print(f"slowest, CPU seconds: {shown}; must be under {MOST_SECONDS}")
    print(f"{ROBOTS_FILES:,} robots files: slowest {robots_slowest * 1000:.1f} ms, must be under 100")
    return int(bool(failures) or max(slowest.values()) >= MOST_SECONDS or robots_slowest >= MOST_ROBOTS_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
