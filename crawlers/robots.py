"""robots.txt as RFC 9309 says: whose rules they are, which of them decides, what an answer means, how long it holds.

An answer of 4xx allows everything; 5xx, 429, a timeout or an unreachable server disallows everything; at most 500 KiB
are read; an answer holds for 24 hours, a server's failure for one.

The matcher is our own. Protego, Scrapy's default, looks for group names anywhere in ours, ends a group's names at a
record that is no rule (2.2.4 forbids that), ends lines where the RFC does not, and leaves reserved characters of a
query in two spellings (2.2.2). What is lenient here is so towards the host: misspelt and colonless records count, and
a path without its slash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, urlsplit

from db.home import Home
from db.web import Robots

MAX_BYTES = 500 * 1024
MAX_REDIRECTS = 5
LIFE = timedelta(hours=24)
LIFE_OF_FAILURE = timedelta(hours=1)
MOST_DELAY = 86_400.0
"""Seconds; a crawl-delay beyond a day is a slip or a joke."""

RULES, ALLOW_ALL, DISALLOW_ALL = "rules", "allow_all", "disallow_all"
VERDICTS = {
    "2": RULES,
    "3": ALLOW_ALL,  # more redirects than are followed: RFC 9309 2.3.1.2 lets that count as unavailable
    "4": ALLOW_ALL,
    "5": DISALLOW_ALL,
}

_RECORD = re.compile(
    r"^[ \t]*(user[- ]?agent|dis+al+[oa]w|diasllow|allow|crawl[- ]?delay|site-?maps?)(?:[ \t]*:|[ \t]+)[ \t]*([^#\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_DELAY = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""ASCII that is left as it stands; everything beyond ASCII is percent-encoded."""
_RESERVED_IN_QUERY = {"%2F": "/", "%3A": ":", "%3F": "?", "%40": "@", "%5B": "[", "%5D": "]"}


@dataclass(frozen=True)
class Rule:
    """One allow or disallow record.

    Attributes:
        octets: length of its path, by which the most specific match is found.
        spellings: the path in its one or two comparable spellings, cut at each `*`.
        anchored: it ends in `$`: the path must end there too.
    """

    allow: bool
    octets: int
    spellings: tuple[tuple[str, ...], ...]
    anchored: bool

    def matches(self, paths: tuple[str, ...]) -> bool:
        """Whether it speaks of a path, given in its comparable spellings."""
        return any(_fits(pieces, path, self.anchored) for pieces in self.spellings for path in paths)


@dataclass(frozen=True)
class Rules:
    """What one origin (scheme, host and port) asks of us."""

    verdict: str
    product: str
    rules: tuple[Rule, ...] = ()
    """The most specific first, and of equals the one that allows."""
    crawl_delay: float = 0.0
    """Seconds between requests that the origin asks for; 0 when it asks for none."""
    sitemaps: tuple[str, ...] = ()
    """As they stand in the file, whoever they were named to."""
    until: datetime | None = None
    """When the answer has grown too old to be used."""

    def allows(self, url: str) -> bool:
        """Whether a URL of that origin may be fetched; without a rule that matches it may."""
        if self.verdict != RULES:
            return self.verdict != DISALLOW_ALL
        parts = urlsplit(url)
        path = parts.path or "/"
        if path == "/robots.txt":
            return True
        paths = _comparable(f"{path}?{parts.query}" if parts.query else path, special=False)
        return next((rule.allow for rule in self.rules if rule.matches(paths)), True)


def verdict_of(status: int | None) -> str:
    """rules, allow_all or disallow_all, by the status of the answer; None: there was no answer."""
    if status is None or status == 429:
        return DISALLOW_ALL
    return VERDICTS.get(str(status)[0], DISALLOW_ALL)


def read(verdict: str, body: bytes, product: str) -> Rules:
    """The rules of a stored answer. Any bytes can be read.

    Args:
        product: our product name, as robots.txt would address it.
    """
    if verdict != RULES:
        return Rules(verdict, product)
    text = whole_lines(body).decode("utf-8-sig", errors="surrogateescape")
    ours, everybodys = _Group(), _Group()
    sitemaps: list[str] = []
    current: list[_Group] = []
    naming = False
    for kind, value in _records(text):
        if kind == "u":
            current = current if naming else []
            naming = True
            group = ours if _names(value, product) else everybodys if value.split()[:1] == ["*"] else None
            if group is not None and group not in current:
                group.named = True
                current.append(group)
        elif kind == "s":
            sitemaps.append(value)
        elif kind == "c":  # no rule: it must not end the names of a group
            for group in current:
                group.delays.append(value)
        else:
            naming = False
            for group in current:
                group.rules.append((kind == "a", value))
    chosen = ours if ours.named else everybodys
    return Rules(RULES, product, chosen.compiled(), chosen.delay(), tuple(sitemaps))


