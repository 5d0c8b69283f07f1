"""One crawl in a process of its own, for the crawler's measurements: its report, CPU seconds and peak memory as JSON.

`python -m tests.quality.crawl_process HOME SETTINGS [GAPS]`; SETTINGS is the `[crawl]` section as JSON, GAPS a file to
which every request is noted where it is sent: slot, monotonic seconds, the slot's delay, the host's floor just then.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import db.catalog
import db.results
import db.web  # noqa: F401  the tables must be known before a home is made
from db import migrate
from db.home import Home, default_url
from db.session import open_engine
from kinsong.memory import peak_mib

ROOT = Path(__file__).parents[2]


@contextmanager
def opened(path: Path) -> Iterator[Home]:
    """A home on SQLite, made where there is none."""
    for folder in (path, path / "listening", path / "artifacts"):
        folder.mkdir(exist_ok=True, parents=True)
    engine = open_engine(default_url(path))
    migrate.upgrade(engine)
    yield Home(path, engine)
    engine.dispose()


def crawl_here(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Crawl in this process, which can do so once."""
    from crawlers import jobs
    from crawlers.settings import Config

    home = Home(path, open_engine(default_url(path)))
    return dataclasses.asdict(jobs.crawl(home, Config(**settings)))


def command(path: Path, settings: Mapping[str, Any], *more: str) -> list[str]:
    """The command line that crawls."""
    return [sys.executable, "-m", "tests.quality.crawl_process", str(path), json.dumps(dict(settings)), *more]


def crawl(path: Path, settings: Mapping[str, Any], *more: str, timeout: float = 3600) -> dict[str, Any]:
    """Crawl in a process of its own.

    Returns:
        The report's fields, and cpu (seconds), wall (seconds), peak_mib.
    """
    done = subprocess.run(
        command(path, settings, *more), capture_output=True, text=True, timeout=timeout, check=False, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def note_gaps(path: Path) -> None:
    """Have every request noted where it is sent, in a crawl of this process."""
    from crawlers.sending import Sender

    noted = path.open("a", encoding="ascii", buffering=1)
    send = Sender.download_request

    async def noting(self: Any, request: Any) -> Any:
        name = request.meta["download_slot"]
        slot = self.crawler.engine.downloader.slots.get(name)
        if slot is not None:  # the guard's proof has none of its own
            floor = self.crawler.spider.run.hosts.floor(name)
            noted.write(f"{name} {time.monotonic():.6f} {slot.delay:.6f} {floor:.6f}\n")
        return await send(self, request)

    Sender.download_request = noting  # type: ignore[method-assign]


def main(arguments: list[str]) -> None:
    """Crawl and print."""
    path, settings, *gaps = arguments
    if gaps:
        note_gaps(Path(gaps[0]))
    began = time.monotonic()
    report = crawl_here(Path(path), json.loads(settings))
    used = resource.getrusage(resource.RUSAGE_SELF)
    wall = time.monotonic() - began
    report |= {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak_mib": peak_mib()}
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1:])
