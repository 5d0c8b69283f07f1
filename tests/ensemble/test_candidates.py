from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from db.vectors import Vectors
from ensemble.candidates import Config, nearest, union
from ensemble.spaces import catalogue, space

if TYPE_CHECKING:
    from ensemble.candidates import Candidates
    from tests.ensemble.conftest import World


def candidates_of(models: tuple[Vectors, ...], canonical: np.ndarray, depth: int) -> tuple[np.ndarray, Candidates]:
    artists = catalogue(models, canonical)
    spaces = [space(one, artists) for one in models]
    return artists, union(len(artists), spaces, [nearest(one, depth, Config()) for one in spaces])


def test_pools_are_the_union_of_every_models_nearest(world: World) -> None:
    artists, found = candidates_of(world.models, world.ids, 7)
    assert len(found) == len(artists)
    for place, artist in enumerate(artists):
        expected: set[int] = set()
        for one in world.models:
            if artist in one.ids:
                unit = one.unit()
                cosine = unit @ unit[np.flatnonzero(one.ids == artist)[0]]
                cosine[one.ids == artist] = -2
                expected |= set(one.ids[np.argsort(-cosine, kind="stable")[:7]].tolist())
        pool = found.pool(place)
        assert set(artists[pool].tolist()) == expected
        assert (np.diff(pool) > 0).all()
        assert place not in pool


def test_an_artist_of_one_model_gets_its_full_share() -> None:
    rng = np.random.default_rng(1)
    one = Vectors("one", "artist", np.arange(40), rng.standard_normal((40, 5)).astype(np.float32))
    two = Vectors("two", "artist", np.arange(30, 80), rng.standard_normal((50, 5)).astype(np.float32))
    _, found = candidates_of((one, two), np.arange(80), 10)
    sizes = np.diff(found.offsets)
    assert (sizes[:30] == 10).all()
    assert (sizes[40:] == 10).all()
    assert (sizes[30:40] >= 10).all()


def test_ids_as_dealt_change_nothing(world: World) -> None:
    artists, found = candidates_of(world.models, world.ids, 9)
    dealt = np.random.default_rng(4).permutation(10_000)[: len(world.ids)].astype(np.int64)
    renamed = dict(zip(world.ids.tolist(), dealt.tolist(), strict=True))
    models = tuple(Vectors(m.model, m.entity, np.array([renamed[i] for i in m.ids.tolist()]), m.matrix)
                   for m in world.models)  # fmt: skip
    others, again = candidates_of(models, dealt, 9)
    assert others.tolist() == [renamed[i] for i in artists.tolist()]
    np.testing.assert_array_equal(found.offsets, again.offsets)
    np.testing.assert_array_equal(found.items, again.items)


def test_zero_vectors_are_unknown_artists() -> None:
    matrix = np.eye(4, dtype=np.float32)
    matrix[2] = 0
    artists, found = candidates_of((Vectors("one", "artist", np.arange(4), matrix),), np.arange(4), 3)
    assert artists.tolist() == [0, 1, 2, 3]
    assert found.pool(2).tolist() == []
    assert found.pool(0).tolist() == [1, 3]


def test_identical_vectors_are_taken_in_canonical_order() -> None:
    models = (Vectors("one", "artist", np.arange(30), np.ones((30, 3), np.float32)),)
    _, found = candidates_of(models, np.arange(30), 4)
    assert found.pool(0).tolist() == [1, 2, 3, 4]
    assert found.pool(20).tolist() == [0, 1, 2, 3]


def test_one_artist_and_none() -> None:
    artists, found = candidates_of(
        (Vectors("one", "artist", np.array([5]), np.ones((1, 3), np.float32)),), np.array([5]), 4
    )
    assert (len(artists), len(found), len(found.items)) == (1, 1, 0)
    artists, found = candidates_of((), np.array([5]), 4)
    assert (len(artists), len(found), len(found.items)) == (0, 0, 0)
