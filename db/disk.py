"""Disks: flushing to them, and what to say when one is full, cannot be written or fails.

The home by name, the reason, the way out. The system, SQLite, DuckDB and Arrow each have words of their own for it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from db.errors import StoreError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNCHANGED = "what was there before is unchanged"


def sync(path: Path) -> None:
    """Flush a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it holds all of a text, or what it held before, whatever happens; durable on return."""
    aside = path.with_name(f"{path.name}.tmp")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.rename(path)
    sync(path.parent)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say it in words when a home's disk does not do what it is asked to.

    Args:
        path: the home.

    Raises:
        StoreError: in place of the system's and the libraries' own errors.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read our output has gone: no fault of a disk
    except (OSError, DBAPIError, sqlite3.Error) as error:
        told = trouble(error, path)
        if told is None:
            raise
        raise StoreError(told) from error
    except Exception as error:
        if not _is_duckdb(error):
            raise
        raise StoreError(trouble(error, path) or _first_line(error)) from error


def trouble(error: Exception, path: Path) -> str | None:
    """What an error says of a home's disk; None for one that is about something else."""
    if isinstance(error, OSError):
        if error.errno in FULL or os.strerror(errno.ENOSPC) in str(error):
            return _no_room(path)
        return f"{error.filename or path}: {error.strerror or error}; {UNCHANGED}"
    cause = error.orig if isinstance(error, DBAPIError) else error
    text = _first_line(cause)
    kind = type(cause).__name__
    if kind == "DiskFull" or "database or disk is full" in text or os.strerror(errno.ENOSPC) in text:
        return _no_room(path)
    if "disk I/O error" in text or "IO Error" in text:
        if _is_full(path):
            return _no_room(path)
        return f"no room left for {path}, or its disk fails ({text}): see to it and run this again; {UNCHANGED}"
    if "readonly database" in text or "unable to open database file" in text:
        return f"the database of {path} cannot be written ({text}): see to it that this user may write there"
    if "database is locked" in text:
        return f"the database of {path} is held by another program ({text}): run this again when that is done"
    return None


def _is_duckdb(error: Exception) -> bool:
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(error, duckdb.Error)


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _is_full(path: Path) -> bool:
    try:
        there = os.statvfs(path)
    except OSError:
        return False
    return there.f_bavail * there.f_frsize < 1 << 20


def _no_room(path: Path) -> str:
    return f"no room left for {path}: free some space and run this again; {UNCHANGED}"
