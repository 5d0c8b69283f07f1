"""Reading a SQLite database where no file can be made beside it: on a full disk, in a folder that cannot be written.

To read a database in WAL mode, SQLite makes two files beside it. Where it cannot, and the log holds nothing, the file
alone is the whole database and is read as one that does not change (`immutable`). Where the log holds something, a copy
in the temporary folder is read, the log written into it. SQLite then takes no locks, so whether the files changed
meanwhile is looked at afterwards: what was read is told only if they did not.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.errors import StoreError

TICK = 0.05
"""Seconds within which two changes of a file may bear the same time."""


@dataclass(frozen=True)
class Snapshot:
    """A database's files as they were when reading began."""

    path: Path
    signature: tuple[object, ...]

    @classmethod
    def of(cls, path: Path) -> Snapshot:
        """As they are now, so that every later change can be seen."""
        found = cls(path, _signature(path))
        while 0 <= time.time() - max(_changed(path), _changed(_log(path))) < TICK:
            time.sleep(TICK)
            found = cls(path, _signature(path))
        return found

    def is_over(self) -> bool:
        """Whether something has changed since."""
        return _signature(self.path) != self.signature

    def check(self) -> None:
        """See that nothing has changed since.

        Raises:
            StoreError: something has; what was read may be half old, half new.
        """
        if self.is_over():
            raise StoreError(f"{self.path} was changed while it was read, and could not be held: run this again")


def connect(path: Path) -> tuple[sqlite3.Connection, Snapshot | None]:
    """A connection that only reads, and a snapshot to be checked when all is read; None where SQLite itself takes care.

    Raises:
        sqlite3.Error: the database cannot be opened in any way.
        StoreError: there is no room for a copy either.
    """
    try:
        return _opened(path, "mode=ro"), None
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or not path.is_file():
            raise
        snapshot = Snapshot.of(path)
        if _changed(_log(path)) and _log(path).stat().st_size:
            return _copied(snapshot), snapshot
        return _opened(path, "immutable=1"), snapshot


def _opened(path: Path, how: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?{how}"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False)  # the pool lends it to one thread at a time
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    except UnicodeDecodeError as error:  # what SQLite says of a damaged schema names parts of it
        connection.close()
        raise sqlite3.DatabaseError("its schema is damaged") from error
    return connection


def _copied(snapshot: Snapshot) -> sqlite3.Connection:
    """A connection to a copy that is gone from its folder already."""
    path = snapshot.path
    try:
        with tempfile.TemporaryDirectory(prefix="kinsong-") as folder:
            copy = Path(folder) / path.name
            for file in (path, _log(path)):
                shutil.copyfile(file, copy.with_name(file.name))
            snapshot.check()
            merging = sqlite3.connect(copy)
            merging.execute("PRAGMA journal_mode = DELETE")
            merging.close()
            return _opened(copy, "immutable=1")
    except OSError as error:
        where = tempfile.gettempdir()
        message = f"{path} can only be read from a copy, and none can be made in {where} ({error.strerror}): set TMPDIR"
        raise StoreError(message) from error


def _log(path: Path) -> Path:
    real = path.resolve()
    return real.with_name(real.name + "-wal")


def _changed(path: Path) -> float:
    """When a file was changed, in seconds; 0 where there is none."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _signature(path: Path) -> tuple[object, ...]:
    return tuple(_facts(file) for file in (path, _log(path)))


def _facts(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns
