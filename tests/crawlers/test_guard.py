"""The address guard: addresses one by one, and a crawl that is lured to them."""

from __future__ import annotations

import asyncio
import html
import socket
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crawlers.guard import Guard, forbidden, prove
from crawlers.jobs import add_source
from crawlers.urls import canonical
from db.base import now
from db.errors import CrawlError
from db.web import Page, Source
from tests.quality.crawl_web import Reply, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.home import Home

FORBIDDEN = {
    "127.0.0.1": "loopback", "127.255.255.254": "loopback", "::1": "loopback", "0.0.0.0": "unspecified",  # noqa: S104
    "0.1.2.3": "unspecified", "::": "unspecified", "10.0.0.1": "private", "10.255.255.255": "private",
    "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private", "fc00::1": "private",
    "fdff::1": "private", "100.64.0.1": "shared (carrier-grade NAT)", "100.127.255.255": "shared (carrier-grade NAT)",
    "169.254.0.1": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local", "febf::1": "link-local",
    "169.254.169.254": "a metadata address", "169.254.170.2": "a metadata address",
    "100.100.100.200": "a metadata address", "168.63.129.16": "a metadata address", "192.0.0.192": "a metadata address",
    "fd00:ec2::254": "a metadata address", "224.0.0.1": "multicast", "239.1.1.1": "multicast", "ff02::1": "multicast",
    "240.0.0.1": "reserved", "255.255.255.255": "reserved", "192.0.0.1": "reserved", "192.0.2.1": "reserved",
    "198.18.0.1": "reserved", "198.51.100.1": "reserved", "203.0.113.1": "reserved", "100::1": "reserved",
    "2001::1": "reserved", "4000::1": "reserved", "fe00::1": "reserved", "1::1": "reserved",
    "::ffff:0:127.0.0.1": "loopback", "::ffff:0:a00:1": "private", "2001:db8::1": "reserved",
    "fec0::1": "reserved", "64:ff9b:1::1": "reserved",
    "::ffff:127.0.0.1": "loopback", "::ffff:10.0.0.1": "private", "::ffff:a9fe:a9fe": "a metadata address",
    "::127.0.0.1": "loopback", "::10.0.0.1": "private", "2002:7f00:1::": "loopback", "2002:a00:1::1": "private",
    "2002:c0a8:101::1": "private", "64:ff9b::7f00:1": "loopback", "64:ff9b::a9fe:a9fe": "a metadata address",
    "64:ff9b::10.0.0.1": "private", "192.88.99.1": "reserved", "localhost": "not an address", "": "not an address",
}  # fmt: skip


@pytest.mark.parametrize(("address", "reason"), FORBIDDEN.items())
def test_forbidden_addresses_are_told_apart(address: str, reason: str) -> None:
    assert forbidden(address) == reason


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1",
     "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "192.169.0.1"],
)  # fmt: skip
def test_public_addresses_pass(address: str) -> None:
    assert forbidden(address) is None


