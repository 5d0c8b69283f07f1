"""The list of sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crawlers.frontier import Found, add
from crawlers.sources import add_source, guess_kind, list_sources, remove_source
from db.errors import UsageError
from db.web import Document, Page, Source

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "kind"),
    [("http://a.example/", "site"), ("http://a.example/sitemap.xml", "sitemap"),
     ("http://a.example/sitemap_index.xml.gz", "sitemap"), ("http://a.example/pages.xml", "sitemap"),
     ("http://a.example/feed", "feed"), ("http://a.example/feed/", "feed"), ("http://a.example/rss.xml", "feed"),
     ("http://a.example/news.atom", "feed"), ("http://a.example/music/about.html", "site"),
     ("http://a.example/feedback", "site")],
)  # fmt: skip
def test_the_kind_is_guessed_from_the_url(url: str, kind: str) -> None:
    assert guess_kind(url) == kind


def test_a_source_is_added_once_and_changed_by_adding_it_again(home: Home) -> None:
    made = add_source(home, "HTTP://A.example:80", every=60)
    assert (made.url, made.kind, made.every, made.delay) == ("http://a.example/", "site", 60, None)
    assert add_source(home, "http://a.example/", "page", delay=2.0).id == made.id
    (listed,) = list_sources(home)
    assert (listed["url"], listed["kind"], listed["pages"], listed["next"]) == ("http://a.example/", "page", 0, None)


@pytest.mark.parametrize(
    ("url", "words"),
    [("ftp://a.example/", "http"), ("a.example", "http://"), ("http://user:pw@a.example/", "host"), ("", "http"),
     ("http://a.example:99999/", "port"), ("http://127.0.0.1/", "--allow-private"),
     ("http://localhost:8000/", "--allow-private"), ("http://2130706433/", "--allow-private"),
     ("http://0x7f.1/", "--allow-private"), ("http://[::1]/", "--allow-private"),
     ("http://[::ffff:10.0.0.1]/", "--allow-private"), ("http://169.254.169.254/latest/", "--allow-private")],
)  # fmt: skip
def test_what_cannot_be_crawled_is_refused_with_a_way_out(home: Home, url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        add_source(home, url)
    assert url in str(caught.value)
    assert list_sources(home) == []


def test_numbers_and_kinds_are_checked(home: Home) -> None:
    for wrong in ({"kind": "blog"}, {"every": -1}, {"delay": -0.5}, {"delay": float("nan")}):
        with pytest.raises(UsageError):
            add_source(home, "http://a.example/", **wrong)  # type: ignore[arg-type]


def fill(home: Home, source: Source) -> None:
    with home.writing() as session:
        found = [Found(f"http://a.example/{n}") for n in range(3)]
        add(session, source, found, depth=1, now=NOW, max_pages_per_host=10)
        first = session.scalars(select(Page).order_by(Page.id)).first()
        assert first is not None
        session.add(
            Document(
                page_id=first.id, url=first.url, host="a.example", body="x", sha256="", signature=b"", fetched_at=NOW
            )
        )  # fmt: skip


def counts(home: Home) -> tuple[int, int, int]:
    with home.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(t)) or 0 for t in (Source, Page, Document))  # type: ignore[return-value]


def test_removing_keeps_documents_unless_told_otherwise(home: Home) -> None:
    source = add_source(home, "http://a.example/")
    fill(home, source)
    assert remove_source(home, "http://A.example") == 0
    assert counts(home) == (0, 1, 1)
    again = add_source(home, "http://a.example/")
    with home.writing() as session:
        assert add(session, again, [Found("http://a.example/0")], depth=0, now=NOW, max_pages_per_host=10) == 0
        assert session.scalars(select(Page.source_id)).all() == [again.id]
    assert remove_source(home, "http://a.example/", documents=True) == 1
    assert counts(home) == (0, 0, 0)
    with pytest.raises(UsageError, match="source list"):
        remove_source(home, "http://a.example/")


def test_what_is_not_given_again_stays_as_it_was(home: Home) -> None:
    add_source(home, "http://127.0.0.1:8000/", every=60, delay=0.05, allow_private=True)
    made = add_source(home, "http://127.0.0.1:8000/", delay=0.5, allow_private=True)
    assert (made.every, made.delay, made.allow_private) == (60, 0.5, True)
