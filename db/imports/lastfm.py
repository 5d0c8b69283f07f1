"""The two tables of Last.fm that research uses and that have no header, known by what their first line holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MBID = r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?"
_SHAPES = {
    (r"[0-9a-f]{40}", _MBID, r".+", r"\d+"): ("listener", None, "artist", "plays"),
    (r"user_\d{6}", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _MBID, r".+", _MBID, r".*"):
        ("listener", "time", None, "artist", None, "track"),
}  # fmt: skip
"""A pattern for each cell → the role of each column: Last.fm 360K, and Last.fm 1K."""


def headless_roles(cells: Sequence[str]) -> tuple[str | None, ...] | None:
    """The roles of the columns when these cells are a row of Last.fm 360K or 1K, else None."""
    for patterns, roles in _SHAPES.items():
        if len(cells) == len(patterns) and all(map(_matches, patterns, cells)):
            return roles
    return None


def _matches(pattern: str, cell: str) -> bool:
    return re.fullmatch(pattern, cell.strip()) is not None
