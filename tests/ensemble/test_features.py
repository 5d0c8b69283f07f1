from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from db.vectors import Vectors
from ensemble.candidates import Config, nearest, union
from ensemble.facts import Facts, Incidence
from ensemble.features import features
from ensemble.pools import Pools, pools
from ensemble.spaces import catalogue, space


def make(rng: np.random.Generator, n: int) -> tuple[list[Vectors], Pools, Facts, dict[str, list[dict[int, float]]]]:
    models = []
    for name in ("a", "b"):
        ids = np.flatnonzero(rng.random(n) < 0.7).astype(np.int64)
        models.append(Vectors(name, "artist", ids, rng.standard_normal((len(ids), 3)).astype(np.float32)))
    everyone = np.arange(n, dtype=np.int64)
    spaces = [space(one, everyone) for one in models]
    depth = int(rng.integers(1, 5))
    found = pools(spaces, union(n, spaces, [nearest(one, depth, Config()) for one in spaces]))
    tables, plain = {}, {}
    for kind in ("listeners", "playlists", "pages", "terms"):
        has = rng.random((n, 60 if kind == "listeners" else 6)) < rng.choice([0.05, 0.4], (n, 1))
        artist, thing = np.nonzero(has)
        weight = rng.random(len(artist)) + 0.1 if kind == "terms" else None
        tables[kind] = Incidence.of(n, artist, thing, weight)
        size = has.sum(axis=0)
        weights = np.float32(1 / size[thing]) if weight is None else np.float32(weight)
        plain[kind] = [{int(t): float(w) for a, t, w in zip(artist, thing, weights, strict=True) if a == one}
                       for one in range(n)]  # fmt: skip
    return models, found, Facts(**tables), plain


def slow_rows(
    models: list[Vectors], found: Pools, plain: dict[str, list[dict[int, float]]], fused: np.ndarray
) -> list[list[float]]:
    """One row per pair by the definitions, with dictionaries and no tricks."""
    n = len(found.candidates)
    vector = [
        {int(i): v / np.linalg.norm(v) for i, v in zip(m.ids, m.matrix.astype(float), strict=True)} for m in models
    ]
    pool = [found.candidates.pool(a).tolist() for a in range(n)]

    def cosine(m: int, a: int, b: int) -> float:
        return float(vector[m][a] @ vector[m][b]) if a in vector[m] and b in vector[m] else math.nan

    def rank(m: int, a: int, b: int) -> float:
        if b not in pool[a] or math.isnan(cosine(m, a, b)):
            return math.nan
        mine = cosine(m, a, b)
        return 1 + sum(cosine(m, a, c) > mine for c in pool[a] if c != b)

    rows, number = [], 0
    for a in range(n):
        for b in pool[a]:
            row = []
            for m in range(len(models)):
                row += [cosine(m, a, b), rank(m, a, b), rank(m, b, a)]
            for kind in ("listeners", "playlists", "pages"):
                left, right = plain[kind][a], plain[kind][b]
                size = math.sqrt(len(left) * len(right))
                common = len(left.keys() & right.keys())
                row += [common if size else math.nan, common / size if size else math.nan]
            left, right = plain["terms"][a], plain["terms"][b]
            row.append(sum(min(left[t], right[t]) for t in left.keys() & right.keys()))
            row.append(math.log1p(sum(len(plain[kind][b]) for kind in ("listeners", "playlists", "pages"))))
            row.append(fused[number])
            row[-1:-1] = [math.nan] * 4
            rows.append(row)
            number += 1
    return rows


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 14), st.integers(0, 2**32 - 1))
def test_features_are_their_definitions(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    models, found, facts, plain = make(rng, n)
    fused = rng.random(len(found.candidates.items)).astype(np.float32)
    rows = features(found, facts, fused, np.arange(n, dtype=np.int64))
    assert len(rows.columns) == len(rows.monotone) == rows.matrix.shape[1]
    expected = np.array(slow_rows(models, found, plain, fused), dtype=np.float64).reshape(rows.matrix.shape)
    np.testing.assert_allclose(rows.matrix, expected, rtol=2e-5, atol=2e-6)


def test_some_queries_give_their_own_rows_only() -> None:
    rng = np.random.default_rng(8)
    _, found, facts, _ = make(rng, 14)
    fused = rng.random(len(found.candidates.items)).astype(np.float32)
    whole = features(found, facts, fused, np.arange(14)).matrix
    part = features(found, facts, fused, np.array([11, 3])).matrix
    offsets = found.candidates.offsets
    expected = np.concatenate([whole[offsets[11] : offsets[12]], whole[offsets[3] : offsets[4]]])
    np.testing.assert_array_equal(part, expected)


def test_a_cosine_is_the_same_from_both_sides() -> None:
    _, found, _, _ = make(np.random.default_rng(2), 14)
    both = np.flatnonzero(found.back >= 0)
    np.testing.assert_array_equal(found.cosine[:, both], found.cosine[:, found.back[both]])


def test_columns_can_be_left_out() -> None:
    rng = np.random.default_rng(8)
    _, found, facts, _ = make(rng, 14)
    rows = features(found, facts, np.ones(len(found.candidates.items), np.float32), np.arange(14))
    less = rows.without("popularity")
    assert "popularity" not in less.columns
    assert less.matrix.shape[1] == len(less.columns) == len(less.monotone) == len(rows.columns) - 1
    np.testing.assert_array_equal(less.matrix[:, -1], rows.matrix[:, -1])


def test_catalogue_is_canonical_and_leaves_out_strangers() -> None:
    one = Vectors("one", "artist", np.array([9, 4]), np.ones((2, 2), np.float32))
    two = Vectors("two", "artist", np.array([4, 77]), np.ones((2, 2), np.float32))
    assert catalogue((one, two), np.array([4, 5, 9])).tolist() == [4, 9]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), max_size=30))
def test_narrow_leaves_out_what_many_have(most: int, pairs: list[tuple[int, int]]) -> None:
    artists, things = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    table = Incidence.of(7, artists, things).narrow(most)
    owners = {thing: {a for a, t in pairs if t == thing} for thing in things.tolist()}
    for artist in range(7):
        mine = table.things[table.starts[artist] : table.starts[artist + 1]].tolist()
        assert mine == sorted(t for t, who in owners.items() if artist in who and len(who) <= most)
    np.testing.assert_allclose(table.weights, [1 / len(owners[t]) for t in table.things.tolist()], rtol=1e-6)
