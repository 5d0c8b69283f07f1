"""Whole tables as Parquet and back, on either database: what backups are made of."""

from __future__ import annotations

from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Boolean, Column, DateTime, Float, Integer, LargeBinary, Table, insert, select, text
from sqlalchemy import column as light_column
from sqlalchemy import table as light_table
from sqlalchemy.orm import Session

from db.base import UtcTime
from db.tables import METADATA

AT_ONCE = 20_000
LEFT_OUT = ("lease",)
"""Tables that speak of running processes."""
_TYPES = ((Boolean, pa.bool_()), (Integer, pa.int64()), (Float, pa.float64()), (LargeBinary, pa.binary()))


def _arrow(one: Column[Any]) -> pa.DataType:
    if isinstance(one.type, UtcTime | DateTime):
        return pa.timestamp("us", tz="UTC")
    return next((arrow for kind, arrow in _TYPES if isinstance(one.type, kind)), pa.string())


def dump(session: Session, one: Table, stream: IO[bytes]) -> int:
    """Write a table as Parquet, rows that others of the table point to first; how many rows."""
    schema = pa.schema([(c.name, _arrow(c)) for c in one.c])
    pointing = [c for c in one.c if any(key.column.table is one for key in c.foreign_keys)]
    order = [*(c.is_not(None) for c in pointing), *one.primary_key.columns]
    statement = select(*one.c).order_by(*order).execution_options(yield_per=AT_ONCE)
    n = 0
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for part in session.connection().execute(statement).partitions():
            columns = zip(*(tuple(row) for row in part), strict=True)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))
            n += len(part)
    return n


def tables() -> list[Table]:
    """What is kept, each table after those it points to."""
    return [one for one in METADATA.sorted_tables if one.name not in LEFT_OUT]


def _numbered() -> list[Table]:
    """Tables whose ids the database deals."""
    return [one for one in tables() if one.autoincrement_column is not None]


def sequences(session: Session) -> dict[str, int]:
    """The last id that each table gave, so that none is ever given twice."""
    if session.get_bind().dialect.name == "sqlite":
        ours = {one.name for one in _numbered()}
        dealt = session.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {name: last for name, last in dealt if name in ours}
    found: dict[str, int] = {}
    for one in _numbered():
        sequence = session.execute(_SEQUENCE, {"t": one.name}).scalar()
        if sequence is not None:
            last, called = session.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608  PostgreSQL's own name
            if called:
                found[one.name] = last
    return found


_SEQUENCE = text("SELECT pg_get_serial_sequence(:t, 'id')")


def insert_rows_of(session: Session, name: str, rows: pq.ParquetFile) -> None:
    """Insert a dumped table into one of the schema it was written in."""
    known = METADATA.tables.get(name)
    columns = [
        light_column(field, known.c[field].type if known is not None and field in known.c else None)
        for field in rows.schema_arrow.names
    ]
    statement = insert(light_table(name, *columns))
    for batch in rows.iter_batches(AT_ONCE):
        session.connection().execute(statement, batch.to_pylist())


def deal_on(session: Session, last_ids: dict[str, int]) -> None:
    """Go on dealing ids where the backup's home was."""
    if session.get_bind().dialect.name == "sqlite":
        for name, last in last_ids.items():
            session.execute(_FORGET, {"t": name})
            session.execute(_REMEMBER, {"t": name, "last": last})
        return
    for one in _numbered():
        highest = session.execute(text(f'SELECT max(id) FROM "{one.name}"')).scalar()  # noqa: S608  names of ours
        last = max(last_ids.get(one.name, 0), highest or 0)
        if last:
            session.execute(_SET, {"t": one.name, "last": last})


_FORGET = text("DELETE FROM sqlite_sequence WHERE name = :t")
_REMEMBER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :last)")
_SET = text("SELECT setval(pg_get_serial_sequence(:t, 'id'), :last)")
