"""Backups of a home in which another process publishes and collects runs all the while: each is of one moment."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import Any

from db import publish
from db.home import Home
from db.results import Run
from db.task import Silent
from kinsong import backup as keeping
from kinsong import home as homes
from kinsong.doctor import examine
from tests.faults import published as world
from tests.faults.readers import KEPT, related


def torture(folder: Path, backups: int) -> list[str]:
    """Back up and restore while runs are published; what was wrong."""
    home = world.make_home(folder / "home", artists=20)
    world.make_run(home, 1, dim=8)
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    builder = context.Process(target=_publish, args=(home.path, stop), daemon=True)
    builder.start()
    wrong = []
    while _newest(home) < 3:  # it has begun
        time.sleep(0.05)
    begun = _newest(home)
    for number in range(backups):
        file, again = folder / f"{number}.tar", folder / f"again{number}"
        keeping.backup(home, file, Silent())
        keeping.restore(file, again, None, Silent())
        restored = homes.open_home(again)
        runs = related(restored, int(world.ids_of(restored)[5]))
        with restored.reading() as session:
            kept = {name for run in session.query(Run) for name in world.names_of(run)}
        restored.engine.dispose()
        there = {entry.name for entry in (again / "artifacts").iterdir()}
        if len(runs) != 1 or there != kept:
            wrong.append(f"backup {number}: runs {runs}, artefacts {sorted(there ^ kept)}")
        wrong += [f"backup {number}: {f.detail}" for f in examine(again) if f.state == "wrong" and f.check != "disk"]
    published = _newest(home) - begun
    stop.set()
    builder.join()
    home.engine.dispose()
    if builder.exitcode or published < backups // 2:
        wrong.append(f"the publisher ended with {builder.exitcode}, and published {published} runs meanwhile")
    return wrong


def _newest(home: Home) -> int:
    with home.reading() as session:
        return max(run.id for run in session.query(Run))


def _publish(path: Path, stop: Any) -> None:
    home = homes.open_home(path)
    k = 2
    while not stop.is_set():
        world.make_run(home, k, dim=8)
        publish.collect(home, KEPT)
        k += 1
    home.engine.dispose()
