"""`make bench-als-memory`: what ALS takes beyond the program's own memory, from batches of plays to factors.

Each fit runs in a process of its own, whose peak is counted from when everything is imported and compiled. In memory it
is compared with what cannot be spared (the two orders of the plays, four bytes for whom and four for how often, and the
factors); with a bound, with the bound, and its factors and time with those of the fit in memory. The whole step, which
reads the plays out of a home by DuckDB and saves the vectors, is held to the same bound.
Run as `python -m tests.quality.bench_als_memory`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import insert, select

from cf import als, jobs
from cf.interactions import Batch, Interactions, Room
from db.base import now
from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Listener
from db.columnar import parquet_writer
from db.listening import PLAYS
from db.task import Task
from kinsong import show
from kinsong.home import create, open_home
from kinsong.memory import peak_mib, reset_peak
from tests.quality.power_law import power_law_plays

MOST, SLOWEST, SAME = 1.3, 3.0, 1e-5
KINDS = ("listener", "artist")
ROW = np.dtype([("listener", np.int64), ("artist", np.int64), ("plays", np.float64)])
_ROWS = 1 << 16


def write_plays(path: Path, shape: list[int]) -> None:
    """Made-up plays as rows of ids."""
    plays = power_law_plays(np.random.default_rng(0), *shape).tocoo()
    rows = np.zeros(plays.nnz, ROW)
    rows["listener"], rows["artist"], rows["plays"] = plays.row, plays.col, plays.data
    rows.tofile(path)


def read_plays(path: Path) -> Iterator[Batch]:
    """The same in batches; no library's own memory beside them."""
    with path.open("rb") as file:
        while len(rows := np.fromfile(file, ROW, _ROWS)):
            yield rows["listener"], rows["artist"], rows["plays"]


def fit(path: Path, shape: list[int], config: als.Config, factors: Path) -> dict[str, float]:
    """Read, put in order and fit, in this process."""
    few = Interactions.from_batches([(np.arange(2), np.arange(2), np.ones(2))], np.arange(2), np.arange(2))
    als.fit(few, config, np.random.default_rng(0))
    reset_peak()
    own, began, spent = peak_mib(), time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="als-") as folder:
        room = None if config.most_bytes is None else Room(Path(folder), config.most_bytes)
        ids = np.arange(shape[0]), np.arange(shape[1])
        data = Interactions.from_batches(read_plays(path), *ids, min_listeners=config.min_listeners, room=room)
        ordered = peak_mib()
        fitted = als.fit(data, config, np.random.default_rng(1))
        peak = peak_mib() - own
        np.save(factors, np.concatenate([fitted.vectors[entity].matrix[::50] for entity in ("listener", "artist")]))
        sizes = {entity: len(vectors) for entity, vectors in fitted.vectors.items()}
    least = (16 * data.matrix.nnz + 4 * config.dim * sum(sizes.values())) / 2**20
    return {
        "peak MiB": peak, "to put in order": ordered - own, "least MiB": least, "times": peak / least,
        "wall s": time.monotonic() - began, "CPU s": time.process_time() - spent,
    }  # fmt: skip


def make_home(plays: Path, shape: list[int], path: Path) -> None:
    """The same plays in a home, as if they had been imported."""
    home = create(path)[0]
    names = {kind: [f"{kind}{n:06}" for n in range(count)] for kind, count in zip(KINDS, shape, strict=False)}
    with home.writing() as session:
        session.execute(insert(Listener), [{"name": name} for name in names["listener"]])
        session.execute(insert(Artist), [{"name": name, "key": name} for name in names["artist"]])
        session.execute(insert(Credit), [{"text": name, "key": name} for name in names["artist"]])
        pairs = session.execute(select(Artist.id, Credit.id).join(Credit, Credit.text == Artist.name))
        leads = [{"artist_id": artist, "credit_id": credit, "position": 0} for artist, credit in pairs]
        session.execute(insert(CreditArtist), leads)
        rows = plays.stat().st_size // ROW.itemsize
        session.add(
            ImportBatch(
                kind="plays", source="/made-up", sha256="made up", format="tsv", file="plays/facts.parquet", rows=rows,
                rejected=0, imported_at=now(),
            )
        )  # fmt: skip
    (home.listening / "plays").mkdir(parents=True)
    listeners, artists = (np.array(names[kind]) for kind in KINDS)
    with parquet_writer(home.listening / "plays" / "facts.parquet", PLAYS) as writer:
        for listener, artist, count in read_plays(plays):
            none = [None] * len(count)
            columns = [listeners[listener], artists[artist], none, count, none]
            writer.write_table(pa.table(dict(zip(PLAYS.names, columns, strict=True)), schema=PLAYS))
    home.engine.dispose()


