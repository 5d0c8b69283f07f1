"""One playlist as a file: read by the importers' readers, written as M3U, XSPF or JSPF in what they read back."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lxml import etree

from db.errors import InputError, UsageError
from db.imports.formats import detect
from db.imports.playlists import lists_of
from db.imports.rejects import Rejects
from db.imports.source import open_source

SUFFIXES = {".m3u": "m3u", ".m3u8": "m3u", ".xspf": "xspf", ".jspf": "jspf", ".json": "jspf"}
FORMATS = ("m3u", "xspf", "jspf")
XSPF = "http://xspf.org/ns/0/"
DASHES = str.maketrans({"–": "-", "—": "-"})


@dataclass(frozen=True)
class Entry:
    """Who made a track, and its title."""

    credit: str
    title: str


@dataclass(frozen=True)
class ListFile:
    """A playlist that was read.

    Attributes:
        name: of the list.
        entries: its usable lines: credits and title.
        unusable: how many lines could not be used.
    """

    name: str
    entries: Sequence[tuple[Sequence[str], str | None]]
    unusable: int


def read(path: Path) -> ListFile:
    """The one playlist of a file of any format that can be imported.

    Raises:
        InputError: it cannot be read, is no playlist, or holds several.
    """
    source = open_source(path)
    rejects = Rejects()
    found = list(islice(lists_of(source, detect(source), rejects), 2))
    if len(found) > 1:
        raise InputError(f"{path} holds several playlists: name a file of one")
    entries = [(track.credits, track.title) for playlist in found for track in playlist.tracks]
    return ListFile(found[0].name if found else path.stem, entries, rejects.total)


def form_of(path: Path) -> str:
    """The format that a file name asks for.

    Raises:
        UsageError: none that is written.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"--output {path}: name a file that ends in {', '.join(SUFFIXES)}")
    return form


def written(name: str, entries: Sequence[Entry], form: str) -> str:
    """A playlist as text: m3u, xspf or jspf."""
    return {"m3u": _m3u, "xspf": _xspf, "jspf": _jspf}[form](_line(name), entries)


def _m3u(name: str, entries: Sequence[Entry]) -> str:
    """A line of M3U says "artist - title": a dash with spaces inside an artist's name becomes a plain hyphen."""
    lines = ["#EXTM3U", f"#PLAYLIST:{name}"]
    for entry in entries:
        credit = "-".join(part.strip() for part in _line(entry.credit).translate(DASHES).split(" - "))
        shown = f"{credit} - {_line(entry.title)}"
        lines += [f"#EXTINF:-1,{shown}", shown.lstrip("#")]
    return "\n".join(lines) + "\n"


def _xspf(name: str, entries: Sequence[Entry]) -> str:
    root = etree.Element(f"{{{XSPF}}}playlist", nsmap={None: XSPF}, version="1")
    etree.SubElement(root, f"{{{XSPF}}}title").text = name
    tracks = etree.SubElement(root, f"{{{XSPF}}}trackList")
    for entry in entries:
        track = etree.SubElement(tracks, f"{{{XSPF}}}track")
        etree.SubElement(track, f"{{{XSPF}}}title").text = _line(entry.title)
        etree.SubElement(track, f"{{{XSPF}}}creator").text = _line(entry.credit)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text.decode()


def _jspf(name: str, entries: Sequence[Entry]) -> str:
    tracks = [{"title": _line(entry.title), "creator": _line(entry.credit)} for entry in entries]
    return json.dumps({"playlist": {"title": name, "track": tracks}}, ensure_ascii=False, indent=1) + "\n"


def _line(text: str) -> str:
    """One line, without control characters and what no file can hold."""
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
    return " ".join("".join(kept).split())
