"""Having the database give up the bytes of rows that are gone: out of free pages, and out of SQLite's log."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlalchemy.engine.interfaces import DBAPICursor

from db.home import Home

PATIENCE_MS = 2000
"""How long clearing a SQLite database waits for its readers."""


def clear(home: Home, tables: Sequence[str]) -> bool:
    """Write the database anew without what is gone; False while a reader of SQLite holds on to it.

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
        raw.dbapi_connection.autocommit = True  # type: ignore[union-attr]
        for table in tables:
            raw.cursor().execute(f'VACUUM FULL "{table}"')
        return True
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
