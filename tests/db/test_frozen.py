from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from db import frozen
from db.catalog import Listener
from db.errors import StoreError
from db.home import DATABASE, Home, default_url
from db.session import open_engine, reading


def names(path: Path) -> list[str]:
    engine = open_engine(default_url(path), read_only=True)
    try:
        with reading(engine) as session:
            return list(session.scalars(text("SELECT name FROM listener ORDER BY name")))
    finally:
        engine.dispose()


def add(home: Home, name: str) -> None:
    with home.writing() as session:
        session.add(Listener(name=name))


@pytest.fixture
def nothing_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite cannot make its files, as on a full disk."""
    opened = frozen._opened

    def full(path: Path, how: str) -> sqlite3.Connection:
        if how == "mode=ro":
            raise sqlite3.OperationalError("disk I/O error")
        return opened(path, how)

    monkeypatch.setattr(frozen, "_opened", full)


@pytest.fixture
def copy(home: Home, tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Copies a home's database with its log, as a killed process leaves them, while a connection is open."""
    kept = home.engine.connect()

    def take() -> Path:
        path = tmp_path / "killed"
        path.mkdir()
        for file in (DATABASE, f"{DATABASE}-wal"):
            shutil.copyfile(home.path / file, path / file)
        return path

    yield take
    kept.close()


def test_the_file_alone_is_read_where_the_log_is_empty(home: Home, nothing_beside: None) -> None:
    add(home, "a")
    home.engine.dispose()
    assert names(home.path) == ["a"]
    assert sorted(path.name for path in home.path.iterdir() if path.is_file()) == [DATABASE]


def test_what_stands_in_the_log_alone_is_read_too(
    home: Home, copy: Callable[[], Path], nothing_beside: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, "a")
    path = copy()
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert names(path) == ["a"]
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before
    assert not list(tmp_path.glob("kinsong-*"))


def test_no_room_for_a_copy_is_said(
    home: Home, copy: Callable[[], Path], nothing_beside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    add(home, "a")
    path = copy()
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StoreError, match=r"only be read from a copy.*No space left.*TMPDIR"):
        names(path)


def test_what_is_changed_meanwhile_is_not_told(home: Home, nothing_beside: None) -> None:
    add(home, "a")
    home.engine.dispose()
    engine = open_engine(default_url(home.path), read_only=True)

    def read_and_add() -> None:
        with reading(engine) as session:
            assert list(session.scalars(text("SELECT name FROM listener"))) == ["a"]
            add(home, "b")

    with pytest.raises(StoreError, match="was changed while it was read"):
        read_and_add()
    home.engine.dispose()
    with reading(engine) as session:  # a connection of before the change is not used again
        assert list(session.scalars(text("SELECT name FROM listener ORDER BY name"))) == ["a", "b"]
    engine.dispose()


def test_a_change_within_the_clocks_grain_is_seen(home: Home) -> None:
    home.engine.dispose()
    path = home.path / DATABASE
    os.utime(path)
    snapshot = frozen.Snapshot.of(path)
    with path.open("r+b") as file:
        file.write(file.read(1))
    assert snapshot.is_over()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        frozen.connect(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())


def test_a_schema_that_is_not_text_is_an_error_of_the_database(tmp_path: Path) -> None:
    path = tmp_path / "kinsong.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE artist (id)")
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREA\xa0E TABLE"))
    engine = open_engine(f"sqlite:///{path}", read_only=True)
    with pytest.raises(DatabaseError, match="schema is damaged"):
        engine.connect()
    engine.dispose()


def test_a_file_of_the_future_is_read(home: Home, nothing_beside: None) -> None:
    add(home, "ada")
    home.engine.dispose()
    ahead = time.time() + 3600
    os.utime(home.path / DATABASE, (ahead, ahead))
    assert names(home.path) == ["ada"]


def test_the_log_of_a_link_is_read_too(home: Home, tmp_path: Path, nothing_beside: None) -> None:
    with home.reading() as session:
        session.scalars(select(Listener.name)).all()
        add(home, "ada")
        (tmp_path / "link").mkdir()
        (tmp_path / "link" / DATABASE).symlink_to(home.path / DATABASE)
        assert names(tmp_path / "link") == ["ada"]
