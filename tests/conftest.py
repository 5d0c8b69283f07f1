"""What every test may ask for: an empty home on SQLite, and one on each database that there is."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import db.catalog
import db.results
import db.web
from db import migrate
from db.home import Home, default_url
from db.session import open_engine

TABLES = (db.catalog, db.results, db.web)


def open_test_home(path: Path, url: str) -> Home:
    path.mkdir()
    (path / "listening").mkdir()
    (path / "artifacts").mkdir()
    engine = open_engine(url)
    migrate.upgrade(engine)
    return Home(path, engine)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty workspace on SQLite."""
    path = tmp_path / "home"
    opened = open_test_home(path, default_url(path))
    yield opened
    opened.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """An empty workspace, on SQLite and on PostgreSQL."""
    path = tmp_path / "home"
    url = default_url(path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_test_home(path, url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty PostgreSQL database."""
    engine = open_engine(postgres_server)
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.commit()
    engine.dispose()
    return postgres_server


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A throw-away PostgreSQL on a Unix socket, gone when the tests end."""
    binaries = _postgres_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("CI tests PostgreSQL too: install its server binaries")
        pytest.skip("no PostgreSQL server binaries (initdb, pg_ctl) on this machine")
    folder = Path(tempfile.mkdtemp(prefix="kinsong-pg-"))  # a socket's path must be short
    as_owner: list[str] = []
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres", "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    data = str(folder / "data")
    initdb = [
        str(binaries / "initdb"),
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "kinsong",
        "-E",
        "UTF8",
        "--no-sync",
        "--locale=C.UTF-8",
    ]
    control = [*as_owner, str(binaries / "pg_ctl"), "-D", data, "-w"]
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run([*as_owner, *initdb], check=True, capture_output=True, cwd="/")
    subprocess.run(
        [*control, "-o", options, "-l", str(folder / "log"), "start"], check=True, capture_output=True, cwd="/"
    )
    try:
        yield f"postgresql+psycopg://kinsong@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_binaries() -> Path | None:
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[-3]))
    return versions[-1].parent if versions else None