LOCAL = [ip_network(n) for n in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")]


@given(st.sampled_from(LOCAL), st.integers(0, 2**32 - 1))
def test_no_local_address_passes_in_any_dress(network: Any, offset: int) -> None:
    inner = IPv4Address(int(network.network_address) + offset % network.num_addresses)
    dresses = (0xFFFF << 32, int(IPv6Address("64:ff9b::")), 0)
    assert forbidden(str(inner)) is not None
    for prefix in dresses:
        assert forbidden(str(IPv6Address(prefix | int(inner)))) is not None
    assert forbidden(str(IPv6Address((0x2002 << 112) | (int(inner) << 80)))) is not None


class Resolver:
    """Stands where a reactor keeps its resolver."""

    nameResolver = None  # noqa: N815


def guard(*opened: str) -> Guard:
    return Guard(Resolver(), frozenset(opened))


def test_one_forbidden_address_among_several_refuses_all() -> None:
    judged = guard()
    assert judged.judge("two.example", 80, ["8.8.8.8", "192.168.0.9"]) == "192.168.0.9 is private"
    assert judged.refused["two.example", 80] == "192.168.0.9 is private"
    assert judged.judge("two.example", 80, ["8.8.8.8"]) is None
    assert not judged.refused


def test_an_opened_host_is_opened_for_its_port_and_for_local_networks_alone() -> None:
    judged = guard("music.local:8000", "intranet", "[::1]:8000")
    assert judged.judge("music.local", 8000, ["10.0.0.3"]) is None
    assert judged.judge("music.local", 22, ["10.0.0.3"]) is not None
    assert judged.judge("music.local", 8000, ["169.254.169.254"]) is not None
    assert judged.judge("intranet", 80, ["192.168.7.7"]) is None
    assert judged.judge("intranet", 443, ["192.168.7.7"]) is None
    assert judged.judge("intranet", 8080, ["192.168.7.7"]) is not None
    assert judged.judge("::1", 8000, ["::1"]) is None
    assert judged.judge("other", 8000, ["10.0.0.3"]) is not None


def test_a_crawl_without_the_guard_does_not_begin() -> None:
    with pytest.raises(CrawlError, match="guard is not on"):
        asyncio.run(prove(None, object()))  # type: ignore[arg-type]


LITERALS = [
    # loopback: dotted, short, decimal, octal, hexadecimal, padded, mixed
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.00.00.01", "127.127.127.127", "127.255.255.254", "2130706433",
    "017700000001", "0177.0.0.1", "0177.0.0.01", "0177.1", "0x7f000001", "0x7F000001", "0x7f.1", "0x7f.0.0.1",
    "0x7f.0x0.0x0.0x1", "0x0000007f.1", "00000177.1", "127.0.0.0x1", "0x7f.0.1", "127.0x1", "0177.0x1",
    # this host
    "0", "0.0.0.0", "0x0", "00", "0.0", "000000000000",  # noqa: S104
    # IPv6, with IPv4 inside, with zones
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::1]", "[::0.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::FFFF:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]", "[::1%1]",
    "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
    # what clouds answer secrets on, and private networks
    "169.254.169.254", "[::ffff:169.254.169.254]", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "100.100.100.200", "10.0.0.1", "10.1", "0xa000001", "192.168.1.1", "192.168.257", "172.16.0.1", "100.64.0.1",
    "255.255.255.255", "224.0.0.1",
    # users, encodings, look-alikes
    "93.184.216.34@127.0.0.1", "user:word@127.0.0.1", "93.184.216.34:80@127.0.0.1", "127.0.0.1%2e", "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1", "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "[::ffff:127。0。0。1]",
    "127.0.0.1%00.example.org", "127.0.0.1\\@example.org", "127.0.0.1\t", "\u00ad127.0.0.1",
]  # fmt: skip
NAMES = {
    "localhost": ["127.0.0.1", "::1"], "LOCALHOST": ["127.0.0.1"], "localhost.": ["127.0.0.1"], "ip6-loopback": ["::1"],
    "a.localhost": ["127.0.0.1"], "loopback.example": ["127.0.0.1"], "six.example": ["::1"],
    "any.example": ["0.0.0.0"],  # noqa: S104
    "mapped.example": ["::ffff:127.0.0.1"], "private.example": ["10.0.0.1"], "metadata.example": ["169.254.169.254"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"], "mixed6.example": ["127.0.0.1", "2606:4700::1111"],
    "127.0.0.1.wild.example": ["127.0.0.1"], "ünicode.example": ["127.0.0.1"], "zone.example": ["fe80::1%lo"],
    "rebinding.example": ["93.184.216.34", "|", "127.0.0.1"], "rebinding6.example": ["2606:4700::1111", "|", "::1"],
}  # fmt: skip
"""What each name resolves to; after a bar: from the second question on."""
SPELLINGS = [*LITERALS, *NAMES]

DNS = """
import errno, socket
NAMES = {names}
asked = {{}}
real = socket.getaddrinfo

def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    try:
        return real(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
    except socket.gaierror:
        name = host.encode().decode() if isinstance(host, str) else host.decode()
    answers = NAMES[name] if name in NAMES else None
    if answers is None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    asked[name] = asked.get(name, 0) + 1
    if "|" in answers:
        bar = answers.index("|")
        answers = answers[:bar] if asked[name] == 1 else answers[bar + 1:]
    return [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "",
             (a, port, 0, 0) if ":" in a else (a, port)) for a in answers]

socket.getaddrinfo = getaddrinfo
real_connect = socket.socket.connect_ex

def connect_ex(self, address):
    # nothing beyond loopback is there to be reached
    inside = address[0].startswith("127.") or address[0] in ("::1", "0.0.0.0", "::", "::ffff:127.0.0.1")
    return real_connect(self, address) if inside else errno.ENETUNREACH

socket.socket.connect_ex = connect_ex
"""


def lure(spelling: str, port: int, name: str) -> str:
    return f"http://{spelling}:{port}/{name}"


class Entries:
    """Seven ways in: what each host of a made-up web answers, given the lures."""

    SITE, FEED, SITEMAP, REDIRECT, CANONICAL = 200, 201, 202, 203, 204

    def __init__(self, port: int) -> None:
        self.port = port

    def lures(self, entry: str) -> list[str]:
        return [lure(spelling, self.port, f"{entry}-{n}") for n, spelling in enumerate(SPELLINGS)]

    def __call__(self, host: int, path: str, times: int, headers: object) -> Reply:  # noqa: ARG002
        if path == "/robots.txt":
            if host < self.SITE:
                return self.moved(self.lures("robots")[host])
            return Reply(b"", 404)
        if host == self.SITE:
            return self.page("".join(f"<a href='{html.escape(url)}'>x</a>" for url in self.lures("link")))
        if host == self.FEED:
            items = "".join(f"<item><link>{html.escape(url)}</link></item>" for url in self.lures("feed"))
            feed = f"<rss version='2.0'><channel>{items}</channel></rss>"
            return Reply(feed.encode(), headers={"Content-Type": "text/xml"})
        if host == self.SITEMAP:
            listed = "".join(f"<sitemap><loc>{html.escape(url)}</loc></sitemap><url><loc>{html.escape(url)}</loc></url>"
                             for url in self.lures("sitemap"))  # fmt: skip
            return Reply(f"<urlset>{listed}</urlset>".encode(), headers={"Content-Type": "text/xml"})
        number = int(path.rpartition("/")[2] or -1)
        if number < 0:
            return self.page("".join(f"<a href='/{n}'>x</a>" for n in range(len(SPELLINGS))))
        if host == self.REDIRECT:
            return self.moved(self.lures("redirect")[number])
        return self.page("words", f"<link rel=canonical href='{html.escape(self.lures('canonical')[number])}'>")

    @staticmethod
    def moved(url: str) -> Reply:
        return Reply(b"", 302, {"Location": url.encode().decode("latin-1")})

    @staticmethod
    def page(body: str, head: str = "") -> Reply:
        text = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
        return Reply(text.encode())


def _accepted(trap: socket.socket) -> int:
    accepted = 0
    while True:
        try:
            trap.accept()[0].close()
        except BlockingIOError:
            return accepted
        accepted += 1


def test_no_spelling_is_connected_to_by_any_way_in(home: Home, crawl: Callable[..., dict[str, Any]]) -> None:
    """Every spelling through source, link, redirect, robots redirect, sitemap, feed and canonical: no connection."""
    assert len(set(SPELLINGS)) >= 60
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=4096) as trap:
        trap.setblocking(False)
        port = trap.getsockname()[1]
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):  # it would be seen
            with socket.socket(family) as control:
                control.connect((address, port))
        assert _accepted(trap) == 2
        entries = Entries(port)
        with serving(entries) as web:
            kinds = {Entries.SITE: "site", Entries.FEED: "feed", Entries.SITEMAP: "sitemap", Entries.REDIRECT: "site",
                     Entries.CANONICAL: "site"} | dict.fromkeys(range(len(SPELLINGS)), "page")  # fmt: skip
            for host, kind in kinds.items():
                add_source(home, web.url(host) + "/", kind, allow_private=True)
            _put_sources(home, entries.lures("source"))
            shown = {name.encode("idna").decode(): answers for name, answers in NAMES.items()} | NAMES
            report = crawl(
                before=DNS.format(names=repr(shown)), contact="crawler@example.org", timeout=5.0, max_attempts=2,
                retry_delay=0.1, concurrency=64,
            )  # fmt: skip
            asked = {(host, path) for _, host, path, _, _ in web.log()}
        assert _accepted(trap) == 0
    # every way in was walked
    assert {(host, "/robots.txt") for host in range(len(SPELLINGS))} <= asked
    assert {(Entries.REDIRECT, f"/{n}") for n in range(len(SPELLINGS))} <= asked
    assert {(Entries.CANONICAL, f"/{n}") for n in range(len(SPELLINGS))} <= asked
    with home.reading() as session:
        rows = session.execute(select(Page.url, Page.state, Page.error)).all()
    lured = {row.url: row for row in rows if f":{port}/" in row.url}
    assert len(lured) >= 100
    assert {row.state for row in lured.values()} <= {"refused", "failed"}
    assert report["errors_by_kind"]["guard"] >= 100
    robots = [row for row in rows if row.url.endswith(f":{web.port}/") and row.error == "robots unreachable"]
    assert len(robots) >= 50


def _put_sources(home: Home, urls: list[str]) -> None:
    """As sources of their own; most of them cannot be added at all, so they are put there past `add_source`."""
    with home.writing() as session:
        for url in urls:
            spelled = canonical(url)
            if spelled is not None and session.scalar(select(Source).where(Source.url == spelled)) is None:
                session.add(Source(url=spelled, kind="page", added_at=now()))
