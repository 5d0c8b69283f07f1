"""Homes kept as one file and brought back, on both databases."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from sqlalchemy import select, text

from db import dump, migrate
from db.base import now
from db.catalog import Artist, ImportBatch
from db.digest import digest
from db.errors import Busy, DatabaseTooNew, HomeError, InputError, StoreError
from db.home import SETTINGS, Home
from db.results import Published
from db.stamps import FOLDER as STAMPS
from db.task import Silent
from kinsong import backup as keeping
from kinsong import config
from kinsong import home as homes
from kinsong.build import build

if TYPE_CHECKING:
    from tests.kinsong.conftest import Fill, Kinsong

SILENT = Silent()
T = TypeVar("T")


def rows(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database."""
    with home.reading() as session:
        return {
            one.name: [tuple(row) for row in session.execute(select(*one.c).order_by(*one.primary_key.columns))]
            for one in dump.tables()
        }  # fmt: skip


def files(home: Home) -> dict[str, bytes]:
    found = {}
    for folder in ("listening", "artifacts"):
        for path in sorted((home.path / folder).rglob("*")):
            if path.is_file() and path.parent.name != STAMPS:
                found[path.relative_to(home.path).as_posix()] = path.read_bytes()
    return found


def test_a_home_comes_back_as_it_was_and_nothing_is_built_anew(built: Home, tmp_path: Path) -> None:
    made = keeping.backup(built, tmp_path / "home.tar", SILENT)
    assert made.files > 10
    again = keeping.restore(tmp_path / "home.tar", tmp_path / "again", None, SILENT)
    assert (again.rows, again.files) == (made.rows, made.files)
    home = homes.open_home(tmp_path / "again")
    assert rows(home) == rows(built)
    assert files(home) == files(built)
    assert build(home, config.load(home)).run_id is None
    home.engine.dispose()


def test_from_sqlite_to_postgresql_and_back(built: Home, tmp_path: Path, postgres_url: str) -> None:
    keeping.backup(built, tmp_path / "one.tar", SILENT)
    keeping.restore(tmp_path / "one.tar", tmp_path / "served", postgres_url, SILENT)
    served = homes.open_home(tmp_path / "served")
    assert served.engine.dialect.name == "postgresql"
    with served.writing() as session:
        session.add(Artist(name="A new one", key="a new one"))
    keeping.backup(served, tmp_path / "two.tar", SILENT)
    with pytest.raises(HomeError, match="holds kinsong tables already"):
        keeping.restore(tmp_path / "two.tar", tmp_path / "other", postgres_url, SILENT)
    assert not (tmp_path / "other").exists()
    keeping.restore(tmp_path / "two.tar", tmp_path / "back", None, SILENT)
    back = homes.open_home(tmp_path / "back")
    assert rows(back) == rows(served)
    with back.reading() as session, built.reading() as first:
        run = session.scalar(select(Published.run_id))
        assert run is not None
        assert digest(session, run) == digest(first, run)
    for home in (served, back):
        home.engine.dispose()


def test_ids_that_were_given_are_not_given_again(any_home: Home, tmp_path: Path) -> None:
    (any_home.path / SETTINGS).write_text(config.render(), encoding="utf-8")
    with any_home.writing() as session:
        session.add_all([Artist(name="a", key="a"), Artist(name="b", key="b")])
    with any_home.writing() as session:
        session.execute(text("DELETE FROM artist WHERE key = 'b'"))
    keeping.backup(any_home, tmp_path / "home.tar", SILENT)
    keeping.restore(tmp_path / "home.tar", tmp_path / "again", None, SILENT)
    home = homes.open_home(tmp_path / "again")
    with home.writing() as session:
        artist = Artist(name="c", key="c")
        session.add(artist)
        session.flush()
        assert artist.id == 3
    home.engine.dispose()


