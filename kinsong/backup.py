"""`kinsong backup` and `restore`: a home as one file, consistent although builds and imports go on.

The file is a tar: every table as Parquet (`rows/<table>.parquet`), the listening facts and artefacts that those rows
name, web archives, the settings, and last a manifest with each member's size and sha256. Rows are read in one
transaction; facts and artefacts are never changed once they are there, so that what the rows name belongs to them.
Nothing of a backup is written anywhere before all of it was verified. It fits SQLite and PostgreSQL, whichever it came
from.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, exists, inspect, literal, select
from sqlalchemy import table as light_table
from sqlalchemy.orm import Session

from db import dump, facts, migrate
from db.artifacts import MANIFEST
from db.catalog import ImportBatch
from db.disk import sync
from db.errors import ArtifactDamaged, Busy, DatabaseTooNew, HomeError, InputError, StoreError
from db.hold import put_away
from db.home import SETTINGS, Home, default_url
from db.results import Run
from db.seal import read_manifest
from db.session import open_engine
from db.stamps import sha256_of
from db.tables import METADATA
from db.task import Progress
from kinsong import home as homes
from kinsong.output import room_for

FORMAT = 1
INDEX = "kinsong-backup.json"
ATTEMPTS = 5
BLOCK = 1 << 20
FOLDERS = ("listening", "artifacts", "warc")
_MEMBER = re.compile(rf"(?:rows/[a-z_]+\.parquet|{re.escape(SETTINGS)}|(?:{'|'.join(FOLDERS)})/(?:[^/\0]+/)*[^/\0]+)")


@dataclass(frozen=True)
class Made:
    """What was kept, or brought back."""

    tables: int
    rows: int
    files: int
    size: int


class _Vanished(Exception):
    """A file that a row names was taken away while the backup was made, or is not what was written."""


def backup(home: Home, file: Path, progress: Progress) -> Made:
    """Write a home into one file, aside and then renamed.

    Raises:
        InputError: the file cannot be written there.
        Busy: another command is writing it.
        StoreError: a file of facts or of an artefact is missing or not what was written, or there is no room.
    """
    if file.is_dir():
        raise InputError(f"{file} is a folder: name a file, such as {file / 'kinsong-backup.tar'}")
    if not file.absolute().parent.is_dir():
        raise InputError(f"{file.absolute().parent} is no folder: make it first")
    with room_for(file), _aside(file.absolute()) as aside:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                made = _write(home, aside, progress)
            except _Vanished as error:
                if attempt == ATTEMPTS:
                    raise StoreError(f"{error} is missing or damaged; `kinsong doctor --repair` mends it") from error
            else:
                aside.rename(file)
                sync(file.absolute().parent)
                return made
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def _aside(path: Path, *, folder: bool = False) -> Iterator[Path]:
    """The name under which a file or a folder is written until it is whole; what a killed command left there is gone.

    Raises:
        Busy: another command is writing it.
    """
    aside = path.with_name(f"{path.name}.tmp")
    if folder:
        aside.mkdir(exist_ok=True)
    descriptor = os.open(aside, os.O_RDONLY | (os.O_DIRECTORY if folder else os.O_CREAT), 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"another command is writing {path}: wait until it is done") from error
        try:
            for left in aside.iterdir() if folder else ():
                put_away(left)
            yield aside
        finally:
            if folder:
                shutil.rmtree(aside, ignore_errors=True)
            else:
                aside.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _write(home: Home, aside: Path, progress: Progress) -> Made:
    with home.reading() as session, aside.open("wb") as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        writer = _Writer(tar)
        counts = {}
        version = migrate.current(session.connection())
        tables = dump.tables()
        for one in progress.track(tables, "rows", len(tables)):
            with tempfile.TemporaryFile(dir=aside.parent) as rows:
                counts[one.name] = dump.dump(session, one, rows)
                rows.seek(0)
                writer.add(f"rows/{one.name}.parquet", rows)
        sequences = dump.sequences(session)
        files = {SETTINGS: None, **_facts(session), **dict(_artifacts(session, home)), **_archives(home)}
        for name, sha256 in progress.track(files.items(), "files", len(files)):
            try:
                opened = (home.path / name).open("rb")
            except FileNotFoundError as error:
                raise _Vanished(str(home.path / name)) from error
            with opened:
                writer.add(name, opened)
            if sha256 is not None and writer.members[name]["sha256"] != sha256:
                raise _Vanished(str(home.path / name))
        index = {
            "format": FORMAT, "schema": version, "rows": counts, "sequences": sequences, "members": writer.members,
        }  # fmt: skip
        writer.add(INDEX, io.BytesIO(json.dumps(index, indent=1, sort_keys=True).encode()))
        tar.close()
        stream.flush()
        os.fsync(stream.fileno())
        return Made(len(counts), sum(counts.values()), len(files), stream.tell())


class _Writer:
    """Members of a tar, with their sizes and sha256."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, content: IO[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size = content.seek(0, os.SEEK_END)
        content.seek(0)
        hashed = _Hashed(content)
        self._tar.addfile(info, hashed)
        self.members[name] = {"size": info.size, "sha256": hashed.digest.hexdigest()}


