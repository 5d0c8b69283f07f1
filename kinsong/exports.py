"""`kinsong export`: a view of the published run as one file, written as it is read."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select, text

from db.errors import InputError, NotBuilt, UsageError
from db.home import Home
from db.results import Published
from kinsong.output import room_for

ORDER = {
    "related": "artist, artist_id, rank",
    "top_terms": "artist, artist_id, kind, rank",
    "term_evidence": "artist, artist_id, kind, rank, url",
}
WHOLE, REAL = ("artist_id", "related_id", "document_id", "rank"), ("score", "confidence", "weight")
"""Columns of a view that hold numbers; all others hold text."""
AT_ONCE = 20_000
"""Rows that are in memory."""

Parts = Iterable[Sequence[tuple[Any, ...]]]


def export(home: Home, view: str, form: str, output: Path | None) -> int:
    """Write a view whole, ordered by artist and rank; a file is written aside and renamed.

    Returns:
        How many rows.

    Raises:
        UsageError: Parquet onto a terminal.
        NotBuilt: no run is published.
        InputError: the file cannot be written there.
    """
    if form == "parquet" and output is None and _on_terminal():
        raise UsageError("parquet is binary: name a file with --output, or send it on with > FILE")
    with home.reading() as session:
        if session.scalar(select(Published.run_id)) is None:
            raise NotBuilt("no run is published yet: run `kinsong build`")
        query = text(f"SELECT * FROM {view} ORDER BY {ORDER[view]}")  # noqa: S608  our own names
        result = session.execute(query.execution_options(yield_per=AT_ONCE))
        parts = ([tuple(row) for row in part] for part in result.partitions())
        with output_stream(output, binary=form == "parquet") as stream:
            return _WRITERS[form](list(result.keys()), parts, stream)


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


@contextmanager
def output_stream(output: Path | None, *, binary: bool) -> Iterator[IO[Any]]:
    """Where to write: aside and renamed at the end for a file, else standard output.

    Raises:
        InputError: the file cannot be written.
        StoreError: there is no room for it.
    """
    if output is None:
        yield sys.stdout.buffer if binary else sys.stdout
        return
    target = output.resolve()  # a link stays a link
    plain = not target.exists() or target.is_file()  # a device or a pipe is written, never replaced
    aside = target.with_name(target.name + ".tmp") if plain else target
    try:
        stream = aside.open("wb") if binary else aside.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"--output {output} cannot be written: {error.strerror}") from error
    try:
        with room_for(output), stream:
            yield stream
            stream.flush()
            if plain:
                os.fsync(stream.fileno())
        if plain:
            aside.rename(target)
    finally:
        if plain:
            aside.unlink(missing_ok=True)


def _csv(columns: Sequence[str], parts: Parts, stream: IO[str]) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for part in parts:
        writer.writerows(part)
        count += len(part)
    return count


def _json_lines(columns: Sequence[str], parts: Parts, stream: IO[str]) -> int:
    count = 0
    for part in parts:
        stream.writelines(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in part)
        count += len(part)
    return count


def _parquet(columns: Sequence[str], parts: Parts, stream: IO[bytes]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {**dict.fromkeys(WHOLE, pa.int64()), **dict.fromkeys(REAL, pa.float64())}
    schema = pa.schema([(column, types.get(column, pa.string())) for column in columns])
    count = 0
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(pa.table(list(map(list, zip(*part, strict=True))), schema=schema))
            count += len(part)
    return count


_WRITERS: dict[str, Callable[[Sequence[str], Parts, Any], int]] = {
    "csv": _csv,
    "jsonl": _json_lines,
    "parquet": _parquet,
}