def test_a_backup_of_the_first_release_is_brought_up(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "old"
    (path / "listening").mkdir(parents=True)
    (path / "artifacts").mkdir()
    (path / SETTINGS).write_text(config.render(), encoding="utf-8")
    with home.writing() as session:
        session.add(Artist(name="Air", key="air"))
    (home.path / SETTINGS).write_text(config.render(), encoding="utf-8")
    file = tmp_path / "home.tar"
    keeping.backup(home, file, SILENT)
    old = edited(file, tmp_path / "old.tar", as_first_release)
    keeping.restore(old, tmp_path / "again", None, SILENT)
    again = homes.open_home(tmp_path / "again")
    with again.reading() as session:
        assert session.scalars(select(Artist.name)).all() == ["Air"]
    again.engine.dispose()


def as_first_release(members: dict[str, bytes]) -> None:
    """What a home of schema 0001 would have kept: its own tables and columns alone."""
    import pyarrow.parquet as pq
    from sqlalchemy import inspect

    from db.session import open_engine

    engine = open_engine("sqlite://")
    migrate.upgrade(engine, "0001")
    index = json.loads(members[keeping.INDEX])
    index["schema"] = "0001"
    with engine.connect() as connection:
        there = {name: {c["name"] for c in inspect(connection).get_columns(name)} for name in
                 inspect(connection).get_table_names()}  # fmt: skip
    engine.dispose()
    for name in list(index["rows"]):
        member = f"rows/{name}.parquet"
        if name not in there:
            del index["rows"][name], members[member], index["members"][member]
            continue
        table = pq.read_table(io.BytesIO(members[member]))
        kept = table.select([c for c in table.column_names if c in there[name]])
        stream = io.BytesIO()
        pq.write_table(kept, stream)
        members[member] = stream.getvalue()
    members[keeping.INDEX] = json.dumps(index).encode()


Edit = Callable[[dict[str, bytes]], None]


def edited(file: Path, target: Path, edit: Edit, *, sealed: bool = True) -> Path:
    """The backup with other members; their sizes and sha256 made to fit where `sealed`."""
    import hashlib

    with tarfile.open(file) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    edit(members)
    if sealed:
        index = json.loads(members[keeping.INDEX])
        for name in index["members"]:
            content = members[name]
            index["members"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        members[keeping.INDEX] = json.dumps(index).encode()
    with tarfile.open(target, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return target


def flip(members: dict[str, bytes]) -> None:
    name = next(n for n in members if n.startswith("artifacts/"))
    members[name] = bytes([members[name][0] ^ 1]) + members[name][1:]


def newer(members: dict[str, bytes]) -> None:
    index = json.loads(members[keeping.INDEX])
    members[keeping.INDEX] = json.dumps({**index, "schema": "9999"}).encode()


def escape(members: dict[str, bytes]) -> None:
    index = json.loads(members[keeping.INDEX])
    index["members"]["listening/../../escaped"] = {}
    members["listening/../../escaped"] = b"x"
    members[keeping.INDEX] = json.dumps(index).encode()


def stray(members: dict[str, bytes]) -> None:
    members["listening/stray"] = b"x"


def without_index(members: dict[str, bytes]) -> None:
    del members[keeping.INDEX]


@pytest.mark.parametrize(
    ("edit", "sealed", "error", "words"),
    [
        (flip, False, InputError, "is not what was written"), (newer, True, DatabaseTooNew, "9999"),
        (escape, True, InputError, "escaped is not what was written"), (stray, False, InputError, "foreign"),
        (without_index, False, InputError, "no kinsong backup, or not all of one"),
    ],
)  # fmt: skip
def test_a_changed_backup_is_refused_and_nothing_is_written(
    built: Home, tmp_path: Path, edit: Edit, sealed: bool, error: type[Exception], words: str
) -> None:
    keeping.backup(built, tmp_path / "home.tar", SILENT)
    file = edited(tmp_path / "home.tar", tmp_path / "changed.tar", edit, sealed=sealed)
    before = set(tmp_path.iterdir())
    with pytest.raises(error, match=words):
        keeping.restore(file, tmp_path / "again", None, SILENT)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 0.999])
def test_a_cut_backup_is_refused(built: Home, tmp_path: Path, part: float) -> None:
    file = tmp_path / "home.tar"
    keeping.backup(built, file, SILENT)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content.rstrip(b"\0")) * part)])
    with pytest.raises(InputError, match=r"not all of one|not what was written"):
        keeping.restore(file, tmp_path / "again", None, SILENT)
    assert not (tmp_path / "again").exists()


def test_a_file_that_is_gone_is_named(home: Home, tmp_path: Path) -> None:
    (home.path / SETTINGS).write_text(config.render(), encoding="utf-8")
    with home.writing() as session:
        session.add(ImportBatch(kind="plays", source="/x", sha256="0", format="tsv", file="plays/x.parquet", rows=1,
                                rejected=0, imported_at=now()))  # fmt: skip
    with pytest.raises(StoreError, match=r"plays/x\.parquet is missing or damaged.*doctor"):
        keeping.backup(home, tmp_path / "home.tar", SILENT)
    assert not list(tmp_path.glob("home.tar*"))


