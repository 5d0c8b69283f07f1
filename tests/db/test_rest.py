"""A database at rest: compared before it is opened, and never where somebody is at work."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db import lease, rest
from db.base import now
from db.catalog import Listener
from db.errors import StoreError
from db.home import Home
from db.results import Lease
from kinsong import home as homes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made, _ = homes.create(tmp_path / "home")
    _add(made, "ada")
    return made


def _add(home: Home, name: str) -> None:
    with home.writing() as session:
        session.add(Listener(name=name))


def _file(home: Home) -> Path:
    found = rest.file_of(home.engine.url)
    assert found is not None
    return found


def _note(home: Home) -> Path:
    return _file(home).with_name(_file(home).name + rest.SUFFIX)


def _rotten(file: Path, word: bytes = b"ada", other: bytes = b"adb") -> None:
    """Another letter in a cell: SQLite itself finds nothing wrong with it."""
    content = file.read_bytes()
    assert word in content
    file.write_bytes(content.replace(word, other))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_home_that_was_closed_is_opened_again(home: Home, read_only: bool) -> None:
    homes.close(home)
    assert _note(home).exists()
    again = homes.open_home(home.path, read_only=read_only)
    with again.reading() as session:
        assert session.query(Listener).one().name == "ada"
    again.engine.dispose()
    rest.check(_file(home), stamps=False)


@pytest.mark.parametrize("read_only", [True, False])
def test_what_sqlite_does_not_see_is_refused(home: Home, read_only: bool) -> None:
    homes.close(home)
    _rotten(_file(home))
    with pytest.raises(StoreError, match=r"not what kinsong left there at .*doctor --repair"):
        homes.open_home(home.path, read_only=read_only)
    with pytest.raises(StoreError):
        homes.create(home.path)


def test_a_stamp_is_void_once_the_file_was_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    homes.close(home)
    monkeypatch.setattr("db.stamps.YOUNG", 0.0)
    rest.check(_file(home))
    monkeypatch.setattr("db.stamps.sha256_of", lambda _: pytest.fail("its stamp is enough"))
    rest.check(_file(home))
    monkeypatch.undo()
    _rotten(_file(home))
    with pytest.raises(StoreError):
        rest.check(_file(home))


def test_an_older_file_in_its_place_is_refused(home: Home, tmp_path: Path) -> None:
    homes.close(home)
    shutil.copyfile(_file(home), tmp_path / "older")
    again = homes.open_home(home.path)
    _add(again, "bob")
    homes.close(again)
    shutil.copyfile(tmp_path / "older", _file(home))
    with pytest.raises(StoreError):
        rest.check(_file(home))


def test_a_log_that_nobody_of_ours_left_is_refused(home: Home) -> None:
    homes.close(home)
    _file(home).with_name(_file(home).name + "-wal").write_bytes(bytes(4120))
    with pytest.raises(StoreError):
        rest.check(_file(home))


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"sha256": 3}', b'{"sha256": "00"}', b"[" * 100_000])
def test_a_note_that_is_none_refuses(home: Home, note: bytes) -> None:
    homes.close(home)
    _note(home).write_bytes(note)
    with pytest.raises(StoreError):
        rest.check(_file(home))


def test_a_copied_home_is_the_same(home: Home, tmp_path: Path) -> None:
    homes.close(home)
    rest.check(_file(home))
    shutil.copytree(home.path, tmp_path / "copy")
    homes.open_home(tmp_path / "copy").engine.dispose()


def test_the_first_transaction_that_writes_takes_the_note_away(home: Home) -> None:
    homes.close(home)
    again = homes.open_home(home.path)
    with again.reading() as session:
        session.execute(text("SELECT 1"))
    assert _note(home).exists()
    with again.writing() as session:
        session.execute(text("SELECT 1"))
        assert not _note(home).exists()
    again.engine.dispose()
    _rotten(_file(home))
    homes.open_home(home.path).engine.dispose()  # nothing to compare with


def test_a_killed_writer_leaves_no_note(home: Home) -> None:
    homes.close(home)
    program = (
        "import os, signal, sys; from pathlib import Path; from db.catalog import Listener; from kinsong import home\n"
        "opened = home.open_home(Path(sys.argv[1]))\n"
        "with opened.writing() as session:\n    session.add(Listener(name='bob'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(home.path)], check=False).returncode == -9
    again = homes.open_home(home.path)
    with again.reading() as session:
        assert {one.name for one in session.query(Listener)} == {"ada", "bob"}
    homes.close(again)
    rest.check(_file(home), stamps=False)


def test_there_is_no_note_while_somebody_is_at_work(home: Home) -> None:
    other = homes.open_home(home.path)
    with other.writing() as session:
        session.add(Listener(name="bob"))
        session.flush()
        homes.close(home)
        assert not _note(home).exists()
    with other.reading() as session:
        session.query(Listener).all()
        _add(home, "eve")
        homes.close(home)  # the log holds what that reader does not see yet
        assert not _note(home).exists()
    with lease.holding(other, "build"):
        homes.close(home)
        assert not _note(home).exists()
    homes.close(other)
    assert _note(home).exists()


def test_there_is_no_note_of_what_was_changed_while_it_was_read(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute(\"INSERT INTO listener (name) VALUES ('bob')\")\n"
        "assert connection.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone() == (0, 0, 0)"
    )
    digest = hashlib.file_digest

    def slow(stream: Any, name: str) -> Any:
        found = digest(stream, name)
        subprocess.run([sys.executable, "-c", program, str(_file(home))], check=True)
        return found

    monkeypatch.setattr(hashlib, "file_digest", slow)
    homes.close(home)
    assert not _note(home).exists()


def test_a_large_database_is_hashed_after_jobs_only(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "SMALL", 10)
    homes.close(home)
    assert not _note(home).exists()
    homes.close(home, job=True)
    assert json.loads(_note(home).read_bytes()).keys() == {"sha256", "left_at"}


def test_who_begins_to_write_while_it_is_compared_is_no_damage(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    homes.close(home)
    again = homes.open_home(home.path)
    compared = rest.sha256_of

    def slow(path: Path) -> str:
        _add(again, f"listener {time.monotonic()}")
        homes.close(again)
        return compared(path)

    monkeypatch.setattr(rest, "sha256_of", slow)
    monkeypatch.setattr(rest, "lay_down", lambda *_: None)
    rest.check(_file(home), stamps=False)


def test_other_databases_have_no_file() -> None:
    assert rest.file_of("postgresql://me@host/name") is None
    assert rest.file_of("sqlite://") is None
    assert rest.file_of("sqlite:///:memory:") is None
    assert rest.file_of("sqlite:////a/b.db") == Path("/a/b.db")


def test_the_lease_of_a_dead_owner_keeps_nobody_awake(home: Home) -> None:
    with home.writing() as session:
        session.add(Lease(name="crawl", owner=f"{socket.gethostname()}:999999999:1-ab", since=now(), beat_at=now()))
    homes.close(home)
    assert _note(home).exists()


def test_what_is_refused_is_refused_until_it_is_accepted(home: Home) -> None:
    homes.close(home)
    rest.refuse(_file(home))
    again = homes.open_home(home.path, unchecked=True)
    _add(again, "bob")
    homes.close(again)
    with pytest.raises(StoreError, match="doctor --repair"):
        homes.open_home(home.path)
    rest.accept(_file(home))
    homes.open_home(home.path).engine.dispose()


def test_the_log_lies_beside_the_file_that_a_link_leads_to(home: Home, tmp_path: Path) -> None:
    homes.close(home)
    (tmp_path / "link").symlink_to(_file(home))
    _file(home).with_name("kinsong.db-wal").write_bytes(b"some")
    assert rest.log_of(tmp_path / "link") == home.path / "kinsong.db-wal"
