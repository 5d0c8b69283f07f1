"""The address guard: addresses one by one, and a crawl that is lured to them."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crawlers.guard import Guard, forbidden, prove
from crawlers.jobs import add_source
from db.errors import CrawlError
from db.web import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Web

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
    "2001::1": "reserved", "2001:db8::1": "reserved", "fec0::1": "reserved", "64:ff9b:1::1": "reserved",
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


SPELLINGS = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
    "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "127.127.127.127", "0", "0.0.0.0", "0x0", "[::1]",  # noqa: S104
    "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0000::1]",
    "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1",
    "user@127.0.0.1", "user:pw@127.0.0.1", "example.org@127.0.0.1", "127.0.0.1%2f@127.0.0.1", "%31%32%37.0.0.1",
    "[::1%25lo]", "127.0.0.1%00.example.org", "127%2e0%2e0%2e1", "0000177.0.0.1", "[fe80::1]", "169.254.169.254",
    "[::ffff:169.254.169.254]", "2852039166", "100.100.100.200",
]  # fmt: skip


def test_a_crawl_is_not_lured_to_a_private_address(
    home: Home, new_web: Callable[[], Web], crawl: Callable[..., dict[str, Any]]
) -> None:
    web = new_web()
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as trap:
        trap.setblocking(False)
        port = trap.getsockname()[1]
        lures = [f"http://{spelling}:{port}/x" for spelling in SPELLINGS]
        entries = "".join(f"<item><link>{url}</link></item>" for url in [*lures, f"{web.url}/hop", f"{web.url}/robots"])
        web.pages["/feed.xml"] = web.answer("/none")
        web.pages["/feed.xml"].body = f"<rss version='2.0'><channel>{entries}</channel></rss>".encode()
        web.pages["/feed.xml"].status = 200
        web.redirect("/hop", f"http://127.0.0.1:{port}/redirected")
        moved = new_web()
        moved.redirect("/robots.txt", f"http://127.0.0.1:{port}/robots.txt")
        add_source(home, web.url + "/feed.xml", "feed", allow_private=True)
        add_source(home, moved.url + "/", "page", allow_private=True)
        report = crawl(contact="crawler@example.org", timeout=5.0, retry_delay=60.0)
        with pytest.raises(BlockingIOError):
            trap.accept()
    with home.reading() as session:
        found = {url: (state, error) for url, state, error in session.execute(select(Page.url, Page.state, Page.error))}
    lured = {url: end for url, end in found.items() if f":{port}/" in url}
    assert f"http://127.0.0.1:{port}/redirected" in lured
    assert len(lured) >= 20
    assert {state for state, _ in lured.values()} <= {"refused", "due"}
    assert lured[f"http://127.0.0.1:{port}/x"] == ("refused", "guard: 127.0.0.1 is loopback")
    assert report["errors_by_kind"]["guard"] >= 18
    assert found[moved.url + "/"] == ("refused", "robots unreachable")
    assert [path for _, path, _ in moved.asked] == ["/robots.txt"]
