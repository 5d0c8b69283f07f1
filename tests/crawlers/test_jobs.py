"""Whole crawls of a small web, each in a process of its own."""

from __future__ import annotations

import gzip
import signal
import socket
import subprocess
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from crawlers.jobs import add_source
from crawlers.jobs import crawl as run_crawl
from crawlers.settings import Config
from db.errors import Busy, CrawlError
from db.lease import holding
from db.web import Document, Fetch, Link, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Web  # for type checkers only: pytest finds the fixtures

    from db.home import Home

TEXT = (
    "<p>The quartet plays slow songs about rivers and long winters, with two guitars and a borrowed organ number {0}, "
    "and nobody who heard them in that year {0} forgot the second encore.</p><p>Critics wrote that the {0} record was "
    "too long by half, which is what they had written about the one before it as well.</p>"
)


def states(home: Home) -> dict[str, tuple[str, int | None, str | None]]:
    with home.reading() as session:
        rows = session.execute(select(Page.url, Page.state, Page.status, Page.error))
        return {url.partition("/")[2].partition("/")[2].partition("/")[2]: tuple(rest) for url, *rest in rows}  # type: ignore[misc]


def documents(home: Home) -> dict[str, Document]:
    with home.reading() as session:
        found = session.scalars(select(Document)).all()
        session.expunge_all()
    return {d.url.rpartition("/")[2]: d for d in found}


def site(web: Web, closed: int) -> None:
    links = ["/one", "/two", "/twin", "/old", "/gone", "/flaky", "/broken", "/secret/x", "/unkept", "/picture", "/away",
             f"http://127.0.0.1:{closed}/", "mailto:x@example.org", "/loop", "file:///etc/passwd"]  # fmt: skip
    web.html("/", TEXT.format("zero") + "".join(f"<a href='{link}'>{link}</a> " for link in links))
    web.pages["/robots.txt"] = _plain(b"User-agent: kinsong\nDisallow: /secret/\nUser-agent: *\nDisallow: /\n")
    published = "<meta property='article:published_time' content='{}'>"
    web.html("/one", TEXT.format("one") + "<a href='/deep?b=2&a=1&utm_source=x#part'>deep</a>", ETag='"one"')
    web.html("/deep?a=1&b=2", TEXT.format("deep"))
    web.html("/two", TEXT.format("two"), published.format("2021-05-01"))
    web.html("/twin", TEXT.format("two"), published.format("2020-01-31"))
    web.redirect("/old", "/new")
    web.html("/new", TEXT.format("new"))
    web.redirect("/loop", "/loop")
    web.redirect("/away", f"http://127.0.0.1:{closed}/stolen")
    flaky = web.answer("/one")
    web.pages["/flaky"] = [_plain(b"later", 500), type(flaky)(flaky.body.replace(b"one", b"flaky"), 200, flaky.headers)]
    web.pages["/broken"] = _plain(b"no", 503)
    web.pages["/broken"].headers["Retry-After"] = "0"
    web.html("/unkept", TEXT.format("unkept") + "<a href='/behind'>b</a>", "<meta name=robots content='noindex'>")
    web.html("/behind", TEXT.format("behind"))
    web.pages["/picture"] = type(flaky)(b"\x89PNG\r\n\x1a\n\x00\x00", 200, {"Content-Type": "image/png"})
    web.html("/secret/x", TEXT.format("secret"))


def _plain(body: bytes, status: int = 200) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(body=body, status=status, headers={"Content-Type": "text/plain"})


