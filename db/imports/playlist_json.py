"""Playlists as JSON: one object a line, Million Playlist Dataset slices, and JSPF.

A list is an object with tracks; a track names its title and artists under one of the keys that these formats use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.imports.jsonlines import parse_object
from db.imports.lines import line_blocks
from db.imports.playlist import Playlist, make_track, text_or_none
from db.imports.rejects import CUT, Rejects
from db.imports.source import Source

LARGEST = 128 << 20
"""Bytes of a document that is read at once; a slice of the Million Playlist Dataset has about 35 MB."""
_TRACKS = ("tracks", "track", "items")
_ARTISTS = ("artists", "artist", "artist_name", "creator", "artist_credit_name")
_TITLES = ("title", "track_name", "name")
_ADDED = ("added", "added_at")


def read_lines(source: Source, rejects: Rejects) -> Iterator[Playlist]:
    """One playlist a line.

    Raises:
        InputError: the file cannot be read.
    """
    for block in line_blocks(source.chunks(), rejects):
        for number, line in block.numbered():
            value, reason = parse_object(line)
            if value is None:
                rejects.add(number, reason, line)
            elif _tracks(value) is None:
                rejects.add(number, "no list of tracks in it", line)
            else:
                yield _playlist(number, value, rejects)


def read_document(source: Source, rejects: Rejects) -> Iterator[Playlist]:
    """All playlists of one JSON document; their line is their number in it.

    Raises:
        InputError: it is too large, no whole JSON, or no list of playlists.
    """
    parts, size = [], 0
    for chunk in source.chunks():
        size += len(chunk)
        if size > LARGEST:
            limit = f"{LARGEST >> 20} MiB"
            raise InputError(f"{source.path} is one JSON value of more than {limit}; write one playlist a line")
        parts.append(chunk)
    try:
        document = json.loads(b"".join(parts))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source.path} is no whole JSON ({error}); fetch or write it again") from error
    for number, value in enumerate(_playlists(source, document), 1):
        if isinstance(value, dict) and _tracks(value) is not None:
            yield _playlist(number, value, rejects)
        else:
            rejects.add(number, "no list of tracks in it", _shown(value))


def _playlists(source: Source, document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        if isinstance(document.get("playlists"), list):
            return list(document["playlists"])
        inner = document.get("playlist", document)
        if isinstance(inner, dict) and _tracks(inner) is not None:
            return [inner]
    raise InputError(f"{source.path} holds no playlists: neither a “playlists” list nor a “playlist” with tracks")


def _tracks(value: dict[str, Any]) -> list[Any] | None:
    return next((value[key] for key in _TRACKS if isinstance(value.get(key), list)), None)


def _playlist(line: int, value: dict[str, Any], rejects: Rejects) -> Playlist:
    name = text_or_none(value.get("name")) or text_or_none(value.get("title")) or ""
    tracks = []
    for position, entry in enumerate(_tracks(value) or ()):
        track = entry.get("track") if isinstance(entry, dict) and isinstance(entry.get("track"), dict) else entry
        if not isinstance(track, dict):
            rejects.add(line, "track that is no JSON object", _shown(entry))
            continue
        added = _first(track, _ADDED) or _first(entry, _ADDED)
        made = make_track(position, _names(track), _first(track, _TITLES), added, line, rejects, _shown(entry))
        if made is not None:
            tracks.append(made)
    return Playlist(line, name, tracks)


def _first(value: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((value[key] for key in keys if value.get(key)), None)


def _names(track: dict[str, Any]) -> list[str]:
    """The artists of a track: a text, a list of texts, or of objects with a name."""
    found = _first(track, _ARTISTS)
    names = found if isinstance(found, list) else [found]
    texts = [name.get("name") if isinstance(name, dict) else name for name in names]
    return [text for text in texts if isinstance(text, str)]


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)[:CUT]
