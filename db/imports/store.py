"""Facts on their way to rest: a file written aside, then one transaction that makes it count.

A killed import leaves a file that no batch names, or one without its final name. Neither is ever read; the next import
sweeps both. Every file that is being written is held by a lock of its process, so that nobody sweeps it too early.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.artifacts import sha256_of
from db.catalog import ImportBatch
from db.disk import sync
from db.faults import reached
from db.home import Home
from db.listening import SCHEMAS, changing
from db.session import settle
from db.stamps import FOLDER as STAMPS

GROUP = 1 << 19
"""Rows of one row group."""


class FactFile:
    """One batch's Parquet file while it is written; as a context it is gone at the end, unless it was `place`d."""

    def __init__(self, home: Home, kind: str) -> None:
        self._folder = home.listening / kind
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / f"{secrets.token_hex(8)}.tmp"
        self._lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        reached("import.opened")
        self._writer = pq.ParquetWriter(self._path, SCHEMAS[kind], compression="zstd")
        self._pending: list[pa.Table] = []
        self._waiting = 0
        self.rows = 0
        self.sha256 = ""

    def write(self, table: pa.Table) -> None:
        """Add facts in the kind's schema."""
        self.rows += table.num_rows
        self._waiting += table.num_rows
        self._pending.append(table)
        if self._waiting >= GROUP:
            self._flush()

    def finish(self) -> None:
        """Write the rest and have it on disk."""
        self._flush()
        self._writer.close()
        sync(self._path)
        self.sha256 = sha256_of(self._path)

    def place(self, name: str) -> None:
        """Give the finished file its final name; whoever does so holds the write lock of the database."""
        self._path.rename(self._folder / name)
        sync(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._writer.is_open:
                self._writer.close()
        finally:
            self._path.unlink(missing_ok=True)
            os.close(self._lock)

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(pa.concat_tables(self._pending), row_group_size=GROUP)
            reached("import.group")
            self._pending, self._waiting = [], 0


def strays(session: Session, home: Home) -> list[Path]:
    """Files that no batch names and nobody is writing."""
    named = {home.listening / name for name in session.scalars(select(ImportBatch.file)) if name is not None}
    folders = [home.listening / kind for kind in (*SCHEMAS, STAMPS)]
    there = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    return [
        path for path in there
        if (path.suffix == ".parquet" and path not in named) or (path.suffix == ".tmp" and _abandoned(path))
    ]  # fmt: skip


def clean(home: Home) -> None:
    """Sweep where there is something to sweep: what was killed after its transaction left the files that it replaced.
    """
    with home.reading() as session:
        if not strays(session, home):
            return
    settle(home.engine)
    with changing(home) as session:  # alone with the batches: no file is on its way to its own
        for path in strays(session, home):
            path.unlink(missing_ok=True)


def tidy(home: Home) -> None:
    """Sweep after an import that failed, as far as that can be done: its own error is the one to be told."""
    with suppress(OSError, DBAPIError):
        clean(home)


def remove_files(home: Home, names: list[str]) -> None:
    """Remove files of batches that are gone, once the database is sure not to come back to them.

    One that a batch names again by now stays: the same file was imported meanwhile.
    """
    if not names:
        return
    settle(home.engine)
    with changing(home) as session:
        named = set(session.scalars(select(ImportBatch.file)))
        for name in set(names) - named:
            (home.listening / name).unlink(missing_ok=True)


def _abandoned(path: Path) -> bool:
    """Nobody writes it: its writer's lock went with its process."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
