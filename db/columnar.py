"""The one way to a DuckDB connection, columns as numbers, and Parquet written so that it is whole or absent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from db.disk import sync


@contextmanager
def connect(
    temporary: Path | None = None, *, memory: str = "2GB", threads: int = 2
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB with bounded memory and threads; it never loads an extension by itself.

    Args:
        temporary: where it may spill; nowhere when not given.
        memory: its limit, as DuckDB writes sizes.
        threads: how many it may use.
    """
    config: dict[str, Any] = {
        "memory_limit": memory, "threads": threads, "preserve_insertion_order": True,
        "autoinstall_known_extensions": False, "autoload_known_extensions": False,
        "temp_directory": str(temporary) if temporary is not None else "",
    }  # fmt: skip
    connection = duckdb.connect(":memory:", config=config)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def lean_memory() -> Iterator[None]:
    """Arrow gives memory back to the system meanwhile, where its own allocator would keep it for later."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def numbered(names: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Each name's number in byte order, int64 (n,), and the names in that order; no name is held more than once."""
    column = names if isinstance(names, pa.ChunkedArray) else pa.chunked_array([names])
    coded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    words = coded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    number = np.empty(len(words), dtype=np.int64)
    number[order] = np.arange(len(words))
    return number[coded.indices.to_numpy()], tuple(words[place] for place in order)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table aside and rename it into place, flushed to disk."""
    with parquet_writer(path, table.schema) as writer:
        writer.write_table(table)


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """What tables are written to one after the other: aside, renamed into place and flushed when the block ends."""
    aside = path.with_name(path.name + ".tmp")
    try:
        with pq.ParquetWriter(aside, schema, compression="zstd") as writer:
            yield writer
        sync(aside)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
