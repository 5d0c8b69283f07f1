from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.vectors import Vectors
from ensemble.candidates import Candidates
from ensemble.facts import Countable, Facts, Incidence
from ensemble.fusion import Config, best_rank, circles, confidence, fuse, ranking
from ensemble.pools import Pools
from ensemble.related import Config as RelatedConfig
from ensemble.related import Sections, pooled, select

PLAIN = Config(method="reciprocal", k=10, reverse=0, trust=0, trust_terms=0)
BARE = Config(trust=0, trust_terms=0, sharpness=1, shared=0, circle=0)


@pytest.fixture
def pools() -> Pools:
    """Artists 0, 1, 2; pools 0: {1, 2}, 1: {0}, 2: {0, 1}. Model x knows all, y does not know 1."""
    candidates = Candidates(np.array([0, 2, 3, 5]), np.array([1, 2, 0, 0, 1], np.int32))
    rank = np.array([[1, 2, 1, 2, 1], [0, 1, 0, 1, 0]], np.int32)
    cosine = np.where(rank > 0, 1 - rank / 10, np.nan).astype(np.float32)
    return Pools(("x", "y"), candidates, cosine, rank, np.array([2, 3, 0, 1, -1]))


def nothing() -> Facts:
    return Facts.none(3)


def test_similarities_are_added_and_what_is_not_known_adds_nothing(pools: Pools) -> None:
    np.testing.assert_allclose(fuse(pools, nothing(), BARE), [0.45, 0.85, 0.45, 0.85, 0.45], rtol=1e-6)


def test_unlike_counts_as_nothing_known(pools: Pools) -> None:
    pools.cosine[0, 1] = -0.7
    np.testing.assert_allclose(fuse(pools, nothing(), BARE)[1], 0.45, rtol=1e-6)


def test_trust_grows_with_what_a_model_learnt_from(pools: Pools) -> None:
    artist = np.array([0, 0, 0, 1, 2, 2])
    facts = with_listeners(artist, np.array([0, 1, 2, 0, 0, 1]))
    config = BARE.model_copy(update={"trust": 3.0, "learnt_from": {"x": "listeners"}, "weights": {"y": 0.0}})
    trust = np.array([1 / 4, 2 / 5, 1 / 4, 2 / 5, 1 / 4])  # the fewer listeners of 0, 1, 2 with 3, 1, 2
    np.testing.assert_allclose(fuse(pools, facts, config), trust * pools.cosine[0], rtol=1e-6)
    by_rank = PLAIN.model_copy(update=config.model_dump(include={"trust", "learnt_from", "weights"}))
    np.testing.assert_allclose(fuse(pools, facts, by_rank), trust * 11 / (10 + pools.rank[0]), rtol=1e-6)


def test_a_text_model_is_trusted_by_the_terms_that_it_knows(pools: Pools) -> None:
    none = Incidence.empty(3)
    terms = Incidence.of(3, np.array([0, 0, 0, 1, 2, 2]), np.array([0, 1, 2, 0, 0, 1]))
    config = BARE.model_copy(update={"trust_terms": 3.0, "learnt_from": {"x": "terms"}, "weights": {"y": 0.0}})
    trust = np.array([1 / 4, 2 / 5, 1 / 4, 2 / 5, 1 / 4])
    fused = fuse(pools, Facts(none, none, none, terms), config)
    np.testing.assert_allclose(fused, trust * pools.cosine[0], rtol=1e-6)


def test_sharper_makes_the_nearest_stand_out(pools: Pools) -> None:
    sharp = fuse(pools, nothing(), BARE.model_copy(update={"sharpness": 2.0}))
    np.testing.assert_allclose(sharp, (np.nan_to_num(pools.cosine) ** 2).sum(axis=0) / 2, rtol=1e-6)


def test_a_model_that_learnt_from_nothing_counted_is_trusted_as_if_from_one_thing(pools: Pools) -> None:
    config = BARE.model_copy(update={"trust": 3.0, "learnt_from": {"x": "pages", "y": "pages"}})
    np.testing.assert_allclose(fuse(pools, nothing(), config), fuse(pools, nothing(), BARE) / 4, rtol=1e-6)


