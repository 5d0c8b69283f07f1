"""The served sites: pages reachable by links, robots, feed, sitemap, redirect, missing page, conditional requests."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import etree, html

from kinsong.demo.pages import SITES
from kinsong.demo.site import answers, serve
from kinsong.demo.world import World


@pytest.fixture(scope="module")
def bases(world: World) -> Iterator[list[str]]:
    with serve(world) as urls:
        yield urls


class Browser:
    """One connection per host, kept alive."""

    def __init__(self) -> None:
        self.connections: dict[str, http.client.HTTPConnection] = {}

    def get(self, url: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        parts = urlsplit(url)
        connection = self.connections.setdefault(parts.netloc, http.client.HTTPConnection(parts.netloc, timeout=10))
        connection.request(method, parts.path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response, response.read()


@pytest.fixture
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    for connection in opened.connections.values():
        connection.close()


def links(url: str, body: bytes) -> list[str]:
    return [urljoin(url, str(href)).split("#")[0] for href in html.fromstring(body).xpath("//a/@href")]


def test_every_article_is_reached_by_links_from_the_front_pages(
    world: World, bases: list[str], browser: Browser
) -> None:
    queue, seen, missing = [f"{base}/" for base in bases], set(bases), []
    while queue:
        url = queue.pop()
        response, body = browser.get(url)
        if response.status == 404:
            missing.append(urlsplit(url).path)
        elif response.status == 200 and "text/html" in (response.getheader("Content-Type") or ""):
            fresh = [link for link in links(url, body) if link not in seen and "#" not in link]
            assert all(link.startswith(tuple(bases)) for link in fresh)
            seen.update(fresh)
            queue += sorted(set(fresh))
    by_site = dict(zip(SITES, bases, strict=True))
    assert {f"{by_site[page.site]}{page.path}" for page in world.pages} <= seen
    assert missing == ["/lost"]


def test_robots_are_served_and_one_closes_a_folder(bases: list[str], browser: Browser) -> None:
    bodies = []
    for base in bases:
        response, body = browser.get(f"{base}/robots.txt")
        assert response.status == 200
        assert (response.getheader("Content-Type") or "").startswith("text/plain")
        bodies.append(body.decode())
    assert "Disallow: /private/" in bodies[2]
    assert f"Sitemap: {bases[1]}/sitemap.xml" in bodies[1]


def test_who_has_a_page_already_is_told_so(world: World, bases: list[str], browser: Browser) -> None:
    page = next(page for page in world.pages if page.site == SITES[1])
    first, body = browser.get(bases[1] + page.path)
    assert (first.status, bool(body)) == (200, True)
    again, body = browser.get(bases[1] + page.path, If_None_Match=first.getheader("ETag") or "")
    assert (again.status, body) == (304, b"")
    other, _ = browser.get(bases[1] + page.path, If_None_Match='"something else"')
    assert other.status == 200


def test_heads_have_no_body_and_the_connection_lives_on(bases: list[str], browser: Browser) -> None:
    response, body = browser.get(f"{bases[0]}/", method="HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.getheader("Content-Length") or 0) > 0
    assert browser.get(f"{bases[0]}/")[0].version == 11


def test_a_redirect_leads_to_a_list_and_a_lost_page_is_not_found(bases: list[str], browser: Browser) -> None:
    response, _ = browser.get(f"{bases[0]}/best-of")
    assert response.status == 301
    target, _ = browser.get(bases[0] + (response.getheader("Location") or ""))
    assert target.status == 200
    assert browser.get(f"{bases[0]}/lost")[0].status == 404


def test_feed_and_sitemap_are_well_formed(world: World, bases: list[str], browser: Browser) -> None:
    _, body = browser.get(f"{bases[0]}/feed.xml")
    entries = etree.fromstring(body).findall("channel/item/link")
    assert len(entries) == 40
    assert browser.get(entries[0].text or "")[0].status == 200
    _, body = browser.get(f"{bases[1]}/sitemap.xml")
    places = etree.fromstring(body).findall("{*}url/{*}loc")
    assert len(places) == sum(page.site == SITES[1] for page in world.pages)


def test_articles_stand_between_what_is_not_text(world: World) -> None:
    bases = {site: f"http://127.0.0.1:{number}" for number, site in enumerate(SITES, start=9001)}
    for site in SITES:
        found = answers(world, site, bases)
        for page in (page for page in world.pages if page.site == site):
            tree = html.fromstring(found[page.path].body)
            shown = [str(p.text_content()) for p in tree.xpath("//div[@class='content']/p")]
            assert tuple(shown) == page.paragraphs
            assert len(tree.xpath("//nav | //footer | //aside | //div[@class='cookie-notice']")) == 4
            assert bool(tree.xpath("//meta[@name='robots']")) == page.noindex


def test_hosts_stand_in_the_order_of_their_urls(world: World) -> None:
    with serve(world) as urls:
        assert urls == sorted(urls)
        assert len(set(urls)) == 3
