"""When a page is visited again: as often as its own changes make it worth, within the requests that there are.

A page that changes at rate λ (a Poisson process) and is visited every I seconds is fresh for (1 − e^(−λI)) / λI of the
time. Of all ways to deal out a given number of requests, the mean freshness is highest where each page's last request
gains the same (Cho and Garcia-Molina, "Effective page refresh policies for web crawlers", TODS 2003; Azar and others,
"Tractable near-optimal policies for crawling", PNAS 2018):

    (1 − e^(−x) (1 + x)) / λ = μ,   x = λI,

with one price μ for all of them. A page with λ ≥ 1/μ changes faster than visits could follow: it is visited seldom.

λ is learnt by Bayes from what visits saw, under a gamma prior: α + n changes in β + t seconds. A visit says whether
there was a change, not how many: a changed page counts the changes that are to be expected, λI / (1 − e^(−λI)).

Left out: when in the interval a change came (Last-Modified), changes that come in bursts or by the time of day, and
what a page is worth beside another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.web import Page

FloatVector = NDArray[np.float64]

PRIOR_CHANGES = 0.5
"""α: half a change within the usual time between two visits; one visit or two outweigh it."""
PUNCTUAL = 0.99
"""A nightly visit that begins a little earlier than the night before still finds its pages due."""
SHORTEST, LONGEST = 1 / 16, 32.0
"""Bounds of the time between two visits, in units of the usual one: no rule is sure enough to go beyond."""

_X = np.concatenate([[0.0], np.geomspace(1e-6, 60.0, 4000)])
_GAIN = -np.expm1(-_X) - _X * np.exp(-_X)


@dataclass(frozen=True)
class History:
    """What visits have seen of one page: changes (those that are to be expected) in seconds."""

    changes: float = 0.0
    seconds: float = 0.0

    def after(self, interval: float, changed: bool, usual: float) -> History:
        """The history with one more visit, an interval in seconds after the one before."""
        interval = max(interval, 0.0)
        met = 0.0
        if changed:
            expected = float(rates([self.changes], [self.seconds], usual)[0]) * interval
            met = 1.0 if expected < 1e-6 else expected / -math.expm1(-expected)
        return History(self.changes + met, self.seconds + interval)


def rates(changes: ArrayLike, seconds: ArrayLike, usual: float) -> FloatVector:
    """Posterior mean of λ, changes per second, of pages with these histories.

    Args:
        usual: seconds between two visits where nothing is known of a page.
    """
    n, t = np.asarray(changes, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
    return np.asarray((PRIOR_CHANGES + n) / (usual + t), dtype=np.float64)


def intervals(rate: ArrayLike, price: float, usual: float) -> FloatVector:
    """Seconds between two visits of pages that change at these rates, at a price μ."""
    rate = np.asarray(rate, dtype=np.float64)
    gain = price * rate
    with np.errstate(divide="ignore"):
        found = np.where(gain >= _GAIN[-1], np.inf, np.interp(gain, _GAIN, _X) / rate)
    return np.asarray(np.clip(found, SHORTEST * usual, LONGEST * usual), dtype=np.float64)


def price(rate: ArrayLike, usual: float) -> float:
    """The price μ at which pages that change at these rates take as many visits as with `usual` seconds for each."""
    rate = np.asarray(rate, dtype=np.float64)
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        visits = float((1.0 / intervals(rate, math.exp(middle), usual)).sum())
        low, high = (middle, high) if visits > len(rate) / usual else (low, middle)
    return math.exp(high)


@dataclass(frozen=True)
class Revisit:
    """How the pages of one source are visited again in one crawl.

    Attributes:
        usual: seconds between two visits, on average over all of its pages.
        price: μ; nothing while no page has a history: then each comes at the usual time.
        started: when the crawl began.
    """

    usual: float
    price: float | None
    started: datetime

    def next(self, history: History) -> datetime:
        """When a page with this history is due again."""
        wait = self.usual
        if self.price is not None and self.usual > 0:
            wait = float(intervals(rates([history.changes], [history.seconds], self.usual), self.price, self.usual)[0])
        return self.started + timedelta(seconds=wait * PUNCTUAL)


def plan(session: Session, usual: Mapping[int, float], started: datetime) -> dict[int, Revisit]:
    """How each source's pages are visited again, priced by all that its visits have seen so far.

    Args:
        usual: seconds between two visits, by source id.
    """
    found = {}
    for source, every in sorted(usual.items()):
        query = select(Page.watched_changes, Page.watched_seconds).where(
            Page.source_id == source, Page.state == "done", Page.kind == "page", Page.watched_seconds > 0
        )
        histories = np.array([tuple(row) for row in session.execute(query)], dtype=np.float64).reshape(-1, 2)
        known = len(histories) > 0 and every > 0
        asked = price(rates(histories[:, 0], histories[:, 1], every), every) if known else None
        found[source] = Revisit(every, asked, started)
    return found
