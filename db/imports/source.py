"""A file to be imported: checked, hashed, and read as UTF-8 chunks whatever its compression and encoding."""

from __future__ import annotations

import codecs
import gzip
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import zstandard

from db.artifacts import sha256_of
from db.errors import InputError, UsageError
from db.imports.archive import unpacked_zip
from db.task import Progress, Silent

CHUNK = 1 << 20
"""Bytes of one chunk, and of the longest line that is read."""
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_MAGIC = {
    _ZIP: "a zip archive in an archive", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"%PDF": "a PDF", b"\x7fELF": "a program", b"SQLite format 3": "a SQLite database", b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive", b"7z\xbc\xaf": "a 7z archive", b"ID3": "an audio file", b"OggS": "an audio file",
    b"fLaC": "an audio file", b"RIFF": "an audio or video file",
}  # fmt: skip
_ESCAPE = re.compile(rb"\\x([89a-f][0-9a-f])")
_CONTROL = bytes({*range(32), 127} - {9, 10, 12, 13, 27})
_MOST_CONTROL = 0.05
"""A text whose head has a greater share of control bytes is none; damaged rows of a text stay below."""


@dataclass(frozen=True)
class Source:
    """A file as it was when it was opened.

    Attributes:
        path: absolute.
        sha256: of its bytes as they lie there, compressed or not.
        encoding: of its text.
        compression: "", "gzip", "zstd" or "zip".
    """

    path: Path
    sha256: str
    encoding: str
    compression: str
    size: int
    modified: int
    progress: Progress = field(default_factory=Silent)

    @property
    def name(self) -> str:
        """Its file name without .gz or .zst, lower case: what says its format."""
        name = self.path.name.lower()
        return name.removesuffix(".gz").removesuffix(".zst").removesuffix(".zstd")

    @property
    def shown(self) -> str:
        """Its path as text that every database takes: bytes that are not UTF-8 as escapes."""
        return as_text(self.path)

    def head(self) -> bytes:
        """The first chunk of its text.

        Raises:
            InputError: it cannot be read, or is no text.
        """
        start = next(self._text(), b"")
        _refuse_binary(self.path, start)
        return start

    def chunks(self) -> Iterator[bytes]:
        """Its text as UTF-8 (as far as it is) in chunks of about `CHUNK` bytes, without a byte order mark.

        Raises:
            InputError: it cannot be read, is cut short, is not in its encoding, or changed meanwhile.
        """
        total = None if self.compression else -(-self.size // CHUNK)
        yield from self.progress.track(self._text(), self.path.name, total)
        self.check_unchanged()

    def check_unchanged(self) -> None:
        """Refuse a file that changed since it was hashed.

        Raises:
            InputError: it did.
        """
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified):
            raise InputError(f"{self.path} changed while it was read; import it again when nothing writes to it")

    def _text(self) -> Iterator[bytes]:
        decoder = None if self.encoding == "utf-8" else codecs.getincrementaldecoder(self.encoding)()
        first = True
        with _reading_errors(self.path, self.encoding), self.path.open("rb") as raw:
            for data in _unpacked(raw, self.compression, self.path):
                text = data if decoder is None else decoder.decode(data).encode("utf-8", "surrogatepass")
                yield text.removeprefix(codecs.BOM_UTF8) if first else text
                first = False
            if decoder is not None:
                yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def as_text(path: Path) -> str:
    """A path with an escape for each byte that is not UTF-8, such as caf\\xe9.tsv."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def path_of(text: str) -> Path:
    """The path that `as_text` shows."""
    if os.path.lexists(text):
        return Path(text)
    name = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return Path(name.decode("utf-8", "surrogateescape"))


def open_source(path: Path, encoding: str = "utf-8", progress: Progress | None = None) -> Source:
    """Look at a file and hash it.

    Raises:
        InputError: it is missing, a folder, empty or may not be read.
        UsageError: nobody knows the encoding.
    """
    encoding = _known(encoding)
    path = path.absolute()
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the files in it")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    status = path.stat()
    if not status.st_size:
        raise InputError(f"{path} is empty; there is nothing to import")
    with _reading_errors(path, encoding):
        digest = sha256_of(path)
        with path.open("rb") as stream:
            start = stream.read(4)
    compression = "gzip" if start[:2] == _GZIP else {_ZSTD: "zstd", _ZIP: "zip"}.get(start, "")
    watched = progress if progress is not None else Silent()
    return Source(path, digest, encoding, compression, status.st_size, status.st_mtime_ns, watched)


def _known(encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
    except LookupError as error:
        raise UsageError(f"encoding “{encoding}” is not known; use utf-8, latin-1, cp1252 or utf-16") from error
    if not codec._is_text_encoding:
        raise UsageError(f"“{encoding}” is not an encoding of text; use utf-8, latin-1, cp1252 or utf-16")
    return codec.name


def _unpacked(raw: IO[bytes], compression: str, path: Path) -> Iterator[bytes]:
    if compression == "zip":
        yield from unpacked_zip(raw, path, CHUNK)
        return
    if compression == "zstd":
        yield from _unpacked_zstd(raw)
        return
    stream = gzip.GzipFile(fileobj=raw) if compression == "gzip" else raw
    while data := stream.read(CHUNK):
        yield data


def _unpacked_zstd(raw: IO[bytes]) -> Iterator[bytes]:
    frame = None
    while packed := raw.read(CHUNK >> 4):
        while packed:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            data = frame.decompress(packed)
            yield from (data[n : n + CHUNK] for n in range(0, len(data), CHUNK))
            packed, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    if frame is not None:  # its stream reader would end here without a word
        raise EOFError("its last frame has no end")


def _refuse_binary(path: Path, start: bytes) -> None:
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise InputError(f"{path} is {what}; unpack it, or name a text or Parquet file")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{path} is UTF-16 text; say so with --encoding utf-16")
    head = start[: 1 << 16]
    strange = len(head) - len(head.translate(None, _CONTROL))
    if not head.startswith(b"PAR1") and strange > _MOST_CONTROL * len(head):
        raise InputError(f"{path} is no text ({strange} of its first {len(head)} bytes are control bytes)")


@contextmanager
def _reading_errors(path: Path, encoding: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, zstandard.ZstdError) as error:
        raise InputError(f"{path} is compressed and cut short or damaged ({error}); fetch it again") from error
    except UnicodeError as error:
        raise InputError(f"{path} is not {encoding} ({error}); name its encoding with --encoding") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
