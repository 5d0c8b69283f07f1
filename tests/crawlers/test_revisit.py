"""Revisiting: the price spends the budget, the optimum is one, histories find the rates, and a crawl uses all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from crawlers import revisit
from crawlers.revisit import History, Revisit
from db.web import Page, Source
from tests.quality.crawl_revisit import RATES, Fixed, Ours, freshness

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)
rates = st.lists(st.floats(1e-4, 50.0), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(rates, st.floats(0.5, 100.0))
def test_the_price_spends_the_budget(rate: list[float], usual: float) -> None:
    found = revisit.intervals(rate, revisit.price(rate, usual), usual)
    assert (found >= revisit.SHORTEST * usual).all()
    assert (found <= revisit.LONGEST * usual).all()
    spent = (1 / found).sum() * usual / len(rate)
    assert spent <= 1.01
    if found.min() > revisit.SHORTEST * usual and found.max() < revisit.LONGEST * usual:
        assert spent == pytest.approx(1, abs=0.01)


def test_no_other_way_to_spend_it_is_fresher() -> None:
    """Against a general optimiser, over five pages."""
    rate = np.array([0.02, 0.1, 0.3, 0.5, 0.9])
    usual = 2.0

    def stale(log_visits: np.ndarray) -> float:
        x = rate / np.exp(log_visits)
        return float(-(-np.expm1(-x) / x).mean())

    budget = {"type": "eq", "fun": lambda v: np.exp(v).sum() - len(rate) / usual}
    best = minimize(stale, np.full(5, -np.log(usual)), constraints=[budget], method="SLSQP", options={"maxiter": 500})
    ours = 1 / revisit.intervals(rate, revisit.price(rate, usual), usual)
    assert stale(np.log(ours)) <= best.fun + 1e-4


def test_pages_alike_come_at_the_usual_time() -> None:
    assert revisit.intervals([0.3] * 4, revisit.price([0.3] * 4, 7.0), 7.0) == pytest.approx([7.0] * 4, rel=1e-3)


@pytest.mark.parametrize("rate", [0.02, 0.2, 1.0])
def test_histories_find_the_rate(rate: float) -> None:
    rng = np.random.default_rng(3)
    history = History()
    for _ in range(2000):
        interval = float(rng.uniform(0.5, 3.0))
        history = history.after(interval, bool(rng.random() < -np.expm1(-rate * interval)), 2.0)
    assert revisit.rates([history.changes], [history.seconds], 2.0)[0] == pytest.approx(rate, rel=0.15)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.booleans()), max_size=30))
def test_no_history_is_an_error(visits: list[tuple[float, bool]]) -> None:
    history = History()
    for interval, changed in visits:
        history = history.after(interval, changed, 86_400.0)
    rule = Revisit(86_400.0, revisit.price([1e-5, 1e-3], 86_400.0), NOW)
    assert NOW < rule.next(history) <= NOW + timedelta(seconds=86_400.0 * revisit.LONGEST)


def test_a_visit_at_once_is_no_evidence() -> None:
    assert History().after(0.0, False, 10.0) == History()
    assert revisit.Revisit(0.0, None, NOW).next(History()) == NOW


def test_a_source_is_priced_by_what_its_visits_saw(home: Home) -> None:
    with home.writing() as session:
        session.add_all(Source(id=n, url=f"http://{n}.example/", kind="site", added_at=NOW) for n in (1, 2))
        session.flush()
        for n in range(20):
            session.add(
                Page(url=f"http://1.example/{n}", host="1.example", source_id=1, due_at=NOW, state="done",
                     watched_changes=float(n % 2) * 9, watched_seconds=1000.0)
            )  # fmt: skip
    with home.reading() as session:
        plan = revisit.plan(session, {1: 100.0, 2: 100.0}, NOW)
    assert plan[2].price is None
    assert plan[2].next(History()) == NOW + timedelta(seconds=99)
    waits = [(plan[1].next(History(changes, 1000.0)) - NOW).total_seconds() for changes in (0.0, 9.0)]
    assert waits[0] > 99 > waits[1]
    assert sum(99 / wait for wait in waits) == pytest.approx(2, rel=0.01)


def test_it_is_fresher_than_fixed_rules() -> None:
    """A short run of what `make bench-crawl` does."""
    rates = RATES["gamma"](np.random.default_rng(0))
    found = [
        freshness(policy, rates, 200, 0, 60)
        for policy in (Ours(5.0), Fixed(1.4, 0.8, 5.0), Fixed(1.5, 0.5, 5.0))
    ]
    assert found[0] > max(found[1:])
