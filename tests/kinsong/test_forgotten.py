"""A listener and a page leave nothing behind: every byte of the home is looked through."""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from crawlers import archive
from crawlers.duplicates import signature
from db import integrity
from db.catalog import Listener
from db.errors import Busy
from db.home import Home
from db.imports import forget, import_file
from db.lease import holding
from db.published import published_artifacts
from db.results import Published
from db.task import Silent
from db.vectors import Vectors
from db.web import Document, Page
from kinsong import backup, config, takedown
from kinsong import home as homes
from kinsong.build import build

if TYPE_CHECKING:
    from tests.kinsong.conftest import Fill

WHO = "Zoë Quuxworth"
SAYS = "an unrepeatable zither of Harbour Player A and Harbour Player B in Qqxville"
URL = "http://host0.test/harbour/qqx"


def traces(path: Path, words: list[bytes]) -> list[str]:
    """Files below a folder that hold any of these bytes: as they are, in Parquet, in a gzip or in a tar."""
    return [str(file) for file in path.rglob("*") if file.is_file() and any(w in _unpacked(file) for w in words)]


def _unpacked(file: Path) -> bytes:
    content = file.read_bytes()
    if file.suffix == ".parquet":
        rows = pq.read_table(file).to_pylist()
        return content + json.dumps(rows, default=str, ensure_ascii=False).encode()
    if file.suffix == ".gz":
        return content + gzip.decompress(content)
    if file.suffix == ".tar":
        with tarfile.open(file) as tar:
            parts = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]  # type: ignore[union-attr]
        found = []
        for name, part in parts:
            target = file.with_name("member" + Path(name).suffix)
            target.write_bytes(part)
            found.append(_unpacked(target))
            target.unlink()
        return b"".join(found)
    return content


@pytest.fixture
def twice(tmp_path: Path, micro_world: Fill) -> Home:
    """A home with two kept runs that hold the listener and the page."""
    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    plays = tmp_path / "hers.tsv"
    names = [f"Harbour Player {chr(65 + n)}" for n in range(12)]
    lines = [f"{WHO}\t{name}\t{7 + n}\n" for n, name in enumerate(names)]
    plays.write_text("user\tartist\tplays\nbystander\tHarbour Player A\t2\n" + "".join(lines), encoding="utf-8")
    import_file(home, "plays", plays)
    with home.writing() as session:
        for document in session.scalars(select(Document)):
            if document.url == "http://host0.test/harbour/0":
                document.url, document.body = URL, f"{document.body} They play {SAYS}. " * 2
                document.sha256 = hashlib.sha256(f"{document.title}\n{document.body}".encode()).hexdigest()
                session.get_one(Page, document.page_id).url = URL
            document.signature = signature(document.body)
    settings = config.load(home)
    build(home, settings)
    again = settings.model_copy(update={"related": settings.related.model_copy(update={"n": 7}),
                                        "als": settings.als.model_copy(update={"epochs": 3})})  # fmt: skip
    build(home, again)
    return home


def _sound(home: Home) -> None:
    """All artefacts are whole, and the published rows are theirs."""
    with home.reading() as session:
        run = session.scalars(select(Published.run_id)).one()
        assert integrity.published_rows(session, run, published_artifacts(home, session=session)) == []


def test_nothing_of_a_page_and_of_a_listener_is_left(twice: Home, tmp_path: Path) -> None:
    _page(twice, tmp_path)
    _listener(twice, tmp_path)
    twice.engine.dispose()


def _listener(twice: Home, tmp_path: Path) -> None:
    with twice.reading() as session:
        listener = session.scalars(select(Listener.id).where(Listener.name == WHO)).one()
    found = [Vectors.load(f.parent, "als", "listener") for f in twice.artifacts.glob("als-*/als.listener.npy")]
    assert len(found) == 2
    vectors = [v.matrix[v.rows_of(np.array([listener]))[0]].tobytes() for v in found]
    words = [WHO.encode(), json.dumps(WHO)[1:-1].encode(), *vectors]
    assert len(traces(twice.path, words)) >= 4
    report = forget(twice, WHO)
    assert report.cleared
    assert traces(twice.path, words) == []
    for path in twice.artifacts.rglob("*.listener.ids.npy"):
        assert listener not in np.load(path, allow_pickle=False)
    _sound(twice)
    backup.backup(twice, tmp_path / "after.tar", Silent())
    assert traces(tmp_path, [WHO.encode()]) == [str(tmp_path / "hers.tsv")]


def _page(twice: Home, tmp_path: Path) -> None:
    words = [b"zither", b"Qqxville", b"qqxville", b"unrepeatable"]
    folder = twice.path / "warc"
    kept = archive.Archive(folder, "owner", "agent")
    from scrapy import Request
    from scrapy.http import Response

    for url, body in ((URL, SAYS), ("http://host1.test/other", "others stay")):
        kept.keep(Request(url), Response(url, body=body.encode()))
    kept.close()
    assert len(traces(twice.path, words)) >= 4
    removed = takedown.remove(twice, URL)
    assert (removed.taken.documents, removed.cleared, removed.archived) == (1, True, 2)
    assert traces(twice.path, words) == []
    assert traces(folder, [b"others stay"])
    _sound(twice)
    backup.backup(twice, tmp_path / "after.tar", Silent())
    assert traces(tmp_path, words) == []
    names = {Path(name).name for name in traces(twice.path, [b"harbour/qqx"])}
    assert names <= {"kinsong.db"}  # as what is not fetched again
    (tmp_path / "after.tar").unlink()


def test_neither_goes_on_beside_a_build(home: Home) -> None:
    with home.writing() as session:
        session.add(Listener(name="a"))
    with holding(home, "build"):
        with pytest.raises(Busy):
            forget(home, "a")
        with pytest.raises(Busy):
            takedown.remove(home, url="http://a.example/")
