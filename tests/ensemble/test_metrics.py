from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ensemble.metrics import average_precision, bootstrap, coverage, gini, ndcg, precision, recall

LISTS = st.lists(st.integers(0, 12), unique=True, max_size=12)
GAINS = st.dictionaries(st.integers(0, 12), st.sampled_from([0.5, 1.0, 3.0]), max_size=8)


@given(LISTS, GAINS, st.integers(1, 15))
def test_metrics_are_their_definitions(found: list[int], relevant: dict[int, float], k: int) -> None:
    top = [found[place] for place in range(min(k, len(found)))]
    hits = len(set(top) & set(relevant))
    assert precision(found, relevant, k) == pytest.approx(hits / k)
    assert recall(found, relevant, k) == pytest.approx(hits / len(relevant) if relevant else 0)
    gained = sum(relevant.get(item, 0) / math.log2(2 + place) for place, item in enumerate(top))
    best = sum(g / math.log2(2 + p) for p, g in enumerate(sorted(relevant.values(), reverse=True)) if p < k)
    assert ndcg(found, relevant, k) == pytest.approx(gained / best if best else 0)
    at_hits = [precision(top, relevant, place) for place in range(1, len(top) + 1) if top[place - 1] in relevant]
    expected = sum(at_hits) / min(k, len(relevant)) if relevant else 0
    assert average_precision(found, relevant, k) == pytest.approx(expected)


@given(GAINS.filter(bool), st.integers(1, 15))
def test_the_ideal_list_is_one(relevant: dict[int, float], k: int) -> None:
    ideal = sorted(relevant, key=lambda item: -relevant[item])
    assert ndcg(ideal, relevant, k) == pytest.approx(1)
    assert average_precision(ideal, relevant, k) == pytest.approx(1)


def test_coverage_counts_an_item_once() -> None:
    assert coverage([[1, 2, 3], [2, 1], []], 10, 2) == pytest.approx(0.2)
    assert coverage([], 0, 2) == 0


def test_bootstrap_holds_the_mean_and_is_seeded() -> None:
    values = np.random.default_rng(0).normal(0.3, 0.1, 400)
    one, two = (bootstrap(values, np.random.default_rng(7)) for _ in range(2))
    assert one == two
    assert one.mean == pytest.approx(values.mean())
    error = 1.96 * values.std() / math.sqrt(400)
    assert one.low == pytest.approx(values.mean() - error, abs=0.003)
    assert one.high == pytest.approx(values.mean() + error, abs=0.003)


def test_a_sure_difference_has_no_width() -> None:
    interval = bootstrap(np.full(10, 0.25), np.random.default_rng(0))
    assert (interval.low, interval.mean, interval.high) == (0.25, 0.25, 0.25)
    with pytest.raises(ValueError, match="no query"):
        bootstrap(np.empty(0), np.random.default_rng(0))


@given(st.lists(LISTS, max_size=6))
def test_gini_is_its_definition(lists: list[list[int]]) -> None:
    counts = [sum(item in found for found in lists) for item in range(13)]
    unequal = sum(abs(a - b) for a in counts for b in counts)
    assert gini(lists, 13) == pytest.approx(unequal / (2 * 13 * sum(counts)) if sum(counts) else 0)
