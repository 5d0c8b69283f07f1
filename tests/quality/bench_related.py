"""`make bench-related`: from vectors to published rows with evidence, and one query, on a made-up catalogue.

A home of 50,000 artists in scenes: four models of 40 to 128 numbers that each know most of them and see the scenes
through noise; 100,000 listeners with some 40 artists each, 50,000 playlists of some 20 places, 100,000 documents of
which each names four artists on average, in sentences, and 40 terms per artist. Plays and playlists come in through
the importer; what the text and listening steps would make is put where they would put it. Then the real steps that
make related artists run, and publish, in a process of their own: seconds by phase and the peak of its memory. At
last, in that same process, one artist's related ones are asked for with `--why` and dials, everything but the start of
the program included.
"""

from __future__ import annotations

import hashlib
import io
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from numpy.typing import NDArray

from db.artifacts import building
from db.base import now
from db.home import Home
from db.imports import import_files
from db.read import canonical_ids
from db.session import writing
from db.vectors import Vectors
from db.web import Document, Page, Source
from db.write import insert_rows
from kinsong import build as builder
from kinsong import config, show
from kinsong import home as homes
from kinsong.config import Settings
from kinsong.memory import peak_mib, reset_peak
from kinsong.steps import STEPS
from tests.quality.power_law import power_law_plays

T = TypeVar("T")
MODELS = {"cultural": ("cultural", 128), "als": ("als", 64), "vector_exp": ("als", 40), "playlist": ("playlist", 64)}
"""Model → the step whose artefact holds it, and its dim."""
MEASURED = ("index", "related")
"""Steps that run; what comes after them, and reads tracks and listeners, is as if it had found nothing."""
PER_SCENE = 100
WORDS = ("loud", "slow", "warm", "bright", "rough", "plain", "odd", "late", "thin", "deep")
PAGE = {"kind": "page", "depth": 0, "priority": 0.0, "attempts": 0, "fetches": 1, "changes": 0}
ROUNDS = 15


