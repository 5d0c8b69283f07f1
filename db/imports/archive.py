"""Zip archives as people get them from ListenBrainz and Spotify: the listens in them, read as one text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from db.errors import InputError

_EXPORTS = (
    re.compile(r"(?:^|/)listens/.*\.jsonl?$"),
    re.compile(r"(?:^|/)(?:Streaming_History_Audio_|endsong)[^/]*\.json$", re.IGNORECASE),
)
"""What holds the listens in an export of ListenBrainz, and of Spotify."""
_TEXT = (".json", ".jsonl", ".ndjson", ".tsv", ".csv", ".txt", ".m3u", ".m3u8", ".xspf", ".jspf")


def unpacked_zip(raw: IO[bytes], path: Path, size: int) -> Iterator[bytes]:
    """The text of an archive's listens in chunks of up to `size` bytes, member after member, a line break between.

    Raises:
        InputError: it has no listens, more than one other text, or a password.
        zipfile.BadZipFile: it is damaged.
    """
    with zipfile.ZipFile(raw) as archive:
        for member in _wanted(archive, path):
            if member.flag_bits & 1:
                raise InputError(f"{path}: {member.filename} in it has a password; unpack it and import what is in it")
            with archive.open(member) as stream:
                while data := stream.read(size):
                    yield data
            yield b"\n"


def _wanted(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
    for pattern in _EXPORTS:
        listens = [m for m in members if pattern.search(m.filename)]
        if listens:
            return listens
    texts = [m for m in members if m.filename.lower().endswith(_TEXT)]
    if len(texts) == 1:
        return texts
    found = ", ".join(m.filename for m in texts[:5]) + (" …" if len(texts) > 5 else "")
    raise InputError(
        f"{path} is a zip archive with {len(texts)} texts in it{f' ({found})' if found else ''} and no export of "
        "ListenBrainz or Spotify; unpack it and import the files you want"
    )
