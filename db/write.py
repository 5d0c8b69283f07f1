"""Bulk writes past the ORM: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.orm import DeclarativeBase

from db.session import driver_errors

CHUNK = 20_000


def table_of(model: type[DeclarativeBase]) -> Table:
    """The table behind a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  a mapped class of ours always maps one table
    return table


def insert_rows(
    connection: Connection, model: type[DeclarativeBase], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert rows given in the order of `columns`; values as the driver takes them (times: UTC, see `UtcTime`).

    Returns:
        How many rows were written.
    """
    table = table_of(model)
    unknown = [c for c in columns if c not in table.c]
    if unknown:
        raise ValueError(f"{table.name} has no column {unknown[0]!r}")
    names = ", ".join(f'"{c}"' for c in columns)
    if connection.dialect.name == "postgresql":
        return _copy(connection, f'COPY "{table.name}" ({names}) FROM STDIN', rows)
    marks = ", ".join("?" for _ in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608  names come from our own tables
    written = 0
    iterator = iter(rows)
    while chunk := [tuple(row) for row in islice(iterator, CHUNK)]:
        connection.exec_driver_sql(statement, chunk)
        written += len(chunk)
    return written


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> int:
    driver: Any = connection.connection.driver_connection
    written = 0
    with driver_errors(connection.dialect), driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written
