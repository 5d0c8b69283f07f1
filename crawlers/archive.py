"""The web archive: every request and answer as it was sent, in WARC files (ISO 28500) that other tools read too.

A file is `….warc.gz.open` while it is written, one gzip member a record, so that a crawl that is killed leaves all
records but perhaps the last one; the next crawl cuts that off and gives the file its name.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.urls import canonical
from db.base import now
from db.errors import StoreError

LARGEST_FILE = 2**30
"""Bytes after which a new file is begun, as the standard recommends."""
OPEN = ".open"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
MAGIC = b"\x1f\x8b\x08"
CHUNK = 1 << 16
LONGEST_MEMBER = 4 * 2**30
"""Bytes that one record may unpack to before the rest of its file is given up."""


class Archive:
    """Writes one crawl's files into a folder.

    Args:
        folder: made when the first record is written.
        owner: what tells this crawl's files from others'.
        agent: our User-Agent, for the file's own description.
        left_out: canonical URLs whose answers are not kept.
    """

    def __init__(self, folder: Path, owner: str, agent: str, left_out: Collection[str] = ()) -> None:
        self._folder, self._owner, self._agent, self._left_out = folder, owner, agent, left_out
        self._file: BinaryIO | None = None
        self._path = folder
        self._writer: Any = None
        self._begun = 0
        self.records = 0

    def keep(self, request: Request, response: Response) -> None:
        """Write a request and its answer, unless it is left out.

        Raises:
            StoreError: they cannot be written.
        """
        if self._left_out and canonical(response.url) in self._left_out:
            return
        try:
            if self._file is None or self._file.tell() >= LARGEST_FILE:
                self.close()
                self._begin()
            assert self._file is not None  # noqa: S101  just begun
            self._write(request, response)
            self._file.flush()
        except OSError as error:
            raise StoreError(f"{self._path}: the archive cannot be written: {error.strerror or error}") from error
        self.records += 1

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._begun += 1
        name = f"kinsong-{now():%Y%m%dT%H%M%SZ}-{self._owner[:8]}-{self._begun:05}.warc.gz"
        self._path = self._folder / (name + OPEN)
        self._file = self._path.open("xb")
        self._writer = WARCWriter(self._file, gzip=True, warc_version="WARC/1.1")
        described = {"software": "kinsong", "http-header-user-agent": self._agent, "robots": "obey",
                     "format": "WARC File Format 1.1"}  # fmt: skip
        self._writer.write_record(self._writer.create_warcinfo_record(name, described))

    def _write(self, request: Request, response: Response) -> None:
        kind = "revisit" if response.status == HTTPStatus.NOT_MODIFIED else "response"
        about = {"WARC-Profile": NOT_MODIFIED} if kind == "revisit" else {}
        if response.ip_address is not None:
            about["WARC-IP-Address"] = str(response.ip_address)
        answer = self._writer.create_warc_record(
            response.url, kind, payload=BytesIO(response.body), length=len(response.body), warc_headers_dict=about,
            http_headers=StatusAndHeaders(_status(response.status), _headers(response), protocol="HTTP/1.1"),
        )  # fmt: skip
        target = request.url.split("/", 3)
        line = f"{request.method} /{target[3] if len(target) > 3 else ''} HTTP/1.1"
        asked = self._writer.create_warc_record(
            response.url, "request",
            http_headers=StatusAndHeaders(line, [("Host", target[2]), *_headers(request)], is_http_request=True),
        )  # fmt: skip
        self._writer.write_request_response_pair(asked, answer)

    def close(self) -> None:
        """Finish the file under way and give it its name."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        self._path.rename(self._path.with_name(self._path.name.removesuffix(OPEN)))


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} -"


