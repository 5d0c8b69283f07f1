"""How often a file is opened below Python: by Arrow, DuckDB, Annoy or another native library.

The kernel tells of every opening (inotify), Python of its own (an audit hook): what is left was native.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path
from typing import Any

_IN_OPEN, _IN_CLOSE = 0x20, 0x18  # closings keep the kernel from making one event of two openings
_IN_ISDIR = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_seen: list[str] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        _seen.append(os.fsdecode(arguments[0]))


sys.addaudithook(_hook)


class Opens:
    """Counts the native openings of a file between its making and `native`."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._descriptor = _libc.inotify_init1(os.O_NONBLOCK)
        self._watched = _libc.inotify_add_watch(self._descriptor, self._path.encode(), _IN_OPEN | _IN_CLOSE) >= 0
        _seen.clear()

    def native(self) -> int:
        """How many."""
        count = 0
        try:
            while self._watched and (events := os.read(self._descriptor, 1 << 16)):
                while events:
                    _, mask, _, length = struct.unpack_from("iIII", events)
                    events = events[16 + length :]
                    count += bool(mask & _IN_OPEN) and not mask & _IN_ISDIR  # a folder is listed, not read
        except BlockingIOError:
            pass
        finally:
            os.close(self._descriptor)
        return count - _seen.count(self._path)
