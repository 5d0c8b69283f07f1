"""`kinsong schedule`: crawls what is due and builds at night, for ever, each in a process of its own.

What is due stands in SQL (`source.next_crawl_at`, `page.due_at`, table `timetable`): APScheduler only looks there now
and then. So nothing is forgotten by a restart, what was missed is caught up once, and of two schedulers one does it:
a crawl and a build each hold a lease, and a build's turn is taken in one transaction. That puts it off by `AGAIN` only:
the next time is set when the build has ended, so that one that was killed, alone or with us, is due again.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Protocol

from pydantic import Field, PositiveFloat, PositiveInt, field_validator
from sqlalchemy.exc import DBAPIError

from crawlers import visits
from db.base import Config as BaseConfig
from db.base import now
from db.errors import Busy, KinsongError, UsageError
from db.home import Home
from db.lease import alive
from db.results import Lease
from db.web import Timetable

BUILD = "build"
LONGEST_REST = timedelta(hours=1)
"""Most time between two tries of a crawl that fails."""
AGAIN = timedelta(hours=1)
"""Time after which a build that was killed is due again: where memory is short it would be killed over and over."""
Say = Callable[[str], None]


class Config(BaseConfig):
    """What `kinsong schedule` does by itself."""

    look: PositiveInt = 30
    """Seconds between two looks at what is due."""
    slice: PositiveInt = Field(900, ge=10)
    """Seconds that one crawl fetches; the next goes on, and takes in what has become due meanwhile."""
    build: str = ""
    """When `kinsong build` runs: a cron expression in UTC, such as 0 4 * * *; empty: not by itself."""
    patience: PositiveFloat = 60.0
    """Seconds that a crawl or build is given to end in order when the scheduler is told to stop."""

    @field_validator("build")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        if value.strip():
            try:
                visits.cron_trigger(value, "build")
            except UsageError as error:
                raise ValueError(str(error)) from error
        return value.strip()


class Child(Protocol):
    """A command under way."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...

    def kill(self) -> None:
        """End it."""
        ...


def start(path: Path, arguments: list[str]) -> Child:
    """Run `kinsong --home PATH ARGUMENTS`. In a session of its own, so that a Ctrl-C here reaches it once, from us."""
    command = [sys.executable, "-P", "-m", "kinsong", "--home", str(path), *arguments]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  words of ours


def take_turn(home: Home, cron: str, moment: datetime) -> bool:
    """Whether a build is due, and if so, take its turn: however many were missed, it is one."""
    with home.reading() as session:
        row = session.get(Timetable, BUILD)
        if row is not None and row.cron == cron and row.next_at > moment:
            return False
    with home.writing() as session:
        row = session.get(Timetable, BUILD, with_for_update=True)
        if row is None or row.cron != cron:
            session.merge(
                Timetable(
                    name=BUILD, cron=cron, next_at=visits.next_cron(cron, moment), last_at=row.last_at if row else None
                )
            )
            return False
        if row.next_at > moment:
            return False
        row.last_at, row.next_at = moment, soon(cron, moment)
        return True


def end_turn(home: Home, cron: str, moment: datetime, next_at: datetime) -> None:
    """Say when the build is due again whose turn was taken at a moment; nothing where another turn came after it."""
    with home.writing() as session:
        row = session.get(Timetable, BUILD, with_for_update=True)
        if row is not None and (row.cron, row.last_at) == (cron, moment):
            row.next_at = next_at


def soon(cron: str, moment: datetime) -> datetime:
    """When a build that does not come to its end is due again."""
    return min(moment + AGAIN, visits.next_cron(cron, moment))


