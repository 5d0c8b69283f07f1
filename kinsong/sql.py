"""`kinsong sql`: one SELECT over the results, on the home's database or on DuckDB with plays and playlists beside them.

Nothing can be written: SQLite is opened read-only and attaches nothing, PostgreSQL reads through a cursor in a
read-only transaction, and DuckDB is given one SELECT and may read no files but those of the home.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import ColumnElement, LargeBinary, select
from sqlalchemy.orm import Session

from db.answered import answered
from db.artifacts import Artifact
from db.base import UtcTime
from db.catalog import Artist, Credit, CreditArtist
from db.errors import UsageError
from db.home import Home
from db.publish import ROWS, published_artifacts
from db.results import PackedEvidence, PackedStation, Published
from db.session import driver_errors
from db.tables import METADATA
from db.views import NO_EVIDENCE, NO_STATIONS, VIEWS, select_of
from db.web import Document
from db.write import table_of

if TYPE_CHECKING:
    import duckdb

Rows = list[dict[str, Any]]

EMPTY = {PackedEvidence: NO_EVIDENCE, PackedStation: NO_STATIONS}
"""What stands for a table of structures where a step had nothing to make."""
NOT_HANDED_ON = {Document.__tablename__: {"body"}}
"""Columns that DuckDB is not handed, beside bytes: what is long and read by no view."""
_SQLITE_REFUSES = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_AUTH}
_POSTGRES_REFUSES = {"0A", "21", "22", "25", "34", "42", "54"}
"""Classes of errors: not supported, cardinality, data, transaction state, cursor name, syntax or access, limits."""
_TABLE = re.compile(r"\b(?:FROM|JOIN) (\w+)")
_TYPES = {int: pa.int64(), float: pa.float64(), str: pa.string(), bool: pa.bool_()}


def ask(home: Home, query: str) -> tuple[Sequence[str], Rows]:
    """Run one query on the home's database; of several statements none is run.

    Returns:
        Column names and rows; of two columns with one name the second is called name_2.

    Raises:
        UsageError: the database does not take it; the message is the database's own.
        DBAPIError: the database cannot answer, whatever it is asked.
        StoreError: it was changed while it was read where it could not be held.
    """
    dialect = home.engine.dialect
    with home.reading() as session, driver_errors(dialect), closing(session.connection().connection.cursor()) as cursor:
        try:
            _start(cursor, query, postgres=dialect.name == "postgresql")
            if cursor.description is None:
                raise UsageError("that statement returns no rows: kinsong sql answers SELECT")
            columns = _distinct([column[0] for column in cursor.description])
            return columns, [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        except dialect.loaded_dbapi.Error as error:
            if not _is_of_the_query(error):
                raise
            raise UsageError(f"the database does not take this query: {str(error).strip()}") from error


def _is_of_the_query(error: Exception) -> bool:
    """Whether it is the query that the database does not take; else the database itself has a fault."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)  # what the driver itself refuses has none
        return code & 0xFF in _SQLITE_REFUSES or code == sqlite3.SQLITE_READONLY
    return str(getattr(error, "sqlstate", None))[:2] in _POSTGRES_REFUSES  # a lost connection has none


def _start(cursor: Any, query: str, *, postgres: bool) -> None:
    if not postgres:
        cursor.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)  # ATTACH would make a file
        cursor.execute(query)
        return
    # a cursor takes a SELECT only, and what is prepared is one statement: a second could end the transaction
    cursor.execute(f"DECLARE kinsong_sql CURSOR FOR {query.strip().rstrip(';')}", prepare=True)
    cursor.execute("FETCH ALL FROM kinsong_sql")


def _distinct(names: Sequence[str]) -> list[str]:
    columns: list[str] = []
    for name in names:
        tried = (name if n == 1 else f"{name}_{n}" for n in count(1))
        columns.append(next(one for one in tried if one not in columns and (one == name or one not in names)))
    return columns


def ask_duckdb(home: Home, query: str) -> tuple[Sequence[str], Rows]:
    """Run one SELECT on DuckDB over the views of the database, artist, plays, playlists and tags.

    Facts carry the credit as written and, as `artist_id`, each artist that it leads to.

    Raises:
        UsageError: it is not one SELECT, or DuckDB does not take it.
        UnicodeEncodeError: it is no text.
        NotBuilt: no run is published yet, or an artefact of it is gone.
        ArtifactDamaged: one of its artefacts is not what was written.
    """
    from db import columnar

    query.encode()  # DuckDB would call it no text of Python's

    def ask(session: Session) -> tuple[Sequence[str], Rows]:
        with columnar.connect() as connection:
            return _on_duckdb(home, connection, session, query)

    return answered(home, ask)


