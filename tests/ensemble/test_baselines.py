from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from ensemble import baselines
from ensemble.baselines import co_counts, ease, knn, popularity, top


def made_up(seed: int, n: int = 9, listeners: int = 14) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, listeners)) < 0.5, rng.integers(1, 12, (n, listeners)), 0).astype(np.float64)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_each_is_its_definition(seed: int) -> None:
    plays = made_up(seed)
    plays[0] = 0  # whom nobody plays
    table, everyone = sparse.csr_matrix(plays), np.arange(len(plays))
    logs = np.log1p(plays)
    for a in range(len(plays)):
        for b in range(len(plays)):
            counted = sum(min(x, y, 5) for x, y in zip(plays[a], plays[b], strict=True))
            length = math.sqrt((logs[a] @ logs[a]) * (logs[b] @ logs[b]))
            assert co_counts(table)(everyone)[a, b] == (counted if counted >= 10 else 0)
            assert knn(table)(everyone)[a, b] == pytest.approx(logs[a] @ logs[b] / length if length else 0)
            assert popularity(table)(everyone)[a, b] == (plays[b] > 0).sum()


def test_ease_solves_its_own_problem() -> None:
    played = made_up(3) > 0
    weights = ease(sparse.csr_matrix(played.astype(np.float64)), reg=7.0)(np.arange(9))
    x = played.T.astype(np.float64)
    for b in range(9):  # column b: ridge regression of b on all others, equation 4 with a zero diagonal
        others = [a for a in range(9) if a != b]
        solved = np.linalg.solve(x[:, others].T @ x[:, others] + 7 * np.eye(8), x[:, others].T @ x[:, b])
        np.testing.assert_allclose(weights[others, b], solved, rtol=1e-6, atol=1e-9)


def test_lists_leave_out_oneself_and_who_scores_nothing() -> None:
    scores = np.array([[9.0, 2.0, 2.0, 0.0], [1.0, 9.0, -1.0, 3.0]])
    assert dict(top(lambda queries: scores[queries], np.array([0, 1]), 3)) == {0: [1, 2], 1: [3, 0]}


def test_a_large_catalogue_is_told_why_ease_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "MOST_ARTISTS", 8)
    found, notes = baselines.baselines(sparse.csr_matrix(made_up(0)))
    assert "EASE" not in found
    assert "EASE is left out" in notes[0]
