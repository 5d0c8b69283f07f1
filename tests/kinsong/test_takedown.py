"""A takedown can be killed at any moment and run again to its end."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import Response
from sqlalchemy import select

from crawlers.archive import Archive
from crawlers.duplicates import signature
from crawlers.pipelines import sha256_of
from crawlers.takedown import left_out
from db.home import Home
from db.web import Document, Page
from kinsong import takedown
from kinsong.takedown import remove

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FEED, OTHER = "http://a.example/feed|a.xml", "http://a.example/other"
SAYS = "an unrepeatable zither"
STEPS = ("readings.take_out", "take_documents_out", "_evidence_without", "takedown.take_down", "archive.take_out",
         "pay")  # fmt: skip


def ready(home: Home) -> Home:
    """A feed with an entry and another page, both archived."""
    archive = Archive(home.path / "warc", "owner", "agent")
    with home.writing() as session:
        for url, key, body in ((FEED, "#1", SAYS), (OTHER, "", "others stay")):
            page = Page(url=url, host="a.example", due_at=NOW)
            session.add(page)
            session.flush()
            session.add(
                Document(page_id=page.id, url=url + key, host="a.example", title="t", body=body,
                         sha256=sha256_of("t", body), signature=signature(body), fetched_at=NOW)
            )  # fmt: skip
            archive.keep(asked := Request(url), Response(asked.url, body=body.encode()))
    archive.close()
    return home


def traces(home: Home, word: str) -> list[str]:
    found = []
    for path in home.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if ".gz" in path.suffixes else content
            found += [path.name] if word.encode() in content else []
    return found


@contextmanager
def killed(step: str, *, before: bool = False) -> Iterator[None]:
    """The work ends before or after one of its steps."""
    owner, _, name = step.rpartition(".")
    place = getattr(takedown, owner) if owner else takedown
    whole = getattr(place, name)

    def cut(*arguments: object) -> None:
        if not before:
            whole(*arguments)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, cut)
        with pytest.raises(KeyboardInterrupt):
            yield


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("before", [True, False])
def test_an_entry_leaves_nothing_though_its_takedown_was_killed(home: Home, step: str, before: bool) -> None:
    ready(home)
    with killed(step, before=before):
        remove(home, f"{FEED}#1")
    made = remove(home, f"{FEED}#1")
    assert made.taken.target == f"{FEED}#1"
    assert made.cleared
    assert traces(home, SAYS) == []
    assert len(traces(home, "others stay")) == 2
    with home.reading() as session:
        assert "refused" not in session.scalars(select(Page.state)).all()


@pytest.mark.parametrize("step", STEPS[3:])
def test_a_host_leaves_nothing_though_its_takedown_was_killed(any_home: Home, step: str) -> None:
    ready(any_home)
    with killed(step):
        remove(any_home, host="a.example")
    assert remove(any_home, host="a.example").cleared
    assert traces(any_home, SAYS) == traces(any_home, "others stay") == []


def test_the_archive_of_a_later_crawl_does_not_hold_an_entry_that_was_taken_down(home: Home) -> None:
    ready(home)
    remove(home, f"{FEED}#1")
    archive = Archive(home.path / "warc", "later", "agent", left_out(home))
    archive.keep(asked := Request(FEED), Response(asked.url, body=SAYS.encode()))
    archive.keep(Request(OTHER), Response(OTHER, body=b"others stay"))
    archive.close()
    assert archive.records == 1
    assert traces(home, SAYS) == []
