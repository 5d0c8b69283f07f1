"""`make bench-radio-sessions`: how long the next song takes among 200,000 tracks, and 1,000 sessions at once.

Tracks, artists and stations are made up. Each session asks for songs and gives every song a thumb, some of them twice
and by two at once; afterwards every thumb must stand in the database once. Run as
`python -m tests.quality.radio_sessions [POSTGRESQL_URL]`: without a URL on SQLite.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from db import migrate
from db.catalog import Artist, Track, TrackArtist
from db.home import Home, default_url
from db.results import RadioEvent
from db.session import open_engine
from db.write import insert_rows
from ensemble.radio import STEPS, UNKNOWN
from ensemble.station import Config
from ensemble.station_files import IDS, MODELS, SAID, SCORES, TRACKS, StationFiles
from ensemble.station_pool import Around
from ensemble.station_session import next_song, start, thumb
from kinsong import show

N, PER_ARTIST, NEAR, NAMES = 200_000, 10, 250, ("als", "playlist", "artist_als", "artist_cultural")
SESSIONS, SONGS, PROCESSES, THREADS, ALONE = 1000, 5, 4, 8, 20


def files(folder: Path) -> StationFiles:
    """Made-up stations, opened by memory map."""
    rng = np.random.default_rng(0)
    ids = np.arange(1, N + 1, dtype=np.int64)
    if not (folder / IDS).exists():
        np.save(folder / SCORES, -np.sort(-rng.random((N, NEAR), dtype=np.float32), axis=1).astype(np.float16))
        np.save(folder / TRACKS, rng.integers(0, N, (N, NEAR), dtype=np.int32))
        said = rng.integers(-STEPS, STEPS + 1, (N, NEAR, len(NAMES)), dtype=np.int8)
        said[rng.random(said.shape[:2]) < 0.1] = UNKNOWN
        np.save(folder / SAID, said)
        (folder / MODELS).write_text("[]")
        np.save(folder / IDS, ids)
    tracks, scores, said = (np.load(folder / name, mmap_mode="r") for name in (TRACKS, SCORES, SAID))
    return StationFiles(ids, NAMES, tracks, scores, said)


def opened(folder: Path, url: str) -> Home:
    return Home(folder, open_engine(url or default_url(folder)))


def fill(home: Home) -> None:
    migrate.upgrade(home.engine)
    artists = ((n, f"Artist {n}", f"artist {n}", "", False, False) for n in range(1, N // PER_ARTIST + 1))
    tracks = (
        (n, (n - 1) // PER_ARTIST + 1, f"song {n}", "", "", f"Song {n}", "x", False, False) for n in range(1, N + 1)
    )
    with home.writing() as session:
        connection = session.connection()
        insert_rows(connection, Artist, ("id", "name", "key", "disambiguation", "curated", "retired"), artists)
        names = ("id", "artist_id", "key", "version", "mark", "title", "credit", "curated", "retired")
        insert_rows(connection, Track, names, tracks)
        made = ((n, (n - 1) // PER_ARTIST + 1) for n in range(1, N + 1))
        insert_rows(connection, TrackArtist, ("track_id", "artist_id"), made)


def alone(home: Home, around: Around) -> list[float]:
    """Seconds of each next song, in sessions of 50 with thumbs, one after the other."""
    took = []
    for number in range(ALONE):
        name = start(home, around, "made up", [1 + number * 97], Config(), seed=number)
        for place in range(50):
            began = time.perf_counter()
            song = next_song(home, around, name)
            took.append(time.perf_counter() - began)
            if song is not None:
                thumb(home, name, "up" if (place + number) % 3 else "skip")
    return took


def crowd(job: tuple[Path, str, int]) -> tuple[int, int]:
    """The sessions of one process: how many thumbs were given, and how many were new."""
    folder, url, process = job
    home, around = opened(folder, url), Around(files(folder))

    def listen(number: int) -> tuple[int, int]:
        name = start(home, around, "made up", [1 + number * 31], Config(), seed=number, name=f"crowd {number}")
        given = new = 0
        for place in range(SONGS):
            if next_song(home, around, name) is None:
                continue
            with ThreadPoolExecutor(2) as two:
                kinds = ["up" if (place + number) % 2 else "skip"] * 2
                changed = list(two.map(lambda kind: thumb(home, name, kind)[1], kinds))  # type: ignore[arg-type]
            given, new = given + 1, new + sum(changed)
        return given, new

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(listen, range(process, SESSIONS, PROCESSES)))
    home.engine.dispose()
    return sum(given for given, _ in found), sum(new for _, new in found)


def main() -> int:
    """Print both; 1 where a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="")
    url = parser.parse_args().url
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home = opened(folder, url)
        fill(home)
        took = np.array(alone(home, Around(files(folder)))) * 1000
        show.say(f"next, {len(took)} songs among {N:,} tracks: median {np.median(took):.1f} ms, "
                 f"p95 {np.percentile(took, 95):.1f} ms, most {took.max():.1f} ms")  # fmt: skip
        began = time.perf_counter()
        jobs = [(folder, url, process) for process in range(PROCESSES)]
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            counts = list(pool.map(crowd, jobs))
        given, new = (sum(count[side] for count in counts) for side in (0, 1))
        with home.reading() as session:
            kept = session.scalar(
                select(func.count()).select_from(RadioEvent).where(RadioEvent.kind.in_(("up", "skip")))
            )
        home.engine.dispose()
        kept = (kept or 0) - len(took)
        took_all = time.perf_counter() - began
        who = f"{SESSIONS:,} sessions by {PROCESSES} processes of {THREADS} threads, {took_all:.0f} s"
        show.say(f"{who}: {given:,} songs, each thumbed by two at once, {new:,} thumbs taken, {kept:,} kept")
    return int(not (given == new == kept == SESSIONS * SONGS) or np.percentile(took, 95) >= 20)


if __name__ == "__main__":
    sys.exit(main())
