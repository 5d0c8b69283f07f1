from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from db.artifacts import building, open_artifact
from db.errors import ArtifactDamaged
from ensemble.dials import SUMS, VECTORS, Config, Pool, Surroundings, likeness, surroundings, turned, worth

if TYPE_CHECKING:
    from tests.ensemble.conftest import World

unit_interval = st.floats(0, 1)


def pool_of(seed: int, m: int) -> Pool:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((m, 6))
    vectors[: m // 3] = vectors[0] + 0.2 * vectors[: m // 3]  # some that are much alike
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    popularity = rng.integers(0, 5, m) / 4 if seed % 2 else rng.random(m)
    return Pool(popularity.astype(np.float32), rng.random(m).astype(np.float32), vectors.astype(np.float32))


pools = st.builds(pool_of, st.integers(0, 2**32 - 1), st.integers(1, 40))


@settings(max_examples=100, deadline=None)
@given(pools, st.floats(-1, 1), st.floats(-1, 1), unit_interval, st.integers(1, 45))
def test_more_popularity_never_gives_less(pool: Pool, one: float, other: float, adventurous: float, n: int) -> None:
    low, high = (
        float(pool.popularity[turned(pool, Config(popularity=p, adventurous=adventurous), n)].sum(dtype=np.float64))
        for p in sorted((one, other))
    )
    assert high >= low - 1e-5


@settings(max_examples=100, deadline=None)
@given(pools, unit_interval, unit_interval, st.floats(-1, 1), st.integers(1, 45))
def test_more_adventure_never_stays_nearer(pool: Pool, one: float, other: float, popularity: float, n: int) -> None:
    low, high = (
        float(pool.distance[turned(pool, Config(popularity=popularity, adventurous=a), n)].sum(dtype=np.float64))
        for a in sorted((one, other))
    )
    assert high >= low - 1e-5


@settings(max_examples=100, deadline=None)
@given(pools, unit_interval, unit_interval, st.floats(-1, 1), st.integers(1, 25))
def test_more_diversity_is_never_more_alike(pool: Pool, one: float, other: float, popularity: float, n: int) -> None:
    alike = pool.vectors @ pool.vectors.T
    low, high = (
        likeness(alike, turned(pool, Config(popularity=popularity, diverse=d), n)) for d in sorted((one, other))
    )
    assert high <= low


@settings(max_examples=60, deadline=None)
@given(pools, st.floats(-1, 1), unit_interval, unit_interval, st.integers(1, 45))
def test_a_turned_pool_is_some_of_the_pool_and_none_twice(
    pool: Pool, popularity: float, adventurous: float, diverse: float, n: int
) -> None:
    chosen = turned(pool, Config(popularity=popularity, adventurous=adventurous, diverse=diverse), n)
    assert len(chosen) == len(set(chosen)) == min(n, len(pool))
    assert set(chosen) <= set(range(len(pool)))


def test_dials_at_rest_change_nothing() -> None:
    assert turned(pool_of(1, 30), Config(), 12) == list(range(12))


def test_dials_that_are_turned_all_the_way() -> None:
    pool = pool_of(2, 30)
    assert turned(pool, Config(popularity=1), 1) == [int(pool.popularity.argmax())]
    assert turned(pool, Config(popularity=-1), 1) == [int(pool.popularity.argmin())]
    assert turned(pool, Config(adventurous=1), 1) == [int(pool.distance.argmax())]


def test_marginal_relevance_is_its_definition() -> None:
    pool, share = pool_of(4, 12), 0.5
    value = worth(pool, Config())
    value = (value - value.min()) / (value.max() - value.min())
    alike = (pool.vectors @ pool.vectors.T).astype(np.float64)
    chosen: list[int] = []
    for _ in range(6):
        left = [i for i in range(12) if i not in chosen]
        gain = {i: (1 - share) * value[i] - share * max((alike[i, j] for j in chosen), default=0.0) for i in left}
        chosen.append(max(left, key=lambda i: (gain[i], -i)))
    from ensemble.dials import _marginal

    assert _marginal(value, pool.vectors @ pool.vectors.T, np.array([share]), 6).tolist() == [chosen]


@pytest.mark.parametrize("value", [-1.1, 1.1, float("nan")])
def test_a_dial_out_of_range_is_refused(value: float) -> None:
    for dial in ("popularity", "adventurous", "diverse"):
        with pytest.raises(ValidationError):
            Config(**{dial: value})
    with pytest.raises(ValidationError):
        Config(adventurous=-0.1)


def sealed(folder: Path, around: Surroundings) -> Path:
    with building(folder, "related", "a" * 64, {}) as output:
        around.save(output)
    artifact = open_artifact(folder, "related", "a" * 64)
    assert artifact is not None
    return artifact.path


def test_surroundings_come_back_from_disk(world: World, tmp_path: Path) -> None:
    ids = world.ids[::-1].copy()
    popularity = np.arange(len(ids), dtype=np.float32)
    path = sealed(tmp_path, surroundings(world.models, ids, popularity))
    pool = Surroundings.open(path).pool(int(world.ids[3]), world.ids[[5, 9, 3]])
    assert pool.popularity[0] < pool.popularity[2]
    known = [model for model in world.models if (model.rows_of(world.ids[[5, 3]]) >= 0).all()]
    if len(known) == len(world.models):
        cosines = [model.unit()[model.rows_of(world.ids[[5, 3]])] for model in known]
        assert pool.distance[0] == pytest.approx(1 - np.mean([a @ b for a, b in cosines]), abs=1e-2)
    assert pool.distance[2] == pytest.approx(0, abs=1e-2)
    stranger = Surroundings.open(path).pool(5, np.array([1, 2]))
    assert not stranger.vectors.any()
    assert not stranger.popularity.any()


@pytest.mark.parametrize("name", [VECTORS, SUMS])
def test_a_flipped_bit_is_never_read(world: World, tmp_path: Path, name: str) -> None:
    path = sealed(tmp_path, surroundings(world.models, world.ids, np.ones(len(world.ids), np.float32)))
    bytes_ = bytearray((path / name).read_bytes())
    bytes_[-3] ^= 4
    (path / name).write_bytes(bytes_)
    with pytest.raises(ArtifactDamaged, match="kinsong build"):
        Surroundings.open(path).pool(int(world.ids[0]), world.ids)


def test_a_file_that_is_cut_or_gone_is_named(world: World, tmp_path: Path) -> None:
    path = sealed(tmp_path, surroundings(world.models, world.ids, np.ones(len(world.ids), np.float32)))
    (path / VECTORS).write_bytes((path / VECTORS).read_bytes()[:-1])
    with pytest.raises(ArtifactDamaged, match=VECTORS):
        Surroundings.open(path)
    (path / VECTORS).unlink()
    with pytest.raises(ArtifactDamaged, match=VECTORS):
        Surroundings.open(path)
