"""An archive back into documents, without the network: what a crawl would have kept of the same answers."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from sqlalchemy import select, update
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader

from crawlers import duplicates, outcomes, takedown
from crawlers.archive import members
from crawlers.frontier import Claim
from crawlers.outcomes import Answer, Outcome, Reading, Visit
from crawlers.pipelines import store
from crawlers.settings import Config, scrapy_settings
from crawlers.spiders.base import read_any
from crawlers.urls import canonical, host_of
from db.base import now
from db.errors import InputError
from db.home import Home
from db.lease import holding
from db.task import Progress, Silent
from db.web import Page

BATCH = 50
OF_HEADERS = 2**18
"""Bytes that a record may hold besides its body."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""A record that is dated before it bears no date that anybody meant."""


@dataclass(frozen=True)
class Answered:
    """A successful answer of the archive, and when it came."""

    at: datetime
    answer: Answer


@dataclass
class ReplayReport:
    """What a replay came to.

    Attributes:
        answers: successful answers in the archive.
        documents: texts stored that were new or different.
        known: answers that are no newer than what is kept of their page.
        other: records by what they are, where no text is read from them: http 404, robots.txt, not an address, …
        problems: what could not be read, with its place: FILE, byte N: why.
    """

    answers: int = 0
    documents: int = 0
    known: int = 0
    other: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def replay(home: Home, config: Config, files: Sequence[Path], progress: Progress | None = None) -> ReplayReport:
    """Turn archives into documents. Again it changes nothing; what was taken down stays so.

    Pages that no source has led to are kept without one: they are not fetched.

    Raises:
        InputError: a file is not there or is no WARC file at all; nothing was stored then.
        Busy: a crawl is running.
    """
    for path in files:
        _must_be_archive(path)
    report = ReplayReport()
    with holding(home, "crawl"), _quiet():
        owner, progress = secrets.token_hex(8), progress or Silent()
        batch: dict[str, Answered] = {}
        for found in progress.track(_answers(files, config, report), "archived answers"):
            if len(batch) >= BATCH or found.answer.url in batch:
                _keep(home, config, owner, batch, report)
                batch = {}
            batch[found.answer.url] = found
        _keep(home, config, owner, batch, report)
        duplicates.mark(home)
    return report


