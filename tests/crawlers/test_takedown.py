"""Takedown: gone, and not back until it is allowed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from crawlers import frontier
from crawlers.duplicates import mark
from crawlers.extract import Extracted
from crawlers.frontier import Found
from crawlers.outcomes import Answer, Reading, Text, Visit, read
from crawlers.pipelines import store
from crawlers.sources import add_source
from crawlers.takedown import NEVER, allow, sweep, take_down, taken_down
from db.errors import UsageError
from db.web import Document, Page

if TYPE_CHECKING:
    from db.home import Home
    from db.web import Source

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = "the quartet plays slow songs about rivers and long winters with two guitars and a borrowed organ"


def crawl(home: Home, source: Source, urls: list[str], body: str = "") -> None:
    """Fetch pages as a crawl would, all of a body of their own or of one body."""
    with home.writing() as session:
        frontier.refresh(session, NOW.replace(year=2027))
        frontier.add(session, source, map(Found, urls), depth=0, now=NOW, max_pages_per_host=99)
    claims = frontier.claim(home, "me", 99, NOW.replace(year=2028), lease_seconds=60)
    outcomes = []
    for claim in claims:
        text = Text(claim.url, Extracted(title=claim.url, body=body or f"{WORDS} {claim.url} " * 3))
        reading = Reading((text,), found=(Found("http://a.example/1"), Found("http://a.example/new")))
        outcomes.append(read(claim, Answer(claim.url, 200, {}, b""), reading, Visit(NOW, NOW, 60)))
    store(home, "me", outcomes, {source.id: source}, NOW, max_pages_per_host=99)
    mark(home)


def kept(home: Home) -> set[str]:
    with home.reading() as session:
        return set(session.scalars(select(Document.url)))


def test_a_page_is_gone_and_neither_fetched_nor_kept_again(any_home: Home) -> None:
    source = add_source(any_home, "http://a.example/", "site")
    urls = [f"http://a.example/{n}" for n in range(3)]
    crawl(any_home, source, urls)
    made = take_down(any_home, url="HTTP://a.example:80/1")
    assert (made.target, made.documents, made.twins) == ("http://a.example/1", 1, ())
    assert kept(any_home) == {urls[0], urls[2]}
    crawl(any_home, source, [])
    crawl(any_home, source, [])
    assert kept(any_home) == {urls[0], urls[2], "http://a.example/new"}
    with any_home.reading() as session:
        page = session.scalars(select(Page).where(Page.url == urls[1])).one()
        assert (page.state, page.error, page.due_at) == ("refused", "taken down", NEVER)
    assert [row["target"] for row in taken_down(any_home)] == [urls[1]]
    with pytest.raises(UsageError, match="documents allow"):
        add_source(any_home, urls[1], "page")
    assert allow(any_home, url=urls[1]) == urls[1]
    crawl(any_home, source, [])
    assert urls[1] in kept(any_home)


def test_a_host_is_gone_with_what_will_be_found_there(any_home: Home) -> None:
    source = add_source(any_home, "http://b.example/", "feed")
    crawl(any_home, source, ["http://a.example/1", "http://a.example/2", "http://b.example/3"])
    assert take_down(any_home, host="a.example").documents == 2
    crawl(any_home, source, [])
    assert kept(any_home) == {"http://b.example/3"}
    with any_home.writing() as session:  # somebody brings a page back past `store`
        frontier.add(session, source, [Found("http://a.example/9")], depth=0, now=NOW, max_pages_per_host=99)
        sweep(session)
        assert session.scalars(select(Page.state).where(Page.url == "http://a.example/9")).one() == "refused"
    allow(any_home, host="a.example")
    crawl(any_home, source, [])
    assert "http://a.example/9" in kept(any_home)


def test_what_was_under_way_is_not_stored(home: Home) -> None:
    source = add_source(home, "http://a.example/", "site")
    crawl(home, source, ["http://a.example/1"])
    with home.writing() as session:
        frontier.refresh(session, NOW.replace(year=2027))
    (claim,) = (
        c for c in frontier.claim(home, "me", 9, NOW.replace(year=2027), lease_seconds=60)
        if c.url.endswith("/1")
    )  # fmt: skip
    take_down(home, url=claim.url)
    text = Text(claim.url, Extracted(body="something new about songs"))
    outcome = read(claim, Answer(claim.url, 200, {}, b""), Reading((text,)), Visit(NOW, NOW, 60))
    assert store(home, "me", [outcome], {source.id: source}, NOW, max_pages_per_host=9).documents == 0
    assert kept(home) == set()


def test_near_duplicates_that_stay_are_named_and_one_takes_its_place(home: Home) -> None:
    source = add_source(home, "http://a.example/", "site")
    crawl(home, source, ["http://a.example/1", "http://a.example/2", "http://a.example/3"], f"{WORDS} " * 5)
    made = take_down(home, url="http://a.example/1")
    assert made.twins == ("http://a.example/2", "http://a.example/3")
    with home.reading() as session:
        rows = {d.url: d.duplicate_of for d in session.scalars(select(Document))}
        first = session.scalar(select(Document.id).where(Document.url == "http://a.example/2"))
    assert rows == {"http://a.example/2": None, "http://a.example/3": first}


@pytest.mark.parametrize(
    ("what", "words"),
    [({}, "say what"), ({"url": "http://a.example/9", "host": "a.example"}, "say what"),
     ({"url": "http://a.example/9"}, "documents search"), ({"url": "no url"}, "no url"),
     ({"host": "nobody.example"}, "nobody.example"), ({"host": ""}, "host"), ({"host": "a b"}, "a b")],
)  # fmt: skip
def test_what_is_not_known_cannot_be_taken_down(home: Home, what: dict[str, str], words: str) -> None:
    crawl(home, add_source(home, "http://a.example/", "site"), ["http://a.example/1"])
    with pytest.raises(UsageError, match=words):
        take_down(home, **what)
    with pytest.raises(UsageError):
        allow(home, **what)
    assert kept(home) == {"http://a.example/1"}


FEED = "http://a.example/feed.xml"


def read_feed(home: Home, source: Source) -> None:
    """A visit to a feed whose two texts stand in it alone."""
    with home.writing() as session:
        frontier.add(session, source, [Found(FEED, "feed")], depth=0, now=NOW, max_pages_per_host=9)
        session.execute(update(Page).values(state="due", due_at=NOW, etag='"1"'))
        sweep(session)
    texts = tuple(Text(f"{FEED}#{key}", Extracted(title=key, body=f"{WORDS} {key} " * 3)) for key in ("one", "two"))
    claims = frontier.claim(home, "me", 9, NOW, lease_seconds=60)
    read_now = [read(c, Answer(c.url, 200, {}, b""), Reading(texts), Visit(NOW, NOW, 60)) for c in claims]
    store(home, "me", read_now, {source.id: source}, NOW, max_pages_per_host=9)


def test_an_entry_of_a_feed_goes_alone_and_again_changes_nothing(any_home: Home) -> None:
    source = add_source(any_home, FEED, "feed")
    read_feed(any_home, source)
    assert take_down(any_home, url=f"{FEED}#one").documents == 1
    again = take_down(any_home, url=f"{FEED}#one")
    assert (again.target, again.documents) == (f"{FEED}#one", 0)
    with pytest.raises(UsageError, match="#three"):
        take_down(any_home, url=f"{FEED}#three")
    with pytest.raises(UsageError, match="#two"):
        allow(any_home, url=f"{FEED}#two")
    read_feed(any_home, source)
    assert kept(any_home) == {f"{FEED}#two"}
    allow(any_home, url=f"{FEED}#one")
    with any_home.reading() as session:
        assert session.scalars(select(Page.etag)).one() is None  # or it would be found unchanged
    read_feed(any_home, source)
    assert kept(any_home) == {f"{FEED}#one", f"{FEED}#two"}


def test_a_feed_that_is_taken_down_takes_its_entries_along(home: Home) -> None:
    source = add_source(home, FEED, "feed")
    read_feed(home, source)
    assert take_down(home, url=FEED).documents == 2
    read_feed(home, source)
    assert kept(home) == set()
    with home.writing() as session:
        session.execute(delete(Page))
    assert take_down(home, url=FEED).documents == take_down(home, url=f"{FEED}/../feed.xml").documents == 0


def test_duplicates_are_marked_anew_by_the_next_call_where_one_was_killed(home: Home) -> None:
    source = add_source(home, "http://a.example/", "site")
    crawl(home, source, ["http://a.example/1", "http://a.example/2", "http://a.example/3"], f"{WORDS} " * 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawlers.duplicates.mark", _killed)
        with pytest.raises(KeyboardInterrupt):
            take_down(home, url="http://a.example/1")
    take_down(home, url="http://a.example/1")
    with home.reading() as session:
        assert session.scalars(select(Document.duplicate_of).order_by(Document.url)).all()[1] is not None


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
