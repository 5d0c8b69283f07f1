"""How results are printed: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

# without a terminal that tells its width (a pipe, a log), lines may be longer than rich's own 80 letters
_WIDTH = None if (sys.stdout and sys.stdout.isatty()) or "COLUMNS" in os.environ else 130
KINDS = ("n2", "np", "adj", "n1", "tag")
"""The order in which kinds of terms stand side by side."""

out = Console(highlight=False, emoji=False, width=_WIDTH)
err = Console(stderr=True, highlight=False, emoji=False)


_OBEYED = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
"""Control characters that JSON does not escape anyway, marks of direction and what has no width."""
log_lines: list[bool] = []
"""Holds something where every line on standard error is to be a JSON object."""


class LogFormat(StrEnum):
    """How what is said on standard error is printed."""

    text = "text"
    json = "json"


class Format(StrEnum):
    """How a listing is printed."""

    table = "table"
    json = "json"
    csv = "csv"


def clean(value: object) -> str:
    """A value as text that cannot move the cursor or turn the line: control and direction marks become visible."""
    match value:
        case None:
            text = ""
        case float():
            text = f"{value:.4g}"
        case datetime():
            text = f"{value:%Y-%m-%d %H:%M:%S}"
        case _:
            text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{_code(c):02x}" for c in text)


def _code(letter: str) -> int:
    """Its number; of one that stands for a byte that was not UTF-8, the byte."""
    return ord(letter) - 0xDC00 if "\udc80" <= letter <= "\udcff" else ord(letter)


def as_json(value: object, indent: int | None = None) -> str:
    """A value as JSON, its letters as they are, but for those that a terminal obeys: they are escaped, and so the same
    to whoever reads it.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def rows(found: Iterable[Mapping[str, Any]], columns: Sequence[str], form: Format, *, title: str | None = None) -> None:
    """Print rows: `columns` in order, one line per row; JSON is one list of objects."""
    found = list(found)
    if form is Format.json:
        plain = [{c: row[c] for c in columns} for row in found]
        sys.stdout.write(as_json(plain, indent=1) + "\n")
    elif form is Format.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        shown = clean if sys.stdout.isatty() else lambda value: value  # a file gets what there is, byte for byte
        writer.writerows([shown(row[c]) for c in columns] for row in found)
    else:
        out.print(table(found, columns, title=title))


def table(found: Iterable[Mapping[str, Any]], columns: Sequence[str], *, title: str | None = None) -> Table:
    """A rich table of rows; numbers to the right."""
    found = list(found)
    heading = None if title is None else escape(clean(title))
    drawn = Table(title=heading, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        numbers = bool(found) and all(isinstance(row[column], int | float) or row[column] is None for row in found)
        drawn.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in found:
        drawn.add_row(*(escape(clean(row[column])) for column in columns))
    return drawn


def side_by_side(rows: Sequence[Mapping[str, Any]], title: str, value: str = "weight") -> None:
    """Print rows of (kind, term, and a weight or a number as `value`) with a pair of columns per kind.

    As many kinds stand side by side as fit into the width without a broken line; the others follow below.
    """
    kinds = sorted({row["kind"] for row in rows}, key=lambda kind: (KINDS.index(kind) if kind in KINDS else -1, kind))
    out.print(clean(title), style="italic", markup=False)
    while kinds:
        fitting = len(kinds)
        while fitting > 1 and _width(rows, kinds[:fitting], value) > out.width:
            fitting -= 1
        out.print(_beside(rows, kinds[:fitting], value))
        kinds = kinds[fitting:]


def _width(rows: Sequence[Mapping[str, Any]], kinds: Sequence[str], value: str) -> int:
    """Letters that a table of these kinds takes in a line."""
    cells = [[(clean(row["term"]), _number(row[value])) for row in rows if row["kind"] == kind] for kind in kinds]
    columns = [max(map(cell_len, column)) for of_kind in cells for column in zip(*of_kind, strict=True)]
    return sum(columns) + len(" │ ") * (len(columns) - 1)


def _beside(rows: Sequence[Mapping[str, Any]], kinds: Sequence[str], value: str) -> Table:
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in kinds}
    drawn = Table(header_style="bold", show_edge=False, pad_edge=False)
    for kind in kinds:
        drawn.add_column(kind, overflow="fold", no_wrap=len(kinds) > 1)
        drawn.add_column("", justify="right", style="dim", no_wrap=True)
    for place in range(max(len(of_kind) for of_kind in by_kind.values())):
        cells: list[str] = []
        for of_kind in by_kind.values():
            row = of_kind[place] if place < len(of_kind) else None
            cells += [escape(clean(row["term"])), _number(row[value])] if row else ["", ""]
        drawn.add_row(*cells)
    return drawn


def _number(value: float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def say(text: str, level: str = "info", **facts: object) -> None:
    """A line for the reader, on standard error, so that standard output stays data.

    Args:
        text: what to say.
        level: info or error.
        facts: what a program reads of it: they stand in the lines of --log-format json, beside time, level and message.
    """
    if not log_lines:
        err.print(escape(clean(text)), soft_wrap=True)
        return
    told = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "message": text, **facts}
    sys.stderr.write(as_json(told) + "\n")
    sys.stderr.flush()