def test_confidence_is_the_trusted_part_of_the_models_weight(pools: Pools) -> None:
    facts = with_listeners(np.array([0, 0, 0, 1, 2, 2]), np.array([0, 1, 2, 0, 0, 1]))
    config = Config(trust=3, learnt_from={"x": "listeners"}, weights={"y": 0.5})
    artists, every = np.array([0, 0, 1, 2, 2]), np.arange(5)
    trust = np.array([1 / 4, 2 / 5, 1 / 4, 2 / 5, 1 / 4])
    expected = (trust + 0.5 * np.array([0, 1, 0, 1, 0])) / 1.5
    np.testing.assert_allclose(confidence(pools, facts, config, artists, every), expected)
    some = np.array([3, 1])
    np.testing.assert_allclose(confidence(pools, facts, config, artists[some], some), expected[some])
    unheard = Config(weights={"x": 0, "y": 0})
    assert confidence(pools, facts, unheard, artists, every).tolist() == [0] * 5


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0, 1e6), st.dictionaries(st.sampled_from("xyz"), st.floats(0, 1e6)),
    st.dictionaries(st.sampled_from("xyz"), st.sampled_from(("listeners", "pages"))), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_confidence_is_from_nothing_to_one(
    trust: float, weights: dict[str, float], learnt_from: dict[str, Countable], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((12, 3)).astype(np.float32)
    vectors = [
        Vectors(name, "artist", np.flatnonzero(known), matrix[known])
        for name, known in zip("xyz", rng.random((3, 12)) < 0.7, strict=True)
    ]
    mixed = pooled(vectors, np.arange(12), Sections())
    none = Incidence.empty(12)
    facts = Facts(Incidence.of(12, rng.integers(0, 12, 30), rng.integers(0, 9, 30)), none, none, none)
    artists = np.repeat(np.arange(12), np.diff(mixed.candidates.offsets))
    config = Config(trust=trust, weights=weights, learnt_from=learnt_from)
    sure = confidence(mixed, facts, config, artists, np.arange(len(artists)))
    assert ((sure >= 0) & (sure <= 1)).all()


def with_listeners(artist: np.ndarray, listener: np.ndarray) -> Facts:
    none = Incidence.empty(3)
    return Facts(Incidence.of(3, artist, listener), none, none, none)


def test_things_in_common_count_the_more_the_more_there_are(pools: Pools) -> None:
    facts = with_listeners(np.array([0, 0, 0, 1, 2, 2]), np.array([0, 1, 2, 0, 0, 1]))
    config = Config(trust=0, shared=0.5, circle=0, weights={"x": 0, "y": 0})
    one, two, both = 1 / math.sqrt(3) / 2, 2 / math.sqrt(6) * 2 / 3, 1 / math.sqrt(2) / 2
    np.testing.assert_allclose(fuse(pools, facts, config), [one, two, one, two, both], rtol=1e-6)


def test_a_silenced_model_is_not_heard(pools: Pools) -> None:
    np.testing.assert_allclose(
        fuse(pools, nothing(), BARE.model_copy(update={"weights": {"y": 0.0}})), pools.cosine[0], rtol=1e-6
    )
    assert not fuse(pools, nothing(), BARE.model_copy(update={"weights": {"x": 0.0, "y": 0.0}})).any()


def test_the_same_to_every_model_with_all_in_common_is_one() -> None:
    candidates = Candidates(np.array([0, 1, 2]), np.array([1, 0], np.int32))
    both = Pools(("x",), candidates, np.ones((1, 2), np.float32), np.ones((1, 2), np.int32), np.array([1, 0]))
    for config in (Config(), PLAIN):
        np.testing.assert_allclose(fuse(both, Facts.none(2), config), [1, 1], rtol=1e-6)


def scattered(n: int, seed: int) -> tuple[Pools, list[Vectors]]:
    rng = np.random.default_rng(seed)
    models = []
    for name in ("x", "y"):
        known = np.flatnonzero(rng.random(n) < 0.8)
        models.append(Vectors(name, "artist", known, rng.standard_normal((len(known), 3)).astype(np.float32)))
    return pooled(models, np.arange(n), Sections(related=RelatedConfig(n=3, pool=4))), models


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_circles_are_their_definition(n: int, size: int, seed: int) -> None:
    found, _ = scattered(n, seed)
    base = np.round(np.random.default_rng(seed).random(len(found.candidates.items)), 1).astype(np.float32)
    best = best_rank(found)
    circle = np.zeros((n, n))
    for a in range(n):
        begin, end = found.candidates.offsets[a : a + 2]
        order = sorted(range(begin, end), key=lambda p: (-base[p], best[p], p))[:size]
        for pair in order:
            circle[a, found.candidates.items[pair]] = float(base[pair]) ** 2
        circle[a, a] = circle[a].max() or 1
        circle[a] /= np.linalg.norm(circle[a])
    expected = [circle[a] @ circle[b] for a in range(n) for b in found.candidates.pool(a)]
    np.testing.assert_allclose(circles(found, base, size), expected, rtol=1e-5, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 20), st.integers(0, 2**32 - 1))
