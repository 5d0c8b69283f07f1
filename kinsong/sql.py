"""`kinsong sql`: one SELECT over the results, on the home's database or on DuckDB with plays and playlists beside them.

Nothing can be written: SQLite is opened read-only and attaches nothing, PostgreSQL reads through a cursor in a
read-only transaction, and DuckDB is given one SELECT and may read no files but those of the home.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.catalog import Artist, Credit, CreditArtist
from db.errors import UsageError
from db.home import Home
from db.publish import published_artifacts
from db.results import Published

if TYPE_CHECKING:
    import duckdb

Rows = list[dict[str, Any]]

RESULTS = {
    "related": (
        "related", "related.parquet",
        "a.name AS artist, r.artist_id, r.rank, b.name AS related, r.related_id, r.score, r.reason",
        "WHERE r.rank <= {n}",
    ),
    "why": (
        "related", "evidence.parquet",
        "a.name AS artist, r.artist_id, b.name AS related, r.related_id, r.kind, r.name, r.value, r.rank", "",
    ),
    "top_terms": ("terms", "terms.parquet", "a.name AS artist, r.artist_id, r.kind, r.rank, r.term, r.weight", ""),
}  # fmt: skip
"""The DuckDB views over a run's Parquet files: step, file, columns, and what follows."""


def ask(home: Home, query: str) -> tuple[Sequence[str], Rows]:
    """Run one query on the home's database; of several statements none is run.

    Returns:
        Column names and rows; of two columns with one name the second is called name_2.

    Raises:
        UsageError: the database does not take it; the message is the database's own.
    """
    with home.engine.connect() as connection:
        cursor = connection.connection.cursor()
        try:
            _start(cursor, query, postgres=home.engine.dialect.name == "postgresql")
            if cursor.description is None:
                raise UsageError("that statement returns no rows: kinsong sql answers SELECT")
            columns = _distinct([column[0] for column in cursor.description])
            return columns, [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        except home.engine.dialect.loaded_dbapi.Error as error:
            raise UsageError(f"the database does not take this query: {str(error).strip()}") from error
        finally:
            cursor.close()


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
    """Run one SELECT on DuckDB over related, top_terms, why, artist, plays, playlists and tags.

    Facts carry the credit as written and, as `artist_id`, each artist that it leads to.

    Raises:
        UsageError: it is not one SELECT, or DuckDB does not take it.
        NotBuilt: no run is published yet, or an artefact of it is gone.
        ArtifactDamaged: one of its artefacts is not what was written.
    """
    import duckdb

    from db import columnar

    with columnar.connect() as connection, home.reading() as session:
        try:
            statements = connection.extract_statements(query)
            if len(statements) != 1 or statements[0].type.name != "SELECT":
                raise UsageError("give one SELECT: nothing else is answered")
            _register_catalogue(connection, session)
            _register_facts(connection, session, home)
            _register_results(connection, session, home)
            connection.execute("SET allowed_directories = $folders", {"folders": [str(home.path)]})
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            relation = connection.sql(query)
            columns = _distinct(relation.columns)
            return columns, [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
        except duckdb.Error as error:
            raise UsageError(f"DuckDB does not take this query: {error}") from error


def _register_catalogue(connection: duckdb.DuckDBPyConnection, session: Session) -> None:
    import pyarrow as pa

    tables = {
        "artist": select(Artist.id, Artist.name, Artist.key, Artist.disambiguation, Artist.mbid).order_by(Artist.id),
        "credit_artist": select(Credit.text.label("credit"), CreditArtist.artist_id).join(
            Credit, Credit.id == CreditArtist.credit_id
        ),
    }
    for name, statement in tables.items():
        result = session.execute(statement)
        columns = list(result.keys())
        values = list(zip(*result.all(), strict=True)) or [()] * len(columns)
        types = {"id": pa.int64(), "artist_id": pa.int64()}
        arrays = [pa.array(v, types.get(c, pa.string())) for c, v in zip(columns, values, strict=True)]
        connection.register(name, pa.table(arrays, columns))


def _register_facts(connection: duckdb.DuckDBPyConnection, session: Session, home: Home) -> None:
    from db import listening

    for kind in listening.KINDS:
        files = [str(path) for path in listening.fact_files(session, home, kind)]
        if files:
            connection.read_parquet(files, union_by_name=True).create_view(f"fact_{kind}")
        else:
            connection.register(f"fact_{kind}", listening.SCHEMAS[kind].empty_table())
        facts = f"SELECT *, unnest(credits) AS credit FROM fact_{kind}" if kind == "playlists" else f"FROM fact_{kind}"
        connection.execute(
            f"CREATE VIEW {kind} AS SELECT f.*, m.artist_id FROM ({facts}) f LEFT JOIN credit_artist m USING (credit)"
        )


def _register_results(connection: duckdb.DuckDBPyConnection, session: Session, home: Home) -> None:
    artifacts = published_artifacts(home, {step for step, *_ in RESULTS.values()})
    n = session.scalars(select(Published.n)).one()
    for view, (step, file, columns, rest) in RESULTS.items():
        path = artifacts[step].path / file
        if not path.exists():
            continue
        connection.from_parquet(str(path)).create_view(f"result_{view}")
        pair = "JOIN artist b ON b.id = r.related_id" if "b.name" in columns else ""
        connection.execute(
            f"CREATE VIEW {view} AS SELECT {columns} FROM result_{view} r JOIN artist a ON a.id = r.artist_id {pair} "
            + rest.format(n=n)
        )