def make(path: Path, n: int, seed: int = 1) -> None:
    """A home with everything that the index and related steps read."""
    rng = np.random.default_rng(seed)
    home, _ = homes.create(path)
    names = [f"Band {i:06d}" for i in range(n)]
    scene = rng.integers(0, max(1, n // PER_SCENE), n)
    _listening(home, names, scene, rng)
    with home.reading() as session:
        ids = canonical_ids(session)
    named = _documents(home, ids, names, scene, rng)
    _artifacts(home, config.load(home), ids, scene, named, rng)
    home.engine.dispose()


def _listening(home: Home, names: list[str], scene: NDArray[np.int64], rng: np.random.Generator) -> None:
    n = len(names)
    folder = home.path / "made"
    folder.mkdir()
    plays = power_law_plays(rng, 2 * n, n, 80 * n).tocoo()
    words = pa.array(names)
    table = pa.table({
        "listener": pa.array([f"l{i}" for i in range(2 * n)]).take(pa.array(plays.row)),
        "artist": words.take(pa.array(plays.col)), "plays": plays.data.astype(np.int64),
    })  # fmt: skip
    pq.write_table(table, folder / "plays.parquet")
    by_scene = np.argsort(scene, kind="stable")
    starts = np.searchsorted(scene[by_scene], np.arange(scene.max() + 2))
    with (folder / "lists.jsonl").open("w") as stream:
        for number in range(n):
            low, high = starts[(own := int(rng.integers(0, scene.max() + 1))) : own + 2]
            inside = by_scene[rng.integers(low, max(high, low + 1), 16) % n]
            chosen = np.concatenate([inside, rng.integers(0, n, 4)]).tolist()
            tracks = [{"title": f"song {k}", "artists": [names[artist]]} for k, artist in enumerate(chosen)]
            stream.write(json.dumps({"name": f"list {number}", "tracks": tracks}) + "\n")
    (folder / "artists.jsonl").write_text("".join(json.dumps({"name": name}) + "\n" for name in names))
    for kind, file in (("artists", "artists.jsonl"), ("plays", "plays.parquet"), ("playlists", "lists.jsonl")):
        import_files(home, kind, [folder / file])


def _documents(
    home: Home, ids: NDArray[np.int64], names: list[str], scene: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Documents in SQL; (document, artist) of all mentions."""
    n, total = len(names), 2 * len(names)
    by_scene = np.argsort(scene, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[by_scene] = np.arange(n)
    first = rng.integers(0, n, total)
    count = np.minimum(1 + rng.poisson(3, total), 20)
    document = np.repeat(np.arange(total), count)
    near = by_scene[np.clip(place[first[document]] + rng.integers(-PER_SCENE, PER_SCENE, len(document)), 0, n - 1)]
    artist = np.where(np.append(True, document[1:] != document[:-1]), first[document], near)
    pairs = np.unique(document * n + artist)
    document, artist = np.divmod(pairs, n)
    starts = np.searchsorted(document, np.arange(total + 1)).tolist()
    at = now().replace(tzinfo=None).isoformat(" ")

    def texts() -> Iterator[tuple[str, str]]:
        for number in range(total):
            who = [names[a] for a in artist[starts[number] : starts[number + 1]].tolist()]
            filler = " ".join(WORDS[(number + k) % len(WORDS)] for k in range(60))
            pairs = [f"{a} played with {b} that night." for a, b in pairwise(who)]
            yield f"http://host{number % 50}.test/{number:07d}", f"On {who[0]}. {filler}. {' '.join(pairs)} {filler}."

    with writing(home.engine) as session:
        session.add(Source(url="http://made.test/", kind="site", added_at=now()))
        session.flush()
        connection = session.connection()
        columns = ("id", "url", "host", "source_id", "state", "due_at", *PAGE)
        pages = ((i + 1, url, "h", 1, "done", at, *PAGE.values()) for i, (url, _) in enumerate(texts()))
        insert_rows(connection, Page, columns, pages)
        columns = ("id", "page_id", "url", "host", "title", "language", "body", "sha256", "signature", "fetched_at")
        rows = ((i + 1, i + 1, url, "h", "", "en", body, hashlib.sha256(body.encode()).hexdigest(), b"", at)
                for i, (url, body) in enumerate(texts()))  # fmt: skip
        insert_rows(connection, Document, columns, rows)
    return document + 1, ids[artist]


def _artifacts(
    home: Home, settings: Settings, ids: NDArray[np.int64], scene: NDArray[np.int64],
    named: tuple[NDArray[np.int64], NDArray[np.int64]], rng: np.random.Generator,
) -> None:  # fmt: skip
    """What the steps before the index would have made."""
    n = len(ids)
    fingerprints: dict[str, str] = {}
    for step in STEPS:
        fingerprints[step.name] = builder._fingerprint(home, settings, step, fingerprints)
        if step.name in MEASURED:
            continue
        facts: dict[str, Any] = {"rows": {}}
        with building(home.artifacts, step.name, fingerprints[step.name], facts) as folder:
            for model, (owner, dim) in MODELS.items():
                if owner == step.name:
                    centres = rng.standard_normal((scene.max() + 1, dim))
                    spread = (centres[scene] + rng.standard_normal((n, dim))) * np.arange(1, dim + 1) ** -0.3
                    known = np.sort(rng.permutation(n)[: n * 9 // 10])
                    Vectors(model, "artist", ids[known], spread[known].astype(np.float32)).save(folder)
            if step.name == "read":
                document, artist = named
                pq.write_table(pa.table({
                    "document_id": document, "artist_id": artist, "mentions": np.ones(len(artist), np.int32),
                    "confidence": np.ones(len(artist), np.float32),
                }), folder / "mentions.parquet")  # fmt: skip
            if step.name == "terms":
                pq.write_table(_terms(ids, scene, rng), folder / "terms.parquet")


def _terms(ids: NDArray[np.int64], scene: NDArray[np.int64], rng: np.random.Generator) -> pa.Table:
    """40 terms per artist, half of them of its scene."""
    n, each = len(ids), 40
    common = scene[:, None] * 60 + rng.integers(0, 60, (n, each // 2))
    term = np.concatenate([common, 10**7 + rng.integers(0, 20_000, (n, each // 2))], axis=1).ravel()
    words, number = np.unique(term, return_inverse=True)
    return pa.table({
        "artist_id": np.repeat(ids, each), "kind": pa.array(["n2"]).take(pa.array(np.zeros(n * each, np.int64))),
        "rank": np.tile(np.arange(1, each + 1, dtype=np.int32), n),
        "term": pa.array([f"term {word}" for word in words]).take(pa.array(number)),
        "weight": rng.random(n * each).astype(np.float32),
    })  # fmt: skip


class Phases:
    """Progress that notes when each phase begins: wall clock and CPU seconds."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float, float]] = []

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:  # noqa: ARG002
        """The same items."""
        self.say(what)
        yield from items

    def say(self, what: str) -> None:
        """A phase begins."""
        self.marks.append((what, time.monotonic(), time.process_time()))

    def rows(self) -> list[dict[str, object]]:
        """Seconds of each phase."""
        return [
            {"phase": what, "wall s": then - began, "CPU s": after - before}
            for (what, began, before), (_, then, after) in zip(self.marks, self.marks[1:], strict=False)
        ]


def measure(path: Path) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Build from the index on, then ask; rows of phases, and of queries."""
    home = homes.open_home(path)
    phases = Phases()
    reset_peak()
    for step in MEASURED:
        for artifact in home.artifacts.glob(f"{step}-*"):
            shutil.rmtree(artifact)
    outcome = builder.build(home, config.load(home), progress=phases)
    phases.say("end")
    rows = phases.rows()
    whole: dict[str, object] = {"phase": "all", **{
        column: sum(float(str(row[column])) for row in rows) for column in ("wall s", "CPU s")
    }}  # fmt: skip
    rows.append(whole)
    pairs = next(report.rows["pairs"] for report in outcome.reports if report.step == "related")
    ranked = ("related: candidates", "related: ranking", "related: served")
    scoring = sum(float(str(row["CPU s"])) for row in rows if str(row["phase"]).startswith(ranked))
    peak = max(peak_mib(), *(report.peak_mib for report in outcome.reports))
    show.say(f"peak {peak:,.0f} MiB; {outcome.written}; {pairs:,} pairs, {pairs / scoring:,.0f} per CPU second of "
             "candidates and ranking")  # fmt: skip
    home.engine.dispose()
    return rows, queries(path)


def queries(path: Path) -> list[dict[str, object]]:
    """One artist's related ones with --why and dials: milliseconds from open home to last line."""
    from kinsong.cli import results
    from kinsong.cli.app import _chosen
    from kinsong.show import Format

    _chosen["home"] = path  # as --home does
    asked: dict[str, dict[str, Any]] = {
        "--why": {}, "--why --format json": {"format_": Format.json}, "--why --popularity -1": {"popularity": -1.0},
        "--why --adventurous .5": {"adventurous": 0.5}, "--why --diverse 1": {"diverse": 1.0},
        "--why --reverse": {"reverse": True}, "--why --exclude": {"exclude": ["Band 000011"]},
        "all dials, --why": {"diverse": 1.0, "popularity": 0.5, "adventurous": 0.5},
    }  # fmt: skip
    results.related("Band 000007", why=True, diverse=0.1)  # imports
    return [{"query": query, **_timed(lambda options=options: results.related("Band 000042", why=True, **options))}
            for query, options in asked.items()]  # fmt: skip


def _timed(ask: Callable[[], None]) -> dict[str, float]:
    """Milliseconds: median and largest of the processor, median and 95th percentile by the clock."""
    out, file = sys.stdout, show.out.file
    wall, processor = [], []
    sys.stdout = show.out.file = io.StringIO()
    try:
        for _ in range(ROUNDS):
            began, before = time.perf_counter(), time.process_time()
            ask()
            processor.append(1000 * (time.process_time() - before))
            wall.append(1000 * (time.perf_counter() - began))
    finally:
        sys.stdout, show.out.file = out, file
    return {
        "CPU ms": float(np.median(processor)), "most": max(processor), "wall ms": float(np.median(wall)),
        "wall p95": float(np.percentile(wall, 95)),
    }  # fmt: skip


def main(
    n: Annotated[int, typer.Option(help="Artists.")] = 50_000,
    home: Annotated[Path | None, typer.Option(help="Where to make it (default: thrown away).")] = None,
    made: Annotated[bool, typer.Option("--made", help="The home is there: measure alone.")] = False,
    only_make: Annotated[bool, typer.Option("--only-make", hidden=True)] = False,
) -> None:
    """Make the home, in a process of its own; build and ask in this one."""
    with tempfile.TemporaryDirectory() as folder:
        path = home or Path(folder) / "home"
        if only_make:
            make(path, n)
            return
        if not made:
            command = [sys.executable, "-m", "tests.quality.bench_related", "--n", str(n), "--home", str(path)]
            subprocess.run([*command, "--only-make"], check=True)
        phases, asked = measure(path)
        title = f"{n:,} artists, {len(MODELS)} models, index to rows"
        show.rows(phases, list(phases[0]), show.Format.table, title=title)
        show.rows(asked, list(asked[0]), show.Format.table, title=f"One query, median of {ROUNDS}")
        size = sum(file.stat().st_size for file in path.rglob("*.db")) / 2**20
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        show.say(f"database {size:,.0f} MiB; most memory of this process {most:,.0f} MiB")


if __name__ == "__main__":
    typer.run(main)