@contextmanager
def _quiet() -> Iterator[None]:
    """Scrapy warns of each bomb on the terminal; it stands in the report."""
    log = logging.getLogger("scrapy")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def _must_be_archive(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; nothing was replayed")
    with path.open("rb") as file:
        first = next(members(file, 2**20), None)
    if first is None or (first.problem is None and not first.content.startswith(b"WARC/")):
        raise InputError(f"{path}: this is no WARC file packed by gzip (.warc.gz); nothing was replayed")
    if first.end is None:
        with path.open("rb") as file:
            if not any(member.content.startswith(b"WARC/") for member in members(file, 2**20)):
                raise InputError(f"{path}: no WARC record can be read of it ({first.problem}); nothing was replayed")


def _answers(files: Iterable[Path], config: Config, report: ReplayReport) -> Iterator[Answered]:
    unpack = _Unpacker(config)
    for path in files:
        with path.open("rb") as file:
            for member in members(file, config.max_bytes + OF_HEADERS):
                if member.problem is not None:
                    report.problems.append(f"{path}, byte {member.start}: {member.problem}")
                    continue
                try:
                    yield from _records(member.content, unpack, report)
                except Exception as error:  # noqa: BLE001  what has no address or no length brings its reader down
                    report.problems.append(f"{path}, byte {member.start}: no record ({error})")


def _records(content: bytes, unpack: _Unpacker, report: ReplayReport) -> Iterator[Answered]:
    for record in ArchiveIterator(BytesIO(content)):
        if record.rec_type == "response":
            found = _answered(record, unpack, report)
            if found is not None:
                report.answers += 1
                yield found


def _answered(record: Any, unpack: _Unpacker, report: ReplayReport) -> Answered | None:
    """The answer of one response record, or nothing where it has no text to read."""
    url = canonical((record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> "))
    if url is None or record.http_headers is None:
        report.other["not a web address"] += 1
        return None
    status = int(record.http_headers.get_statuscode())
    if not 200 <= status < 300:
        report.other[f"http {status}"] += 1
        return None
    if urlsplit(url).path == "/robots.txt":
        report.other["robots.txt"] += 1
        return None
    at = _time(record.rec_headers.get_header("WARC-Date") or "")
    if at is None or at > now():
        report.other["without a usable date" if at is None else "dated in the future"] += 1
        return None
    try:
        response = unpack(url, status, *_sent(record))
    except Exception:  # noqa: BLE001  each packing has errors of its own; one mislabelled record never ends a replay
        report.other["too large or not to be unpacked"] += 1
        return None
    return Answered(at, Answer(url, status, outcomes.headers_of(response.headers), response.body))


def _sent(record: Any) -> tuple[dict[str, list[str]], bytes]:
    """The headers and body of a record, packed as they were sent but for chunks."""
    headers: dict[str, list[str]] = {}
    for name, value in record.http_headers.headers:
        headers.setdefault(name, []).append(value)
    body = record.raw_stream.read()
    if "chunked" in (record.http_headers.get_header("Transfer-Encoding") or "").lower():
        body = ChunkedDataReader(BytesIO(body)).read()
    return headers, body


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at >= EARLIEST else None


class _Unpacker:
    """Decompression under the limits of a crawl, by the same code."""

    def __init__(self, config: Config) -> None:
        self._most = config.max_bytes
        settings = Settings(scrapy_settings(config))
        crawler: Any = SimpleNamespace(settings=settings, stats=None, signals=SignalManager())
        self._middleware = HttpCompressionMiddleware.from_crawler(crawler)

    def __call__(self, url: str, status: int, headers: dict[str, list[str]], body: bytes) -> Response:
        if len(body) > self._most:
            raise IgnoreRequest("too large")
        made = Response(url, status=status, headers=headers, body=body)
        found = self._middleware.process_response(Request(url), made)
        if isinstance(found, Request) or len(found.body) > self._most:
            raise IgnoreRequest("too large")
        return found


def _keep(home: Home, config: Config, owner: str, batch: dict[str, Answered], report: ReplayReport) -> None:
    with home.reading() as session:
        down = takedown.targets(session)
    kept = {url: found for url, found in batch.items() if not takedown.is_down(url, down)}
    if len(kept) < len(batch):
        report.other[takedown.ERROR] += len(batch) - len(kept)
    claims = _lease(home, config, owner, kept)
    report.known += len(kept) - len(claims)
    settled: list[Outcome] = []
    for claim in claims:
        found = kept[claim.url]
        visit = Visit(found.at, found.at, config.every)
        settled.append(outcomes.read(claim, found.answer, _read(found.answer, config), visit))
    if settled:
        report.documents += store(home, owner, settled, {}, now(), max_pages_per_host=0).documents


def _read(answer: Answer, config: Config) -> Reading:
    try:
        return read_any(answer, config).reading
    except Exception as error:  # noqa: BLE001  one hostile page never ends a replay; its row keeps what happened
        return Reading(error=f"unreadable: {type(error).__name__}: {str(error)[:200]}")


def _lease(home: Home, config: Config, owner: str, found: dict[str, Answered]) -> list[Claim]:
    """Lease the pages of answers that are newer than what is kept of them; pages nobody knows are made."""
    urls = list(found)
    with home.writing() as session:
        known = {page.url: page for page in session.scalars(select(Page).where(Page.url.in_(urls)))}
        wanted = [
            url for url in urls
            if url not in known or (at := known[url].fetched_at) is None or at < found[url].at
        ]  # fmt: skip
        for url in wanted:
            if url not in known:
                known[url] = Page(url=url, host=host_of(url), source_id=None, due_at=found[url].at)
                session.add(known[url])
        session.flush()
        pages = [known[url] for url in wanted]
        claims = [
            Claim(p.id, p.url, p.host, p.source_id or 0, p.kind, p.depth, 0, p.etag, p.last_modified, p.fetches > 0)
            for p in pages
        ]  # fmt: skip
        session.execute(
            update(Page)
            .where(Page.id.in_([page.id for page in pages]))
            .values(state="leased", lease_owner=owner, lease_until=now() + timedelta(seconds=config.lease_seconds))
            .execution_options(synchronize_session=False)
        )
    return claims