def test_neither_scores_nor_lists_depend_on_ids(n: int, seed: int) -> None:
    _, models = scattered(n, seed)
    new = np.random.default_rng(seed + 1).permutation(n) * 3 + 5  # each artist's other id; canonical order stays
    dealt = [Vectors(one.model, "artist", new[one.ids], one.matrix) for one in models]
    sections = Sections(related=RelatedConfig(n=3, pool=4))
    one, other = pooled(models, np.arange(n), sections), pooled(dealt, new, sections)
    fused, again = (fuse(found, Facts.none(n), Config()) for found in (one, other))
    np.testing.assert_array_equal(fused, again)
    np.testing.assert_array_equal(select(one, fused, fused, 4).related, select(other, again, again, 4).related)


def test_a_score_is_the_same_from_both_sides() -> None:
    found, _ = scattered(20, 3)
    both = np.flatnonzero(found.back >= 0)
    fused = fuse(found, Facts.none(20), Config())
    np.testing.assert_allclose(fused[both], fused[found.back[both]], rtol=1e-6)


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
    config = PLAIN.model_copy(update={"reverse": 0.5})
    np.testing.assert_allclose(fuse(pools, nothing(), config), expected, rtol=1e-6)


def test_ties_go_to_the_best_rank_then_to_canonical_order(pools: Pools) -> None:
    best = best_rank(pools)
    assert best.tolist() == [1, 1, 1, 1, 1]
    same = np.ones(5, np.float32)
    assert ranking(pools, (same,), best, 0).tolist() == [0, 1]
    assert ranking(pools, (same,), np.array([2, 1, 1, 1, 1], np.int32), 0).tolist() == [1, 0]
    second = np.array([0, 1, 0, 0, 0], np.float32)
    assert ranking(pools, (same, second), best, 0).tolist() == [1, 0]


def served(matrix: list[list[float]]) -> list[list[int]]:
    model = Vectors("only", "artist", np.arange(len(matrix)), np.array(matrix, np.float32))
    n = len(matrix)
    found = pooled([model], np.arange(n), Sections())
    fused = fuse(found, Facts.none(n), Config())
    assert np.isfinite(fused).all()
    ranked = select(found, fused, fused, 20)
    return [ranked.related[ranked.artist == artist].tolist() for artist in range(n)]


def test_one_artist_has_nobody() -> None:
    assert served([[1.0, 2.0]]) == [[]]


def test_twenty_one_artists_have_twenty_each() -> None:
    rng = np.random.default_rng(0)
    lists = served(rng.standard_normal((21, 4)).tolist())
    assert all(sorted(found) == [other for other in range(21) if other != artist] for artist, found in enumerate(lists))


def test_all_vectors_equal_leaves_canonical_order() -> None:
    assert served([[1.0, 1.0]] * 6)[3] == [0, 1, 2, 4, 5]


def test_a_zero_vector_is_an_artist_that_the_model_does_not_know() -> None:
    assert served([[1.0, 0.0], [0.0, 0.0], [0.9, 0.1]]) == [[2], [], [0]]


def test_artists_with_identical_data_are_each_other_s_first_and_stand_side_by_side() -> None:
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((30, 8)).tolist()
    rows[17] = rows[4]
    lists = served(rows)
    assert lists[4][0] == 17
    assert lists[17][0] == 4
    assert lists[4][1:] == lists[17][1:]
    for other in (one for one in range(30) if one not in (4, 17) and {4, 17} <= set(lists[one])):
        assert lists[other].index(17) == lists[other].index(4) + 1
