"""A SQLite database at rest: what its file is when nobody writes to it, so that damage is told before anyone reads it.

SQLite keeps no checksums: a flipped bit inside a cell is another number of plays. So a command that wrote leaves a note
of the file's sha256 beside it (`lay_down`), the first transaction that writes takes the note away before it changes
anything (`wake`), and whoever opens the database compares the two (`check`), by the file's stamp where it has one.
While a crawl or a build is at work there is no note, and nothing is compared: docs/decisions/0006-damage.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from db.disk import sync
from db.errors import StoreError
from db.faults import reached
from db.stamps import Stamps, sha256_of

SUFFIX = ".rest"
REFUSED = ".refused"
"""Ending of the mark of a database that is refused until it is mended, whoever writes to it meanwhile."""
LONGEST = 4096
"""Bytes of a note that are read: more is none of ours."""
SMALL = 1 << 28
"""Bytes of a database that are hashed in a blink (1.9 GB a second)."""


def file_of(url: str | URL) -> Path | None:
    """The file of a SQLite database; None for other databases and those in memory."""
    parsed = make_url(url)
    name = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return Path(name) if name and name != ":memory:" else None


def wake(path: Path) -> None:
    """Take the note away, for good, before a transaction changes the database. The caller holds the write lock.

    Raises:
        OSError: it cannot be taken away.
    """
    note = _note(path)
    if note.exists():
        note.unlink()
        sync(path.parent)
        reached("rest.woken")


def lay_down(path: Path, most: int | None = None) -> bool:
    """Leave a note of what the database is; whether there is one now.

    There is none while somebody else reads or writes, a build or a crawl is at work, or the disk has no room: then
    nothing is compared.

    Args:
        path: of the database; this process has no connection to it.
        most: bytes; a larger database is left without.
    """
    with suppress(sqlite3.Error, OSError):
        if not _note(path).exists() and path.is_file() and (most is None or path.stat().st_size <= most):
            _leave_note(path)
    return _note(path).exists()


def _leave_note(path: Path) -> None:
    """The file is closed after the connection: with it go all locks that this process has on it (fcntl(2))."""
    with path.open("rb") as stream, closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        (busy,) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[:1]
        (before,) = connection.execute("PRAGMA data_version").fetchone()
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        connection.execute("BEGIN IMMEDIATE")
        (after,) = connection.execute("PRAGMA data_version").fetchone()
        at_work = connection.execute("SELECT 1 FROM lease").fetchone()
        if before == after and not busy and not at_work and not _log_size(path):
            _write(_note(path), {"sha256": sha256, "left_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"})
        connection.execute("ROLLBACK")


def refuse(path: Path) -> None:
    """Have a database refused by all until `accept`: its note goes with the first transaction that mends it."""
    _mark(path).touch()
    sync(path.parent)


def accept(path: Path) -> None:
    """Take a database as it is."""
    _mark(path).unlink(missing_ok=True)
    sync(path.parent)


def check(path: Path, *, stamps: bool = True) -> None:
    """See that a database at rest is what was left there.

    Args:
        path: of the database; this process has no connection to it, for reading the file would cost it its locks.
        stamps: whether its stamp is enough; without, every byte is read.

    Raises:
        StoreError: it is something else.
    """
    if _mark(path).exists():
        raise StoreError(_refusal(path, {}))
    while (said := _read(_note(path))) is not None:
        note = _parsed(said)
        if _fits(path, note, stamps=stamps):
            return
        if _read(_note(path)) == said:  # else somebody has begun to write meanwhile
            raise StoreError(_refusal(path, note))


def _refusal(path: Path, note: dict[str, Any]) -> str:
    return (
        f"the database {path} is not what kinsong left there{_when(note)}: it is damaged, or another program wrote to "
        "it; `kinsong doctor` tells more, `kinsong doctor --repair` mends what can be and takes the rest as it is, "
        "`kinsong --home NEW restore FILE` brings a backup back"
    )


def _fits(path: Path, note: dict[str, Any], *, stamps: bool) -> bool:
    sha256 = note.get("sha256")
    if not isinstance(sha256, str) or not path.is_file() or _log_size(path):
        return False
    if stamps:
        return Stamps(path.parent, path.name).fit(path, path.name, sha256)
    return sha256_of(path) == sha256


def _when(note: dict[str, Any]) -> str:
    return f" at {note['left_at']}" if isinstance(note.get("left_at"), str) else ""


def _note(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + REFUSED)


def _read(note: Path) -> bytes | None:
    try:
        with note.open("rb") as stream:
            return stream.read(LONGEST)
    except FileNotFoundError:
        return None


def _parsed(said: bytes) -> dict[str, Any]:
    """What a note says; nothing where it is not what was written."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(note: Path, content: dict[str, str]) -> None:
    aside = note.with_name(f"{note.name}.tmp")
    try:
        with aside.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps(content))
            stream.flush()
            os.fsync(stream.fileno())
        reached("rest.written")
        aside.rename(note)
        reached("rest.noted")
    finally:
        aside.unlink(missing_ok=True)


def log_of(path: Path) -> Path:
    """SQLite's log of a database: beside the file itself, should the path be a link."""
    real = path.resolve()
    return real.with_name(real.name + "-wal")


def _log_size(path: Path) -> int:
    try:
        return log_of(path).stat().st_size
    except FileNotFoundError:
        return 0

