"""The address guard: no connection to an address that is not the public internet's, however it is spelled.

Installed as the process's resolver, it sees every host right before a connection is made, names and literal addresses
alike, and hands on only what it has checked: the checked address is the one that is connected to, so a name that
answers differently the next moment (DNS rebinding) gains nothing. One forbidden address among several refuses all.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.engine import ExecutionEngine
from scrapy.exceptions import CannotResolveHostError
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from crawlers.settings import OPENED
from crawlers.urls import SCHEMES
from db.errors import CrawlError

PROOF = "kinsong_guard_proof"
"""Request meta key of the start-up check, which no other part of the crawler may answer."""

Network = IPv4Network | IPv6Network


def _networks(*names: str) -> tuple[Network, ...]:
    return tuple(ip_network(name) for name in names)


# IANA's special-purpose registries (RFC 6890 and its updates), and what clouds answer secrets on
_FORBIDDEN: tuple[tuple[str, tuple[Network, ...]], ...] = (
    (
        "a metadata address",
        _networks(
            "169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",
            "fd00:ec2::254/128", "fd20:ce::254/128",
        ),
    ),
    ("loopback", _networks("127.0.0.0/8", "::1/128")),
    ("private", _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")),
    ("shared (carrier-grade NAT)", _networks("100.64.0.0/10")),
    ("link-local", _networks("169.254.0.0/16", "fe80::/10")),
    ("unspecified", _networks("0.0.0.0/8", "::/128")),
    ("multicast", _networks("224.0.0.0/4", "ff00::/8")),
    (
        "reserved",
        _networks(
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
            "fec0::/10",
        ),
    ),
)  # fmt: skip
_OPENABLE = frozenset({"loopback", "private", "shared (carrier-grade NAT)"})
_NAT64 = IPv6Network("64:ff9b::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")  # RFC 2765: mapped, one group further up
_COMPATIBLE = IPv6Network("::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is given out as public addresses."""


def forbidden(address: str) -> str | None:
    """Why an address may not be connected to ("loopback", "private", …), or nothing when it may.

    An IPv6 address that carries an IPv4 one (mapped, translated, compatible, 6to4, NAT64) is judged by what it carries.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        return "link-local"
    if isinstance(parsed, IPv6Address):
        parsed = _carried(parsed) or parsed
    for reason, networks in _FORBIDDEN:
        if any(parsed in network for network in networks):
            return reason
    if isinstance(parsed, IPv6Address) and parsed not in _GLOBAL_UNICAST:
        return "reserved"
    return None if parsed.is_global else "reserved"


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def opened_key(host: str, port: int, scheme_port: bool) -> str:
    """How a host stands in the set of opened hosts: host, or host:port where the port is not the scheme's own."""
    shown = f"[{host}]" if ":" in host else host
    return shown if scheme_port else f"{shown}:{port}"


@implementer(IHostnameResolver)
class Guard:
    """A resolver that answers with nothing where the address is forbidden.

    Attributes:
        refused: (host, port) → why the last answer for it was refused.
    """

    def __init__(self, reactor: Any, opened: frozenset[str]) -> None:
        self._reactor = reactor
        self._resolver = reactor.nameResolver
        self._opened = opened
        self.refused: dict[tuple[str, int], str] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Guard:
        """Made by Scrapy for `TWISTED_DNS_RESOLVER`."""
        return cls(reactor, frozenset(crawler.settings[OPENED]))

    def install_on_reactor(self) -> None:
        """Become the process's resolver."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802  the interface's name
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        """Resolve, check, and hand on all addresses or none."""
        receiver = _Checked(self, resolutionReceiver, hostName, portNumber)
        return self._resolver.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def judge(self, host: str, port: int, addresses: Sequence[str]) -> str | None:
        """Why a host may not be connected to, given what its name resolved to; remembered in `refused`."""
        opened = opened_key(host, port, scheme_port=False) in self._opened or (
            port in {80, 443} and opened_key(host, port, scheme_port=True) in self._opened
        )
        for address in addresses:
            reason = forbidden(address)
            if reason is not None and not (opened and reason in _OPENABLE):
                self.refused[host, port] = f"{address} is {reason}"
                return self.refused[host, port]
        self.refused.pop((host, port), None)
        return None


@implementer(IResolutionReceiver)
class _Checked:
    """Holds addresses back until all are known and judged."""

    def __init__(self, guard: Guard, receiver: Any, host: str, port: int) -> None:
        self._guard, self._receiver, self._host, self._port = guard, receiver, host, port
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        hosts = [getattr(address, "host", "") for address in self._addresses]
        if self._guard.judge(self._host, self._port, hosts) is None:
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()


def why_refused(url: str) -> str | None:
    """Why the guard last refused the host of a canonical URL; nothing when it did not."""
    from twisted.internet import reactor

    parts = urlsplit(url)
    guard: Any = reactor.nameResolver  # type: ignore[attr-defined,unused-ignore]
    refused: dict[tuple[str | None, int], str] = guard.refused
    return refused.get((parts.hostname, parts.port or SCHEMES[parts.scheme]))


async def prove(engine: ExecutionEngine, guard: object) -> None:
    """Show that the guard is on: try to reach a listening socket of our own on loopback, and fail to.

    Raises:
        CrawlError: the guard is not the process's resolver, or a connection came through.
    """
    if not isinstance(guard, Guard):
        raise CrawlError(
            f"the address guard is not on (the resolver is {type(guard).__name__}): nothing was fetched; "
            "another program in this process has replaced it, so run the crawl in a process of its own"
        )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        port = listener.getsockname()[1]
        for spelling in ("127.0.0.1", "localhost", "2130706433"):
            if await _answered(engine, f"http://{spelling}:{port}/") or _was_reached(listener):
                raise CrawlError(
                    f"the address guard let a connection to {spelling} through: nothing was fetched; please report this"
                )


async def _answered(engine: ExecutionEngine, url: str) -> bool:
    try:
        await engine.download_async(Request(url, meta={PROOF: True, "download_slot": PROOF, "download_timeout": 10}))
    except CannotResolveHostError:
        return False
    return True


def _was_reached(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True
