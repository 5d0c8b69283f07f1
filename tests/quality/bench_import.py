"""`make bench-import`: rows per second of `import plays` on made-up tables of the shape of Last.fm 360K.

Listeners as 40 hexadecimal digits, a MusicBrainz id for most artists, names in the letters of several alphabets, plays.
A row in `--bad` is one that no import can use. Run as `python -m tests.quality.bench_import`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np

from db.imports import import_file
from kinsong import home as homes
from kinsong import show
from kinsong.memory import peak_mib, reset_peak
from tests.quality.power_law import power_law_plays

LISTENERS, ARTISTS, PAIRS = 358_868, 292_385, 17_535_655
"""The size of Last.fm 360K."""
_WORDS = (
    "black", "river", "Die", "Sonne", "été", "Björk", "the", "queen", "of", "Кино", "雨", "los", "noche", "electric",
    "and", "Wolf", "ghost", "São", "&", "club", "80's", "orchestra", "Ωmega", "feat.", "DJ",
)  # fmt: skip
_UNUSABLE = (b"\t\t\t", b"not four columns", b"\xff\xfe\t\tname\t3", b"x\t\tname\t-1", b"x\t\tname\tnan")


def write(path: Path, rows: int, bad: float, seed: int) -> int:
    """Write the table; how many rows it has."""
    rng = np.random.default_rng(seed)
    part = rows / PAIRS
    shape = max(50, round(LISTENERS * part)), max(50, round(ARTISTS * part**0.5))
    plays = power_law_plays(rng, *shape, rows).tocoo()
    listeners = np.array([hashlib.sha1(b"%d" % n, usedforsecurity=False).hexdigest() for n in range(shape[0])], object)
    artists = np.array([f"{_mbid(n)}\t{_name(rng, n)}" for n in range(shape[1])], object)
    with path.open("wb") as file:
        for start in range(0, plays.nnz, 1 << 18):
            part_ = slice(start, start + (1 << 18))
            columns = listeners[plays.row[part_]], artists[plays.col[part_]], plays.data[part_].astype(int).tolist()
            lines = [f"{u}\t{a}\t{n}\n".encode() for u, a, n in zip(*columns, strict=True)]
            for place in np.flatnonzero(rng.random(len(lines)) < bad):
                lines[place] = _UNUSABLE[place % len(_UNUSABLE)] + b"\n"
            file.write(b"".join(lines))
    return int(plays.nnz)


def _mbid(number: int) -> str:
    return str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % (1 << 128))) if number % 10 else ""


def _name(rng: np.random.Generator, number: int) -> str:
    words = [_WORDS[n] for n in rng.integers(0, len(_WORDS), rng.integers(1, 4))]
    return " ".join(words) + f" {number}"


def measure(path: Path, folder: Path) -> tuple[float, float, float, int]:
    """CPU seconds, wall seconds, peak MiB and rejected rows of one import into a new home."""
    home, _ = homes.create(folder)
    reset_peak()
    cpu, wall = time.process_time(), time.monotonic()
    report = import_file(home, "plays", path)
    took = time.process_time() - cpu, time.monotonic() - wall
    home.engine.dispose()
    return (*took, peak_mib(), report.rejected)


def main() -> int:
    """Print a line per run and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--bad", type=float, default=0.0, help="part of the rows that cannot be used")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kinsong-bench-") as folder:
        path = Path(folder) / "plays.tsv"
        rows = write(path, options.rows, options.bad, 0)
        show.say(f"{rows:,} rows, {path.stat().st_size >> 20} MiB")
        found = []
        for turn in range(options.times):
            cpu, wall, peak, rejected = measure(path, Path(folder) / f"home{turn}")
            found.append(
                {"rows/s CPU": round(rows / cpu), "rows/s wall": round(rows / wall), "peak MiB": round(peak),
                 "rejected": rejected}
            )  # fmt: skip
    median = {key: round(float(np.median([row[key] for row in found]))) for key in found[0]}
    show.rows([*found, median], tuple(median), show.Format.table, title="the last line is the median")
    return 0


if __name__ == "__main__":
    sys.exit(main())
