"""Replay: each answer counts by its own time, whatever stands beside it and whichever archive comes first."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.replay import replay
from crawlers.settings import Config
from db.web import Document, Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.home import Home

Record = tuple[str, str, str, dict[str, str]]
"""Path, WARC-Date, title of the page, further headers."""


def html(title: str) -> bytes:
    text = f"The quartet plays slow songs about rivers and winters, with two guitars and a borrowed organ: {title}."
    return f"<html lang=en><head><title>{title}</title></head><body><p>{text}</p></body></html>".encode()


def feed(*keys: str) -> bytes:
    item = "<item><guid isPermaLink='false'>{0}</guid><title>{0}</title><description>{0} plays</description></item>"
    items = "".join(map(item.format, keys))
    return f"<rss version='2.0'><channel><title>f</title>{items}</channel></rss>".encode()


def written(path: Path, records: Sequence[Record]) -> Path:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        for place, at, title, headers in records:
            body = feed(*title.split()) if place == "feed" else html(title)
            kept = [("Content-Type", "text/html; charset=utf-8"), *headers.items()]
            writer.write_record(
                writer.create_warc_record(
                    f"http://a.example/{place}", "response", payload=BytesIO(body), length=len(body),
                    warc_headers_dict={"WARC-Date": at}, http_headers=StatusAndHeaders("200 OK", kept, "HTTP/1.1"),
                )
            )  # fmt: skip
    return path


def kept(home: Home) -> dict[str, str]:
    with home.reading() as session:
        return {d.url.removeprefix("http://a.example/"): d.title for d in session.scalars(select(Document))}


def day(n: int) -> str:
    return f"2026-03-{n:02}T10:00:00Z"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_archives_give_the_same_in_any_order(
    any_home: Home, tmp_path: Path, order: tuple[int, int], at_once: bool
) -> None:
    one = [("1", day(1), "old", {}), ("2", day(4), "new", {}), ("3", day(6), "alone", {}), ("4", day(3), "mid", {})]
    other = [("1", day(2), "new", {}), ("2", day(3), "old", {}), ("4", day(1), "old", {}), ("4", day(5), "new", {})]
    paths = [written(tmp_path / f"{n}.warc.gz", records) for n, records in enumerate((one, other))]
    chosen = [paths[n] for n in order]
    for files in [chosen] if at_once else [[path] for path in chosen]:
        replay(any_home, Config(), files)
    assert kept(any_home) == {"1": "new", "2": "new", "3": "alone", "4": "new"}
    with any_home.reading() as session:
        times = {page.url[-1]: f"{page.fetched_at:%d}" for page in session.scalars(select(Page))}
        assert times == {"1": "02", "2": "04", "3": "06", "4": "05"}
        assert {f"{d.fetched_at:%d}" for d in session.scalars(select(Document))} == {"02", "04", "05", "06"}


def test_entries_that_a_feed_drops_are_kept_as_a_crawl_keeps_them(home: Home, tmp_path: Path) -> None:
    path = written(tmp_path / "a.warc.gz", [("feed", day(1), "one two", {}), ("feed", day(2), "two three", {})])
    assert replay(home, Config(), [path]).documents == 3
    assert set(kept(home)) == {"feed#one", "feed#two", "feed#three"}


@pytest.mark.parametrize(
    ("at", "what"),
    [("2999-01-01T00:00:00Z", "dated in the future"), ("9999-12-31T23:59:59Z", "dated in the future"),
     ("9999-12-31T23:59:59-14:00", "without a usable date"), ("0001-01-01T00:00:00+14:00", "without a usable date"),
     ("0001-01-01T00:00:00Z", "without a usable date"), ("", "without a usable date"),
     ("yesterday", "without a usable date")],
)  # fmt: skip
def test_a_date_that_cannot_be_costs_its_own_record(any_home: Home, tmp_path: Path, at: str, what: str) -> None:
    records: list[Record] = [("1", day(1), "one", {}), ("2", at, "two", {}), ("3", day(3), "three", {})]
    report = replay(any_home, Config(), [written(tmp_path / "a.warc.gz", records)])
    assert (report.answers, report.documents, report.problems, dict(report.other)) == (2, 2, [], {what: 1})
    later = written(tmp_path / "b.warc.gz", [("1", day(2), "later", {}), ("2", day(2), "two", {})])
    replay(any_home, Config(), [later])
    assert kept(any_home) == {"1": "later", "2": "two", "3": "three"}


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip", "deflate", "br, gzip"])
def test_a_body_that_is_not_packed_as_it_says_costs_its_own_record(
    home: Home, tmp_path: Path, packing: str
) -> None:
    records: list[Record] = [
        ("1", day(1), "one", {}), ("2", day(1), "two", {"Content-Encoding": packing}), ("3", day(3), "three", {})
    ]  # fmt: skip
    report = replay(home, Config(), [written(tmp_path / "a.warc.gz", records)])
    assert dict(report.other) == {"too large or not to be unpacked": 1}
    assert kept(home) == {"1": "one", "3": "three"}


@pytest.mark.parametrize(
    "lines", ["Content-Length: 5", "WARC-Target-URI: http://a.example/\r\nContent-Length: 9" + "9" * 20]
)
def test_a_record_that_is_none_is_named_and_costs_nothing_else(home: Home, tmp_path: Path, lines: str) -> None:
    one, other = (written(tmp_path / f"{n}.warc.gz", [(n, day(1), n, {})]) for n in ("1", "2"))
    bad = gzip.compress(f"WARC/1.1\r\nWARC-Type: response\r\n{lines}\r\n\r\nhello\r\n\r\n".encode())
    one.write_bytes(one.read_bytes() + bad + other.read_bytes())
    assert len(replay(home, Config(), [one]).problems) == 1
    assert kept(home) == {"1": "1", "2": "2"}


def test_headers_that_no_database_takes_cost_nothing(any_home: Home, tmp_path: Path) -> None:
    odd = {"ETag": '"a\0b"', "Last-Modified": "\0\x1f", "X-Robots-Tag": "\0", "Transfer-Encoding": "chunked"}
    path = written(tmp_path / "a.warc.gz", [("1", day(1), "one", odd), ("2", day(1), "two", {})])
    replay(any_home, Config(), [path])
    assert kept(any_home) == {"1": "one", "2": "two"}
