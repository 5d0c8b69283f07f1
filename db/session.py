"""Engines and transactions, the same manners on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from db import frozen, rest
from db.disk import sync
from db.errors import ConfigError, StoreError

BUSY_TIMEOUT_MS = 30_000
"""How long SQLite itself waits for a lock."""
TURN_MS = 500
"""How long it waits at a time for the write lock: then Ctrl-C is heard, and its short pauses begin anew, so that who
has waited long is not passed over by those who have just come."""
PATIENCE = 600.0
"""Seconds that a writer waits for its turn in all: the longest publish should be over by then."""
SNAPSHOT = "snapshot"
"""Where a connection keeps what is to be checked when all is read."""


def open_engine(url: str | URL, *, read_only: bool = False) -> Engine:
    """An engine for a SQLite or PostgreSQL URL.

    SQLite: WAL, foreign keys on, busy timeout, and transactions that begin when we say so. `read_only` makes the
    database itself refuse every write (a SQLite file is opened so; a PostgreSQL session is set so).

    Raises:
        ConfigError: the URL cannot be understood or names another database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = f"database url “{url}” cannot be read: use sqlite:///FILE or postgresql+psycopg://…"
        raise ConfigError(message) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        engine = _read_only(parsed, Path(parsed.database)) if read_only and parsed.database else create_engine(parsed)
        _sqlite_manners(engine, read_only=read_only)
        return engine
    if backend == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        if read_only:
            event.listen(engine, "connect", _postgres_read_only)
        return engine
    shown = parsed.render_as_string(hide_password=True)
    raise ConfigError(f"database url “{shown}” names {backend}: use sqlite:///FILE or postgresql+psycopg://…")


def _read_only(url: URL, path: Path) -> Engine:
    """An engine that opens a SQLite file for reading, whatever the state of its folder."""

    def connect(record: Any) -> sqlite3.Connection:
        connection, record.info[SNAPSHOT] = frozen.connect(path)
        return connection

    engine = create_engine(url, poolclass=QueuePool)
    event.listen(engine, "do_connect", lambda _dialect, record, _args, _parameters: connect(record))
    event.listen(engine, "checkout", _still_the_same)
    return engine


def _still_the_same(_connection: object, record: Any, _proxy: object) -> None:
    """A connection that cannot see changes is not lent out again after one."""
    snapshot: frozen.Snapshot | None = record.info.get(SNAPSHOT)
    if snapshot is not None and snapshot.is_over():
        raise DisconnectionError


def _postgres_read_only(connection: Any, _record: object) -> None:
    connection.read_only = True


def _sqlite_manners(engine: Engine, *, read_only: bool) -> None:
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver would begin deferred ones late
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if not read_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            _begin_writing(connection)
            file = rest.file_of(connection.engine.url)
            if file is not None:
                rest.wake(file)
        else:
            connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


@contextmanager
def driver_errors(dialect: Dialect) -> Iterator[None]:
    """What a driver raises, where it is spoken to directly, as SQLAlchemy would raise it.

    Raises:
        DBAPIError: in place of the driver's own error.
    """
    base = dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        raise DBAPIError.instance(None, None, error, base, dialect=dialect) from error


def settle(engine: Engine) -> None:
    """Have on disk what was committed: SQLite's log is flushed only now and then, PostgreSQL's at every commit.

    Files that earlier states of the database name may be removed after it.
    """
    file = rest.file_of(engine.url)
    if file is None:
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
    log = rest.log_of(file)  # a checkpoint flushes nothing while somebody reads an earlier state
    if log.exists():
        sync(log)


def _begin_writing(connection: Connection) -> None:
    """Take the write lock at once, however many want it.

    Raises:
        StoreError: another process has not let go of it for `PATIENCE`.
    """
    deadline = time.monotonic() + PATIENCE
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {TURN_MS}")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise
                if time.monotonic() >= deadline:
                    waited = f"another program has written to the database {connection.engine.url.database} for"
                    raise StoreError(f"{waited} {PATIENCE:.0f} s: wait until it is done and run this again") from error
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one consistent state, that of its first query, and writes nothing.

    Raises:
        StoreError: the database was changed while it was read where it could not be held; see `db.frozen`.
    """
    level: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection, Session(connection) as session:
        snapshot: frozen.Snapshot | None = connection.info.get(SNAPSHOT)
        try:
            yield session
        finally:
            if snapshot is not None:
                snapshot.check()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session whose work is one transaction: all of it, or after an exception nothing.

    On SQLite it takes the write lock at once: a reading transaction that turns writer later is refused without waiting.
    """
    with (
        engine.connect().execution_options(writes=True) as connection,
        Session(connection) as session,
        session.begin(),
    ):
        yield session
