"""`kinsong export`: a view of the published run as one file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import select, text

from db.errors import InputError, NotBuilt, UsageError
from db.home import Home
from db.results import Published

ORDER = {"related": "artist, artist_id, rank", "top_terms": "artist, artist_id, kind, rank"}


def export(home: Home, view: str, form: str, output: Path | None) -> int:
    """Write a view whole, ordered by artist and rank; a file is written aside and renamed.

    Returns:
        How many rows.

    Raises:
        UsageError: Parquet onto a terminal.
        NotBuilt: no run is published.
        InputError: the file cannot be written there.
    """
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("parquet is binary: name a file with --output, or send it on with > FILE")
    with home.reading() as session:
        if session.scalar(select(Published.run_id)) is None:
            raise NotBuilt("no run is published yet: run `kinsong build`")
        result = session.execute(text(f"SELECT * FROM {view} ORDER BY {ORDER[view]}"))  # noqa: S608  our own names
        columns, rows = list(result.keys()), [tuple(row) for row in result]
    if form == "parquet":
        _parquet(columns, rows, output)
    else:
        with _opened(output) as stream:
            _text(columns, rows, form, stream)
    return len(rows)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    aside = output.with_name(output.name + ".tmp")
    try:
        stream = aside.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"--output {output} cannot be written: {error.strerror}") from error
    try:
        with stream:
            yield stream
        aside.rename(output)
    finally:
        aside.unlink(missing_ok=True)


def _text(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], form: str, stream: TextIO) -> None:
    if form == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return
    for row in rows:
        stream.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")


def _parquet(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], output: Path | None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from db.columnar import write_parquet

    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    table = pa.table({c: list(v) for c, v in zip(columns, values, strict=True)})
    if output is None:
        pq.write_table(table, pa.PythonFile(sys.stdout.buffer, mode="w"))
        return
    try:
        write_parquet(table, output)
    except OSError as error:
        raise InputError(f"--output {output} cannot be written: {error.strerror or error}") from error