def _headers(of: Request | Response) -> list[tuple[str, str]]:
    """Header lines as they were; that a body came in chunks is gone with the chunks."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in of.headers.items() for value in values
        if name.lower() != b"transfer-encoding"
    ]  # fmt: skip


class Recorder:
    """Scrapy's downloader middleware next to the network: hands every answer to the archive, where there is one."""

    def __init__(self, run: Any) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recorder:
        """Made by Scrapy; not at all where nothing is archived."""
        run = getattr(crawler.spider, "run", None)
        if run is None or run.archive is None:
            raise NotConfigured
        return cls(run)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep it, and pass it on as it is."""
        try:
            self._run.archive.keep(request, response)
        except StoreError as error:
            self._run.fail(error)
        return response


@dataclass(frozen=True)
class Member:
    """One gzip member of a file.

    Attributes:
        start, end: its bytes in the file; no end where it has none that can be found.
        content: unpacked; empty where there is a problem.
        problem: why it cannot be read: damaged, cut short or too large.
    """

    start: int
    end: int | None
    content: bytes = b""
    problem: str | None = None


def members(file: BinaryIO, most: int) -> Iterator[Member]:
    """The members of a file in order; after a damaged one it goes on with the next that is whole.

    Args:
        most: bytes that a member may unpack to; a larger one is passed over.
    """
    start: int | None = 0
    lost = False
    while start is not None:
        file.seek(start)
        if not file.read(1):
            return
        member = _member(file, start, most)
        if member.end is None and not lost:
            yield member
        if member.problem == TOO_LONG:
            return
        if member.end is not None:
            yield member
        lost = member.end is None
        start = member.end if member.end is not None else _next_start(file, start + 1)


TOO_LONG = f"unpacks to more than {LONGEST_MEMBER >> 30} GiB; what comes after it in the file is not read"


def _member(file: BinaryIO, start: int, most: int) -> Member:
    file.seek(start)
    unpacking = zlib.decompressobj(31)
    parts: list[bytes] = []
    size = read = 0
    try:
        while not unpacking.eof:
            packed = unpacking.unconsumed_tail
            if not packed:
                packed = file.read(CHUNK)
                read += len(packed)
                if not packed:
                    return Member(start, None, problem="cut short")
            part = unpacking.decompress(packed, CHUNK)
            size += len(part)
            if size > LONGEST_MEMBER:
                return Member(start, None, problem=TOO_LONG)
            if size <= most:
                parts.append(part)
            else:
                parts.clear()
    except zlib.error as error:
        return Member(start, None, problem=f"damaged ({error})")
    end = start + read - len(unpacking.unused_data)
    if size > most:
        return Member(start, end, problem=f"too large: it unpacks to {size:,} bytes")
    return Member(start, end, b"".join(parts))


def _next_start(file: BinaryIO, position: int) -> int | None:
    """Where the next member may begin."""
    file.seek(position)
    tail = b""
    while chunk := file.read(CHUNK):
        found = (tail + chunk).find(MAGIC)
        if found >= 0:
            return position - len(tail) + found
        position += len(chunk)
        tail = chunk[-2:]
    return None


_TARGET = re.compile(rb"^WARC-Target-URI:\s*<?([^\s>]+)", re.IGNORECASE | re.MULTILINE)


def take_out(folder: Path, unwanted: Callable[[str], bool]) -> int:
    """Write archives anew without the records of some URLs; how many went. Damaged records go with them.

    Only for who knows that no crawl is running.
    """
    recover(folder)
    count = 0
    for path in sorted(folder.glob("*.warc.gz")):
        aside = path.with_name(path.name + ".tmp")
        with path.open("rb") as file, aside.open("wb") as kept:
            found = 0
            for member in members(file, 1 << 16):
                if member.end is None or _is_of(file, member, unwanted):
                    found += 1
                    continue
                file.seek(member.start)
                for start in range(member.start, member.end, CHUNK):
                    kept.write(file.read(min(CHUNK, member.end - start)))
            kept.flush()
            os.fsync(kept.fileno())
        if found:
            aside.rename(path)
        else:
            aside.unlink()
        count += found
    return count


def _is_of(file: BinaryIO, member: Member, unwanted: Callable[[str], bool]) -> bool:
    head = member.content
    if member.problem is not None:  # too long to be unpacked at once: its beginning tells
        file.seek(member.start)
        head = zlib.decompressobj(31).decompress(file.read(CHUNK), CHUNK)
    found = _TARGET.search(head.split(b"\r\n\r\n", 1)[0])
    return found is not None and unwanted(found[1].decode("utf-8", "replace"))


def recover(folder: Path) -> list[Path]:
    """Finish the files that a killed crawl left open: what follows their last whole record is cut off.

    Only for who knows that no crawl is running.

    Returns:
        The files under their new names.
    """
    finished = []
    for path in sorted(folder.glob(f"*.warc.gz{OPEN}")):
        end = 0
        with path.open("r+b") as file:
            for member in members(file, 0):
                if member.end is None:
                    break
                end = member.end
            file.truncate(end)
        if not end:
            path.unlink()
            continue
        finished.append(path.rename(path.with_name(path.name.removesuffix(OPEN))))
    return finished
