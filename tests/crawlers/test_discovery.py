"""What a URL is found to be, over loopback; and what an answer holds, whatever it was asked for."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.frontier import Claim
from crawlers.outcomes import Answer
from crawlers.settings import Config
from crawlers.spiders.base import kind_of, read_any
from crawlers.spiders.site import SiteSpider
from db.web import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Web  # for type checkers only: pytest finds the fixtures

    from db.home import Home

ROOT = Path(__file__).parents[2]
LOOK = """
import dataclasses, json, sys
from pathlib import Path
import db.catalog, db.results, db.web
from crawlers.discovery import look
from crawlers.settings import Config
from db.errors import KinsongError
from db.home import Home, default_url
from db.session import open_engine

path = Path(sys.argv[1])
home = Home(path, open_engine(default_url(path)))
try:
    print(json.dumps(dataclasses.asdict(look(home, Config(delay=0.0), sys.argv[2], allow_private=True))))
except KinsongError as error:
    print(json.dumps({"error": str(error)}))
"""
RSS = "<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{}</channel></rss>"
ITEM = "<item><title>A</title><link>{}</link></item>"
ALONE = (
    "<item><title>B</title><guid isPermaLink='false'>k</guid>"
    "<description>Songs of the river and the long winter.</description></item>"
)
MAP = "<!-- a --><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>"
LOC = "<url><loc>{}</loc></url>"


def look(home: Home, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(home.path), url], capture_output=True, text=True, timeout=200, check=False,
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def xml(web: Web, path: str, text: str, kind: str = "application/xml") -> None:
    web.html(path, "")
    page: Any = web.pages[path]
    page.body, page.headers = text.encode(), {"Content-Type": kind}


def test_a_site_with_its_feed_and_sitemaps(home: Home, new_web: Callable[[], Web]) -> None:
    web, other = new_web(), new_web()
    web.redirect("/go", "/", 301)
    heads = [("rss", "/feed.xml"), ("atom", "/none.xml"), ("rss", f"{other.url}/feed")]
    links = "".join(f"<link rel=alternate type=application/{kind}+xml href='{url}'>" for kind, url in heads)
    web.html("/", "<p>hello</p>", links)
    xml(web, "/feed.xml", RSS.format(ITEM.format(web.url + "/a") + ALONE), "text/html")
    xml(web, "/map.xml", MAP.format(LOC.format(web.url + "/a") * 2 + LOC.format(web.url + "/b")))
    xml(web, "/robots.txt", f"Sitemap: {web.url}/map.xml\nUser-agent: *\nCrawl-delay: 0.1", "text/plain")
    found = look(home, web.url + "/go")
    assert (found["url"], found["kind"], found["title"], found["crawl_delay"]) == (web.url + "/", "site", "/", 0.1)
    assert [(e["url"], e["kind"], e["entries"]) for e in found["listings"]] == [
        (web.url + "/feed.xml", "feed", 2), (web.url + "/map.xml", "sitemap", 2),
    ]  # fmt: skip
    assert found["elsewhere"] == [other.url + "/feed"]
    assert other.asked == []
    assert web.count()["/sitemap.xml"] == 0
    assert web.count()["/robots.txt"] == 1


def test_what_cannot_be_added_is_told_why(home: Home, new_web: Callable[[], Web]) -> None:
    web, other = new_web(), new_web()
    web.redirect("/away", other.url + "/")
    web.redirect("/round", "/round")
    xml(web, "/picture", "\x00\x01", "image/png")
    xml(web, "/robots.txt", "User-agent: *\nDisallow: /hidden", "text/plain")
    for path, words in (("/hidden", "robots.txt"), ("/away", "no"), ("/picture", "image/png")):
        told = look(home, web.url + path)["error"]
        assert words in told
        assert "--no-look" in told
    assert other.asked == []
    assert web.count()["/hidden"] == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<!doctype html><html><body>x", "page"), (b"", "page"), (b"plain text", "page"), (RSS.encode(), "feed"),
     (b"\xef\xbb\xbf  <?xml version='1.0'?><!-- <urlset> --><feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
     (b"<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", "feed"), (MAP.encode(), "sitemap"),
     (gzip.compress(b"<?xml version='1.0'?><sitemapindex >" + b"<sitemap/>" * 9000), "sitemap"),
     (b"\x1f\x8bno gzip", "page"), (RSS.encode("utf-16"), "feed"), (b"<!--" * 5000, "page"),
     (b"<html><body>I like <rss> and <feed>", "page")],
)  # fmt: skip
def test_kinds_are_told_by_how_they_begin(body: bytes, kind: str) -> None:
    assert kind_of(Answer("http://a.example/", 200, {}, body)) == kind


def site(**given: Any) -> SiteSpider:
    made = Source(url="http://a.example/music/", kind="site", include="[]", exclude="[]")
    for name, value in given.items():
        setattr(made, name, value)
    return SiteSpider(made, Config(exclude=("*/print/*",)))


def read(spider: SiteSpider, body: str, depth: int = 0, **headers: str) -> Any:
    claim = Claim(1, "http://a.example/music/feed.xml", "a.example", 1, "page", depth, 0, None, None, False)
    kept = {"content-type": "text/html"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return spider.read(claim, Answer(claim.url, 200, kept, body.encode()))


LINKS = [f"http://a.example{path}" for path in ("/music/1", "/other/2", "/music/print/3", "/music/old/4")]


def test_a_menu_entry_that_is_a_feed_is_read_as_one_within_scope() -> None:
    feed = RSS.format("".join(map(ITEM.format, [*LINKS, "http://b.example/music/5"])) + ALONE)
    got = read(site(exclude='["/music/old/*"]'), feed)
    assert [f.url for f in got.found] == LINKS[:1]
    assert [text.url for text in got.texts] == ["http://a.example/music/feed.xml#k"]
    assert [f.url for f in read(site(include='["*old*"]'), feed).found] == LINKS[3:]
    assert read(site(max_depth=2), feed, depth=2).found == ()
    unkept = read(site(), feed, x_robots_tag="noindex")
    assert (unkept.texts, len(unkept.found)) == ((), 2)
    assert read(site(), feed, x_robots_tag="kinsong: nofollow").found == ()


def test_a_page_that_is_a_sitemap_is_read_as_one() -> None:
    listed = MAP.format("".join(map(LOC.format, LINKS)) + "<sitemap><loc>http://a.example/deep.xml</loc></sitemap>")
    got = read(site(), listed)
    assert [(f.url, f.kind) for f in got.found] == [
        (LINKS[0], "page"), (LINKS[3], "page"), ("http://a.example/deep.xml", "sitemap"),
    ]  # fmt: skip
    assert read_any(Answer(LINKS[0], 200, {}, b"<urlset></urlset>"), Config()).reading.error == "no sitemap entries"