def _on_duckdb(
    home: Home, connection: duckdb.DuckDBPyConnection, session: Session, query: str
) -> tuple[Sequence[str], Rows]:
    import duckdb

    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type.name != "SELECT":
            raise UsageError("give one SELECT: nothing else is answered")
        artifacts = published_artifacts(
            home, {step for step, *_ in ROWS}, session=session, names={file for _, file, *_ in ROWS}, quick=True
        )
        _register_catalogue(connection, session)
        _register_facts(connection, session, home)
        _register_results(connection, session, artifacts)
        connection.execute("SET allowed_directories = $folders", {"folders": [str(home.path)]})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        relation = connection.sql(query)
        columns = _distinct(relation.columns)
        return columns, [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
    except duckdb.Error as error:
        faults = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InternalError, duckdb.InterruptException)
        if isinstance(error, faults) and "No files found" not in str(error):
            raise
        raise UsageError(f"DuckDB does not take this query: {error}") from error


def _register_catalogue(connection: duckdb.DuckDBPyConnection, session: Session) -> None:
    files = {model.__tablename__ for _, _, model, _ in ROWS}
    seen = {table for view in VIEWS.values() for table in _TABLE.findall(view)} | {Artist.__tablename__}
    for name in sorted(seen - files - set(VIEWS)):
        left_out = NOT_HANDED_ON.get(name, set())
        columns = [
            c for c in METADATA.tables[name].c if c.name not in left_out and not isinstance(c.type, LargeBinary)
        ]
        _register(connection, name, columns, session.execute(select(*columns).order_by(columns[0])))
    credited = (Credit.__table__.c.text.label("credit"), CreditArtist.__table__.c.artist_id)
    leads = select(*credited).join(CreditArtist, CreditArtist.credit_id == Credit.id)
    _register(connection, "credit_artist", credited, session.execute(leads))


def _register(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[ColumnElement[Any]], rows: Iterable[Any]
) -> None:
    """A table of these columns, whether it has rows or not."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(v, _type(c)) for v, c in zip(values, columns, strict=True)]
    connection.register(name, pa.table(arrays, [str(column.key) for column in columns]))


def _type(column: ColumnElement[Any]) -> pa.DataType:
    return pa.timestamp("us", "UTC") if isinstance(column.type, UtcTime) else _TYPES[column.type.python_type]


def _register_facts(connection: duckdb.DuckDBPyConnection, session: Session, home: Home) -> None:
    from db import listening
    from db.facts import refuse_damage

    for kind in listening.KINDS:
        refuse_damage(session, home, kind, quick=True)
        files = [str(path) for path in listening.fact_files(session, home, kind)]
        if files:
            connection.read_parquet(files, union_by_name=True).create_view(f"fact_{kind}")
        else:
            connection.register(f"fact_{kind}", listening.SCHEMAS[kind].empty_table())
        facts = f"SELECT *, unnest(credits) AS credit FROM fact_{kind}" if kind == "playlists" else f"FROM fact_{kind}"
        connection.execute(
            f"CREATE VIEW {kind} AS SELECT f.*, m.artist_id FROM ({facts}) f LEFT JOIN credit_artist m USING (credit)"
        )


def _register_results(
    connection: duckdb.DuckDBPyConnection, session: Session, artifacts: Mapping[str, Artifact]
) -> None:
    """The run's files as the tables that they become in the database, empty where a step had nothing to make, and the
    database's views over them."""
    run_id = session.scalars(select(Published.run_id)).one()
    for step, file, model, names in ROWS:
        path = artifacts[step].path / file if step in artifacts else None
        table = model.__tablename__
        if path is not None and path.exists():
            connection.from_parquet(str(path)).create_view(f"file_{table}")
        elif model in EMPTY:
            connection.execute(f"CREATE VIEW file_{table} AS {EMPTY[model]}")
        else:
            _register(connection, f"file_{table}", [table_of(model).c[name] for name in names], ())
        connection.execute(f"CREATE VIEW {table} AS SELECT {int(run_id)} AS run_id, * FROM file_{table}")
    for view in VIEWS:
        connection.execute(f"CREATE VIEW {view} AS {select_of(view, 'duckdb')}")
