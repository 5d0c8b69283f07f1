"""Tables as TSV or CSV: Arrow reads what is regular, a careful reader the blocks in which a line is not.

TSV has no quoting (a title may hold a single quote mark); CSV quotes as RFC 4180 says, within one line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from db.errors import InputError
from db.imports.columns import Layout, TableShape, layout
from db.imports.lines import Block, line_blocks
from db.imports.rejects import Rejects
from db.imports.rows import Rows
from db.imports.source import Source


def read_delimited(
    source: Source, shape: TableShape, given: Sequence[str] | None, listener: str | None, rejects: Rejects
) -> Iterator[Rows]:
    """The rows of a TSV or CSV file.

    Raises:
        InputError: it has no lines, or not the columns of its kind.
        UsageError: --columns names what this kind of table does not hold.
    """
    blocks = line_blocks(source.chunks(), rejects)
    start = next((block for block in blocks if block.data.strip()), None)
    if start is None:
        raise InputError(f"{source.path} has no line that can be read ({rejects.summary() or 'all are blank'})")
    number, first = next(start.numbered())
    table = _Table(source, shape, first)
    plan = layout(source.path, shape, _first_cells(source, table, first), given, listener)
    if plan.header:
        start = Block(number + 1, start.data.split(b"\n", number + 1 - start.first)[-1])
    for block in chain([start] if start.data else [], blocks):
        yield table.rows(block, plan, rejects)


def _first_cells(source: Source, table: _Table, first: bytes) -> list[str]:
    try:
        return table.cells(first)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source.path}: its first line is not UTF-8; name its encoding: --encoding latin-1"
        ) from error
    except csv.Error as error:
        raise InputError(f"{source.path}: the quotes of its first line do not match") from error


class _Table:
    def __init__(self, source: Source, shape: TableShape, first: bytes) -> None:
        self._numbers = shape.numbers
        commas, semicolons = first.count(b","), first.count(b";")
        wants_tab = b"\t" in first or not (source.name.endswith(".csv") or commas or semicolons)
        self._delimiter = "\t" if wants_tab else ";" if semicolons > commas else ","

    @property
    def _quoted(self) -> bool:
        return self._delimiter != "\t"

    def cells(self, line: bytes) -> list[str]:
        """The cells of a line.

        Raises:
            UnicodeDecodeError: it is not UTF-8.
            csv.Error: its quotes do not match.
        """
        text = line.decode()
        if not self._quoted:
            return text.split("\t")
        return next(csv.reader([text], delimiter=self._delimiter, strict=True))

    def rows(self, block: Block, plan: Layout, rejects: Rejects) -> Rows:
        fast = self._fast(block, plan) if _regular(block.data) and self._closed(block.data) else None
        return fast if fast is not None else self._careful(block, plan, rejects)

    def _closed(self, data: bytes) -> bool:
        """The last line's quotes match: Arrow takes the end of a block for the end of an open one. An open quote in an
        earlier line swallows the next, which the number of rows shows."""
        if not self._quoted or b'"' not in data:
            return True
        try:
            self.cells(data.rstrip(b"\r\n").rsplit(b"\n", 1)[-1])
        except (csv.Error, UnicodeDecodeError):
            return False
        return True

    def _fast(self, block: Block, plan: Layout) -> Rows | None:
        """The block as Arrow reads it; None when that does not make one row of each line."""
        names = [role or f"-{n}" for n, role in enumerate(plan.roles)]
        used = [role for role in plan.roles if role is not None]
        types = {role: pa.float64() if role in self._numbers else pa.string() for role in used}
        try:
            table = pc.read_csv(
                pa.py_buffer(block.data),
                pc.ReadOptions(use_threads=False, block_size=len(block.data) + 1, column_names=names),
                pc.ParseOptions(delimiter=self._delimiter, quote_char='"' if self._quoted else False),
                pc.ConvertOptions(include_columns=used, column_types=types, strings_can_be_null=False),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != block.lines:
            return None
        lines = np.arange(block.first, block.first + table.num_rows, dtype=np.int64)
        columns = {role: table[role].combine_chunks() for role in used}
        return Rows(lines, columns, _Lines(block).line)

    def _careful(self, block: Block, plan: Layout, rejects: Rejects) -> Rows:
        good: list[tuple[int, bytes, list[str]]] = []
        for number, line in block.numbered():
            try:
                cells = self.cells(line)
            except UnicodeDecodeError:
                rejects.add(number, "not UTF-8 (if the whole file is not: --encoding latin-1)", line)
                continue
            except csv.Error:
                rejects.add(number, "quotes do not match", line)
                continue
            if b"\x00" in line:
                rejects.add(number, "NUL byte", line)
            elif len(cells) != len(plan.roles):
                rejects.add(number, f"not {len(plan.roles)} columns", line)
            else:
                good.append((number, line, cells))
        columns = {
            role: pa.array([cells[n] for _, _, cells in good], pa.string())
            for n, role in enumerate(plan.roles) if role is not None
        }  # fmt: skip
        lines = np.array([number for number, _, _ in good], dtype=np.int64)
        return Rows(lines, columns, lambda row: good[row][1])


class _Lines:
    """The lines of a block, split once somebody asks for one."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @cached_property
    def _split(self) -> list[bytes]:
        return self._block.data.split(b"\n")

    def line(self, row: int) -> bytes:
        return self._split[row].rstrip(b"\r")


def _regular(data: bytes) -> bool:
    """No NUL byte in it, which Arrow lets pass, nor a carriage return among blank lines: the one may end a row that is
    not a line of ours, and the others are no rows to Arrow, so that their numbers could make up for each other."""
    returns = b"\r" in data
    return not (b"\x00" in data or (returns and (b"\n\n" in data or b"\n\r" in data or data[:1] in b"\r\n")))
