"""The scheduler: by a clock of the test's own, and for real in processes that are told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from crawlers.sources import add_source
from db.errors import StoreError
from db.home import Home
from db.lease import holding
from db.web import Page, Source, Timetable
from kinsong import config
from kinsong.schedule import Config, Scheduler, end_turn, take_turn

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


class Command:
    """A command that has ended before it began; it does what a real one would do to the tables."""

    def __init__(self, code: int) -> None:
        self._code = code

    def wait(self, timeout: float | None = None) -> int:  # noqa: ARG002
        return self._code

    def terminate(self) -> None:
        """Too late."""

    kill = terminate


class World:
    """A clock, and what was begun when."""

    def __init__(self, home: Home, code: int = 0) -> None:
        self.home, self.code, self.moment = home, code, START
        self.begun: list[tuple[datetime, str]] = []
        self.said: list[str] = []

    def begin(self, path: Path, arguments: list[str]) -> Command:
        assert path == self.home.path
        self.begun.append((self.moment, " ".join(arguments)))
        if arguments[0] == "crawl" and not self.code:
            with self.home.writing() as session:
                for source in session.scalars(select(Source)):
                    if source.next_crawl_at is None or source.next_crawl_at <= self.moment:
                        source.next_crawl_at = self.moment + timedelta(hours=6)
        return Command(self.code)

    def scheduler(self, **settings: object) -> Scheduler:
        made = Config.model_validate(settings)
        return Scheduler(self.home, made, self.said.append, clock=lambda: self.moment, begin=self.begin)

    def pass_time(self, scheduler: Scheduler, span: timedelta, look: timedelta = timedelta(minutes=10)) -> None:
        end = self.moment + span
        while self.moment < end:
            scheduler.crawl(900)
            scheduler.build()
            self.moment += look


def test_a_source_is_crawled_when_it_is_due(any_home: Home) -> None:
    world = World(any_home)
    scheduler = world.scheduler()
    world.pass_time(scheduler, timedelta(hours=1))
    assert world.begun == []
    add_source(any_home, "http://a.example/", "site")
    world.pass_time(scheduler, timedelta(hours=13))
    assert [at - START for at, _ in world.begun] == [timedelta(hours=h) for h in (1, 7, 13)]
    assert {what for _, what in world.begun} == {"crawl --for 900s"}


def test_builds_that_were_missed_are_caught_up_once(any_home: Home) -> None:
    world = World(any_home)
    scheduler = world.scheduler(build="0 4 * * *")
    world.pass_time(scheduler, timedelta(hours=3))
    assert [f"{at:%d %H:%M}" for at, _ in world.begun] == ["01 04:00"]
    world.moment = START + timedelta(days=5)
    world.pass_time(world.scheduler(build="0 4 * * *"), timedelta(hours=4))
    assert [f"{at:%d %H:%M}" for at, _ in world.begun[1:]] == ["06 02:00", "06 04:00"]


def test_another_expression_counts_from_now(any_home: Home) -> None:
    assert not take_turn(any_home, "0 4 * * *", START)
    assert not take_turn(any_home, "0 1 * * *", START + timedelta(hours=5))
    begun = START + timedelta(days=1)
    assert take_turn(any_home, "0 1 * * *", begun)
    end_turn(any_home, "0 4 * * *", begun, begun)
    end_turn(any_home, "0 1 * * *", begun - timedelta(days=1), begun)
    assert not take_turn(any_home, "0 1 * * *", begun)
    end_turn(any_home, "0 1 * * *", begun, begun)
    assert take_turn(any_home, "0 1 * * *", begun)
    end_turn(any_home, "0 1 * * *", begun, datetime(2026, 3, 3, 1, tzinfo=UTC))
    with any_home.reading() as session:
        assert session.scalars(select(Timetable.next_at)).one() == datetime(2026, 3, 3, 1, tzinfo=UTC)


def test_of_many_schedulers_one_takes_the_turn(any_home: Home) -> None:
    take_turn(any_home, "0 4 * * *", START)
    later = START + timedelta(days=3)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: take_turn(any_home, "0 4 * * *", later), range(16)))
    assert sum(taken) == 1


def test_a_crawl_that_fails_is_tried_less_and_less_often(home: Home) -> None:
    world = World(home, code=1)
    add_source(home, "http://a.example/", "site")
    world.pass_time(world.scheduler(look=30), timedelta(hours=6), timedelta(seconds=30))
    gaps = [int((b - a).total_seconds()) for (a, _), (b, _) in zip(world.begun, world.begun[1:], strict=False)]
    assert gaps[:6] == [60, 120, 240, 480, 960, 1920]
    assert max(gaps) == 3600


def test_nothing_is_begun_beside_another_crawl_or_after_a_stop(home: Home) -> None:
    world = World(home)
    add_source(home, "http://a.example/", "site")
    scheduler = world.scheduler()
    with holding(home, "crawl"):
        scheduler.crawl(900)
    assert world.begun == []
    scheduler.stop()
    scheduler.crawl(900)
    assert world.begun == []


def test_a_build_that_was_stopped_is_due_again(home: Home) -> None:
    world = World(home)
    take_turn(home, "0 4 * * *", START)
    world.moment = START + timedelta(days=1)
    scheduler = world.scheduler(build="0 4 * * *")
    begin = world.begin

    def stopped(path: Path, arguments: list[str]) -> Command:
        made = begin(path, arguments)
        scheduler.stop()
        return made

    scheduler._begin = stopped
    assert scheduler.build()
    world.scheduler(build="0 4 * * *").build()
    assert [what for _, what in world.begun] == ["build", "build"]


WEEKLY = "0 4 * * 0"


def begun_again(world: World, span: timedelta) -> list[str]:
    """When a new scheduler begins a weekly build."""
    world.begun.clear()
    world.pass_time(world.scheduler(build=WEEKLY), span, timedelta(minutes=30))
    return [f"{at:%d %H:%M}" for at, _ in world.begun]


def test_a_build_that_is_killed_is_due_again_after_a_while(any_home: Home) -> None:
    world = World(any_home)
    take_turn(any_home, WEEKLY, START)

    def begin(path: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
        world.begin(path, arguments)
        child = subprocess.Popen(["sleep", "60"])
        child.kill()
        return child

    scheduler = Scheduler(any_home, Config(build=WEEKLY), world.said.append, clock=lambda: world.moment, begin=begin)
    world.pass_time(scheduler, timedelta(hours=4, minutes=30))
    assert [f"{at:%H:%M}" for at, _ in world.begun] == ["04:00", "05:00", "06:00"]
    assert "killed by signal 9" in world.said[-1]
    assert begun_again(world, timedelta(days=8)) == ["01 07:00", "08 04:00"]


def test_a_build_whose_scheduler_was_killed_is_due_again(any_home: Home) -> None:
    world = World(any_home)
    take_turn(any_home, WEEKLY, START)
    world.moment = START + timedelta(hours=2)

    def killed(path: Path, arguments: list[str]) -> Command:
        world.begin(path, arguments)
        raise KeyboardInterrupt

    scheduler = Scheduler(any_home, Config(build=WEEKLY), world.said.append, clock=lambda: world.moment, begin=killed)
    with pytest.raises(KeyboardInterrupt):
        scheduler.build()
    world.moment += timedelta(minutes=30)
    with holding(any_home, "build"):  # the build has outlived it
        assert begun_again(world, timedelta(hours=2)) == []
    assert begun_again(world, timedelta(days=8)) == ["01 06:30", "08 04:00"]


def test_a_build_that_fails_waits_for_its_next_time(home: Home) -> None:
    world = World(home, code=1)
    take_turn(home, WEEKLY, START)
    world.pass_time(world.scheduler(build=WEEKLY), timedelta(days=8))
    assert [f"{at:%d %H:%M}" for at, _ in world.begun] == ["01 04:00", "08 04:00"]


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("error", "says"),
    [(None, "the database says: "), (OSError(11, "no process left"), "no process left"),
     (StoreError("another\nprogram"), "another program")],
)  # fmt: skip
def test_what_cannot_be_done_now_is_told_in_a_line(home: Home, error: Exception | None, says: str) -> None:
    world = World(home)
    add_source(home, "http://a.example/", "site")
    take_turn(home, "* * * * *", START)
    world.moment += timedelta(hours=1)
    scheduler = world.scheduler(build="* * * * *")

    def begin(path: Path, arguments: list[str]) -> Command:
        if error is not None and arguments == ["build"]:
            raise error
        if error is None:
            with home.writing() as session:
                session.execute(text("ALTER TABLE timetable RENAME TO elsewhere"))
        return world.begin(path, arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduler, "_begin", begin)
        assert not scheduler.once(threading.Event())
    (line,) = [line for line in world.said if says in line]
    assert line.startswith("build: ")
    assert "\n" not in line


@pytest.mark.parametrize("value", ["soon", "0 25 * * *", "0 0 30 2 *"])
def test_a_bad_time_in_the_settings_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="build"):
        Config(build=value)


@pytest.fixture
def slow_site() -> Iterator[tuple[str, Counter[str]]]:
    """A site without end, which takes its time."""
    asked: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] += 1
            time.sleep(0.03)
            self.send_response(404 if self.path == "/robots.txt" else 200)
            number = int(self.path[2:] or 0) if self.path[:2] == "/p" else 0
            body = b"".join(b"<a href='/p%d'>a song of %d guitars</a> " % (n, n) for n in range(number, number + 5))
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


def command(home: Home, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kinsong", "--home", str(home.path), "schedule", *arguments], cwd=home.path,
        stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def ready(home: Home, url: str, **limits: int) -> None:
    database = home.engine.url.render_as_string(hide_password=False) if home.engine.dialect.name != "sqlite" else ""
    text = config.render(database).replace("delay = 1.0", "delay = 0.0")
    (home.path / "kinsong.toml").write_text(text)
    add_source(home, url, "site", delay=0.0, allow_private=True, **limits)


def test_a_scheduler_that_is_told_to_stop_stops_in_order(any_home: Home, slow_site: tuple[str, Counter[str]]) -> None:
    url, asked = slow_site
    ready(any_home, url)
    with command(any_home) as process:
        end = time.monotonic() + 200
        while asked.total() < 12 and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=250)[1]
    assert process.returncode == 0, said
    assert "crawl: begins" in said
    assert "stopped: " in said  # the crawl's own report
    assert said.rstrip().endswith("stopped")
    with any_home.reading() as session:
        states = Counter(session.scalars(select(Page.state)))
    assert states["done"] >= 10
    assert set(states) == {"done", "due"}


def test_two_schedulers_crawl_a_source_once(home: Home, slow_site: tuple[str, Counter[str]]) -> None:
    url, asked = slow_site
    ready(home, url, max_pages=8)
    with command(home, "--once") as one, command(home, "--once") as other:
        told = [one.communicate(timeout=250)[1], other.communicate(timeout=250)[1]]
    assert 0 in (one.returncode, other.returncode), told
    asked.pop("/robots.txt")
    assert len(asked) == 8
    assert set(asked.values()) == {1}
    with command(home, "--once") as process:
        process.communicate(timeout=250)
    assert process.returncode == 0
    assert set(asked.values()) == {1}


def test_a_look_at_what_is_not_due_writes_nothing(home: Home) -> None:
    assert not take_turn(home, "0 4 * * *", START)
    statements: list[str] = []
    event.listen(home.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert not take_turn(home, "0 4 * * *", START)
    assert not [one for one in statements if not one.startswith(("SELECT", "BEGIN"))]
    assert "BEGIN IMMEDIATE" not in statements
