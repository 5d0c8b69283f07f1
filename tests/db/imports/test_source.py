"""Files as they come: missing, empty, packed, in other encodings."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
import zstandard

from db.errors import InputError, UsageError
from db.imports.source import CHUNK, open_source, path_of


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_files_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.tsv: there is no such file"):
        open_source(tmp_path / "nowhere.tsv")
    with pytest.raises(InputError, match="is a folder"):
        open_source(tmp_path)
    with pytest.raises(InputError, match=r"empty\.tsv is empty"):
        open_source(write(tmp_path, "empty.tsv", b""))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_files_read_the_same(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    content = b"line\n" * (CHUNK // 3)
    source = open_source(write(tmp_path, "x.tsv.gz", pack(content)))
    assert b"".join(source.chunks()) == content
    assert source.name == "x.tsv"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    packed = pack(bytes(range(256)) * 4000)
    source = open_source(write(tmp_path, "x.gz", packed[: len(packed) // 2]))
    with pytest.raises(InputError, match="cut short or damaged"):
        list(source.chunks())
    assert source.compression


@pytest.mark.parametrize(("encoding", "known"), [("latin-1", "iso8859-1"), ("utf-16", "utf-16"), ("UTF-8", "utf-8")])
def test_other_encodings_come_out_as_utf8(tmp_path: Path, encoding: str, known: str) -> None:
    source = open_source(write(tmp_path, "x.tsv", "Röyksopp\n".encode(encoding)), encoding)
    assert source.encoding == known
    assert b"".join(source.chunks()).decode() == "Röyksopp\n"


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    assert b"".join(open_source(write(tmp_path, "x", b"\xef\xbb\xbfuser")).chunks()) == b"user"


def test_encodings_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "x.tsv", b"\xff\xff\xff")
    with pytest.raises(UsageError, match="“klingon” is not known"):
        open_source(path, "klingon")
    with pytest.raises(UsageError, match="not an encoding of text"):
        open_source(path, "hex")
    with pytest.raises(InputError, match="is not ascii"):
        list(open_source(path, "ascii").chunks())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n....", "a picture"), (b"PK\x03\x04....", "cut short or damaged"),
        (b"SQLite format 3\x00...", "a SQLite database"), (bytes(range(256)) * 20, "no text"),
        ("user\tartist\n".encode("utf-16"), "UTF-16 text"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_said(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        open_source(write(tmp_path, "plays.tsv", content)).head()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    source = open_source(write(tmp_path, "x.tsv", b"one\n"))
    source.path.write_bytes(b"one\ntwo\n")
    with pytest.raises(InputError, match="changed while it was read"):
        list(source.chunks())


@pytest.mark.parametrize("name", [b"caf\xe9.tsv", "café.tsv".encode(), rb"caf\xe9.tsv"])
def test_any_name_is_shown_as_text_and_found_by_it(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text("a\tb\n")
    shown = open_source(path).shown
    assert shown == f"{tmp_path}/{name.decode('utf-8', 'backslashreplace')}"
    assert path_of(shown) == path
