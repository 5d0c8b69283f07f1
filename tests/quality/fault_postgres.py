"""`pytest -s tests/quality/fault_postgres.py`: imports, crawls and builds of a home on PostgreSQL, killed, or left
without connections by a server that ends them.

The points are those whose transactions matter; all points are swept on SQLite by `tests.quality.fault_kills`.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from db.digest import digest
from db.home import Home
from db.results import Lease, Published
from db.session import open_engine
from tests.faults.kills import BUILD, CRAWL, IMPORT, State, different, files_of
from tests.faults.leases import suspended
from tests.faults.template import Template
from tests.faults.world import KINDS, choose_settings, pages, serving, write_files

POINTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (IMPORT, (
        "import.swept", "import.replaced", "import.batch", "import.rejects", "import.placed", "import.committed",
        "resolve.artists", "resolve.credits", "resolve.tracks", "resolve.listeners",
    )),
    (CRAWL, ("crawl.reclaimed", "crawl.documents", "crawl.found", "crawl.noted", "crawl.stored")),
    (BUILD, (
        "build.begun", "read.verdicts", "artifact.named:3", "publish.begun", "publish.run", "publish.rows",
        "publish.rows:4", "publish.pointed", "publish.committed", "collect.rows:3", "collect.committed",
    )),
)  # fmt: skip
LOST: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (IMPORT, ("import.batch", "import.placed", "import.committed", "resolve.credits")),
    (CRAWL, ("crawl.ranked", "crawl.answered", "crawl.documents", "crawl.stored")),
    (BUILD, (
        "build.begun", "read.catalogue", "als.fitted", "artifact.sealed:2", "publish.begun", "publish.rows:2",
        "publish.pointed", "publish.committed", "collect.committed",
    )),
)  # fmt: skip
"""Where a command stands while the server ends all connections, as it does when it is shut down."""
STAGE, CASE = "kinsong_stage", "kinsong_case"


class Server:
    """A server whose databases are copied from one another."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)

    def of(self, name: str) -> str:
        """The URL of a database."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def end_connections(self, name: str) -> None:
        """End all connections to a database, in the middle of whatever they were at."""
        engine = open_engine(self.url)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            connection.execute(ended, {"name": name})
        engine.dispose()

    def make(self, name: str, like: str = "template1") -> None:
        """A database like another one; an earlier one of its name is gone."""
        engine = open_engine(self.url)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {like}")
        engine.dispose()


class Homes:
    """A home that was built from other plays and pages, both changed since, and copies of it."""

    def __init__(self, folder: Path, template: Template, server: Server, site: dict[str, str], url: str) -> None:
        self.folder, self.template, self.server = folder, template, server
        self.files = write_files(folder / "files", seed=4)
        server.make(STAGE)
        stage = folder / "stage"
        site.update(pages(seed=4))
        self.did(stage, "init", "--db", server.of(STAGE))
        choose_settings(stage)
        self.did(stage, "source", "add", url, "--allow-private")
        for kind in KINDS:
            self.did(stage, "import", kind, self.files[kind])
        self.did(stage, "crawl")
        self.did(stage, "build")
        site.update(pages())
        write_files(folder / "files")
        for kind in KINDS:
            if kind != "plays":
                self.did(stage, "import", kind, self.files[kind])
        home = self._open(stage, STAGE)
        with home.writing() as session:
            session.execute(text("UPDATE page SET due_at = '2020-01-01', state = 'due'"))
            session.execute(text("UPDATE source SET next_crawl_at = NULL"))
        home.engine.dispose()

    def did(self, home: Path, *arguments: object) -> None:
        """Run a command that must succeed."""
        ended = self.template.run(["--home", home, *arguments])
        assert ended.code == 0, (arguments, ended)

    def arguments(self, command: Sequence[str]) -> list[object]:
        """A command, with the file of an import."""
        return [*command, self.files["plays"]] if command == IMPORT else list(command)

    def copy(self) -> Path:
        """A home of one's own."""
        self.server.make(CASE, STAGE)
        path = self.folder / "case"
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.folder / "stage", path)
        settings = path / "kinsong.toml"
        settings.write_text(settings.read_text().replace(STAGE, CASE))
        return path

    def state(self, path: Path) -> State:
        """What the copy has come to."""
        home = self._open(path, CASE)
        with home.reading() as session:
            found = digest(session, session.scalars(select(Published.run_id)).one())
            leases = list(session.scalars(select(Lease.name)))
        home.engine.dispose()
        return State(found, files_of(path), leases)

    def _open(self, path: Path, name: str) -> Home:
        return Home(path, open_engine(self.server.of(name)))


@pytest.fixture
def homes(postgres_server: str, tmp_path: Path) -> Iterator[Homes]:
    site = pages()
    with Template() as template, serving(site) as url:
        yield Homes(tmp_path, template, Server(postgres_server), site, url)


@pytest.mark.timeout(1800)
def test_whatever_is_killed_the_next_run_ends_as_an_undisturbed_one(homes: Homes) -> None:
    def kill(home: Path, command: Sequence[str], point: str) -> str:
        died = homes.template.run(["--home", home, *homes.arguments(command)], fault=point)
        return "" if died.code == -9 else f"{point} was not reached: {died}"

    _sweep(homes, POINTS, kill)


@pytest.mark.timeout(1800)
def test_whatever_connection_is_lost_it_is_said_and_the_next_run_ends_as_an_undisturbed_one(homes: Homes) -> None:
    def lose(home: Path, command: Sequence[str], point: str) -> str:
        child = suspended(homes.template, ["--home", home, *homes.arguments(command)], point)
        homes.server.end_connections(CASE)
        os.kill(child, signal.SIGCONT)
        ended = homes.template.finish(child)
        said = ended.code == 0 or (ended.code == 1 and "error: " in ended.err)
        return "" if said and "Traceback" not in ended.err else f"it ended so: {ended}"

    _sweep(homes, LOST, lose)


def _sweep(
    homes: Homes,
    cases: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
    disturb: Callable[[Path, Sequence[str], str], str],
) -> None:
    order = [command for command, _ in cases]
    found = {}
    home = homes.copy()
    for command in order:
        homes.did(home, *homes.arguments(command))
    sound = homes.state(home)
    for command, points in cases:
        for point in points:
            home = homes.copy()
            for earlier in order[: order.index(command)]:
                homes.did(home, *homes.arguments(earlier))
            found[point] = disturb(home, command, point)
            for later in order[order.index(command) :]:
                homes.did(home, *homes.arguments(later))
            found[point] = found[point] or different(homes.state(home), sound)
            print(f"{point:20} {found[point] or 'as undisturbed'}")
    assert {point: problem for point, problem in found.items() if problem} == {}
