"""How `kinsong related` is steered: dials from options and settings, and who is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from db.errors import ArtistNameError, ConfigError, InputError, UsageError
from db.home import SETTINGS, Home
from db.search import find_artist
from ensemble.dials import Config
from kinsong.home import read_toml

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FILE = "@"
"""How an `--exclude` begins that names a file, as curl has it."""


@dataclass(frozen=True)
class Excluded:
    """Artists to leave out, and lines of files that lead to none or to several."""

    ids: frozenset[int]
    unknown: tuple[str, ...]


def dials(
    home: Home, popularity: float | None, adventurous: float | None, diverse: float | None, *, reverse: bool = False
) -> Config:
    """The dials as the settings have them, but for those that are given.

    Raises:
        ConfigError: a setting is out of range or no dial.
        UsageError: two options contradict each other.
    """
    path = home.path / SETTINGS
    table = read_toml(path).get("dials", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: dials = {table!r} is not a section: write [dials]")
    try:
        settings = Config.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: [dials] {first['loc'][0]} = {first['input']!r}: {first['msg']}") from error
    if reverse and adventurous:
        raise UsageError("--reverse puts the least related first and --adventurous the farthest: give one of them")
    given = {"popularity": popularity, "adventurous": adventurous, "diverse": diverse}
    if reverse and adventurous is None:
        given["adventurous"] = 0.0
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def excluded(session: Session, named: Sequence[str]) -> Excluded:
    """The artists that `--exclude` names.

    Args:
        session: a reading one.
        named: names, or `@` and a file with one name per line.

    Raises:
        ArtistNameError: a name leads to nobody or to several.
        InputError: a file cannot be read.
    """
    ids: set[int] = set()
    unknown: list[str] = []
    for one in named:
        if not one.startswith(FILE):
            ids.add(find_artist(session, one).id)
            continue
        for name in _lines(Path(one[len(FILE) :])):
            try:
                ids.add(find_artist(session, name).id)
            except ArtistNameError:
                unknown.append(name)
    return Excluded(frozenset(ids), tuple(unknown))


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"--exclude @{path} cannot be read ({error}): give a text file with one name per line"
        raise InputError(message) from error
    return [line.strip() for line in text.splitlines() if line.strip()]