class _Hashed(io.RawIOBase):
    """A stream that is hashed while it is read."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        part = self._content.read(size)
        self.digest.update(part)
        return part


def _facts(session: Session) -> dict[str, str | None]:
    """Files of facts, and the sha256 of each."""
    rows = session.execute(select(ImportBatch.file, ImportBatch.file_sha256).where(ImportBatch.file.is_not(None)))
    return {f"listening/{name}": sha256 for name, sha256 in sorted(tuple(row) for row in rows)}


def _artifacts(session: Session, home: Home) -> Iterator[tuple[str, str | None]]:
    folders = {name for run in session.scalars(select(Run.artifacts)) for name in json.loads(run).values()}
    for folder in sorted(folders):
        path = home.artifacts / folder
        try:
            seal = sha256_of(path / MANIFEST)
            sealed = read_manifest(path)["files"]
        except (ArtifactDamaged, FileNotFoundError) as error:
            raise _Vanished(str(path / MANIFEST)) from error
        yield from ((f"artifacts/{folder}/{name}", sealed[name]["sha256"]) for name in sorted(sealed))
        yield f"artifacts/{folder}/{MANIFEST}", seal


def _archives(home: Home) -> dict[str, str | None]:
    folder = home.path / "warc"
    return dict.fromkeys(sorted(p.relative_to(home.path).as_posix() for p in folder.rglob("*.warc*") if p.is_file()))


def restore(file: Path, path: Path, url: str | None, progress: Progress) -> Made:
    """Make a home from a backup.

    Args:
        file: what `backup` wrote.
        path: the new home; missing or empty.
        url: an empty database; SQLite in the home when not given.
        progress: where it is shown.

    Raises:
        InputError: the file is no backup, or not all of one; nothing was written.
        HomeError: the folder or the database holds something already.
        DatabaseTooNew: a newer kinsong wrote it.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise HomeError(f"--home {path} is there already: name a new folder, `kinsong --home NEW restore {file}`")
    with _opened(file) as tar:
        index = _verified(file, tar, progress)
        if index["schema"] not in migrate.known_versions():
            known = f"this kinsong knows up to {migrate.HEAD}"
            raise DatabaseTooNew(f"{file} has schema version {index['schema']}, {known}: upgrade the program")
        with _aside(path, folder=True) as aside:
            return _bring_back(tar, index, aside, path, url, progress)


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:") as tar:
            yield tar
    except FileNotFoundError as error:
        raise InputError(f"{file}: there is no such file") from error
    except (tarfile.TarError, EOFError) as error:
        raise InputError(f"{file} is no kinsong backup, or not all of one ({error})") from error


