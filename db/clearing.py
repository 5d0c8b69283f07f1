"""Having the database give up the bytes of rows that are gone: out of free pages, and out of SQLite's log.

That this is to be done is written down in the home before the rows go (`owe`), and crossed out when it is done (`pay`):
a command that is killed between the two, or kept from it by a reader, is made up for by the next `kinsong forget`,
`kinsong documents remove` or `kinsong build`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from db.disk import write_whole
from db.home import Home
from db.session import driver_errors
from db.tables import METADATA

OWED = ".clearing"
"""The file of a home that says what is to be cleared."""
PATIENCE_MS = 2000
"""How long clearing a database waits for its readers."""
LOCKED = "55P03"
"""What PostgreSQL calls a lock that was not to be had in time (lock_not_available)."""


def owe(home: Home, tables: Sequence[str], name: str = "") -> None:
    """Write down, for good, that freed space is to be cleared.

    Args:
        home: the workspace.
        tables: those that rows go from.
        name: whose rows they are; kept as a hash, until it is cleared.
    """
    before = _read(home)
    names = {*before["names"], *([_hashed(name)] if name else [])}
    content = {"tables": sorted({*before["tables"], *tables}), "names": sorted(names)}
    write_whole(home.path / OWED, json.dumps(content))


def is_owed(home: Home, name: str) -> bool:
    """Whether space that rows of this name were in is still to be cleared."""
    return _hashed(name) in _read(home)["names"]


def pay(home: Home) -> bool:
    """Clear what is to be cleared; False while a reader holds on to it. The caller holds the lease of builds."""
    note = home.path / OWED
    if not note.exists():
        return True
    if not clear(home, _read(home)["tables"]):
        return False
    note.unlink()
    return True


def clear(home: Home, tables: Sequence[str]) -> bool:
    """Write the database anew without what is gone; False while a reader holds on to it.

    Args:
        home: the workspace.
        tables: those that rows have gone from; on PostgreSQL only they are written anew. Its log keeps old bytes until
            it is recycled, which is the server's to say.
    """
    raw = home.engine.raw_connection()
    raw.detach()  # its settings are not those of the pool's connections any more
    try:
        if home.engine.dialect.name == "sqlite":
            return _clear_sqlite(raw.cursor())
        return _clear_postgres(home, raw.dbapi_connection, tables)
    finally:
        raw.close()


def _clear_sqlite(cursor: DBAPICursor) -> bool:
    cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    try:
        cursor.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return False
        raise
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    answer = cursor.fetchone()
    return answer is not None and not answer[0]


def _clear_postgres(home: Home, connection: Any, tables: Sequence[str]) -> bool:
    """Who waits for a table alone keeps all others waiting who come after, so it is not waited for long."""
    connection.autocommit = True
    with driver_errors(home.engine.dialect), connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {PATIENCE_MS}")
        for table in tables:
            try:
                cursor.execute(f'VACUUM FULL "{table}"')
            except home.engine.dialect.loaded_dbapi.OperationalError as error:
                if getattr(error, "sqlstate", None) == LOCKED:
                    return False
                raise
    return True


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _read(home: Home) -> dict[str, list[str]]:
    try:
        found = json.loads((home.path / OWED).read_bytes())
        return {key: [str(value) for value in found[key]] for key in ("tables", "names")}
    except FileNotFoundError:
        return {"tables": [], "names": []}
    except (ValueError, KeyError, TypeError):  # not what was written: something is owed, and nobody knows what
        return {"tables": [table.name for table in METADATA.sorted_tables], "names": []}
