"""Many processes write, some read, one database: nothing is lost, nobody is told that it is locked.

    python -m tests.faults.writers [TRANSACTIONS [WRITERS [READERS [DATABASE-URL]]]]

Each transaction reads a counter, adds one to it and writes a row that names its turn, which takes what a lost update
would break: two writers that read the same number. Every hundredth begins a second thing in the same way as the program
does: credits, a lease, a batch of rows. Readers see, in one session, as many rows as the counter says.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from db.base import now
from db.catalog import Listener, RejectedRow
from db.home import Home
from db.results import Published, Run
from db.write import insert_rows
from kinsong import home as homes


@dataclass
class Told:
    """What came of it."""

    counter: int = 0
    rows: int = 0
    twice: int = 0
    answers: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def torture(folder: Path, transactions: int, writers: int, readers: int, url: str | None = None) -> Told:
    """Write and read at once."""
    home, _ = homes.create(folder / "home", url)
    with home.writing() as session:
        run = Run(started_at=now(), artifacts="{}", served_by="")
        session.add(run)
        session.flush()
        session.add(Published(id=1, run_id=run.id, n=0))
        session.execute(text(
            "INSERT INTO import_batch (id, kind, source, sha256, options, format, rows, rejected, imported_at, "
            "resolved) VALUES (1, 'plays', '', '', '', '', 0, 0, '2026-01-01 00:00:00', true)"
        ))  # fmt: skip
    context = multiprocessing.get_context("spawn")
    queue, stop = context.SimpleQueue(), context.Event()
    told = Told()
    began = time.monotonic()
    work = [context.Process(target=_write, args=(home.path, n, transactions, queue)) for n in range(writers)]
    look = [context.Process(target=_look, args=(home.path, queue, stop)) for _ in range(readers)]
    for one in (*work, *look):
        one.start()
    heard: list[Any] = []
    while any(one.is_alive() for one in (*work, *look)):
        while not queue.empty():
            heard.append(queue.get())
        if not any(one.is_alive() for one in work):
            stop.set()
        time.sleep(0.02)
    while not queue.empty():
        heard.append(queue.get())
    told.seconds = time.monotonic() - began
    told.wrong = [said for said in heard if isinstance(said, str)]
    told.wrong += [f"a process ended with {one.exitcode}" for one in (*work, *look) if one.exitcode]
    told.answers = sum(said[1] for said in heard if isinstance(said, tuple) and said[0] == "answers")
    told.slowest = max((said[1] for said in heard if isinstance(said, tuple) and said[0] == "slowest"), default=0.0)
    with home.reading() as session:
        told.counter = session.scalars(select(Published.n)).one()
        names = Counter(session.scalars(select(Listener.name)))
        told.rows = len(names)
        told.twice = told.rows - len({name.split()[0] for name in names})
    home.engine.dispose()
    return told


def _write(path: Path, number: int, transactions: int, queue: Any) -> None:
    home = homes.open_home(path)
    slowest = 0.0
    try:
        for turn in range(transactions):
            began = time.monotonic()
            with home.writing() as session:
                row = session.get(Published, 1, with_for_update=True)
                assert row is not None
                row.n += 1
                session.add(Listener(name=f"{row.n:08} {number} {turn}"))
                if turn % 100 == 0:
                    lines = ((1, number * 10**6 + turn + line, "why", "x" * 200) for line in range(50))
                    insert_rows(session.connection(), RejectedRow, ("batch_id", "line", "reason", "content"), lines)
            slowest = max(slowest, time.monotonic() - began)
    except BaseException:  # noqa: BLE001  it is told
        queue.put(traceback.format_exc()[-900:])
    queue.put(("slowest", slowest))
    home.engine.dispose()


def _look(path: Path, queue: Any, stop: Any) -> None:
    home = homes.open_home(path, read_only=True)
    answers = 0
    try:
        while not stop.is_set():
            answers += _consistent(home)
    except BaseException:  # noqa: BLE001  it is told
        queue.put(traceback.format_exc()[-900:])
    queue.put(("answers", answers))
    home.engine.dispose()


def _consistent(home: Home) -> int:
    with home.reading() as session:
        before = session.scalars(select(Published.n)).one()
        rows = session.scalar(select(func.count()).select_from(Listener))
        last = session.scalar(select(func.max(Listener.name)))
        after = session.scalars(select(Published.n)).one()
    assert before == rows == after == int((last or "0").split()[0]), (before, rows, after, last)
    return 1


def main() -> None:
    given = [int(word) for word in sys.argv[1:4]]
    transactions, writers, readers = (*given, *(2000, 8, 4)[len(given) :])
    url = sys.argv[4] if len(sys.argv) > 4 else None
    with tempfile.TemporaryDirectory(prefix="kinsong-writers-") as folder:
        told = torture(Path(folder), transactions, writers, readers, url)
    wanted = transactions * writers
    print(f"{writers} writers × {transactions} transactions in {told.seconds:.0f} s: counter {told.counter:,}, "
          f"{told.rows:,} rows, {told.twice} twice, {told.answers:,} answers of {readers} readers; slowest transaction "
          f"{told.slowest:.2f} s; {len(told.wrong)} errors")  # fmt: skip
    for wrong in told.wrong[:5]:
        print(wrong)
    sys.exit((told.counter, told.rows, told.twice, len(told.wrong)) != (wanted, wanted, 0, 0))


if __name__ == "__main__":
    main()
