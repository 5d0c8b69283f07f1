from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.columnar import connect, numbered, write_parquet


def test_memory_is_bounded() -> None:
    with connect(memory="64MB", threads=1) as connection, pytest.raises(duckdb.OutOfMemoryException):
        connection.execute("CREATE TABLE t AS SELECT i, repeat('x', 1000) AS s FROM range(10000000) r(i)")


def test_no_extension_is_loaded_by_itself() -> None:
    with connect() as connection:
        settings = dict(connection.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    assert settings["autoinstall_known_extensions"] == "false"
    assert settings["autoload_known_extensions"] == "false"


def test_parquet_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_parquet(pa.table({"x": [1, 2]}), path)
    with connect() as connection:
        assert connection.read_parquet(str(path)).fetchall() == [(1,), (2,)]
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]
    with pytest.raises(FileNotFoundError):
        write_parquet(pa.table({"x": [1]}), tmp_path / "missing" / "t.parquet")


@given(st.lists(st.lists(st.text(max_size=3), max_size=5), max_size=4))
def test_numbers_stand_for_names_in_byte_order(chunks: list[list[str]]) -> None:
    column = pa.chunked_array(chunks, pa.string())
    numbers, names = numbered(column)
    assert [names[n] for n in numbers] == column.to_pylist()
    assert [name.encode() for name in names] == sorted({name.encode() for name in column.to_pylist()})
