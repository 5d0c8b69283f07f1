"""Tables as Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from db.errors import InputError
from db.imports.columns import TableShape, layout
from db.imports.jsonlines import LIST_MARK
from db.imports.rows import Rows
from db.imports.source import Source

BATCH = 1 << 17


def read_parquet(
    source: Source, shape: TableShape, given: Sequence[str] | None, listener: str | None
) -> Iterator[Rows]:
    """The rows of a Parquet file; the line of a row is its number, from 1.

    Raises:
        InputError: it is damaged, or has not the columns of its kind.
        UsageError: --columns names what this kind of table does not hold.
    """
    if source.compression:
        raise InputError(f"{source.path} is a compressed Parquet file; unpack it first")
    try:
        yield from _read(source, shape, given, listener)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise InputError(f"{source.path} cannot be read as Parquet: {str(error).splitlines()[0]}") from error
    source.check_unchanged()


def _read(source: Source, shape: TableShape, given: Sequence[str] | None, listener: str | None) -> Iterator[Rows]:
    # its path in bytes: Arrow would encode it anew
    with pa.OSFile(os.fsencode(source.path)) as raw, pq.ParquetFile(raw) as file:
        names = file.schema_arrow.names
        plan = layout(source.path, shape, names, given, listener)
        used = {role: name for role, name in zip(plan.roles, names, strict=True) if role is not None}
        total = -(-file.metadata.num_rows // BATCH)
        batches = file.iter_batches(BATCH, columns=list(used.values()), use_threads=False)
        line = 1
        for batch in source.progress.track(batches, source.path.name, total):
            columns = {role: _plain(batch.column(name)) for role, name in used.items()}
            lines = np.arange(line, line + batch.num_rows, dtype=np.int64)
            yield Rows(lines, columns, _Shown(batch).row)
            line += batch.num_rows


class _Shown:
    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch

    def row(self, row: int) -> str:
        return "\t".join(str(value) for value in self._batch.slice(row, 1).to_pylist()[0].values())


def _plain(column: pa.Array) -> pa.Array:
    """Lists as marked text, dictionaries and large strings as strings; all else as it is.

    Raises:
        pa.ArrowNotImplementedError: a type that is no text, number, time or list of texts.
    """
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        items = [[str(item) for item in value or () if item is not None] for value in column.to_pylist()]
        return pa.array(["".join(LIST_MARK + item for item in value) for value in items], pa.string())
    if pa.types.is_nested(kind):
        raise pa.ArrowNotImplementedError(f"a column of type {kind} is neither text, number nor time")
    if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        return column.cast(pa.string())
    return column
