"""Gold files: who is like whom in someone else's judgement, to measure rankings by."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from db.errors import InputError

Gold = Mapping[int, Mapping[int, float]]
"""Artist id → id of a similar artist → grade, above 0."""


@dataclass(frozen=True)
class GoldFile:
    """A gold file as read.

    Attributes:
        gold: what it says of artists in the catalogue.
        unknown: names that lead to no artist or to several, in the order of the file.
        pairs: rows read.
        dropped: rows left out because of such a name, or because both names mean one artist.
    """

    gold: Gold
    unknown: tuple[str, ...]
    pairs: int
    dropped: int


def read_gold(path: Path, lead: Callable[[str], int | None]) -> GoldFile:
    """Read a table with the columns artist, similar and perhaps grade; by tabs, or by commas when it is called .csv.

    Args:
        path: the file, UTF-8, with a header.
        lead: from a name as written to the one artist it means, as `db.search.leads` gives it.

    Raises:
        InputError: it cannot be read, lacks a column, or a grade is not a number above or equal to 0.
    """
    gold: dict[int, dict[int, float]] = {}
    unknown: dict[str, None] = {}
    pairs = dropped = 0
    for artist, similar, grade in _rows(path):
        pairs += 1
        one, other = lead(artist), lead(similar)
        unknown.update({name: None for name, meant in ((artist, one), (similar, other)) if meant is None})
        if one is None or other is None or one == other:
            dropped += 1
        elif grade > 0:
            gold.setdefault(one, {})[other] = grade
    if not pairs:
        raise InputError(f"{path}: it has a header and nothing below; it needs rows of artist and similar")
    return GoldFile(gold, tuple(unknown), pairs, dropped)


def _rows(path: Path) -> Iterator[tuple[str, str, float]]:
    lines = _lines(path)
    header = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in ("artist", "similar") if name not in header]
    if missing:
        raise InputError(f"{path}: no column {missing[0]!r} in its first line ({', '.join(header) or 'empty'})")
    artist, similar = header.index("artist"), header.index("similar")
    grade = header.index("grade") if "grade" in header else None
    for number, cells in enumerate(lines, start=2):
        if not any(cells):
            continue
        if len(cells) <= max(artist, similar, grade or 0):
            raise InputError(f"{path}: line {number} has {len(cells)} columns, the header names {len(header)}")
        value = 1.0 if grade is None else _grade(path, number, cells[grade])
        yield cells[artist].strip(), cells[similar].strip(), value


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            if path.suffix.lower() == ".csv":
                yield from csv.reader(stream)
            else:
                yield from (line.rstrip("\r\n").split("\t") for line in stream)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a table of artist and similar") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a UTF-8 table ({error})") from error


def _grade(path: Path, number: int, text: str) -> float:
    try:
        grade = float(text)
    except ValueError as error:
        raise InputError(f"{path}: line {number}: the grade {text!r} is not a number") from error
    if not math.isfinite(grade) or grade < 0:
        raise InputError(f"{path}: line {number}: the grade {text!r} is not a number from 0 up")
    return grade
