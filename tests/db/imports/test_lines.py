"""Blocks of whole lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.imports.lines import TOO_LONG, line_blocks
from db.imports.rejects import Rejects
from db.imports.source import CHUNK


def read(chunks: list[bytes]) -> tuple[list[tuple[int, bytes]], Rejects]:
    rejects = Rejects()
    return [line for block in line_blocks(chunks, rejects) for line in block.numbered()], rejects


@given(st.lists(st.text(st.sampled_from("ab \n\r"), max_size=6).map(str.encode), max_size=12))
def test_lines_are_those_of_the_whole_text_wherever_chunks_end(chunks: list[bytes]) -> None:
    lines, rejects = read(chunks)
    whole = b"".join(chunks).split(b"\n")
    assert lines == [(n, line.rstrip(b"\r")) for n, line in enumerate(whole, 1) if line.strip(b" \r")]
    assert rejects.total == 0


def test_a_line_of_ten_megabytes_is_rejected_and_the_rest_kept() -> None:
    text = b"first\n" + b"x" * (10 * CHUNK) + b"\nthird\n" + b"y" * CHUNK + b"\nfifth"
    for size in (CHUNK, CHUNK - 7):
        lines, rejects = read([text[n : n + size] for n in range(0, len(text), size)])
        assert [(n, line) for n, line in lines if len(line) < 9] == [(1, b"first"), (3, b"third"), (5, b"fifth")]
        assert rejects.kept[2] == (TOO_LONG, "x" * 500)
        assert rejects.total == 1


def test_a_long_last_line_is_rejected_too() -> None:
    lines, rejects = read([b"a\n" + b"x" * CHUNK, b"x" * CHUNK])
    assert lines == [(1, b"a")]
    assert rejects.kept == {2: (TOO_LONG, "x" * 500)}