class Scheduler:
    """Looks at what is due and has it done.

    Args:
        say: where to say what is begun and how it ended.
        clock: the time.
        begin: starts a command.
    """

    def __init__(
        self, home: Home, config: Config, say: Say, *, clock: Callable[[], datetime] = now,
        begin: Callable[[Path, list[str]], Child] = start,
    ) -> None:  # fmt: skip
        self._home, self._config, self._say = home, config, say
        self._clock, self._begin = clock, begin
        self._lock = threading.RLock()  # a signal may find us holding it
        self._children: set[Child] = set()
        self._stopping = threading.Event()
        self._failures = 0
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    def crawl(self, limit: int | None) -> bool:
        """Crawl if something is due and nobody else is at it; False when that failed.

        Args:
            limit: seconds to begin fetching in; None: until nothing is due.
        """
        from crawlers.jobs import crawl_due

        moment = self._clock()
        due = crawl_due(self._home, moment)
        if due is None or due > moment or moment < self._rests_until or self._is_running("crawl"):
            return True
        code = self._run(["crawl", *(["--for", f"{limit}s"] if limit is not None else [])])
        if code in (None, 0):
            self._failures = 0
            return True
        self._failures += 1
        rest = min(timedelta(seconds=self._config.look) * 2 ** min(self._failures, 10), LONGEST_REST)
        self._rests_until = self._clock() + rest
        self._say(f"crawl: {_ending(code)}; it is tried again in {rest.total_seconds():.0f} s")
        return False

    def build(self) -> bool:
        """Build if its time has come; False when that failed."""
        cron = self._config.build
        if not cron or self._is_running(BUILD):
            return True
        moment = self._clock()
        if not take_turn(self._home, cron, moment):
            return True
        code = self._run([BUILD])
        next_at = visits.next_cron(cron, moment)
        if code is None:
            next_at = moment
        elif code < 0:
            next_at = soon(cron, self._clock())
        if code:
            self._say(f"build: {_ending(code)}; it is tried again at {next_at:%Y-%m-%d %H:%M} UTC")
        end_turn(self._home, cron, moment, next_at)
        return code in (None, 0)

    def _is_running(self, name: str) -> bool:
        with self._home.reading() as session:
            held = session.get(Lease, name)
            return held is not None and alive(held, now())

    def _run(self, arguments: list[str]) -> int | None:
        """Exit code of a command; None where it did not begin, or was told to stop."""
        with self._lock:
            if self._stopping.is_set():
                return None
            self._say(f"{arguments[0]}: begins")
            child = self._begin(self._home.path, arguments)
            self._children.add(child)
        try:
            code = child.wait()
        finally:
            with self._lock:
                self._children.discard(child)
        return None if self._stopping.is_set() else code

    def stop(self) -> None:
        """Begin nothing more, tell what is under way to end, and wait for it."""
        with self._lock:
            self._stopping.set()
            children = list(self._children)
            for child in children:
                child.terminate()
        for child in children:
            try:
                child.wait(self._config.patience)
            except subprocess.TimeoutExpired:
                self._say(f"a command has not ended within {self._config.patience:g} s and is killed")
                child.kill()

    def kill(self) -> None:
        """End what is under way at once."""
        with self._lock:
            for child in self._children:
                child.kill()

    def once(self, told: threading.Event) -> bool:
        """Do what is due now, unless told to stop; False when something failed.

        Raises:
            Busy: somebody else is crawling.
        """
        if self._is_running("crawl"):
            raise Busy("another crawl is running: what is due is left to it")
        done: list[bool] = []

        def work() -> None:
            done.append(self._guarded("crawl", lambda: self.crawl(None)))
            done.append(self._guarded(BUILD, self.build))

        working = threading.Thread(target=work)
        working.start()
        while working.is_alive():
            if told.wait(0.1):
                self.stop()
                break
        working.join()
        return len(done) == 2 and all(done)

    def forever(self, told: threading.Event) -> None:
        """Look again and again, until told to stop; then end in order."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler
        from apscheduler.triggers.interval import IntervalTrigger

        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # each look that finds a crawl at work is no news
        pools = {name: ThreadPoolExecutor(1) for name in ("crawl", BUILD)}
        ticking = BackgroundScheduler(timezone=UTC, executors={**pools, "default": ThreadPoolExecutor(1)})
        for name, work in (("crawl", lambda: self.crawl(self._config.slice)), (BUILD, self.build)):
            ticking.add_job(
                self._guarded, IntervalTrigger(seconds=self._config.look, timezone=UTC), args=[name, work], id=name,
                executor=name, coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=now(),
            )  # fmt: skip
        ticking.start()
        try:
            told.wait()
        finally:
            self._say("stopping: what is under way is told to end")
            self.stop()
            ticking.shutdown(wait=True)

    def _guarded(self, name: str, work: Callable[[], bool]) -> bool:
        """Do it; False when it failed. A database or disk that is away for a while does not end the scheduler."""
        try:
            return work()
        except DBAPIError as error:
            what = "the database says: " + next(iter(str(error.orig).strip().splitlines()), "nothing")
        except (OSError, KinsongError) as error:
            what = " ".join(str(error).split())
        self._say(f"{name}: {what}; the next look goes on")
        return False


def _ending(code: int) -> str:
    return f"it was killed by signal {-code}" if code < 0 else f"it ended with code {code}"


def told_by_signals(again: Callable[[], None]) -> threading.Event:
    """An event that SIGTERM or SIGINT sets; a second one calls `again`."""
    told = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            again()
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return told
