from __future__ import annotations

import numpy as np
import pytest

from cf import membership
from cf.interactions import Playlists


def random_lists(rng: np.random.Generator, artists: int, lists: int, tastes: int = 3) -> Playlists:
    """Lists of 12 places, each of one taste; every artist in some."""
    own = [rng.permutation(np.arange(n, artists, tastes))[:12] for n in rng.integers(0, tastes, lists)]
    rows = np.concatenate([*own, np.arange(artists)]).astype(np.int32)
    ends = np.append(np.cumsum([0, *map(len, own)]), len(rows))
    return Playlists(np.arange(artists), ends, np.arange(len(rows) + 1), rows)


def cosines(data: Playlists) -> np.ndarray:
    """By the definition."""
    places = data.membership.toarray()
    rows = np.sqrt(places) / (places > 0).sum(axis=0) ** 0.25
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def test_few_lists_keep_every_cosine(rng: np.random.Generator) -> None:
    data = random_lists(rng, 30, 20)
    found = membership.vectors(data, 16, rng)
    assert found.shape == (30, 21)
    np.testing.assert_allclose(found @ found.T, cosines(data), atol=1e-5)


@pytest.mark.parametrize("exact", [2048, 0])
def test_many_lists_keep_what_most_share(rng: np.random.Generator, exact: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = random_lists(rng, 60, 200)
    monkeypatch.setattr(membership, "_EXACT", exact)
    found = membership.vectors(data, 3, rng)
    assert found.shape == (60, 3)
    values, turn = np.linalg.eigh(cosines(data))
    wanted = turn[:, -3:] * np.sqrt(values[-3:])
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=1e-3)
    same = np.arange(60) % 3 == np.arange(60)[:, None] % 3
    assert (found @ found.T)[same].min() > (found @ found.T)[~same].max()
