"""Playlists: what every format's reader yields, and how it becomes facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import pyarrow as pa

from db.errors import InputError
from db.imports.m3u import read_m3u
from db.imports.playlist import Playlist
from db.imports.playlist_json import read_document, read_lines
from db.imports.rejects import Rejects
from db.imports.source import Source
from db.imports.xspf import read_xspf
from db.listening import PLAYLISTS

AT_ONCE = 500
"""Playlists that are turned into one table."""

_READERS: dict[str, Callable[[Source, Rejects], Iterator[Playlist]]] = {
    "jsonl": read_lines, "json": read_document, "m3u": read_m3u, "xspf": read_xspf,
}  # fmt: skip


def read_playlists(source: Source, form: str, rejects: Rejects) -> Iterator[pa.Table]:
    """The entries of all playlists of a file, as `db.listening.PLAYLISTS`.

    Raises:
        InputError: the file is not what it should be.
    """
    playlists = iter(_usable(lists_of(source, form, rejects), rejects))
    while part := list(islice(playlists, AT_ONCE)):
        yield _table(source, part)


def lists_of(source: Source, form: str, rejects: Rejects) -> Iterator[Playlist]:
    """The playlists of a file, those without a usable track too.

    Raises:
        InputError: the file is not what it should be.
    """
    if form not in _READERS:
        raise InputError(
            f"{source.path} is {form.upper()}, no playlist; there are JSON lines, Million Playlist Dataset slices, "
            "M3U, XSPF and JSPF"
        )
    yield from _READERS[form](source, rejects)


def _usable(playlists: Iterable[Playlist], rejects: Rejects) -> Iterator[Playlist]:
    for playlist in playlists:
        if playlist.tracks:
            yield playlist
        else:
            rejects.add(playlist.line, "playlist without a track that can be used", playlist.name)


def _table(source: Source, playlists: list[Playlist]) -> pa.Table:
    entries = [(playlist, track) for playlist in playlists for track in playlist.tracks]
    columns = [
        pa.array([f"{source.sha256[:16]}:{playlist.line}" for playlist, _ in entries], pa.string()),
        pa.array([playlist.name or f"untitled {playlist.line}" for playlist, _ in entries], pa.string()),
        pa.array([track.position for _, track in entries], pa.int32()),
        pa.array([track.credits for _, track in entries], pa.list_(pa.string())),
        pa.array([track.title for _, track in entries], pa.string()),
        pa.array([track.added for _, track in entries], pa.string()),
    ]
    return pa.table(columns, schema=PLAYLISTS)