def step(path: Path, config: als.Config) -> dict[str, float]:
    """The build's step in this process."""
    few = Interactions.from_batches([(np.arange(2), np.arange(2), np.ones(2))], np.arange(2), np.arange(2))
    als.fit(few, config, np.random.default_rng(0))
    home = open_home(path)
    reset_peak()
    own, began, spent = peak_mib(), time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="als-") as folder:
        jobs.als(Task(home, {}, Path(folder)), config)
    return {"peak MiB": peak_mib() - own, "wall s": time.monotonic() - began, "CPU s": time.process_time() - spent}


def apart(
    path: Path, shape: list[int], memory: str, options: argparse.Namespace, factors: Path | None
) -> dict[str, float]:
    """A fit, or where there is no file for factors the whole step, in a process of its own."""
    arguments = ["--epochs", str(options.epochs), "--dim", str(options.dim), "--shape", *map(str, shape)]
    child = ["--child", str(path), str(factors or ""), memory]
    command = [sys.executable, "-m", "tests.quality.bench_als_memory", *arguments, *child]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def main() -> int:
    """Print the table; 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", type=int, nargs=3, default=[200_000, 50_000, 10_000_000])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--memory", default="256MiB")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    settings = {"dim": options.dim, "epochs": options.epochs, "tolerance": 0}
    if options.child:
        path, factors, memory = options.child
        config = als.Config.model_validate({**settings, "memory": memory})
        found = fit(Path(path), options.shape, config, Path(factors)) if factors else step(Path(path), config)
        sys.stdout.write(json.dumps(found))
        return 0
    mark = hashlib.sha256(repr(options.shape).encode()).hexdigest()[:8]
    path = options.folder / f"kinsong-plays-{mark}.bin"
    if not path.exists():
        write_plays(path, options.shape)
    files = [options.folder / f"kinsong-factors-{mark}-{n}.npy" for n in range(2)]
    free, bound = (
        apart(path, options.shape, memory, options, file)
        for memory, file in zip(("", options.memory), files, strict=True)
    )
    with tempfile.TemporaryDirectory(prefix="als-home-", dir=options.folder) as folder:
        make_home(path, options.shape, Path(folder))
        whole = apart(Path(folder), options.shape, options.memory, options, None)
    rows = [
        {"memory": name} | {k: round(one[k], 2) if k in one else None for k in free}
        for name, one in (("all", free), (options.memory, bound), (f"{options.memory}, whole step", whole))
    ]
    show.rows(rows, tuple(rows[0]), show.Format.table, title=f"\nALS, dim {options.dim}, {options.shape[2]:,} plays")
    matrices = [np.load(file) for file in files]
    differ = float(np.abs(matrices[0] - matrices[1]).max())
    most = als.Config(memory=options.memory).most_bytes or 0
    kept = {
        f"all in memory: at most {MOST} times what cannot be spared": free["times"] <= MOST,
        f"bounded: at most {options.memory}": bound["peak MiB"] <= most / 2**20,
        f"whole step: at most {options.memory}": whole["peak MiB"] <= most / 2**20,
        f"bounded: the same factors to {SAME}, they differ by {differ:.1e}": differ <= SAME,
        f"bounded: at most {SLOWEST} times the CPU seconds": bound["CPU s"] <= SLOWEST * free["CPU s"],
    }
    for what, holds in kept.items():
        show.say(f"{'yes' if holds else 'NO '}  {what}")
    return int(not all(kept.values()))


if __name__ == "__main__":
    sys.exit(main())
