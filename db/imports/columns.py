"""Which column of a table is what: by its header, or as the user says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.errors import InputError, UsageError
from db.imports.lastfm import headless_roles

IGNORED = ("", "-", "_")
"""Names that --columns gives to columns that are not used."""


@dataclass(frozen=True)
class TableShape:
    """What a kind of table holds.

    Attributes:
        kind: plays, tags, similar, artists or tracks.
        required: roles without which there is nothing to import.
        optional: roles that may be there.
        numbers: roles that hold numbers.
        synonyms: role → other headers it goes by, normalised.
    """

    kind: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    numbers: tuple[str, ...]
    synonyms: Mapping[str, tuple[str, ...]]

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles."""
        return self.required + self.optional

    def role_of(self, header: str) -> str | None:
        """The role that a header names."""
        word = re.sub(r"[\W_]+", "", header.casefold())
        return next((role for role in self.roles if word == role or word in self.synonyms.get(role, ())), None)


_ARTIST = ("artistname", "band", "credit", "artistcredit")
_COUNT = ("count", "playcount", "plays", "nplays", "scrobbles", "listens", "weight", "times", "timesplayed")
SHAPES = {
    "plays": TableShape(
        "plays", ("listener", "artist"), ("plays", "track", "time"), ("plays",),
        {"listener": ("user", "userid", "username", "listenerid", "usersha1", "userhash"),
         "artist": (*_ARTIST, "name"), "plays": _COUNT,
         "track": ("title", "song", "trackname", "tracktitle", "songtitle"),
         "time": ("timestamp", "listenedat", "playedat", "date", "datetime", "at", "uts", "utctime")},
    ),
    "tags": TableShape(
        "tags", ("artist", "tag"), ("count",), ("count",),
        {"artist": (*_ARTIST, "name"), "tag": ("genre", "term", "label", "tagname"), "count": _COUNT},
    ),
    "similar": TableShape(
        "similar", ("artist", "similar"), ("grade",), ("grade",),
        {"artist": (*_ARTIST, "name", "a", "artist1", "artista"),
         "similar": ("similarartist", "related", "relatedartist", "b", "artist2", "artistb", "similarname"),
         "grade": ("score", "relevance", "match", "weight", "rating", "label")},
    ),
    "tracks": TableShape(
        "tracks", ("artist", "title"), ("mbid", "isrc"), (),
        {"artist": (*_ARTIST, "artists", "creator"), "title": ("track", "song", "trackname", "tracktitle", "name"),
         "mbid": ("recordingmbid", "musicbrainzid", "musicbrainzrecordingid", "gid")},
    ),
    "artists": TableShape(
        "artists", ("name",), ("aliases", "mbid", "disambiguation"), (),
        {"name": (*_ARTIST, "artist"), "aliases": ("alias", "akas", "aka", "othernames", "alsoknownas"),
         "mbid": ("musicbrainzid", "artistmbid", "musicbrainzartistid", "gid"),
         "disambiguation": ("comment", "note")},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """The role of each column, None for one that is not used; whether the first line is a header."""

    roles: tuple[str | None, ...]
    header: bool


def layout(
    path: Path, shape: TableShape, first: Sequence[str], given: Sequence[str] | None, listener: str | None
) -> Layout:
    """What the columns of a table are, from its first line, or from the --columns that were given.

    Raises:
        InputError: a column that is needed is not there, or stands twice.
        UsageError: --columns names what this kind of table does not hold.
    """
    header = tuple(shape.role_of(cell) for cell in first)
    known = headless_roles(first) if shape.kind == "plays" and given is None else None
    if known is not None:
        roles, is_header = known, False
    elif given is None:
        roles, is_header = header, True
    else:
        roles = _given(shape, given)
        is_header = len(first) == len(roles) and all(header)
        if len(first) != len(roles):
            raise InputError(f"{path} has {len(first)} columns ({_list(first)}); --columns names {len(roles)}")
    check_roles(path, shape, roles, first, listener)
    return Layout(roles, is_header)


def check_roles(
    path: Path, shape: TableShape, roles: Sequence[str | None], found: Sequence[str], listener: str | None
) -> None:
    """Refuse columns that do not make a table of this kind.

    Raises:
        InputError: one is missing, or stands twice.
    """
    there = [role for role in roles if role is not None]
    twice = next((role for role in there if there.count(role) > 1), None)
    if twice:
        raise InputError(f"{path} has two columns for {twice} ({_list(found)}); pick one with --columns (- skips one)")
    if listener is not None and "listener" in there:
        raise InputError(f"{path} has a listener column; leave --listener out, or skip it with --columns")
    missing = [
        role for role in shape.required if role not in there and not (role == "listener" and listener is not None)
    ]
    if missing:
        example = ",".join((*shape.required, *shape.optional[:1]))
        way = "" if missing != ["listener"] else ", or say whose they are with --listener NAME"
        raise InputError(
            f"{path} has no {' and no '.join(missing)} column; found {_list(found)}; "
            f"name the columns, as in --columns {example}{way}"
        )
    if shape.kind == "plays" and not {"plays", "time"} & set(there):
        raise InputError(
            f"{path} has neither a plays nor a time column; found {_list(found)}; name them with --columns"
        )


def _given(shape: TableShape, given: Sequence[str]) -> tuple[str | None, ...]:
    roles: list[str | None] = []
    for name in given:
        role = shape.role_of(name)
        if role is None and name.strip() not in IGNORED:
            known = ", ".join(shape.roles)
            raise UsageError(
                f"--columns: “{name}” is no column of {shape.kind}; there are {known}, and - for one to skip"
            )
        roles.append(role)
    return tuple(roles)


def _list(found: Sequence[str]) -> str:
    cells = [cell if len(cell) <= 30 else cell[:29] + "…" for cell in found[:8]]
    return ", ".join(f"“{cell}”" for cell in cells) + (" …" if len(found) > 8 else "")
