"""Stations of a small world: forty artists in four scenes, five tracks each, lists that hold one scene's tracks."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from db.artifacts import building, open_artifact
from db.errors import ArtifactDamaged
from db.vectors import Vectors
from ensemble.facts import Incidence
from ensemble.radio import UNKNOWN, Config, Stations, stations
from ensemble.station_files import StationFiles, write_stations
from ensemble.tracks import Tracks, TrackSpace, track_spaces

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ARTISTS, EACH, SCENES = 40, 5, 4
ALONE = 7
"""A track that stands in no list and that nobody plays."""
CONFIG = Config(n=30, depth=20, around=9, own=4, each=5, per_artist=4)


@pytest.fixture
def tracks() -> Tracks:
    rng = np.random.default_rng(3)
    n = ARTISTS * EACH
    artist = np.repeat(np.arange(ARTISTS), EACH)
    lists = [rng.choice(np.flatnonzero(artist % SCENES == one % SCENES), 12, replace=False) for one in range(60)]
    pairs = [(track, one) for one, members in enumerate(lists) for track in members.tolist() if track != ALONE]
    track, thing = np.array(pairs).T
    around = np.array([[b for b in range(ARTISTS) if b % SCENES == a % SCENES and b != a] for a in range(ARTISTS)])
    return Tracks(
        np.arange(n) * 3 + 1, np.arange(ARTISTS) + 500, artist, Incidence.empty(n), Incidence.of(n, track, thing),
        around.astype(np.int32),
    )  # fmt: skip


@pytest.fixture
def spaces(tracks: Tracks) -> tuple[TrackSpace, ...]:
    rng = np.random.default_rng(4)
    centres = rng.standard_normal((SCENES, 8))
    known = np.flatnonzero(tracks.playlists.degree > 0)
    of_tracks = centres[tracks.artist[known] % SCENES] + 0.7 * rng.standard_normal((len(known), 8))
    of_artists = centres[np.arange(ARTISTS) % SCENES] + 0.5 * rng.standard_normal((ARTISTS, 8))
    return track_spaces(
        tracks, [Vectors("playlist", "track", tracks.ids[known], of_tracks.astype(np.float32))],
        [Vectors("als", "artist", tracks.artist_ids, of_artists.astype(np.float32))],
    )  # fmt: skip


def made(tracks: Tracks, spaces: tuple[TrackSpace, ...], config: Config = CONFIG, threads: int = 1) -> Stations:
    (one,) = stations(tracks, spaces, config, threads=threads)
    return one


def scene(tracks: Tracks, found: NDArray[np.int32]) -> NDArray[np.int64]:
    return tracks.artist[found] % SCENES


def test_every_track_has_a_station_of_its_scene(tracks: Tracks, spaces: tuple[TrackSpace, ...]) -> None:
    found = made(tracks, spaces)
    assert found.models == ("playlist", "artist_als")
    assert (found.tracks >= 0).all()
    assert (found.tracks != np.arange(len(tracks))[:, None]).all()
    assert all(len(set(row)) == CONFIG.n for row in found.tracks.tolist())
    assert (np.diff(found.score, axis=1) <= 0).mean() > 0.9  # but for those that were too many of one artist
    assert (scene(tracks, found.tracks) == tracks.artist[:, None] % SCENES).mean() > 0.95


def test_a_track_that_stands_nowhere_has_the_station_of_its_artist(
    tracks: Tracks, spaces: tuple[TrackSpace, ...]
) -> None:
    found = made(tracks, spaces)
    assert not tracks.playlists.degree[ALONE]
    assert (scene(tracks, found.tracks[ALONE]) == tracks.artist[ALONE] % SCENES).all()
    assert set(found.rank[ALONE].tolist()) >= {0, 1, 2}
    assert (found.said[ALONE, :, 0] == UNKNOWN).all()
    assert (found.said[ALONE, :, 1] != UNKNOWN).all()
    assert not found.playlists[ALONE].any()


def test_what_is_said_of_a_pair_is_counted(tracks: Tracks, spaces: tuple[TrackSpace, ...]) -> None:
    found = made(tracks, spaces)
    table = tracks.playlists
    lists = [set(table.things[a:b].tolist()) for a, b in itertools.pairwise(table.starts.tolist())]
    for track in (0, 50, 199):
        for place, other in enumerate(found.tracks[track].tolist()):
            assert found.playlists[track, place] == len(lists[track] & lists[other])
            around = tracks.around[tracks.artist[track]].tolist()
            same = tracks.artist[track] == tracks.artist[other]
            whose = int(tracks.artist[other])
            assert found.rank[track, place] == (0 if same else around.index(whose) + 1 if whose in around else -1)


def test_one_artist_does_not_fill_a_station(tracks: Tracks, spaces: tuple[TrackSpace, ...]) -> None:
    for row in made(tracks, spaces).tracks:
        assert np.bincount(tracks.artist[row]).max() <= CONFIG.per_artist
    few = replace(tracks, around=tracks.around[:, :0])
    alone = made(few, (), CONFIG.model_copy(update={"own": 30, "per_artist": 1, "n": 250}))
    own = alone.tracks[ALONE][alone.tracks[ALONE] >= 0]
    assert (tracks.artist[own] == tracks.artist[ALONE]).all()  # there is nobody else
    assert len(own) == EACH - 1


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_and_threads_change_nothing(
    tracks: Tracks, spaces: tuple[TrackSpace, ...], monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    whole = made(tracks, spaces)
    monkeypatch.setattr("ensemble.radio.BLOCK", block)
    parts = list(stations(tracks, spaces, CONFIG, threads=3))
    for name in ("tracks", "score", "playlists", "rank", "said"):
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in parts]), getattr(whole, name))


def test_no_models_and_no_lists_give_stations_all_the_same(tracks: Tracks) -> None:
    bare = replace(tracks, playlists=Incidence.empty(len(tracks)), around=tracks.around[:, :0])
    found = made(bare, ())
    assert [row[row >= 0].tolist() for row in found.tracks[:2]] == [[1, 2, 3, 4], [0, 2, 3, 4]]


def test_stations_at_rest_are_what_was_made(
    tracks: Tracks, spaces: tuple[TrackSpace, ...], tmp_path: Path
) -> None:
    one = made(tracks, spaces)
    with building(tmp_path, "radio", "f" * 64, {}) as folder:
        assert write_stations(folder, tracks.ids, one.models, CONFIG.n, [one]) == one.tracks.size
    artifact = open_artifact(tmp_path, "radio", "f" * 64)
    assert artifact is not None
    opened = StationFiles.open(artifact.path)
    assert opened.neighbours(2) == []
    for track in (0, ALONE, 150):
        told = opened.neighbours(int(tracks.ids[track]))
        assert [neighbour.track_id for neighbour in told] == tracks.ids[one.tracks[track]].tolist()
        assert told[0].score == pytest.approx(float(one.score[track, 0]), abs=1e-3)
        assert set(told[0].models) == ({"artist_als"} if track == ALONE else {"playlist", "artist_als"})
    rows = pq.read_table(artifact.path / "radio.parquet").to_pylist()
    assert [row["track_id"] for row in rows] == tracks.ids.tolist()
    assert [piece["track_id"] for piece in rows[9]["pieces"]] == tracks.ids[one.tracks[9]].tolist()
    damaged = bytearray((artifact.path / "neighbours.npy").read_bytes())
    damaged[-1] ^= 0x40
    (artifact.path / "neighbours.npy").write_bytes(damaged)
    again = StationFiles.open(artifact.path)
    assert again.neighbours(int(tracks.ids[0]))
    with pytest.raises(ArtifactDamaged, match="not what was written"):
        again.neighbours(int(tracks.ids[-1]))
    (artifact.path / "ids.npy").write_bytes(b"")
    with pytest.raises(ArtifactDamaged, match=r"ids\.npy"):
        StationFiles.open(artifact.path)
