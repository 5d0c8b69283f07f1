"""What a file is, by its content first and its name second."""

from __future__ import annotations

import json
import re

from db.errors import InputError
from db.imports.source import Source

_WHOLE = re.compile(rb'^\s*[\[{]\s*[\r\n]|"playlists"\s*:\s*\[|"playlist"\s*:\s*\{')


def detect(source: Source) -> str:
    """tsv, csv, jsonl, json (one document), parquet, m3u or xspf.

    Raises:
        InputError: it cannot be read, or is no text and no Parquet.
    """
    head = source.head()
    start = head.lstrip()
    if head.startswith(b"PAR1"):
        return "parquet"
    if not start:
        raise InputError(f"{source.path} holds nothing but white space; there is nothing to import")
    if start[:7].upper() == b"#EXTM3U" or source.name.endswith((".m3u", ".m3u8")):
        return "m3u"
    if start.startswith(b"<"):
        return "xspf"
    if start[:1] in b"{[" and not source.name.endswith((".tsv", ".csv")):
        return "json" if _is_document(start) else "jsonl"
    return "tsv" if b"\t" in start.split(b"\n", 1)[0] else "csv"


def _is_document(start: bytes) -> bool:
    """JSON that is one value over the whole file, not one object a line."""
    if start.startswith(b"["):
        return True
    try:
        first = json.loads(start.split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return _WHOLE.search(start) is not None
    return "playlists" in first or isinstance(first.get("playlist"), dict)
