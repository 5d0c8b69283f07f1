"""What texts about music link to is fetched first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crawlers import frontier
from crawlers.frontier import Found
from crawlers.interest import expected, priority, rank
from crawlers.sources import add_source
from db.web import Document, Link, Page

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHARES = st.floats(0, 1)


@given(st.lists(SHARES, max_size=20), st.none() | SHARES)
def test_what_is_expected_lies_between_what_is_known(linking: list[float], host: float | None) -> None:
    known = [*linking, 0.5 if host is None else host]
    assert min(known) - 1e-9 <= expected(linking, host) <= max(known) + 1e-9
    assert -1 <= priority(expected(linking, host)) <= 1


def test_nothing_known_is_the_middle() -> None:
    assert priority(expected([], None)) == 0.0
    assert priority(expected([1.0], None)) > 0 > priority(expected([0.0], None))
    assert expected([1.0] * 8, 0.0) > expected([1.0], 0.0)


def test_links_of_music_come_first_whatever_was_found_first(any_home: Home) -> None:
    source = add_source(any_home, "http://a.example/", "feed")
    urls = [f"http://{host}.example/{n}" for host in "ab" for n in range(3)]
    with any_home.writing() as session:
        frontier.add(session, source, map(Found, urls), depth=1, now=NOW, max_pages_per_host=99)
        pages = {page.url: page for page in session.scalars(select(Page))}
        for url, musical, link in ((urls[0], 0.05, urls[1]), (urls[3], 0.9, urls[2])):
            pages[url].state, pages[url].fetches = "done", 1
            session.add(Document(
                page_id=pages[url].id, url=url, host=pages[url].host, body="x", sha256="", signature=b"",
                fetched_at=NOW, musicality=musical,
            ))  # fmt: skip
            session.add(Link(page_id=pages[url].id, url=link))
        assert rank(session) == 4
        assert rank(session) == 0
    claims = frontier.claim(any_home, "me", 9, NOW, lease_seconds=60)
    of_a = [c.url for c in claims if c.host == "a.example"]
    assert of_a == [urls[2], urls[1]]
    with any_home.reading() as session:
        found = dict(session.execute(select(Page.url, Page.priority)).all())
    assert found[urls[4]] > 0 > found[urls[2]] > found[urls[1]]
