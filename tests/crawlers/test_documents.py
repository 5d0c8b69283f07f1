"""Lists, search and one document in full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawlers.documents import Filter, count, listed, one
from crawlers.duplicates import mark, signature
from crawlers.sources import add_source
from db.errors import UsageError
from db.web import Document, Link, Page

if TYPE_CHECKING:
    from db.home import Home

BODY = "The quartet plays slow songs about rivers and long winters with two guitars and a borrowed organ. "


def fill(home: Home) -> None:
    """Four documents of two hosts; the third is a near-duplicate of the first."""
    made = add_source(home, "http://a.example/", "site")
    texts = [
        ("http://a.example/1", "Björk at 100 %", BODY * 4, "en", 0.8),
        ("http://a.example/2", "Soups", "Peel the onions_and melt the butter; BJÖRK is not in it, " + "nor salt " * 30,
         "en-GB", 0.1),
        ("http://b.example/3", "Again", BODY * 4, "en", None),
        ("http://b.example/4", "Winter", "Ein langer Winter mit Ella " * 20, "de", 0.4),
    ]  # fmt: skip
    with home.writing() as session:
        for n, (url, title, body, language, musical) in enumerate(texts):
            host = url.split("/")[2]
            at = datetime(2026, 3, 1 + n, tzinfo=UTC)
            source_id = made.id if host == "a.example" else None
            page = Page(url=url, host=host, source_id=source_id, state="done", due_at=at, fetches=2)
            session.add(page)
            session.flush()
            session.add(Link(page_id=page.id, url="http://c.example/x"))
            session.add(Document(
                page_id=page.id, url=url, host=host, title=title, body=body, language=language, musicality=musical,
                musicality_reasons='[["songs", 0.7]]', author="A. B.", published=f"2026-01-0{n + 1}",
                sha256="", signature=signature(body), fetched_at=at, canonical_url=url,
            ))  # fmt: skip
    mark(home)


def urls(home: Home, *words: str, **wanted: object) -> list[int]:
    with home.reading() as session:
        found = listed(session, Filter(**wanted), words)  # type: ignore[arg-type]
    return [int(str(row["url"])[-1]) for row in found]


def test_documents_are_sifted(any_home: Home) -> None:
    fill(any_home)
    assert urls(any_home) == [4, 2, 1]
    assert urls(any_home, duplicates=True) == [4, 3, 2, 1]
    assert urls(any_home, source="HTTP://a.example") == [2, 1]
    assert urls(any_home, host="b.example") == [4]
    assert urls(any_home, language="en") == [2, 1]
    assert urls(any_home, language="e%") == []
    assert urls(any_home, since=datetime(2026, 3, 2, tzinfo=UTC)) == [4, 2]
    assert urls(any_home, musicality=0.4) == [4, 1]
    with any_home.reading() as session:
        assert count(session, Filter(language="en")) == 2
        with pytest.raises(UsageError, match="source list"):
            listed(session, Filter(source="http://nowhere.example/"))


def test_words_are_found_as_they_are(any_home: Home) -> None:
    fill(any_home)
    assert urls(any_home, "winter") == [4, 1]  # in the title first
    assert urls(any_home, "björk") == [1, 2]
    assert urls(any_home, "Björk", "salt") == [2]
    assert urls(any_home, "slow songs") == [1]
    assert urls(any_home, "songs slow") == []
    assert urls(any_home, "100 %") == [1]
    assert urls(any_home, "1%0") == []
    assert urls(any_home, "onions_and") == [2]
    assert urls(any_home, "onions.and") == []
    assert urls(any_home, "'; DROP TABLE document; --") == []
    with any_home.reading() as session:
        (row,) = listed(session, Filter(), ["butter"])
        assert "melt the butter" in str(row["found"])
        for wrong in ([""], ["a\x00b"], ["a"] * 50):
            with pytest.raises(UsageError, match="words"):
                listed(session, Filter(), wrong)


def test_one_document_in_full(any_home: Home) -> None:
    fill(any_home)
    with any_home.reading() as session:
        found = one(session, "HTTP://a.example:80/1")
        assert found["title"] == "Björk at 100 %"
        assert found["near_duplicates"] == ["http://a.example/1", "http://b.example/3"]
        assert found["links"] == ["http://c.example/x"]
        assert found["reasons"] == [["songs", 0.7]]
        assert (found["author"], found["published"], found["source"]) == ("A. B.", "2026-01-01", "http://a.example/")
        assert one(session, "http://b.example/4")["near_duplicates"] == []
        with pytest.raises(UsageError, match="documents search"):
            one(session, "http://a.example/9")
