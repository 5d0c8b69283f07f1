"""Pages of all kinds, and bytes that are no page."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.extract import content_type, directives, extract
from crawlers.listings import feed_entries, sitemap
from crawlers.text import clean, decode, language

URL = "http://a.example/music/page.html"
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = """<!doctype html><html lang="en"><head><title>Night Tide – a review</title>
<meta name="author" content="Jane Doe"><meta property="article:published_time" content="2021-03-04T10:00:00Z">
<link rel="canonical" href="/music/night-tide"></head>
<body><nav><a href="/">Home</a><a href="/about">About us</a></nav>
<main><article><h1>Night Tide</h1><p>The new record of the quartet is a slow one, with an organ that never quite finds
its way home, and <a href="artist/quartet?utm_source=mail">the quartet</a> sounds better for it than they have in many
years of trying.</p><p>Nobody sings on the first half, and when a voice comes in at last it is a
<a href="artist/guest" rel="nofollow">guest</a> whom the liner notes forget to name.</p></article></main>
<footer><a href="mailto:x@a.example">mail</a> Copyright and all rights reserved</footer></body></html>"""


def test_a_page_gives_text_metadata_and_links() -> None:
    found = extract(PAGE.encode(), HTML, URL)
    assert found.title.startswith("Night Tide")
    assert found.author == "Jane Doe"
    assert found.published == "2021-03-04"
    assert found.language == "en"
    assert found.canonical_url == "http://a.example/music/night-tide"
    assert "never quite finds its way home" in found.body
    assert "rights reserved" not in found.body
    assert found.links == (
        "http://a.example/", "http://a.example/about", "http://a.example/music/artist/quartet"
    )  # fmt: skip
    assert not found.noindex
    assert not found.nofollow


@pytest.mark.parametrize(
    ("meta", "header", "expected"),
    [("", "", (False, False)), ("noindex", "", (True, False)), ("NOINDEX, NoFollow", "", (True, True)),
     ("none", "", (True, True)), ("", "noindex", (True, False)), ("", "otherbot: noindex", (False, False)),
     ("", "kinsong: nofollow", (False, True)), ("index, follow", "", (False, False))],
)  # fmt: skip
def test_robots_directives(meta: str, header: str, expected: tuple[bool, bool]) -> None:
    page = PAGE.replace("<head>", f'<head><meta name="Robots" content="{meta}">')
    found = extract(page.encode(), HTML | {"x-robots-tag": header}, URL)
    assert (found.noindex, found.nofollow) == expected
    assert bool(found.body) is not expected[0]


def test_a_directive_for_others_is_not_for_us() -> None:
    assert directives("googlebot: noindex, unavailable_after: 25 Jun 2030", "kinsong") == (False, False)


@pytest.mark.parametrize(
    ("body", "header"),
    [("Björk ž".encode(), "text/html"), ("Björk ž".encode("utf-8-sig"), "text/html; charset=latin-1"),
     ("Björk ž".encode("utf-16"), "text/html"), ("Björk ž".encode("cp1250"), "text/html; charset=windows-1250"),
     (b'<meta charset="windows-1250">' + "Björk ž".encode("cp1250"), "text/html")],
)  # fmt: skip
def test_charset_by_mark_header_declaration(body: bytes, header: str) -> None:
    assert "Björk ž" in decode(body, header)


def test_charset_by_detection() -> None:
    russian = "Новый альбом квартета получился медленным и очень длинным, но голос гостьи его спасает. " * 5
    assert "квартета" in decode(russian.encode("cp1251"), None)


def test_language_needs_letters() -> None:
    assert language("Das neue Album des Quartetts ist langsam und sehr lang geraten.") == "de"
    assert language("12 34 !!", "pt-BR") == "pt-BR"
    assert language("", "not a code at all") == "und"


def test_what_no_database_takes_is_left_out() -> None:
    page = PAGE.replace("Night", "N\x00i\x08ght").replace("Nobody", "No&#0;body&#xD800;")
    found = extract(page.encode() + b"\x00\xff\xfe", HTML, URL)
    for text in (found.title, found.body):
        assert clean(text) == text
        text.encode("utf-8")
    assert "Night" in found.title


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [("text/html; charset=x", b"", "text/html"), ("", b"\xef\xbb\xbf <?xml version", "application/xml"),
     ("", b"<!doctype html>", "text/html"), ("", b"plain words", "text/plain"),
     ("", b"\x00\x01", "application/octet-stream"), ("application/octet-stream", b"<html>", "text/html"),
     ("IMAGE/png", b"<html>", "image/png")],
)  # fmt: skip
def test_media_types(header: str, body: bytes, expected: str) -> None:
    assert content_type({"content-type": header}, body) == expected


def test_a_picture_has_no_text_and_a_text_file_is_one() -> None:
    assert extract(PAGE.encode(), {"content-type": "image/png"}, URL).body == ""
    plain = extract(b"one  line\r\n\r\nanother line\n", {"content-type": "text/plain"}, URL)
    assert plain.body == "one line\nanother line"


PIECES = (
    b"<", b">", b"</", b"<a href=", b"<div>", b"<p>", b"<script>", b"<!--", b"<![CDATA[", b"&#xD800;", b"&#0;", b"\x00",
    b"<table><td>", b"<svg>", b"<base href='http://[x'>", b"<meta charset=utf-7>", b"<title>", b"\xff\xfe", b"<?xml ?>",
    b"<frameset>", b"<article>", b"<h1>", b"<li>", b"<script type='application/ld+json'>{\"@type\":[", b"&lol9;",
)  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=40).map(b"".join)


@settings(deadline=2000, max_examples=150)
@given(hostile, st.sampled_from(["text/html", "text/html; charset=utf-16", "", "application/xml", "text/plain"]))
def test_hostile_bytes_are_no_error(body: bytes, header: str) -> None:
    found = extract(body, {"content-type": header}, URL)
    for text in (found.title, found.body, found.author or "", found.published or "", *found.links):
        text.encode("utf-8")
        assert "\x00" not in text


@settings(deadline=2000, max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_mutated_pages_are_no_error(seed: int, changes: int) -> None:
    rng = random.Random(seed)
    body = bytearray(PAGE.encode())
    for _ in range(changes):
        at = rng.randrange(len(body))
        body[at : at + rng.randrange(4)] = rng.choice(PIECES)
    found = extract(bytes(body), HTML, URL)
    found.body.encode("utf-8")


@pytest.mark.parametrize("deep", [b"<div>", b"<b><i>", b"<ul><li>", b"<table><tr><td>"])
def test_deep_nesting_is_no_error(deep: bytes) -> None:
    extract(b"<html><body>" + deep * 20_000 + b"text", HTML, URL)


FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>http://a.example/</link>
<item><title>First &amp; last</title><link>/one?utm_source=rss</link><author>Ann</author>
<pubDate>Mon, 06 Sep 2021 00:01:00 +0000</pubDate></item>
<item><guid isPermaLink="false">id-2</guid><title>Second</title><description>&lt;p&gt;Para one.&lt;/p&gt;&lt;p&gt;Para
two.&lt;/p&gt;</description></item></channel></rss>"""


