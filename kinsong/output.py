"""What is written outside the home, a named file or standard output: where that fails, it is told with its name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any

from db.disk import FULL, trouble
from db.errors import StoreError

GONE = 141
"""The exit code where whoever read standard output has gone: a shell's for SIGPIPE."""


@contextmanager
def room_for(file: Path) -> Iterator[None]:
    """Name a file, not the home, where there is no room to write it.

    Raises:
        StoreError: there is none.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StoreError(trouble(error, file)) from error


class _Standard(FileIO):
    """Standard output; what it does not take is no fault of the home's disk, and is not tried again."""

    def write(self, data: Any, /) -> int:
        """Write some bytes; how many.

        Raises:
            SystemExit: whoever read it has gone; libraries would end a broken pipe with codes of their own.
            StoreError: they cannot be written.
        """
        try:
            return super().write(data)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(GONE) from error
            raise StoreError(f"standard output cannot be written: {error.strerror}") from error


def open_standard() -> None:
    """Have standard output named where it cannot be written, also where it was closed before the program began."""
    before = sys.stdout
    if before is not sys.__stdout__:
        return
    # what is open for reading alone takes nothing, as what is closed
    descriptor = os.open(os.devnull, os.O_RDONLY) if before is None else before.fileno()
    raw = _Standard(descriptor, "wb", closefd=False)
    encoding = "utf-8" if before is None else before.encoding
    sys.stdout = TextIOWrapper(BufferedWriter(raw), encoding, line_buffering=raw.isatty())
