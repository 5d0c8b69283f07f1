"""Tracks in the place of artists: the same numbers that artists in their place would get."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cf import als, tracks, word2vec
from cf.interactions import Interactions, Playlists
from db.errors import BuildError

IDS = np.arange(16, dtype=np.int64)


def renamed(table: pa.Table) -> pa.Table:
    return table.rename_columns(["track_id" if name == "artist_id" else name for name in table.column_names])


def test_playlists_of_tracks_give_what_artists_in_their_place_would(playlists_table: pa.Table) -> None:
    config = word2vec.Config(dim=4, visits=20)
    found = tracks.fit_playlists(tracks.playlists(renamed(playlists_table), IDS, 3), config, np.random.default_rng(1))
    wanted = word2vec.fit(Playlists.from_entries(playlists_table, IDS), config, np.random.default_rng(1))
    assert set(found.vectors) == {"track"}
    vectors = found.vectors["track"]
    assert (vectors.model, vectors.entity) == ("playlist", "track")
    np.testing.assert_array_equal(vectors.matrix, wanted.vectors["artist"].matrix)


def test_plays_of_tracks_give_what_artists_in_their_place_would(plays_table: pa.Table) -> None:
    config = als.Config(dim=4, epochs=3)
    listeners = np.arange(40)
    data = tracks.plays(renamed(plays_table), listeners, IDS, 3)
    found = tracks.fit_plays(data, config, np.random.default_rng(1)).vectors["track"]
    wanted = als.fit(Interactions.from_plays(plays_table, listeners, IDS), config, np.random.default_rng(1))
    np.testing.assert_array_equal(found.matrix, wanted.vectors["artist"].matrix)


def test_a_playlist_is_a_listener_that_plays_each_of_its_tracks_once() -> None:
    entries = pa.table({
        "playlist": ["b", "b", "b", "a", "a"], "position": [0, 1, 2, 0, 1], "track_id": [7, 5, 7, 5, 9],
    })  # fmt: skip
    data = tracks.memberships(entries, np.array([9, 5, 7]), 1)
    assert data.artist_ids.tolist() == [9, 5, 7]
    assert data.matrix.toarray().tolist() == [[1, 1, 0], [0, 1, 1]]
    vectors = tracks.fit_lists(data, tracks.ListConfig(dim=2), np.random.default_rng(0)).vectors["track"]
    assert (vectors.model, vectors.ids.tolist()) == ("lists", [9, 5, 7])


def test_a_track_that_nobody_knows_is_refused() -> None:
    entries = pa.table({"playlist": ["a", "a"], "position": [0, 1], "track_id": [5, 6]})
    with pytest.raises(BuildError, match="6, which is not in the catalogue"):
        tracks.memberships(entries, np.array([5]), 1)
