from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ensemble.exact import ITEMS, QUERIES, exact_neighbours, exact_top_k


def slow(queries: np.ndarray, items: np.ndarray, k: int, own: np.ndarray) -> list[list[int]]:
    found = []
    for query, mine in zip(queries, own, strict=True):
        scores = items @ query
        order = sorted((-scores[row], row) for row in range(len(items)) if row != mine)
        found.append([row for _, row in order[:k]])
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_is_brute_force_with_ties_to_the_lower_row(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = rng.integers(-2, 3, (n, 3)).astype(np.float32)  # few values: many ties, and products without rounding
    own = np.arange(n)
    rows, scores = exact_top_k(items, items, k, own)
    expected = slow(items, items, k, own)
    assert [[r for r in row if r >= 0] for row in rows.tolist()] == expected
    for query, row in enumerate(expected):
        np.testing.assert_array_equal(scores[query, : len(row)], items[row] @ items[query])
    assert rows.shape == (n, k)


def test_blocks_change_nothing() -> None:
    rng = np.random.default_rng(3)
    items = rng.standard_normal((ITEMS + 500, 8)).astype(np.float32)
    queries = items[:300]
    rows, _ = exact_top_k(queries, items, 20)
    expected = np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :20]
    np.testing.assert_array_equal(rows, expected)


@pytest.mark.parametrize("k", [0, 3])
def test_nothing_to_find(k: int) -> None:
    rows, scores = exact_top_k(np.ones((2, 4), np.float32), np.empty((0, 4), np.float32), k)
    assert rows.shape == scores.shape == (2, k)
    assert (rows == -1).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_neighbours_are_everybodys_top_k_with_ties_to_the_lower_row(n: int, k: int, seed: int) -> None:
    items = np.random.default_rng(seed).integers(-2, 3, (n, 3)).astype(np.float32)
    rows, scores = exact_neighbours(items, k)
    expected, expected_scores = exact_top_k(items, items, k, np.arange(n))
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(scores, expected_scores)


@pytest.mark.parametrize("n", [ITEMS, ITEMS + 1, 2 * ITEMS + QUERIES + 3])
def test_tiles_change_nothing(n: int) -> None:
    items = np.random.default_rng(n).integers(-4, 5, (n, 6)).astype(np.float32)
    rows, _ = exact_neighbours(items, 9)
    products = items @ items.T
    np.fill_diagonal(products, -np.inf)
    np.testing.assert_array_equal(rows, np.argsort(-products, axis=1, kind="stable")[:, :9])


def test_the_benchmark_compares_at_the_same_recall() -> None:
    from tests.quality.bench_search import GOAL, annoy, compare

    rows = compare(n=600, dim=8, rounds=1, searches=(annoy,), sample_size=40)
    assert [row["vectors"] for row in rows] == ["normal"] * 2 + ["scenes"] * 2
    assert all(row["recall@20"] >= GOAL for row in rows)
