from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from db.columnar import connect, write_parquet


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
