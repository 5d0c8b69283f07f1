"""Archives: what was sent is kept, and read back without the network; damage costs only what it hit."""

from __future__ import annotations

import gzip
import random
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.http import Response
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator

from crawlers.archive import OPEN, Archive, members, recover
from crawlers.replay import replay
from crawlers.settings import Config
from crawlers.takedown import allow, take_down
from db.errors import InputError
from db.web import Document, Link, Page

if TYPE_CHECKING:
    from db.home import Home

TEXT = (
    "<p>The quartet plays slow songs about rivers and long winters, with two guitars and a borrowed organ number {0}, "
    "and nobody who heard them in that year {0} forgot the second encore.</p>"
)


def html(n: int) -> bytes:
    body = f"{TEXT.format(n)}<a href='/next{n}'>n</a>"
    return f"<html lang=en><head><title>page {n}</title></head><body>{body}</body></html>".encode()


def keep(archive: Archive, url: str, body: bytes, status: int = 200, **headers: str) -> None:
    kept = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
    archive.keep(Request(url, headers={"User-Agent": "kinsong"}), Response(url, status, kept, body))


def written(folder: Path, pages: int = 5, name: str = "owner") -> Path:
    archive = Archive(folder, name, "kinsong (+me)")
    for n in range(pages):
        keep(archive, f"http://a.example/{n}", html(n))
    archive.close()
    (path,) = folder.glob(f"*-{name}-*.warc.gz")
    return path


def kept(home: Home) -> dict[str, str]:
    with home.reading() as session:
        return dict(session.execute(select(Document.url, Document.title)).all())  # type: ignore[arg-type]


def test_an_archive_is_what_others_read_too(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "o", "kinsong (+me)")
    packed = gzip.compress(html(1))
    keep(archive, "http://a.example/x?y=1", packed, Content_Encoding="gzip")
    keep(archive, "http://a.example/same", b"", 304, ETag='"1"')
    archive.close()
    (path,) = tmp_path.glob("*.warc.gz")
    with path.open("rb") as file:
        records = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.raw_stream.read(), r.http_headers)
                   for r in ArchiveIterator(file, check_digests="raise")]  # fmt: skip
    assert [r[0] for r in records] == ["warcinfo", "response", "request", "revisit", "request"]
    assert records[1][2] == packed
    assert records[1][3].get_header("Content-Encoding") == "gzip"
    assert (records[2][3].protocol, records[2][3].statusline) == ("GET", "/x?y=1 HTTP/1.1")
    assert records[2][3].get_header("Host") == "a.example"


def test_replay_keeps_what_a_crawl_would_have_and_only_once(any_home: Home, tmp_path: Path) -> None:
    path = written(tmp_path / "warc")
    report = replay(any_home, Config(), [path])
    assert (report.answers, report.documents, report.known, report.problems) == (5, 5, 0, [])
    before = kept(any_home)
    assert before == {f"http://a.example/{n}": f"page {n}" for n in range(5)}
    with any_home.reading() as session:
        assert {(p.state, p.source_id) for p in session.scalars(select(Page))} == {("done", None)}
        assert set(session.scalars(select(Link.url))) == {f"http://a.example/next{n}" for n in range(5)}
    again = replay(any_home, Config(), [path])
    assert (again.documents, again.known) == (0, 5)
    assert kept(any_home) == before