def test_feeds() -> None:
    first, second = feed_entries(FEED, {"content-type": "application/rss+xml"}, "http://a.example/feed.xml")
    assert (first.url, first.title, first.published) == ("http://a.example/one", "First & last", "2021-09-06")
    assert (second.url, second.key, second.body) == (None, "id-2", "Para one.\nPara two.")
    assert feed_entries(b"<html>no feed</html>", {}, URL) == []


LOL = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "http://a.example/lol"><!ENTITY b "&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]>
<urlset><url><loc>http://a.example/1</loc></url><url><loc>&b;</loc></url><url><loc>&f;</loc></url></urlset>"""


def test_sitemaps() -> None:
    index = b"<sitemapindex><sitemap><loc> http://a.example/s2.xml </loc></sitemap></sitemapindex>"
    assert sitemap(index, URL, 10_000).sitemaps == ("http://a.example/s2.xml",)
    packed = gzip.compress(b"<urlset><url><loc>http://a.example/1</loc></url><url><loc>http://a.example/2")
    assert sitemap(packed, URL, 10_000).pages[0] == "http://a.example/1"
    assert sitemap(packed[:-9], URL, 10_000).pages == ()
    assert sitemap(LOL, URL, 10_000).pages == ("http://a.example/1",)


def test_a_sitemap_with_surrogates_gives_its_other_entries() -> None:
    entries = b"<url><loc>http://a&#xD800;.example/1</loc></url><url><loc>http://a.example/2</loc></url>"
    assert sitemap(b"<urlset>" + entries + b"</urlset>", URL, 10_000).pages == ("http://a.example/2",)
    assert sitemap(b"<urlset xmlns='http://&#xD800;/'>" + entries + b"</urlset>", URL, 10_000).pages == ()


def test_a_sitemap_of_odd_elements_is_read() -> None:
    assert sitemap(b"<x><u::r><loc>http://a.example/1</loc></u::r></x>", URL, 10_000).pages == ()


def test_a_gzip_bomb_stays_folded() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 50_000_000)
    assert sitemap(bomb, URL, 100_000).pages == ()


@settings(deadline=2000, max_examples=100)
@given(hostile)
def test_hostile_feeds_and_sitemaps_are_no_error(body: bytes) -> None:
    sitemap(body, URL, 10_000)
    for entry in feed_entries(FEED[:200] + body, {}, URL):
        entry.body.encode("utf-8")


def test_an_article_that_cannot_be_told_apart_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("crawlers.extract.bare_extraction", fail)
    found = extract(b"<html><title>T</title><body><p>Some words stay.</p></body></html>", HTML, URL)
    assert "Some words stay." in found.body
    assert URL in caplog.text
    assert "too deep" in caplog.text
