"""Text as blocks of whole lines, with line numbers, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from db.imports.rejects import CUT, Rejects
from db.imports.source import CHUNK

TOO_LONG = "line longer than 1 MiB"


@dataclass(frozen=True)
class Block:
    """Whole lines, each ended by a newline; `first` is the number of the first one, from 1."""

    first: int
    data: bytes

    @property
    def lines(self) -> int:
        """How many."""
        return self.data.count(b"\n")

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """(number, line without its end) of those that hold more than spaces."""
        for number, line in enumerate(self.data.split(b"\n")[:-1], self.first):
            if line.strip(b" \r"):
                yield number, line.rstrip(b"\r")


def line_blocks(chunks: Iterable[bytes], rejects: Rejects) -> Iterator[Block]:
    """Blocks of up to about two chunks; a line longer than a chunk is rejected and never held whole."""
    number, rest, skipping = 1, b"", False
    for chunk in chunks:
        data = rest + chunk
        rest = b""
        if skipping:
            end = data.find(b"\n")
            if end < 0:
                continue
            data, number, skipping = data[end + 1 :], number + 1, False
        end = data.find(b"\n")
        if end > CHUNK:  # only the first line can be so long: all others lie within one chunk
            rejects.add(number, TOO_LONG, data[: 4 * CUT])
            data, number = data[end + 1 :], number + 1
        cut = data.rfind(b"\n") + 1
        if cut:
            block = Block(number, data[:cut])
            yield block
            number += block.lines
        rest = data[cut:]
        if len(rest) > CHUNK:
            rejects.add(number, TOO_LONG, rest[: 4 * CUT])
            rest, skipping = b"", True
    if rest:
        yield Block(number, rest + b"\n")
