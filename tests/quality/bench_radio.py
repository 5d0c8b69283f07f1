"""`make bench-radio`: stations of 100,000 made-up tracks, from vectors to files: wall time, CPU seconds, peak memory.

Tracks of 20,000 artists in 200 scenes stand in 60,000 playlists of 40, drawn by a power law within a scene; each in two
has vectors of 128 and 64 numbers by two models of tracks, all artists by three models of 64, and each artist has
50 related ones of its scene. Run as `python -m tests.quality.bench_radio [--tracks N] [--threads N]`.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.vectors import Vectors
from ensemble.facts import Incidence
from ensemble.radio import Config, stations
from ensemble.shelf_files import write_shelf
from ensemble.station_files import write_stations
from ensemble.tracks import Tracks, track_spaces
from kinsong import show

SCENES, PER_ARTIST, PER_LIST = 200, 5, 40


def scene_vectors(rng: np.random.Generator, scene: NDArray[np.int64], dim: int) -> NDArray[np.float32]:
    centres = rng.standard_normal((SCENES, dim))
    return (centres[scene] + rng.standard_normal((len(scene), dim))).astype(np.float32)


def world(n: int, rng: np.random.Generator) -> tuple[Tracks, list[Vectors], list[Vectors]]:
    artist = np.repeat(np.arange(n // PER_ARTIST), PER_ARTIST)
    scene = np.arange(n // PER_ARTIST) % SCENES
    by_scene = [np.flatnonzero(scene[artist] == one) for one in range(SCENES)]
    lists = [rng.permutation(by_scene[one % SCENES]) for one in range(SCENES)]
    track, thing = [], []
    for one in range(n * 6 // 10):
        members = lists[one % SCENES]
        drawn = np.unique((len(members) * rng.random(PER_LIST) ** 2.5).astype(np.int64))
        track.append(members[drawn])
        thing.append(np.full(len(drawn), one))
    artists_of = [np.flatnonzero(scene == one) for one in range(SCENES)]
    around = np.stack([rng.choice(artists_of[one], 50, replace=False) for one in scene.tolist()]).astype(np.int32)
    ids = np.arange(n, dtype=np.int64)
    artist_ids = np.arange(len(scene), dtype=np.int64)
    playlists = Incidence.of(n, np.concatenate(track), np.concatenate(thing))
    tracks = Tracks(ids, artist_ids, artist, Incidence.empty(n), playlists, around)
    known = np.flatnonzero(playlists.degree > 1)
    of_tracks = [
        Vectors(model, "track", ids[known], scene_vectors(rng, scene[artist[known]], dim))
        for model, dim in (("lists", 64), ("playlist", 128))
    ]
    of_artists = [
        Vectors(model, "artist", artist_ids, scene_vectors(rng, scene, 64)) for model in ("als", "cultural", "playlist")
    ]
    return tracks, of_tracks, of_artists


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    tracks, of_tracks, of_artists = world(given.tracks, np.random.default_rng(0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.monotonic(), time.process_time()
    config = Config()
    with tempfile.TemporaryDirectory() as folder:
        spaces = track_spaces(tracks, of_tracks, of_artists)
        made = stations(tracks, spaces, config, threads=given.threads)
        models = tuple(one.model for one in spaces)
        written = write_stations(Path(folder), tracks.ids, models, config.n, made)
        write_shelf(Path(folder), tracks)
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    show.say(
        f"{len(tracks):,} tracks, {len(of_tracks[0]):,} with vectors of their own, {len(tracks.playlists.things):,} "
        f"places in playlists: {written:,} neighbours, {size:,.0f} MiB on disk; {time.monotonic() - began:.1f} s, "
        f"{time.process_time() - cpu:.1f} CPU s; peak {peak:,.0f} MiB ({before:,.0f} MiB of it the made-up world)"
    )


if __name__ == "__main__":
    main()