def _verified(file: Path, tar: tarfile.TarFile, progress: Progress) -> dict[str, Any]:
    """The manifest, after every byte that it names was compared with it."""
    members = {member.name: member for member in tar.getmembers()}
    if INDEX not in members:
        raise InputError(f"{file} is no kinsong backup, or not all of one: it has no {INDEX}")
    try:
        index: dict[str, Any] = json.loads(_bytes(tar, INDEX))
        named, rows = index["members"], index["rows"]
        whole = index["format"] == FORMAT and {f"rows/{name}.parquet" for name in rows} <= named.keys()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: its manifest cannot be read ({error})") from error
    if not whole:
        raise InputError(f"{file}: its manifest is not one of this version")
    odd = (set(members) - {INDEX}) ^ set(named)
    if odd:
        raise InputError(f"{file}: {sorted(odd)[0]} is missing or foreign; take another backup")
    for name, entry in progress.track(named.items(), "verify", len(named)):
        member = members[name]
        safe = _MEMBER.fullmatch(name) and ".." not in name.split("/") and member.isreg()
        if not safe or member.size != entry["size"] or _sha256(tar, member) != entry["sha256"]:
            raise InputError(f"{file}: {name} is not what was written; take another backup")
    return index


def _bytes(tar: tarfile.TarFile, name: str) -> bytes:
    stream = tar.extractfile(name)
    if stream is None:
        raise ValueError(f"{name} is no file")
    return stream.read()


def _sha256(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    stream = tar.extractfile(member)
    if stream is None:
        return ""
    digest = hashlib.sha256()
    while part := stream.read(BLOCK):
        digest.update(part)
    return digest.hexdigest()


def _bring_back(
    tar: tarfile.TarFile, index: dict[str, Any], aside: Path, path: Path, url: str | None, progress: Progress
) -> Made:
    for folder in ("listening", "artifacts"):
        (aside / folder).mkdir(parents=True)
    files = [name for name in index["members"] if not name.startswith("rows/")]
    for name in progress.track(files, "files", len(files)):
        target = aside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(name)
        if source is None:
            raise InputError(f"{name} is no file")
        with source, target.open("xb") as stream:
            shutil.copyfileobj(source, stream, BLOCK)
            stream.flush()
            os.fsync(stream.fileno())
    settings = aside / SETTINGS
    settings.write_text(_with_url(settings.read_text(encoding="utf-8"), url or ""), encoding="utf-8")
    home = Home(aside, open_engine(url or default_url(aside)))
    try:
        _load(home, tar, index, progress)
    finally:
        homes.close(home, job=True)
    if path.exists():
        path.rmdir()
    aside.rename(path)
    sync(path.parent)
    size = sum(entry["size"] for entry in index["members"].values())
    return Made(len(index["rows"]), sum(index["rows"].values()), len(files), size)


def _with_url(settings: str, url: str) -> str:
    """The settings with another [database] url."""
    line = f"url = {json.dumps(url)}"
    head, mark, rest = settings.partition("[database]")
    if not mark:
        return f"{settings.rstrip()}\n\n[database]\n{line}\n" if url else settings
    section, bracket, others = rest.partition("\n[")
    changed, n = re.subn(r"(?m)^url\s*=.*$", lambda _: line, section, count=1)
    return head + mark + (changed if n else f"\n{line}{section}") + bracket + others


def _is_free(connection: Connection, schema: str) -> bool:
    """Whether a database has no kinsong tables, or what a `restore` that was stopped left: this schema, no rows."""
    version = migrate.current(connection)
    if version is None:
        return True
    ours = set(inspect(connection).get_table_names()) & {table.name for table in METADATA.sorted_tables}
    return version == schema and not any(
        connection.scalar(select(exists(select(literal(1)).select_from(light_table(name))))) for name in sorted(ours)
    )


def _load(home: Home, tar: tarfile.TarFile, index: dict[str, Any], progress: Progress) -> None:
    """All rows in one transaction, in the schema they were written in, which is then brought up to date."""
    with home.engine.connect() as connection:
        if not _is_free(connection, index["schema"]):
            shown = home.engine.url.render_as_string(hide_password=True)
            raise HomeError(f"the database {shown} holds kinsong tables already: give --db an empty one")
    migrate.upgrade(home.engine, index["schema"])
    order = [one.name for one in dump.tables()]
    names = sorted(index["rows"], key=lambda name: order.index(name) if name in order else -1)
    with home.writing() as session:
        for name in progress.track(names, "rows", len(names)):
            dump.insert_rows_of(session, name, pq.ParquetFile(pa.BufferReader(_bytes(tar, f"rows/{name}.parquet"))))
        dump.deal_on(session, index["sequences"])
    migrate.upgrade(home.engine)
    facts.seal(home)
