"""Arrays that may lie on disk: written piece by piece, read by memory map, and let go of when a piece has been used.

A mapped page counts as memory of the process until it is let go of; what was let go of comes back from the file.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1 << 20
"""Bytes of a mapped array that are read between two times of letting go, and elements that a growing one grows by."""


class Growing:
    """An array of unknown length, in memory or in a file.

    Attributes:
        path: the file; None keeps it in memory.
    """

    def __init__(self, dtype: type[np.generic], path: Path | None) -> None:
        self._dtype, self.path = np.dtype(dtype), path
        self._array, self._length = np.empty(0, self._dtype), 0
        if path is not None:
            path.write_bytes(b"")

    def add(self, part: NDArray[Any]) -> None:
        """Put more at its end."""
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(np.ascontiguousarray(part, self._dtype).data)
            return
        end = self._length + len(part)
        if end > len(self._array):
            # large blocks grow where they lie, by their page tables: nothing is copied, nothing stands twice
            self._array.resize(end + AT_ONCE, refcheck=False)
        self._array[self._length : end] = part
        self._length = end

    def whole(self) -> NDArray[Any]:
        """All of it; nothing can be added any more."""
        if self.path is not None:
            return opened(self.path, self._dtype.type)
        array, self._array = self._array, np.empty(0, self._dtype)
        array.resize(self._length, refcheck=False)
        return array


def opened(path: Path, dtype: type[np.generic], width: int | None = None, mode: Any = "r") -> NDArray[Any]:
    """A file as an array, (n,) or (n, width), by memory map; an empty file as an empty array."""
    shape: tuple[int, ...] = (path.stat().st_size // np.dtype(dtype).itemsize,)
    if width is not None:
        shape = (shape[0] // width, width)
    if not shape[0]:
        return np.zeros(shape, dtype)
    return np.memmap(path, dtype, mode, shape=shape)


def let_go(*arrays: NDArray[Any]) -> None:
    """Give mapped pages back to the system; arrays in memory stay as they are."""
    for array in arrays:
        under: Any = array
        while under is not None and not isinstance(under, mmap.mmap):
            under = getattr(under, "base", None)
        if under is not None:
            under.madvise(mmap.MADV_DONTNEED)


def taken(array: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """array[rows] for ascending rows, letting go on the way."""
    out = np.empty((len(rows), *array.shape[1:]), array.dtype)
    step = max(1, AT_ONCE // max(1, array[:1].nbytes))
    for first in range(0, len(rows), step):
        out[first : first + step] = array[rows[first : first + step]]
        let_go(array)
    return out


def spans(weights: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Runs [first, last) of rows whose weights come to at most `most`; a row that weighs more stands alone."""
    ends = np.cumsum(weights)
    first = 0
    while first < len(weights):
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield first, last
        first = last


def pieces(length: int, step: int) -> Iterator[slice]:
    """Slices that cover a length."""
    for first in range(0, length, step):
        yield slice(first, min(length, first + step))
