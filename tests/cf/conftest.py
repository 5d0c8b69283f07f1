"""A small world for every model: two scenes that hardly mix, as plays and as playlists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cf.interactions import Interactions, Playlists

SCENE = 8
"""Artists of each of the two scenes: ids 0 … 7 and 8 … 15."""


def deal_plays(rng: np.random.Generator, listeners: int = 40) -> pa.Table:
    """Listeners with an even id play the first scene, the others the second; one play in sixteen goes astray."""
    rows = []
    for listener in range(listeners):
        for artist in rng.choice(SCENE, 5, replace=False):
            scene = (listener + int(rng.random() < 0.06)) % 2
            rows.append((listener, int(artist) + SCENE * scene, float(rng.integers(1, 500))))
    listener_id, artist_id, plays = zip(*sorted(set(rows)), strict=True)
    return pa.table({"listener_id": listener_id, "artist_id": artist_id, "plays": plays})


def deal_playlists(rng: np.random.Generator, playlists: int = 40) -> pa.Table:
    """Playlists of six tracks of one scene, the last track by two artists."""
    rows = []
    for playlist in range(playlists):
        artists = rng.choice(SCENE, 7, replace=False) + SCENE * (playlist % 2)
        rows += [(f"list {playlist:03}", min(place, 5), int(artist)) for place, artist in enumerate(artists)]
    playlist_key, position, artist_id = zip(*sorted(rows), strict=True)
    return pa.table({"playlist": playlist_key, "position": position, "artist_id": artist_id})


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def plays_table(rng: np.random.Generator) -> pa.Table:
    return deal_plays(rng)


@pytest.fixture
def playlists_table(rng: np.random.Generator) -> pa.Table:
    return deal_playlists(rng)


@pytest.fixture
def plays(plays_table: pa.Table) -> Interactions:
    return Interactions.from_plays(plays_table, np.arange(40), np.arange(2 * SCENE))


@pytest.fixture
def playlists(playlists_table: pa.Table) -> Playlists:
    return Playlists.from_entries(playlists_table, np.arange(2 * SCENE))