def test_what_is_no_page_is_counted(home: Home, tmp_path: Path) -> None:
    archive = Archive(tmp_path, "o", "k")
    keep(archive, "http://a.example/gone", b"no", 404)
    keep(archive, "http://a.example/robots.txt", b"User-agent: *", Content_Type="text/plain")
    keep(archive, "http://a.example/unkept", html(1), X_Robots_Tag="noindex")
    keep(archive, "http://a.example/bomb", gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip")
    keep(archive, "http://a.example/torn", b"\x1f\x8b\x08 no gzip", Content_Encoding="gzip")
    keep(archive, "http://a.example/large", random.Random(1).randbytes(3_000_000))
    archive.close()
    (path,) = tmp_path.glob("*.warc.gz")
    report = replay(home, Config(max_bytes=2_000_000), [path])
    assert kept(home) == {}
    assert report.other["http 404"] == report.other["robots.txt"] == 1
    assert report.other["too large or not to be unpacked"] >= 1
    assert len(report.problems) == 1
    assert "too large" in report.problems[0]


def test_what_was_taken_down_stays_so(home: Home, tmp_path: Path) -> None:
    path = written(tmp_path / "warc")
    replay(home, Config(), [path])
    take_down(home, url="http://a.example/3")
    with home.writing() as session:
        for page in session.scalars(select(Page).where(Page.url != "http://a.example/3")):
            session.delete(page)
    report = replay(home, Config(), [path])
    assert report.other["taken down"] == 1
    assert "http://a.example/3" not in kept(home)
    assert len(kept(home)) == 4
    allow(home, url="http://a.example/3")
    replay(home, Config(), [path])
    assert len(kept(home)) == 5


def test_a_cut_or_damaged_file_costs_only_what_was_hit(home: Home, tmp_path: Path) -> None:
    path = written(tmp_path / "warc", 8)
    whole = path.read_bytes()
    with path.open("rb") as file:
        found = list(members(file, 2**20))
    (tmp_path / "cut.warc.gz").write_bytes(whole[: found[9].start + 20])
    hit = bytearray(whole)
    middle = (found[5].start + (found[5].end or 0)) // 2
    hit[middle : middle + 8] = bytes(8)
    (tmp_path / "hit.warc.gz").write_bytes(bytes(hit))
    report = replay(home, Config(), [tmp_path / "cut.warc.gz"])
    assert report.documents == 4
    assert [p.rpartition(": ")[2] for p in report.problems] == ["cut short"]
    report = replay(home, Config(), [tmp_path / "hit.warc.gz"])
    assert len(report.problems) == 1
    assert "damaged" in report.problems[0]
    assert len(kept(home)) >= 7


def test_members_of_any_mutation_never_fail(tmp_path: Path) -> None:
    whole = written(tmp_path, 3).read_bytes()
    rng = random.Random(7)
    for _ in range(300):
        changed = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        del changed[rng.randrange(len(changed)) :]
        good = sum(member.problem is None for member in members(BytesIO(bytes(changed)), 2**20))
        assert good <= 7


def test_no_more_is_unpacked_than_is_asked_for() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(bomb.compress(bytes(2**20)) for _ in range(64)) + bomb.flush()
    file = BytesIO(packed + gzip.compress(b"after"))
    first, second = members(file, 1000)
    assert first.content == b""
    assert "too large" in (first.problem or "")
    assert second.content == b"after"


def test_a_killed_crawl_leaves_a_file_that_is_finished_later(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    archive = Archive(folder, "killed", "k")
    for n in range(3):
        keep(archive, f"http://a.example/{n}", html(n))
    (path,) = folder.glob(f"*{OPEN}")
    so_far = path.read_bytes()
    archive.close()
    path.with_name(path.name.removesuffix(OPEN)).unlink()
    path.write_bytes(so_far + b"\x1f\x8b\x08\x00half a record")
    assert len(replay(home, Config(), [path]).problems) == 1
    (named,) = recover(folder)
    assert not list(folder.glob(f"*{OPEN}"))
    with named.open("rb") as file:
        assert [m.problem for m in members(file, 2**20)] == [None] * 7
    (folder / f"empty.warc.gz{OPEN}").write_bytes(b"\x1f\x8b")
    assert recover(folder) == []
    assert [p.name for p in folder.iterdir()] == [named.name]


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08\x00", gzip.compress(b"hello"), b"WARC/1.0\r\n\r\n"])
def test_what_is_no_archive_is_refused_and_nothing_stored(home: Home, tmp_path: Path, content: bytes) -> None:
    good, bad = written(tmp_path / "warc"), tmp_path / "bad.warc.gz"
    bad.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.warc\.gz"):
        replay(home, Config(), [good, bad])
    with pytest.raises(InputError, match="no such file"):
        replay(home, Config(), [good, tmp_path / "none.warc.gz"])
    assert kept(home) == {}


def test_a_disk_that_is_full_ends_the_crawl(tmp_path: Path) -> None:
    from db.errors import StoreError

    (tmp_path / "warc").write_text("a file where the folder should be")
    archive: Any = Archive(tmp_path / "warc", "o", "k")
    with pytest.raises(StoreError, match="archive cannot be written"):
        keep(archive, "http://a.example/", b"x")
