"""A small world that the ensemble's tests share: scenes, and two models that see them through noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from db.vectors import Vectors

if TYPE_CHECKING:
    from db.base import IdVector


@dataclass(frozen=True)
class World:
    """Artists in scenes; ids are in canonical order of the artists' names."""

    ids: IdVector
    scene: IdVector
    models: tuple[Vectors, ...]


def make_world(n: int = 120, scenes: int = 6, noise: tuple[float, ...] = (1.0, 1.2), seed: int = 0) -> World:
    """Artists dealt into scenes, and for each noise level a model of 16 numbers that knows nine tenths of them."""
    rng = np.random.default_rng(seed)
    ids = np.arange(1, n + 1, dtype=np.int64) * 7
    scene = rng.integers(0, scenes, n)
    models = []
    for number, level in enumerate(noise):
        centres = rng.standard_normal((scenes, 16))
        matrix = (centres[scene] + level * rng.standard_normal((n, 16))).astype(np.float32)
        known = np.sort(rng.permutation(n)[: n * 9 // 10])
        models.append(Vectors(f"model{number}", "artist", ids[known], matrix[known]))
    return World(ids, scene, tuple(models))


@pytest.fixture
def world() -> World:
    """120 artists in six scenes, seen by two models."""
    return make_world()


@pytest.fixture
def lopsided() -> World:
    """The same artists; one model sees the scenes well, the other hardly at all."""
    return make_world(noise=(0.6, 9.0))