def test_a_site_is_crawled_as_far_as_it_allows(home: Home, web: Web, crawl: Callable[..., dict[str, Any]]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        closed.listen()
        closed.setblocking(False)
        site(web, closed.getsockname()[1])
        add_source(home, web.url + "/", allow_private=True)
        report = crawl(max_attempts=2)
        assert _nobody_came(closed)

    found = states(home)
    assert found["one"] == ("done", 200, None)
    assert found["old"] == ("done", 302, None)
    assert found["new"] == ("done", 200, None)
    assert found["gone"] == ("failed", 404, "http 404")
    assert found["flaky"] == ("done", 200, None)
    assert found["broken"] == ("failed", 503, "http 503")
    assert found["secret/x"] == ("refused", None, "robots")
    assert found["unkept"][2] == "noindex"
    assert found["picture"] == ("done", 200, "content type: image/png")
    assert found["away"] == ("done", 302, f"redirect out of scope: http://127.0.0.1:{closed_port(found)}/stolen")
    assert "deep?a=1&b=2" in found
    assert not [url for url in found if "passwd" in url or "mailto" in url]

    asked = web.count()
    assert asked["/secret/x"] == 0
    assert asked["/robots.txt"] == 1
    assert asked["/flaky"] == 2
    assert asked["/broken"] == 2
    assert asked["/loop"] == 1
    assert max(n for path, n in asked.items() if path not in {"/flaky", "/broken"}) == 1
    assert all(headers["user-agent"] == "kinsong" and "cookie" not in headers for _, _, headers in web.asked)

    kept = documents(home)
    assert set(kept) == {"", "one", "deep?a=1&b=2", "two", "twin", "new", "flaky", "behind"}
    assert kept["two"].duplicate_of == kept["twin"].id
    assert kept["twin"].published == "2020-01-31"
    assert kept["one"].language == "en"
    assert "second encore" in kept["one"].body
    assert report["documents"] == 8
    assert report["refused"] == 1
    assert report["failed"] == 2
    assert report["errors_by_kind"]["http 404"] == 1

    before = len(web.asked)
    again = crawl()
    assert again["fetched"] == 0
    assert len(web.asked) == before
    _revisited(home, web, crawl)


def closed_port(found: dict[str, Any]) -> str:
    return str(found["away"][2]).rpartition(":")[2].partition("/")[0]


def _nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except BlockingIOError:
        return True
    return False


def _revisited(home: Home, web: Web, crawl: Callable[..., dict[str, Any]]) -> None:
    """A visit when all is due again: what has not changed is not sent, what has is stored in place."""
    with home.writing() as session:
        for page in session.scalars(select(Page)):
            page.due_at = page.due_at.replace(year=2000)
    web.html("/new", TEXT.format("changed"))
    web.html("/behind", TEXT.format("behind"), "<meta name=robots content='none'>")
    before = documents(home)
    report = crawl(max_attempts=2)
    kept = documents(home)
    assert report["unchanged"] == 2
    assert report["documents"] == 1
    assert set(kept) == set(before) - {"behind"}
    assert kept["new"].id == before["new"].id
    assert "changed" in kept["new"].body
    assert web.asked[-1][2].get("cookie") is None
    assert any(path == "/one" and h.get("if-none-match") == '"one"' for _, path, h in web.asked)


def test_feeds_sitemaps_and_pages(home: Home, new_web: Callable[[], Web], crawl: Callable[..., dict[str, Any]]) -> None:
    feed, mapped, single = new_web(), new_web(), new_web()
    feed.pages["/news.rss"] = _typed(
        "application/rss+xml",
        f"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
        <item><title>A</title><link>{feed.url}/a</link></item>
        <item><title>Only here</title><guid isPermaLink="false">k1</guid>
        <pubDate>Mon, 06 Sep 2021 10:00:00 GMT</pubDate>
        <description>&lt;p&gt;{TEXT.format("feed")}&lt;/p&gt;</description></item></channel></rss>""".encode(),
    )
    feed.html("/a", TEXT.format("a") + "<a href='/not-followed'>n</a>")
    mapped.pages["/sitemap.xml"] = _typed(
        "application/xml",
        f"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{mapped.url}/s1.xml.gz</loc>
        </sitemap><sitemap><loc>http://127.0.0.1:{single.port}/elsewhere.xml</loc></sitemap></sitemapindex>""".encode(),
    )
    listed = f"<urlset><url><loc>{mapped.url}/m1</loc></url><url><loc>{single.url}/foreign</loc></url></urlset>"
    mapped.pages["/s1.xml.gz"] = _typed("application/gzip", gzip.compress(listed.encode()))
    mapped.html("/m1", TEXT.format("m1") + "<a href='/m2'>m2</a>")
    single.html("/only", TEXT.format("only") + "<a href='/other'>o</a>")
    single.redirect("/moved", "http://93.184.216.34/elsewhere")
    for url, kind in ((feed.url + "/news.rss", "feed"), (mapped.url + "/sitemap.xml", "sitemap")):
        assert add_source(home, url, allow_private=True).kind == kind
    add_source(home, single.url + "/only", "page", allow_private=True)
    add_source(home, single.url + "/moved", "page", allow_private=True)
    report = crawl()
    assert report["errors_by_kind"] == {"no contact": 1}
    kept = documents(home)
    assert set(kept) == {"a", "news.rss#k1", "m1", "only"}
    assert kept["news.rss#k1"].published == "2021-09-06"
    assert set(single.count()) == {"/robots.txt", "/only", "/moved"}
    assert report["documents"] == 4
    with home.reading() as session:
        assert session.scalar(select(func.count()).select_from(Link)) == 4
        assert session.scalar(select(func.count()).select_from(Fetch)) == 7


def _typed(kind: str, body: bytes) -> Any:
    reply = _plain(body)
    reply.headers = {"Content-Type": kind}
    return reply


def test_robots_that_cannot_be_had_disallow_all(
    home: Home, new_web: Callable[[], Web], crawl: Callable[..., dict[str, Any]]
) -> None:
    down, moved, slow = new_web(), new_web(), new_web()
    for host in (down, moved, slow):
        host.html("/", TEXT.format(host.port))
        add_source(home, host.url + "/", "page", allow_private=True)
    down.pages["/robots.txt"] = _plain(b"User-agent: *\nAllow: /", 503)
    moved.redirect("/robots.txt", "/r1")
    moved.redirect("/r1", "/r2")
    moved.pages["/r2"] = _plain(b"User-agent: kinsong\nDisallow: /")
    slow.html("/", TEXT.format("slow") + "<a href='/a'>a</a><a href='/b'>b</a>")
    slow.html("/a", TEXT.format("a"))
    slow.html("/b", TEXT.format("b"))
    slow.pages["/robots.txt"] = _plain(b"User-agent: *\nCrawl-delay: 0.4")
    add_source(home, slow.url + "/", "site", allow_private=True)
    report = crawl()
    assert report["errors_by_kind"] == {"robots": 1, "robots unreachable": 1}
    assert [path for _, path, _ in down.asked] == ["/robots.txt"]
    assert [path for _, path, _ in moved.asked] == ["/robots.txt", "/r1", "/r2"]
    times = [at for at, path, _ in slow.asked if path != "/robots.txt"]
    assert len(times) == 3
    assert min(b - a for a, b in pairwise(times)) > 0.35


def test_killed_and_run_again_nothing_is_lost_or_stored_twice(
    home: Home, web: Web, crawl: Callable[..., dict[str, Any]], start_crawl: Callable[..., subprocess.Popen[str]]
) -> None:
    pages = 60
    for n in range(pages):
        links = "".join(f"<a href='/p{(n * 7 + k) % pages}'>x</a>" for k in range(1, 9))
        web.html(f"/p{n}", TEXT.format(f"number {n}") + links)
    add_source(home, web.url + "/p0", delay=0.01, allow_private=True)
    for least in (15, 40):
        with start_crawl() as process:
            _wait_for(web, least)
            process.send_signal(signal.SIGKILL)
            process.communicate()
    crawl()
    kept = documents(home)
    assert len(kept) == pages
    assert {state for state, _, _ in states(home).values()} == {"done"}
    asked = web.count()
    assert sum(asked[f"/p{n}"] for n in range(pages)) <= pages + 2 * 60


def _wait_for(web: Web, requests: int) -> None:
    end = time.monotonic() + 30
    while len(web.asked) < requests and time.monotonic() < end:
        time.sleep(0.005)


def test_without_a_contact_nothing_public_is_fetched(home: Home) -> None:
    add_source(home, "https://example.org/")
    with pytest.raises(CrawlError, match="contact"):
        run_crawl(home, Config())
    with home.reading() as session:
        assert session.scalar(select(func.count()).select_from(Page)) == 0


def test_only_one_crawl_runs_at_a_time(home: Home) -> None:
    with holding(home, "crawl"), pytest.raises(Busy, match="another crawl"):
        run_crawl(home, Config())


def test_limits_end_a_crawl_and_leave_the_rest_due(home: Home, web: Web, crawl: Callable[..., dict[str, Any]]) -> None:
    web.html("/p0", TEXT.format("start") + "".join(f"<a href='/p{n}'>next</a>" for n in range(1, 30)))
    for n in range(1, 30):
        web.html(f"/p{n}", TEXT.format(n))
    add_source(home, web.url + "/p0", allow_private=True)
    assert crawl({"pages": 4})["fetched"] == 4
    assert crawl({"seconds": 0.5}, delay=0.2)["fetched"] <= 8
    found = [state for state, _, _ in states(home).values()]
    assert len(found) == 30
    assert set(found) == {"done", "due"}


FULL_DISK = """
import crawlers.run
from db.errors import StoreError
def full(*args, **kwargs):
    raise StoreError("the disk is full")
crawlers.run.store = full
"""


def test_a_database_that_fails_ends_the_crawl_and_settles_nothing(
    home: Home, web: Web, crawl: Callable[..., dict[str, Any]]
) -> None:
    web.html("/", TEXT.format("start") + "<a href='/p1'>next</a>")
    web.html("/p1", TEXT.format("one"))
    add_source(home, web.url + "/", allow_private=True)
    assert crawl(before=FULL_DISK) == {"error": "StoreError: the disk is full"}
    assert documents(home) == {}
    assert [state for state, _, _ in states(home).values()] == ["leased"]


def test_what_is_gone_twice_is_forgotten(home: Home, web: Web, crawl: Callable[..., dict[str, Any]]) -> None:
    web.html("/", TEXT.format("zero") + "<a href='/one'>one</a><a href='/two'>two</a>")
    web.html("/one", TEXT.format("one"), ETag='"one"')
    web.html("/two", TEXT.format("two"))
    add_source(home, web.url + "/", allow_private=True, every=1)
    crawl()
    there, slip = web.pages["/one"], web.pages["/two"]
    for status, left in ((404, {"", "one", "two"}), (410, {"", "two"})):
        web.pages["/one"] = _plain(b"gone", status)
        web.pages["/two"] = _plain(b"gone", 404) if status == 404 else slip
        time.sleep(1.1)
        crawl()
        assert set(documents(home)) == left
    web.pages["/one"] = there
    time.sleep(1.1)
    crawl()
    assert set(documents(home)) == {"", "one", "two"}