@dataclass(eq=False)
class _Group:
    """All that is said to one name; groups of the same name are one (RFC 9309 2.2.1)."""

    named: bool = False
    rules: list[tuple[bool, str]] = field(default_factory=list)
    delays: list[str] = field(default_factory=list)

    def compiled(self) -> tuple[Rule, ...]:
        made = [_compiled(allow, path) for allow, path in dict.fromkeys(self.rules) if path]
        return tuple(sorted(made, key=lambda rule: (-rule.octets, not rule.allow)))

    def delay(self) -> float:
        found = [float(value) for value in self.delays if _DELAY.fullmatch(value)]
        return min(max(found, default=0.0), MOST_DELAY)


def _records(text: str) -> Iterator[tuple[str, str]]:
    """(first letter of its kind, value) of every record; lines end in CR, LF or both (RFC 9309 2.2)."""
    for match in _RECORD.finditer(text.replace("\r", "\n")):
        yield match[1][0].lower(), match[2].strip(" \t")


def _names(value: str, product: str) -> bool:
    """Whether a user-agent record names us, by its whole product token (RFC 9309 2.2.1)."""
    token = _TOKEN.match(value)
    return token is not None and token[0].lower() == product.lower()


def _compiled(allow: bool, path: str) -> Rule:
    if path[0] not in "/*":
        path = "/" + path
    anchored = path.endswith("$")
    plain = path[:-1] if anchored else path
    spellings = _comparable(plain, special=True)
    return Rule(allow, len(spellings[0]) + anchored, tuple(_pieces(each) for each in spellings), anchored)


def _pieces(path: str) -> tuple[str, ...]:
    first, *rest = path.split("*")
    return (first, *(piece for piece in rest[:-1] if piece), *rest[-1:])


def _fits(pieces: tuple[str, ...], path: str, anchored: bool) -> bool:
    """Piece after piece, each as early as it can be: no path makes this slow."""
    first, *rest = pieces
    if not path.startswith(first):
        return False
    if not rest:
        return not anchored or len(path) == len(first)
    at = len(first)
    for piece in rest[:-1]:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= at if anchored else path.find(rest[-1], at) >= 0


@lru_cache(maxsize=4096)
def _comparable(path: str, *, special: bool) -> tuple[str, ...]:
    """The spellings under which a path is compared (RFC 9309 2.2.2).

    What is unreserved stands unencoded and what is not ASCII encoded; a query with an encoded reserved character is
    compared in its plain spelling as well.

    Args:
        special: `*` is a wildcard: it stays. In a URL it is a character like any other, as `%2A` is in a rule.
    """
    if "%" not in path and "$" not in path and path.isascii() and (special or "*" not in path):
        return (path,)
    spelled = _ESCAPE.sub(_unreserved, quote(path, safe=_KEPT, errors="surrogateescape"))
    spelled = spelled.replace("$", "%24") if special else spelled.replace("$", "%24").replace("*", "%2A")
    head, mark, query = spelled.partition("?")
    for encoded, plain in _RESERVED_IN_QUERY.items():
        query = query.replace(encoded, plain)
    return tuple(dict.fromkeys((spelled, head + mark + query)))


def _unreserved(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if character in _PLAIN else match[0].upper()


def until(verdict: str, fetched_at: datetime) -> datetime:
    """When an answer has grown too old."""
    return fetched_at + (LIFE_OF_FAILURE if verdict == DISALLOW_ALL else LIFE)


def whole_lines(body: bytes) -> bytes:
    """The first 500 KiB, without a last line that the cut has halved: half a rule may say the opposite."""
    if len(body) <= MAX_BYTES:
        return body
    cut = max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))
    return body[: cut + 1]


def load(home: Home, origin: str, now: datetime, product: str) -> Rules | None:
    """The stored rules of an origin, or nothing when there are none or they have grown too old."""
    with home.reading() as session:
        row = session.get(Robots, origin)
        if row is None:
            return None
        end = until(row.verdict, row.fetched_at)
        return replace(read(row.verdict, row.body, product), until=end) if now < end else None


def keep(home: Home, origin: str, now: datetime, verdict: str, body: bytes) -> None:
    """Store an origin's answer in place of the one before."""
    kept = whole_lines(body) if verdict == RULES else b""
    with home.writing() as session:
        session.merge(Robots(origin=origin, fetched_at=now, verdict=verdict, body=kept))
