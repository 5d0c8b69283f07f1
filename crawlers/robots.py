"""robots.txt as RFC 9309 says: Protego matches rules, and this decides whose they are, what an answer means and how
long it holds.

An answer of 4xx allows everything; 5xx, 429, a timeout or an unreachable server disallows everything; at most 500 KiB
are read; an answer holds for 24 hours, a server's failure for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from protego import Protego

from db.home import Home
from db.web import Robots

MAX_BYTES = 500 * 1024
MAX_REDIRECTS = 5
LIFE = timedelta(hours=24)
LIFE_OF_FAILURE = timedelta(hours=1)

RULES, ALLOW_ALL, DISALLOW_ALL = "rules", "allow_all", "disallow_all"
VERDICTS = {
    "2": RULES,
    "3": ALLOW_ALL,  # more redirects than are followed: RFC 9309 2.3.1.2 lets that count as unavailable
    "4": ALLOW_ALL,
    "5": DISALLOW_ALL,
}

_AGENT = re.compile(r"^(\s*user[- ]?agent\s*:)([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
NOBODY = "~"
"""A group name that no product name holds: Protego looks for group names anywhere in ours."""


@dataclass(frozen=True)
class Rules:
    """What one origin (scheme, host and port) asks of us."""

    verdict: str
    product: str
    parser: Protego | None = None
    until: datetime | None = None
    """When the answer has grown too old to be used."""

    def allows(self, url: str) -> bool:
        """Whether a URL of that origin may be fetched."""
        if self.verdict != RULES or self.parser is None:
            return self.verdict != DISALLOW_ALL
        return bool(self.parser.can_fetch(url, self.product))

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the origin asks for; 0 when it asks for none."""
        return float(self.parser.crawl_delay(self.product) or 0.0) if self.parser is not None else 0.0


def verdict_of(status: int | None) -> str:
    """rules, allow_all or disallow_all, by the status of the answer; None: there was no answer."""
    if status is None or status == 429:
        return DISALLOW_ALL
    return VERDICTS.get(str(status)[0], DISALLOW_ALL)


def read(verdict: str, body: bytes, product: str) -> Rules:
    """The rules of a stored answer.

    Args:
        product: our product name, as robots.txt would address it.
    """
    if verdict != RULES:
        return Rules(verdict, product)
    text = whole_lines(body).decode("utf-8-sig", errors="replace")
    return Rules(RULES, product, Protego.parse("\n".join(_named(each, product) for each in text.splitlines())))


def _named(text: str, product: str) -> str:
    """A line as it was; one that names a group says ours, everybody's or nobody's (RFC 9309 2.2.1)."""
    agent = _AGENT.match(text)
    if agent is None:
        return text
    name = agent[2].strip()
    token = _TOKEN.match(name)
    ours = token is not None and token[0].lower() == product.lower()
    return agent[1] + (product if ours else "*" if name == "*" else NOBODY)


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
