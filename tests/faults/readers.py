"""Runs are published while many processes read: nothing crashes, and every answer is of exactly one run.

    python -m tests.faults.readers [PUBLISHES [READERS [DATABASE-URL]]]

Readers ask what programs ask: related artists with evidence, views in SQL and on DuckDB over the published files, one
model's neighbours through Annoy by memory map, dials. Every run says its number everywhere (`tests.faults.published`).
Now and then a reader is killed, and an older run is published again.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db import publish
from db.answered import answered
from db.home import Home
from db.results import Run
from kinsong import home as homes
from kinsong import runs as keeping
from tests.faults import published as world

KEPT = 2
ARTISTS = 40
DIM = 8
PAUSE = 0.01


@dataclass
class Told:
    """What came of it."""

    publishes: int = 0
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    runs_seen: int = 0
    wrong: list[str] = field(default_factory=list)
    killed: int = 0
    left: int = 0
    """Artefacts beyond those of kept runs when all was over."""


def torture(folder: Path, publishes: int, readers: int, url: str | None = None, kill_every: int = 50) -> Told:
    """Publish while others read."""
    home = world.make_home(folder / "home", url, ARTISTS)
    world.make_run(home, 1, dim=DIM, told=False)
    told = Told()
    context = multiprocessing.get_context("spawn")
    queue, stop = context.SimpleQueue(), context.Event()

    def start(number: int) -> Any:
        one = context.Process(target=_read, args=(home.path, number, queue, stop), daemon=True)
        one.start()
        return one

    running = [start(number) for number in range(readers)]
    heard: list[tuple[int, Any]] = []

    def listen() -> None:
        while not queue.empty():
            heard.append(queue.get())

    while sum(said == "ready" for _, said in heard) < readers:
        listen()
        time.sleep(0.05)
    began = time.monotonic()
    for k in range(2, publishes + 1):
        world.make_run(home, k, dim=DIM, told=False)
        publish.collect(home, KEPT)
        told.publishes += 1
        if k % 7 == 0:
            with home.reading() as session:
                older = min(run.id for run in session.query(Run))
            keeping.go_back(home, older)
        if k % kill_every == 0:
            victim = running.pop(0)
            victim.kill()
            victim.join()
            told.killed += 1
            running.append(start(1000 + k))
        listen()
    told.seconds = time.monotonic() - began
    stop.set()
    deadline = time.monotonic() + 120
    while any(one.is_alive() for one in running) and time.monotonic() < deadline:
        listen()
        time.sleep(0.05)
    listen()
    told.wrong += [f"a reader ended with {one.exitcode}" for one in running if one.exitcode != 0]
    seen: set[int] = set()
    for _, said in heard:
        if isinstance(said, str) and said != "ready":
            told.wrong.append(said)
        elif isinstance(said, tuple):
            told.answers.update(said[0])
            seen |= said[1]
    told.runs_seen = len(seen)
    publish.collect(home, KEPT)
    told.left = _left(home)
    home.engine.dispose()
    return told


def _left(home: Home) -> int:
    with home.reading() as session:
        kept = {name for run in session.query(Run) for name in world.names_of(run)}
    return sum(entry.is_dir() and entry.name not in {*kept, ".verified"} for entry in home.artifacts.iterdir())


def _read(path: Path, number: int, queue: Any, stop: Any) -> None:
    """One reader: asks until it is told to stop; says what it saw, or what was wrong."""
    os.nice(10)
    home = homes.open_home(path, read_only=True)
    answers: Counter[str] = Counter()
    seen: set[int] = set()
    try:
        artist = int(world.ids_of(home)[number % ARTISTS])
        for _, ask in QUESTIONS:
            ask(home, artist)
        queue.put((number, "ready"))
        for name, ask in _turns(number):
            if stop.is_set():
                break
            found = ask(home, artist)
            if len(found) != 1:
                queue.put((number, f"{name}: an answer of runs {sorted(found)}"))
            answers[name] += 1
            seen |= found
            time.sleep(PAUSE)
    except BaseException:  # noqa: BLE001  it is told
        queue.put((number, traceback.format_exc()))
    queue.put((number, (answers, seen)))
    home.engine.dispose()


def _turns(number: int) -> Iterator[tuple[str, Callable[[Home, int], set[int]]]]:
    turn = number
    while True:
        yield QUESTIONS[turn % len(QUESTIONS)]
        turn += 1


def _run(text: str | None) -> int:
    return int(str(text).rsplit(" ", 1)[1])


def related(home: Home, artist: int) -> set[int]:
    from ensemble import query

    with home.reading() as session:
        rows = query.related(session, artist)
        told = query.why(session, artist, [row.artist_id for row in rows])
        terms = query.terms(session, artist, 5)
        quotes = query.quotes(session, artist, 5)
    assert len(rows) == len(told) == world.N
    said = {_run(row.reason) for row in rows} | {_run(term.term) for term in terms}
    said |= {_run(piece.text) for pieces in told.values() for piece in pieces}
    said |= {_run(quote.sentence) for some in quotes.values() for quote in some}
    (k,) = said or {0}
    assert all(abs(row.score - 1 / (row.rank + k)) < 1e-6 for row in rows)
    return said


def views(home: Home, artist: int) -> set[int]:
    from kinsong.sql import ask

    query = (
        "SELECT r.reason, w.text, t.term, m.mentions FROM related r JOIN why w USING (artist_id, related_id) "
        "JOIN top_terms t USING (artist_id) JOIN mentions m USING (artist_id)"
    )
    _, rows = ask(home, f"{query} WHERE artist_id = {artist}")
    assert len(rows) == world.N
    return {k for row in rows for k in (_run(row["reason"]), _run(row["text"]), _run(row["term"]), row["mentions"])}


def duckdb(home: Home, artist: int) -> set[int]:
    from kinsong.sql import ask_duckdb

    query = (
        "SELECT r.reason, w.text, t.term, m.mentions, p.plays FROM related r JOIN why w USING (artist_id, related_id) "
        "JOIN top_terms t USING (artist_id) JOIN mentions m USING (artist_id) JOIN plays p USING (artist_id)"
    )
    _, rows = ask_duckdb(home, f"{query} WHERE artist_id = {artist} AND listener = 'everybody'")
    assert len(rows) == world.N
    return {k for row in rows for k in (_run(row["reason"]), _run(row["text"]), _run(row["term"]), row["mentions"])}


def similar(home: Home, artist: int) -> set[int]:
    """Through Annoy; whose vectors they are is told by the coordinates that this run's artists have."""
    from db.published import published_artifacts
    from db.vectors import Vectors
    from ensemble import similar as spaces

    def ask(session: Any) -> set[int]:
        steps = {*world.MODELS, "index"}
        artifacts = published_artifacts(home, steps, session=session, names=spaces.names("als"), quick=True)
        said = {int(one.facts["rows"]["k"]) for one in artifacts.values()}
        (k,) = said
        wanted = world.vectors_of(world.ids_of(home), k, "als", DIM)
        assert (Vectors.load(artifacts["als"].path, "als", "artist").matrix == wanted.matrix).all()
        near = spaces.similar(artifacts, "als", artist, 4)
        place = wanted.ids.tolist().index(artist)
        beside = {int(wanted.ids[(place + step) % ARTISTS]) for step in (-2, -1, 1, 2)}
        assert {one.artist_id for one in near} == beside
        return said

    return answered(home, ask)


def steered(home: Home, artist: int) -> set[int]:
    from ensemble import query
    from ensemble.dials import Config

    def ask(session: Any) -> set[int]:
        return {_run(r.reason) for r in query.steered(home, session, artist, 4, Config(adventurous=0.5, diverse=0.5))}

    return answered(home, ask)


QUESTIONS: tuple[tuple[str, Callable[[Home, int], set[int]]], ...] = (
    ("related", related), ("similar", similar), ("views", views), ("dials", steered), ("duckdb", duckdb),
)  # fmt: skip


def main() -> None:
    publishes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    readers = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    with tempfile.TemporaryDirectory(prefix="kinsong-readers-") as folder:
        told = torture(Path(folder), publishes, readers, sys.argv[3] if len(sys.argv) > 3 else None)
    print(f"{told.publishes + 1} publishes in {told.seconds:.0f} s under {readers} readers, {told.killed} killed: "
          f"{told.answers.total():,} answers of {told.runs_seen} runs ({dict(told.answers)}), {len(told.wrong)} wrong, "
          f"{told.left} artefacts left over")  # fmt: skip
    for wrong in told.wrong[:5]:
        print(wrong)
    sys.exit(bool(told.wrong) or bool(told.left))


if __name__ == "__main__":
    main()
