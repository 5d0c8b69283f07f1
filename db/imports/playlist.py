"""A playlist as every format's reader gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.imports.rejects import Rejects
from db.imports.rows import clean_name


@dataclass(frozen=True)
class Track:
    """An entry; `position` counts from 0 over all entries of its list, those that could not be used included."""

    position: int
    credits: list[str]
    title: str | None
    added: str | None = None


@dataclass(frozen=True)
class Playlist:
    """A list and its usable entries. `line` tells it from the others of its file, from 1."""

    line: int
    name: str
    tracks: list[Track]


def make_track(
    position: int, names: list[str], title: Any, added: Any, line: int, rejects: Rejects, content: str
) -> Track | None:
    """An entry from names as read; None, and one reject, when no name is left."""
    cleaned = [clean_name(name) for name in names]
    good = list(dict.fromkeys(name for name, problem in cleaned if problem is None))
    if good:
        return Track(position, good, text_or_none(title), text_or_none(added))
    rejects.add(line, f"artist {cleaned[0][1]}" if cleaned else "track without an artist", content)
    return None


def text_or_none(value: Any) -> str | None:
    """A text that every file can hold, without white space around it; None for an empty one and for what is no text."""
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").encode("utf-8", "replace").decode().strip() or None
