"""`make bench-crawl`, revisiting: mean freshness of 1,000 pages with known change rates, beside two fixed rules.

Every policy makes the same number of requests: at each tick as many as the budget gives, to the pages that are due
first by its own reckoning, whether their time has come or not. So only what a policy thinks of one page beside another
counts, not how large its intervals are. Fixed rules are those of Nutch's AdaptiveFetchSchedule (interval × 1.4 when a
page was as before, × 0.8 when not) and StormCrawler's AdaptiveScheduler (× 1.5 and × 0.5); `even` visits all pages in
turn, `known` is ours with the true rates, which nobody has.

Freshness is the share of time in which the copy is the page, over the second half of the run. And, for bytes: a local
site is crawled twice, the second time with nothing changed.

Run as `python -m tests.quality.crawl_revisit`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update

from crawlers import revisit
from crawlers.jobs import add_source
from db.web import Page, Source
from tests.quality.crawl_process import crawl, opened
from tests.quality.crawl_web import Reply, article, serving

PAGES = 1000
TICKS = 400
Vector = NDArray[np.float64]

RATES: dict[str, Callable[[np.random.Generator], Vector]] = {
    "log-uniform": lambda rng: 10 ** rng.uniform(-3, 1, PAGES),
    "gamma": lambda rng: rng.gamma(0.5, 0.4, PAGES) + 1e-4,
    "power law": lambda rng: np.minimum(0.005 * (1 + rng.pareto(0.8, PAGES)), 20.0),
    "two kinds": lambda rng: np.where(rng.random(PAGES) < 0.2, 2.0, 0.01),
}
"""Changes per tick; in one tick a fifth of the pages can be visited."""


class Fixed:
    """Intervals that grow and shrink by factors."""

    def __init__(self, longer: float, shorter: float, every: float) -> None:
        self._longer, self._shorter = longer, shorter
        self._interval = np.full(PAGES, every)
        self._bounds = (every / 16, every * 32)

    def next(self, page: int, interval: float, changed: bool) -> float:  # noqa: ARG002
        factor = self._shorter if changed else self._longer
        self._interval[page] = np.clip(self._interval[page] * factor, *self._bounds)
        return float(self._interval[page])


class Ours:
    """`crawlers.revisit`, the price found anew every few ticks, as every crawl does."""

    def __init__(self, every: float, known: Vector | None = None) -> None:
        self._every, self._known = every, known
        self._histories = [revisit.History() for _ in range(PAGES)]
        self._visits = 0
        self._price = 0.0

    def rates(self) -> Vector:
        if self._known is not None:
            return self._known
        changes, seconds = zip(*((h.changes, h.seconds) for h in self._histories), strict=True)
        return revisit.rates(changes, seconds, self._every)

    def next(self, page: int, interval: float, changed: bool) -> float:
        if self._visits % PAGES == 0:
            self._price = revisit.price(self.rates(), self._every)
        self._visits += 1
        history = self._histories[page] = self._histories[page].after(interval, changed, self._every)
        rate = [self._known[page]] if self._known is not None else revisit.rates(
            [history.changes], [history.seconds], self._every
        )  # fmt: skip
        return float(revisit.intervals(rate, self._price, self._every)[0])


def freshness(policy: Fixed | Ours, rates: Vector, budget: int, seed: int, ticks: int) -> float:
    """Mean share of time that a copy is the page; the changes of a seed are the same for every policy."""
    rng = np.random.default_rng(seed)
    changes = [np.cumsum(rng.exponential(1 / rate, int(rate * ticks * 1.5 + 30))) for rate in rates]
    due = rng.random(PAGES) * PAGES / budget
    last = np.zeros(PAGES)
    fresh = np.zeros(PAGES)
    begin = ticks / 2

    def add(page: int, end: float) -> bool:
        """Count the time since the last visit; whether the page has changed in it."""
        at = int(np.searchsorted(changes[page], last[page], side="right"))
        changed = at < len(changes[page]) and changes[page][at] <= end
        until = changes[page][at] if changed else end
        fresh[page] += max(0.0, min(until, ticks) - max(last[page], begin))
        return bool(changed)

    for tick in range(1, ticks + 1):
        for place, page in enumerate(np.argpartition(due, budget)[:budget]):
            now = tick - 1 + (place + 1) / budget
            changed = add(int(page), now)
            interval = now - last[page]
            last[page] = now
            due[page] = now + policy.next(int(page), interval, changed)
    for page in range(PAGES):
        add(page, ticks)
    return float(fresh.sum() / (PAGES * (ticks - begin)))


def simulate(seeds: int, ticks: int) -> bool:
    """Print a row per distribution and seed; whether ours is above both rules in all of them."""
    every = 5.0
    budget = int(PAGES / every)
    above = True
    for name, draw in RATES.items():
        for seed in range(seeds):
            rates = draw(np.random.default_rng(seed))
            policies = {"ours": Ours(every), "nutch": Fixed(1.4, 0.8, every), "stormcrawler": Fixed(1.5, 0.5, every),
                        "even": Fixed(1.0, 1.0, every), "known": Ours(every, rates)}  # fmt: skip
            found = {who: freshness(policy, rates, budget, seed, ticks) for who, policy in policies.items()}
            above = above and found["ours"] > max(found["nutch"], found["stormcrawler"])
            print(f"{name}, seed {seed}: " + ", ".join(f"{who} {value:.4f}" for who, value in found.items()))
    print(f"above both rules in every row: {'yes' if above else 'NO'}")
    return above


def site(host: int, path: str, times: int, headers: Mapping[str, str]) -> Reply:
    if not path.startswith("/p/"):
        return Reply(b"no", 404, {"Content-Type": "text/plain"})
    body = article(host, int(path[3:]), [f"/p/{(int(path[3:]) + step) % 200}" for step in range(1, 30)])
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    kept = {"ETag": tag, "Content-Type": "text/html"}
    return Reply(b"", 304, {"ETag": tag}) if headers.get("if-none-match") == tag else Reply(body, headers=kept)


def recrawl() -> bool:
    """Print what an unchanged recrawl moves; whether that is under 2 % of the first crawl's bytes."""
    settings = {"delay": 0.0, "host_concurrency": 4, "max_delay": 0.001}
    with tempfile.TemporaryDirectory(prefix="kinsong-revisit-") as folder, serving(site) as web:
        path = Path(folder) / "home"
        with opened(path) as home:
            add_source(home, web.url(1) + "/p/0", "site", allow_private=True)
            crawl(path, settings)
            first = web.log()
            with home.writing() as session:
                session.execute(update(Page).values(due_at=Page.fetched_at))
                session.execute(update(Source).values(next_crawl_at=None))
            report = crawl(path, settings)
            second = web.log()[len(first):]
    moved, before = (sum(size for *_, size in log) for log in (second, first))
    print(f"unchanged recrawl: {report['unchanged']} of 200 pages, {moved:,} of {before:,} bytes, {moved / before:.2%}")
    return moved < 0.02 * before and report["unchanged"] == 200


def main() -> int:
    """Both; exit code 1 when one misses its mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ticks", type=int, default=TICKS)
    options = parser.parse_args()
    above = simulate(options.seeds, options.ticks)
    return 0 if recrawl() and above else 1


if __name__ == "__main__":
    sys.exit(main())
