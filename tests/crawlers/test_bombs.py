"""Compression bombs: in every encoding, nested, in robots.txt and in a sitemap, beside a crawl without them."""

from __future__ import annotations

import functools
import gzip
import zlib
from typing import TYPE_CHECKING, Any

import brotli
import zstandard
from sqlalchemy import select

from crawlers.jobs import add_source
from db.web import Page
from tests.quality.crawl_process import crawl, opened
from tests.quality.crawl_web import HTML, Reply, article, serving

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 128 * 2**20
MOST_MIB = 64.0


@functools.cache
def bombs() -> dict[str, tuple[str, bytes]]:
    nothing = b"<p>" + bytes(SIZE)
    packed = gzip.compress(nothing, 1)
    return {
        "gzip": ("gzip", packed), "deflate": ("deflate", zlib.compress(nothing, 1)),
        "br": ("br", brotli.compress(nothing, quality=1)), "zstd": ("zstd", zstandard.compress(nothing, 1)),
        "twice": ("gzip, gzip", gzip.compress(packed)), "mixed": ("gzip, br", brotli.compress(packed, quality=1)),
        "thrice": ("deflate, gzip, gzip", gzip.compress(gzip.compress(zlib.compress(nothing, 1)))),
    }  # fmt: skip


def answer(host: int, path: str, times: int, headers: object) -> Reply:
    name = path[1:]
    if host == 2 and name == "robots.txt":
        return Reply(bombs()["gzip"][1], headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"})
    if host == 3 and name == "sitemap.xml.gz":
        return Reply(bombs()["gzip"][1], headers={"Content-Type": "application/gzip"})
    if name in bombs():
        encoding, body = bombs()[name]
        return Reply(body, headers={"Content-Type": HTML, "Content-Encoding": encoding})
    return Reply(b"", 404) if name == "robots.txt" else Reply(article(host, 1, list(bombs()) if host == 1 else []))


def peak(path: Path, *sources: tuple[int, str, str]) -> tuple[float, dict[str, Any]]:
    with serving(answer) as web, opened(path) as home:
        for host, start, kind in sources:
            add_source(home, web.url(host) + start, kind, allow_private=True)
        figures = crawl(path, {"delay": 0.0, "concurrency": 32, "host_concurrency": 8, "patience": 2.0})
        with home.reading() as session:
            ended = {url.split("/", 3)[3]: error for url, error in session.execute(select(Page.url, Page.error))}
    return figures["peak_mib"], ended


def test_bombs_stay_folded(tmp_path: Path) -> None:
    assert max(len(body) for _, body in bombs().values()) < 8 * 2**20  # all of them pass the limit on what is sent
    before, _ = peak(tmp_path / "calm", (4, "/", "site"))
    after, ended = peak(
        tmp_path / "bombs", (1, "/", "site"), (2, "/", "page"), (3, "/sitemap.xml.gz", "sitemap")
    )
    assert {ended[name] for name in bombs()} == {"too large"}
    assert after - before < MOST_MIB
