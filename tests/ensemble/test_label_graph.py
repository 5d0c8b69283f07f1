from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from db.vectors import Vectors
from ensemble.facts import Facts
from ensemble.features import FROM_LABELS, features
from ensemble.fusion import fuse
from ensemble.label_graph import LabelGraph
from ensemble.labels import labels
from ensemble.ranker import Config, compare, lesson, train
from ensemble.related import Config as RelatedConfig
from ensemble.related import Sections, pooled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ensemble.labels import Labels
    from ensemble.pools import Pools

N = 30
SECTIONS = Sections(related=RelatedConfig(n=5, pool=8))


def some_pools(rng: np.random.Generator, n: int = N) -> tuple[Pools, NDArray[np.float32]]:
    vectors = Vectors("m", "artist", np.arange(n), rng.standard_normal((n, 4)).astype(np.float32))
    found = pooled((vectors,), np.arange(n), SECTIONS.model_copy(update={
        "candidates": SECTIONS.candidates.model_copy(update={"depth": 8}),
    }))  # fmt: skip
    return found, fuse(found, Facts.none(n), SECTIONS.fusion)


def some_labels(rng: np.random.Generator, n: int = N) -> Labels:
    judged = {}
    for artist in rng.choice(n, rng.integers(1, n), replace=False).tolist():
        others = [one for one in rng.choice(n, 4, replace=False).tolist() if one != artist]
        judged[artist] = dict(zip(others, [2.0, *rng.integers(0, 3, 3)], strict=False))
    return judged


def slowly(found: Pools, fused: NDArray[np.float32], judged: Labels, query: int, item: int) -> list[float]:
    """The header's definitions."""
    best = max(max(row.values()) for row in judged.values())
    grade = {(a, b): g / best for a, row in judged.items() for b, g in row.items() if g > 0}
    begin = int(found.candidates.offsets[query])
    listed = {a for a, _ in grade}
    near = {b: float(fused[begin + k]) ** 2 for k, b in enumerate(found.candidates.pool(query).tolist()) if b in listed}
    others = listed - {query}
    return [
        sum(w * grade.get((b, item), 0) for b, w in near.items()) / sum(near.values()) if near else math.nan,
        grade.get((item, query), 0.0) if item in listed else math.nan,
        sum(grade.get((b, query), 0) * grade.get((b, item), 0) for b in others),
        sum(grade.get((b, item), 0) for b in others),
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_columns_are_their_definitions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found, fused = some_pools(rng)
    judged = some_labels(rng)
    queries = np.array([7, 3, 21])
    got = LabelGraph.of(found, fused, judged).columns(queries)
    expected = [slowly(found, fused, judged, q, b) for q in queries.tolist() for b in found.candidates.pool(q).tolist()]
    np.testing.assert_allclose(got, np.array(expected), rtol=1e-4, atol=1e-6)
    again = LabelGraph.of(found, fused, judged).columns(queries[::-1])
    np.testing.assert_array_equal(again[-len(found.candidates.pool(7)) :], got[: len(found.candidates.pool(7))])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_said_of_an_artist_is_the_same_whatever_its_own_list(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found, fused = some_pools(rng)
    judged = {**some_labels(rng), 5: {6: 1.0}, 9: {5: 2.0}}
    query = np.array([5])
    without = {artist: row for artist, row in judged.items() if artist != 5}
    said, unsaid = (LabelGraph.of(found, fused, one).columns(query) for one in (judged, without))
    np.testing.assert_array_equal(said, unsaid)


def test_only_some_lists_are_as_if_there_were_no_others() -> None:
    rng = np.random.default_rng(4)
    found, fused = some_pools(rng)
    judged = {2: {3: 1.0, 4: 1.0}, 8: {2: 1.0}, 11: {4: 1.0}}
    part = LabelGraph.of(found, fused, judged).only(np.array([2, 11])).columns(np.arange(N))
    alone = LabelGraph.of(found, fused, {2: judged[2], 11: judged[11]}).columns(np.arange(N))
    np.testing.assert_array_equal(part, alone)


def test_nobody_labelled_says_nothing() -> None:
    found, fused = some_pools(np.random.default_rng(4))
    near, back, together, named = LabelGraph.of(found, fused, {}).columns(np.arange(N)).T
    assert np.isnan(near).all()
    assert np.isnan(back).all()
    assert not together.any()
    assert not named.any()


def cliques(n: int, size: int) -> Labels:
    """Everybody's list is its clique, of which no model knows anything."""
    clique = np.random.default_rng(9).permutation(n) // size
    return labels([(a, b, 1.0) for a in range(n) for b in range(n) if a != b and clique[a] == clique[b]], np.arange(n))


def test_lists_of_others_teach_what_no_model_knows_and_can_be_switched_off() -> None:
    rng = np.random.default_rng(1)
    n = 120
    vectors = Vectors("m", "artist", np.arange(n), rng.standard_normal((n, 4)).astype(np.float32))
    found = pooled((vectors,), np.arange(n), Sections())
    facts = Facts.none(n)
    fused = fuse(found, facts, SECTIONS.fusion)
    given_ = lesson(found, facts, fused, cliques(n, 6))
    assert compare(given_.answerable(), Config(rounds=30), 1).mean() > 0.3
    silent = Config(rounds=30, lists=False)
    assert compare(given_.answerable(), silent, 1).mean() < 0.1
    assert not {name for name, _ in FROM_LABELS} & set(train(given_, silent, 1).columns)


def test_labels_of_the_judged_never_reach_who_judges_them() -> None:
    rng = np.random.default_rng(3)
    found, fused = some_pools(rng, 120)
    judged = {a: {int(b): 1.0 for b in rng.choice(found.candidates.pool(a), 3, replace=False)} for a in range(60)}
    taught = LabelGraph.of(found, fused, {a: judged[a] for a in range(30)})
    rows = lesson(found, Facts.none(120), fused, judged).knowing(np.arange(30)).rows
    expected = features(found, Facts.none(120), fused, np.arange(60), taught)
    np.testing.assert_array_equal(rows.matrix, expected.matrix)