@pytest.mark.parametrize(("keep", "published"), [(3, 0), (1, 1)])
def test_a_build_may_publish_while_a_backup_is_made(
    tmp_path: Path, micro_world: Fill, keep: int, published: int
) -> None:
    """The run of the moment at which it began is kept; or the new one, where the old one is gone meanwhile."""
    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    settings = config.load(home)
    runs = [build(home, settings).run_id]
    changed = settings.model_copy(
        update={"build": settings.build.model_copy(update={"seed": 7, "keep_runs": keep})}
    )

    class Meddling(Silent):
        """Builds a new run once the rows were read."""

        def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
            if what == "files" and len(runs) == 1:
                runs.append(build(home, changed).run_id)
            yield from super().track(items, what, total)

    keeping.backup(home, tmp_path / "home.tar", Meddling())
    keeping.restore(tmp_path / "home.tar", tmp_path / "again", None, SILENT)
    again = homes.open_home(tmp_path / "again")
    with again.reading() as session:
        assert session.scalar(select(Published.run_id)) == runs[published]
    assert build(again, (settings, changed)[published]).run_id is None
    for one in (home, again):
        one.engine.dispose()


def test_the_commands(kinsong: Kinsong, built: Home, tmp_path: Path) -> None:
    shutil.copytree(built.path, tmp_path / "copy")
    ran = kinsong("backup", tmp_path / "home.tar", home=tmp_path / "copy")
    assert ran.code == 0
    assert "rows of" in ran.err
    assert kinsong("restore", tmp_path / "home.tar", home=tmp_path / "copy").code == 2
    assert kinsong("restore", tmp_path / "nothing.tar", home=tmp_path / "new").code == 2
    assert kinsong("restore", tmp_path / "home.tar", home=tmp_path / "new").code == 0
    assert "fine" in kinsong("doctor", home=tmp_path / "new").out
    assert kinsong("backup", tmp_path, home=tmp_path / "new").code == 2


def test_what_killed_commands_left_is_gone_and_two_do_not_write_one_file(built: Home, tmp_path: Path) -> None:
    file, path = tmp_path / "home.tar", tmp_path / "again"
    (tmp_path / "home.tar.tmp").write_bytes(b"half of one")
    keeping.backup(built, file, SILENT)
    for left in ("artifacts", "listening", "other"):
        (tmp_path / "again.tmp" / left).mkdir(parents=True)
    (tmp_path / "again.tmp" / "kinsong.db").write_bytes(b"half of one")
    keeping.restore(file, path, None, SILENT)
    assert not (path / "other").exists()
    assert not list(tmp_path.glob("*.tmp"))
    before = file.read_bytes()
    for taken, command in (
        ("home.tar.tmp", lambda: keeping.backup(built, file, SILENT)),
        ("new.tmp", lambda: keeping.restore(file, tmp_path / "new", None, SILENT)),
    ):
        (tmp_path / taken).touch() if taken == "home.tar.tmp" else (tmp_path / taken).mkdir()
        descriptor = os.open(tmp_path / taken, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="another command is writing"):
            command()
        os.close(descriptor)
    assert file.read_bytes() == before


def test_a_restore_that_was_stopped_is_run_again(
    tmp_path: Path, home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.path / SETTINGS).touch()
    with home.writing() as session:
        session.add(Artist(name="Air", key="air"))
    keeping.backup(home, tmp_path / "home.tar", SILENT)
    with monkeypatch.context() as stopped:
        stopped.setattr(dump, "deal_on", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            keeping.restore(tmp_path / "home.tar", tmp_path / "again", postgres_url, SILENT)
    assert keeping.restore(tmp_path / "home.tar", tmp_path / "again", postgres_url, SILENT).rows > 0
    with pytest.raises(HomeError, match="holds kinsong tables already"):
        keeping.restore(tmp_path / "home.tar", tmp_path / "third", postgres_url, SILENT)


def test_a_restore_onto_a_full_disk_names_the_home(
    tmp_path: Path, home: Home, kinsong: Kinsong, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.path / SETTINGS).touch()
    keeping.backup(home, tmp_path / "home.tar", SILENT)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    ran = kinsong("restore", tmp_path / "home.tar", home=tmp_path / "again")
    assert (ran.code, "no room left for" in ran.err, str(tmp_path / "again") in ran.err) == (1, True, True)
