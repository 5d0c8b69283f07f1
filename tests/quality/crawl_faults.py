"""`make prove-crawl`, a server full of faults: 10,000 pages on 50 hosts, and what the crawler makes of them. No test.

5 % of the pages drop their first connections, 5 % begin with a 5xx, 3 % are slow (some beyond the timeout), 3 % are cut
off, 2 % are compression bombs for ever; redirects in chains, loops and endless ones; robots of every status. Wanted:
every page that can be reached and is allowed is stored once, no request that robots forbids, no two requests to a host
closer than its delay (measured where they are sent), little memory. What can be reached is reckoned from the site's
plan, not from what was crawled.

Run as `python -m tests.quality.crawl_faults`; a small one is in the default suite.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import sys
import tempfile
import zlib
from collections import Counter, deque
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import brotli
import zstandard
from sqlalchemy import select

from crawlers.jobs import add_source
from db.web import Document
from tests.quality.crawl_process import crawl, opened
from tests.quality.crawl_web import HTML, MadeUpWeb, Reply, article, serving

MOST_MIB = 400.0
SETTINGS = {
    "delay": 0.05, "max_delay": 1.0, "timeout": 3.0, "retry_delay": 0.2, "patience": 60.0, "max_depth": 60,
    "concurrency": 64,
}  # fmt: skip
RULES = "User-agent: *\nDisallow: /closed/\nCrawl-delay: 0.1\n"
PLAIN = {"Content-Type": "text/plain"}
OPEN = ("404", "403", "401", "410", "204", "html", "loop")
RULED = ("rules", "moved", "chain", "long", "bom", "shared")
CLOSED = ("500", "503", "429", "drop", "truncated", "bomb", "slow")
ROBOTS = (*OPEN, *RULED, *CLOSED)
"""What a host answers to /robots.txt; hosts beyond these are open or have rules."""


@functools.cache
def bombs() -> tuple[tuple[str, bytes], ...]:
    """50 MB of nothing in each encoding that is asked for, and one inside another."""
    nothing = bytes(50_000_000)
    return (
        ("gzip", gzip.compress(nothing)), ("deflate", zlib.compress(nothing)),
        ("br", brotli.compress(nothing, quality=3)),
        ("zstd", zstandard.compress(nothing)), ("gzip, gzip", gzip.compress(gzip.compress(nothing))),
    )  # fmt: skip


class Plan:
    """What there is on every host, and how it fails."""

    def __init__(self, hosts: int, pages: int) -> None:
        self.hosts, self.pages = hosts, pages
        bombs()

    def robots(self, host: int) -> str:
        return ROBOTS[host] if host < len(ROBOTS) else (OPEN + RULED)[host % (len(OPEN) + len(RULED))]

    def path(self, number: int) -> str:
        return f"/closed/{number}" if number % 10 == 9 else f"/p/{number}"

    def links(self, number: int) -> list[str]:
        """A tree, some links across it, and every twentieth page through a chain of redirects."""
        to = [n for n in (2 * number + 1, 2 * number + 2, 3 * number + 1) if n < self.pages]
        found = [f"/hop/{n}/3" if n % 20 == 7 else self.path(n) for n in to]
        return found + (["/loop/a", "/spin/1"] if number == 0 else [])

    def fault(self, host: int, number: int) -> tuple[str, Random]:
        rng = Random(host * 100_003 + number)
        share = rng.random()
        leaf = 2 * number + 1 >= self.pages
        if leaf and rng.random() < 0.04:
            return "bomb", rng
        for most, name in ((0.05, "drop"), (0.10, "5xx"), (0.13, "slow"), (0.16, "truncate")):
            if share < most:
                return name, rng
        return "", rng

    def stored(self) -> set[tuple[int, str]]:
        """(host, path) of every page that can be reached, is allowed and can be read."""
        found = set()
        for host in range(self.hosts):
            if self.robots(host) in CLOSED:
                continue
            waiting, seen = deque([0]), {0}
            found.add((host, "/"))
            while waiting:
                number = waiting.popleft()
                if (number % 10 == 9 and self.robots(host) in RULED) or self.fault(host, number)[0] == "bomb":
                    continue
                found.add((host, self.path(number)))
                near = [n for n in (2 * number + 1, 2 * number + 2, 3 * number + 1) if n < self.pages and n not in seen]
                seen.update(near)
                waiting.extend(near)
        return found

    def __call__(self, host: int, path: str, times: int, headers: Mapping[str, str]) -> Reply:
        if "robots" in path:
            return self._robots(host, path, headers["host"])
        kind, _, rest = path[1:].partition("/")
        if kind == "loop":
            return moved("/loop/b" if rest == "a" else "/loop/a")
        if kind == "spin":
            return moved(f"/spin/{int(rest) + 1}", 307)
        if kind == "hop":
            number, left = rest.split("/")
            return moved(f"/hop/{number}/{int(left) - 1}" if int(left) > 1 else self.path(int(number)), 301)
        return self._page(host, int(rest or 0), times)

    def _page(self, host: int, number: int, times: int) -> Reply:
        fault, rng = self.fault(host, number)
        body = article(host, number, self.links(number), 4)
        if fault == "bomb":
            encoding, bomb = rng.choice(bombs())
            return Reply(bomb, 200, {"Content-Type": HTML, "Content-Encoding": encoding})
        if not fault or times >= rng.randint(1, 2):
            return Reply(body)
        if fault == "5xx":
            after = rng.choice(({}, {"Retry-After": "0"}, {"Retry-After": "1"}, {"Retry-After": "soon"}))
            return Reply(b"no", rng.choice((500, 502, 503, 504)), PLAIN | after)
        if fault == "slow":
            return Reply(body, pause=rng.choice((0.2, 0.4, 0.6, 1.0, 5.0)))
        return Reply(body, fault=fault)

    def _robots(self, host: int, path: str, name: str) -> Reply:
        kind = self.robots(host)
        if path == "/robots-rules":
            return Reply(RULES.encode(), 200, PLAIN)
        if kind.isdigit():
            return Reply(b"User-agent: *\nDisallow: /p/1\n", int(kind), PLAIN)
        if kind == "chain":
            step = int(path.rpartition("-")[2]) if "-" in path else 0
            return moved(f"/robots-{step + 1}" if step < 4 else "/robots-rules")
        return {
            "rules": Reply(RULES.encode(), 200, PLAIN),
            "bom": Reply(b"\xef\xbb\xbf" + RULES.replace("\n", "\r").encode()),
            "long": Reply((RULES + "# filler\n" * 80_000 + "Disallow: /\n").encode(), 200, PLAIN),
            "html": Reply(b"<!doctype html><title>User-agent: *</title><p>Disallow: /</p>"),
            "moved": moved("/robots-rules", 301), "loop": moved("/robots.txt"), "drop": Reply(fault="drop"),
            "shared": moved(f"http://127.0.{(host + 1) % self.hosts}.1:{name.rpartition(':')[2]}/robots-rules"),
            "truncated": Reply(RULES.encode(), 200, PLAIN, fault="truncate"),
            "bomb": Reply(bombs()[0][1], 200, PLAIN | {"Content-Encoding": "gzip"}),
            "slow": Reply(RULES.encode(), 200, PLAIN, pause=40.0),
        }[kind]  # fmt: skip


def moved(to: str, status: int = 302) -> Reply:
    return Reply(b"", status, PLAIN | {"Location": to})


def run(hosts: int, pages: int, settings: Mapping[str, Any] = SETTINGS) -> bool:
    """Crawl, print what came of it; whether all is as it must be."""
    plan = Plan(hosts, pages)
    with tempfile.TemporaryDirectory(prefix="kinsong-faults-") as folder, serving(plan) as web:
        path, gaps = Path(folder) / "home", Path(folder) / "gaps"
        with opened(path) as home:
            for host in range(hosts):
                add_source(home, web.url(host) + "/", "site", allow_private=True)
            report = crawl(path, settings, str(gaps))
            with home.reading() as session:
                documents = session.scalars(select(Document.url)).all()
        log = web.log()
        sent = gaps.read_text(encoding="ascii").splitlines()
    good = _stored(plan, web, documents)
    good = _forbidden(plan, log) and good
    good = _gaps(sent) and good
    print(f"peak memory {report['peak_mib']:.0f} MiB, must be under {MOST_MIB:.0f}; {report['cpu']:.0f} CPU seconds, "
          f"{report['wall']:.0f} seconds; ended with {report['errors_by_kind']}")  # fmt: skip
    return good and report["peak_mib"] < MOST_MIB


def _stored(plan: Plan, web: MadeUpWeb, documents: Any) -> bool:
    expected = {web.url(host) + path for host, path in plan.stored()}
    found = Counter(documents)
    twice = sum(n > 1 for n in found.values())
    lost, more = expected - set(found), set(found) - expected
    print(f"{len(expected):,} pages can be reached and are allowed: {len(found):,} stored, {len(lost)} lost, "
          f"{twice} twice, {len(more)} that should not be; must be 0, 0, 0")  # fmt: skip
    for url in sorted(lost | more)[:10]:
        print("   ", "lost" if url in lost else "more", url)
    return not (lost or more or twice)


def _forbidden(plan: Plan, log: Any) -> bool:
    broken = [
        (host, path)
        for _, host, path, _, _ in log
        if "robots" not in path
        and (plan.robots(host) in CLOSED or (plan.robots(host) in RULED and path.startswith("/closed/")))
    ]
    kinds = Counter(status for *_, status, _ in log)
    shown = dict(sorted(kinds.items()))
    print(f"{len(log):,} requests ({shown}), {len(broken)} against robots, must be 0 {broken[:5]}")
    return not broken


def _gaps(lines: list[str]) -> bool:
    """A line: slot, seconds, the slot's delay, the host's floor."""
    by_host: dict[str, list[tuple[float, float, float]]] = {}
    for line in lines:
        name, *numbers = line.split()
        at, delay, floor = map(float, numbers)
        by_host.setdefault(name, []).append((at, delay, floor))
    gaps = [(b[0] - a[0], max(b[1], b[2])) for sent in by_host.values() for a, b in pairwise(sent)]
    early = [(gap, delay) for gap, delay in gaps if gap < delay - 2e-6]  # times are noted to the microsecond
    closest = min((gap / delay for gap, delay in gaps if delay), default=1.0)
    print(f"{len(gaps):,} gaps between two requests to a host, {len(early)} under its delay, must be 0; "
          f"the closest is {closest:.4f} of its delay")  # fmt: skip
    return not early


def main() -> int:
    """Exit code 1 when something is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--pages", type=int, default=200, help="of each host")
    options = parser.parse_args()
    return 0 if run(options.hosts, options.pages) else 1


if __name__ == "__main__":
    sys.exit(main())
