"""Playlists as XSPF: XML with a creator and a title per track. Entities and document types are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from db.errors import InputError
from db.imports.playlist import Playlist, Track, make_track
from db.imports.rejects import Rejects
from db.imports.source import Source

LARGEST = 64 << 20
"""Bytes of a file that is read at once."""


def read_xspf(source: Source, rejects: Rejects) -> Iterator[Playlist]:
    """The one playlist of a file.

    Raises:
        InputError: it is too large, no whole XML, no XSPF, or declares a document type.
    """
    root = _parse(source)
    if _name(root) != "playlist":
        raise InputError(f"{source.path} is XML, but its root is <{_name(root)}>; an XSPF file has <playlist>")
    tracks: list[Track] = []
    entries = [track for part in root if _name(part) == "trackList" for track in part if _name(track) == "track"]
    for position, entry in enumerate(entries):
        creator, title = _text(entry, "creator"), _text(entry, "title")
        shown = f"{creator or ''} - {title or ''}"
        made = make_track(position, [creator] if creator else [], title, None, entry.sourceline or 1, rejects, shown)
        tracks += [made] if made is not None else []
    yield Playlist(1, _text(root, "title") or Path(source.shown).stem, tracks)


def _parse(source: Source) -> Any:
    parser = etree.XMLPullParser(events=(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    size = 0
    try:
        for chunk in source.chunks():
            size += len(chunk)
            if size > LARGEST:
                raise InputError(f"{source.path} is an XSPF file of more than {LARGEST >> 20} MiB; split it")
            parser.feed(chunk)
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise InputError(f"{source.path} is no whole XML ({error}); fetch or write it again") from error
    if root.getroottree().docinfo.doctype:
        raise InputError(f"{source.path} declares a document type, which an XSPF file does not need; remove it")
    return root


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(element: Any, name: str) -> str | None:
    found = next((child for child in element if _name(child) == name), None)
    return None if found is None else (found.text or "").strip() or None
