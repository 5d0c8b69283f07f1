"""Rows of a table on their way from a file to facts, and the checks every kind shares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from db.imports.rejects import Rejects
from db.imports.times import to_times

LONGEST_NAME = 500
"""Characters; what is longer is no name."""
MOST = 10_000_000.0
"""A greater number of plays in one row is a mistake of whoever wrote it."""
LEAST = 1e-6
"""Sums are kept in millionths."""
_ISRC = re.compile(r"[A-Za-z]{2}-?[A-Za-z0-9]{3}-?[0-9]{2}-?[0-9]{5}")
_SHOWN = (
    r"\x{C0}-\x{24F}\x{391}-\x{3A1}\x{3A3}-\x{3FF}\x{400}-\x{482}\x{48A}-\x{52F}\x{3041}-\x{3096}\x{30A1}-\x{30FA}"
    r"\x{4E00}-\x{9FA5}\x{AC00}-\x{D7A3}"
)
_PLAIN = rf"\A[!-~{_SHOWN}](?:[^\x00-\x1f\x7f]*[!-~{_SHOWN}])?\z"
"""A name that `clean_name` leaves as it is, if it is short: it begins and ends with a letter of the usual scripts or a
mark of ASCII."""
_MBID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Rows:
    """Some rows of a table.

    Attributes:
        lines: int64 (n,), line numbers.
        columns: role → n values, strings or what the file's own types are.
        content: a row (0 … n−1) as it stands in the file, for those that are rejected.
    """

    lines: NDArray[np.int64]
    columns: Mapping[str, pa.Array]
    content: Callable[[int], str | bytes]


class Sieve:
    """Checks the columns of some rows one by one and remembers which rows are still good."""

    def __init__(self, rows: Rows, rejects: Rejects) -> None:
        self._rows = rows
        self._rejects = rejects
        self.good: NDArray[np.bool_] = np.ones(len(rows.lines), dtype=bool)

    def has(self, role: str) -> bool:
        """The table has this column."""
        return role in self._rows.columns

    def names(self, role: str) -> pa.Array:
        """A column of names: trimmed, never empty. string (n,)."""
        column = _strings(self._rows.columns[role])
        coded = column.dictionary_encode()
        odd = coded.dictionary.filter(pc.invert(_plain(coded.dictionary)))
        if not column.null_count and all(clean_name(text) == (text, None) for text in odd.to_pylist()):
            return column
        checked = [clean_name(text or "") for text in coded.dictionary.to_pylist()]
        codes = coded.indices.fill_null(-1).to_numpy()
        problem = np.array([*(reason is not None for _, reason in checked), True], dtype=bool)
        for row in np.flatnonzero(problem[codes] & self.good):
            code = int(codes[row])
            self._refuse(int(row), f"{role} {checked[code][1] if code >= 0 else 'is empty'}")
        values = pa.array([text for text, _ in checked], pa.string())
        return pa.DictionaryArray.from_arrays(coded.indices, values).cast(pa.string())

    def numbers(self, role: str, *, least: float, whole: bool = False) -> pa.Array:
        """A column of numbers from `least` to `MOST`. float64 (n,); NaN where a row is refused."""
        values = to_numbers(self._rows.columns[role])
        finite = np.isfinite(values)
        tests = {
            "is not a number": ~finite,
            "is below 0" if least == 0 else "is not above 0": values < least,
            f"is above {MOST:,.0f}": values > MOST,
        }
        if whole:
            tests["is not a whole number"] = finite & (values != np.floor(values))
        for reason, bad in tests.items():
            self.refuse(bad, f"{role} {reason}")
        return pa.array(values)

    def texts(self, role: str) -> pa.Array:
        """A column of free text, trimmed, without NUL (PostgreSQL refuses it); null where it is empty. string (n,)."""
        trimmed = pc.utf8_trim_whitespace(pc.replace_substring(_strings(self._rows.columns[role]), "\x00", ""))
        return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)

    def times(self, role: str) -> pa.Array:
        """A column of times; null where it is empty. timestamp(us, UTC) (n,)."""
        times, bad = to_times(self._rows.columns[role])
        self.refuse(bad, f"{role} cannot be read")
        return times

    def refuse(self, bad: NDArray[np.bool_], reason: str) -> None:
        """Reject rows for a reason, those that are still good."""
        for row in np.flatnonzero(bad & self.good):
            self._refuse(int(row), reason)

    def _refuse(self, row: int, reason: str) -> None:
        self.good[row] = False
        self._rejects.add(int(self._rows.lines[row]), reason, self._rows.content(row))


@lru_cache(maxsize=1 << 16)
def clean_name(text: str) -> tuple[str, str | None]:
    """A name without white space around it or line breaks in it, and what is wrong with it, None when nothing is."""
    text = " ".join(text.split("\n")).strip() if "\n" in text or "\r" in text or "\t" in text else text.strip()
    if not any(c.isalnum() or unicodedata.category(c)[0] not in "ZC" for c in text):
        return text, "is empty"
    if len(text) > LONGEST_NAME:
        return text, f"is longer than {LONGEST_NAME} characters"
    if any(ord(c) < 32 or ord(c) == 127 or "\ud800" <= c <= "\udfff" for c in text):
        return "", "has a character in it that is no text"
    return text, None


def _plain(names: pa.Array) -> pa.Array:
    """Names that `clean_name` would leave as they are; not all of them, but much quicker. bool (n,)."""
    short = pc.less_equal(pc.binary_length(names), LONGEST_NAME)
    return pc.and_(short, pc.match_substring_regex(names, _PLAIN))


def is_mbid(text: str) -> bool:
    """Whether a text is a MusicBrainz id: a UUID in its usual spelling."""
    return _MBID.fullmatch(text.strip()) is not None


def is_isrc(text: str) -> bool:
    """Whether a text is an International Standard Recording Code (ISO 3901), with or without its dashes."""
    return _ISRC.fullmatch(text.strip()) is not None


def to_numbers(column: pa.Array) -> NDArray[np.float64]:
    """Numbers of a column of numbers or of text; NaN where there is none. float64 (n,)."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        return _numpy(pc.cast(column, pa.float64(), safe=False))
    trimmed = pc.utf8_trim_whitespace(_strings(column))
    try:
        return _numpy(pc.cast(trimmed, pa.float64()))
    except pa.ArrowInvalid:
        return np.array([_number(text) for text in trimmed.to_pylist()], dtype=np.float64)


def _numpy(column: pa.Array) -> NDArray[np.float64]:
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return values


def _number(text: str | None) -> float:
    try:
        return float(text) if text and "_" not in text else float("nan")
    except ValueError:
        return float("nan")


def _strings(column: pa.Array) -> pa.Array:
    return column if pa.types.is_string(column.type) else column.cast(pa.string())
