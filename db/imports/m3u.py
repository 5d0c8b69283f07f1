"""Playlists as M3U and M3U8: #EXTINF lines that say "artist - title", one playlist a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from db.imports.lines import line_blocks
from db.imports.playlist import Playlist, Track, make_track, text_or_none
from db.imports.rejects import Rejects
from db.imports.source import Source

_ARTIST_TITLE = re.compile(r"\s+[-–—]\s+")
_ATTRIBUTE = re.compile(r'\s*[\w-]+="[^"]*"')


def read_m3u(source: Source, rejects: Rejects) -> Iterator[Playlist]:
    """The one playlist of a file; its name is that of a #PLAYLIST line, or of the file.

    Raises:
        InputError: the file cannot be read.
    """
    name = Path(source.shown).stem
    tracks: list[Track] = []
    position, said = 0, ""
    for block in line_blocks(source.chunks(), rejects):
        for number, line in block.numbered():
            try:
                text = line.decode().strip()
            except UnicodeDecodeError:
                rejects.add(number, "not UTF-8 (if the whole file is not: --encoding latin-1)", line)
                continue
            upper = text.upper()
            if upper.startswith("#EXTINF:"):
                said = text
            elif upper.startswith("#PLAYLIST:"):
                name = text_or_none(text[len("#PLAYLIST:") :]) or name
            elif not text.startswith("#"):
                track = _track(position, said, number, text, rejects)
                tracks += [track] if track is not None else []
                position, said = position + 1, ""
    yield Playlist(1, name, tracks)


def _track(position: int, said: str, line: int, path: str, rejects: Rejects) -> Track | None:
    _, comma, shown = _ATTRIBUTE.sub("", said).partition(",")
    artist, *title = _ARTIST_TITLE.split(shown, maxsplit=1)
    if not comma or not title:
        rejects.add(line, "no #EXTINF line with “artist - title” before it", said or path)
        return None
    return make_track(position, [artist], title[0], None, line, rejects, said)
