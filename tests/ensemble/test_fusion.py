from __future__ import annotations

import numpy as np
import pytest

from ensemble.candidates import Candidates
from ensemble.facts import Facts, Incidence
from ensemble.fusion import Config, best_rank, fuse, ranking
from ensemble.pools import Pools

PLAIN = Config(k=10, reverse=0, trust=0)


@pytest.fixture
def pools() -> Pools:
    """Artists 0, 1, 2; pools 0: {1, 2}, 1: {0}, 2: {0, 1}. Model x knows all, y does not know 1."""
    candidates = Candidates(np.array([0, 2, 3, 5]), np.array([1, 2, 0, 0, 1], np.int32))
    rank = np.array([[1, 2, 1, 2, 1], [0, 1, 0, 1, 0]], np.int32)
    cosine = np.where(rank > 0, 1 - rank / 10, np.nan).astype(np.float32)
    return Pools(("x", "y"), candidates, cosine, rank, np.array([2, 3, 0, 1, -1]))


def nothing() -> Facts:
    return Facts.none(3)


def test_reciprocal_ranks_by_hand(pools: Pools) -> None:
    most = 2 / 11
    expected = [1 / 11 / most, (1 / 12 + 1 / 11) / most, 1 / 11 / most, (1 / 12 + 1 / 11) / most, 1 / 11 / most]
    np.testing.assert_allclose(fuse(pools, nothing(), PLAIN), expected, rtol=1e-6)


def test_the_other_side_counts_in_part(pools: Pools) -> None:
    most = 2 * 1.5 / 11
    expected = [
        (1 / 11 + 0.5 / 11) / most, (1 / 12 + 1 / 11 + 0.5 / 12 + 0.5 / 11) / most, (1 / 11 + 0.5 / 11) / most,
        (1 / 12 + 1 / 11 + 0.5 / 12 + 0.5 / 11) / most, 1 / 11 / most,
    ]  # fmt: skip
    np.testing.assert_allclose(fuse(pools, nothing(), Config(k=10, reverse=0.5, trust=0)), expected, rtol=1e-6)


def test_trust_grows_with_what_a_model_learnt_from(pools: Pools) -> None:
    artist = np.array([0, 0, 0, 1, 2, 2])
    listeners = Incidence.of(3, artist, np.array([0, 1, 2, 0, 0, 1]))
    none = Incidence.empty(3)
    config = Config(k=10, reverse=0, trust=3, learnt_from={"x": "listeners"}, weights={"y": 0})
    trust = np.array([1 / 4, 2 / 5, 1 / 4, 2 / 5, 1 / 4])  # the fewer listeners of 0, 1, 2 with 3, 1, 2
    ranks = np.array([1, 2, 1, 2, 1])
    expected = trust / (10 + ranks) * 11
    np.testing.assert_allclose(fuse(pools, Facts(listeners, none, none, none), config), expected, rtol=1e-6)


def test_a_model_that_learnt_from_nothing_counted_is_trusted_as_if_from_one_thing(pools: Pools) -> None:
    config = Config(k=10, reverse=0, trust=3, learnt_from={"x": "pages", "y": "pages"})
    np.testing.assert_allclose(fuse(pools, nothing(), config), fuse(pools, nothing(), PLAIN) / 4, rtol=1e-6)


def test_a_silenced_model_is_not_heard(pools: Pools) -> None:
    only_x = fuse(pools, nothing(), PLAIN.model_copy(update={"weights": {"y": 0.0}}))
    np.testing.assert_allclose(only_x, 11 / (10 + pools.rank[0]), rtol=1e-6)
    assert not fuse(pools, nothing(), PLAIN.model_copy(update={"weights": {"x": 0.0, "y": 0.0}})).any()


def test_first_for_all_from_both_sides_is_one() -> None:
    candidates = Candidates(np.array([0, 1, 2]), np.array([1, 0], np.int32))
    both = Pools(("x",), candidates, np.ones((1, 2), np.float32), np.ones((1, 2), np.int32), np.array([1, 0]))
    np.testing.assert_allclose(fuse(both, Facts.none(2), Config(learnt_from={})), [1, 1])


def test_ties_go_to_the_best_rank_then_to_canonical_order(pools: Pools) -> None:
    best = best_rank(pools)
    assert best.tolist() == [1, 1, 1, 1, 1]
    same = np.ones(5, np.float32)
    assert ranking(pools, (same,), best, 0).tolist() == [0, 1]
    assert ranking(pools, (same,), np.array([2, 1, 1, 1, 1], np.int32), 0).tolist() == [1, 0]
    second = np.array([0, 1, 0, 0, 0], np.float32)
    assert ranking(pools, (same, second), best, 0).tolist() == [1, 0]
