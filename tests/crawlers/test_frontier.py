"""The frontier: claims and leases, and batches that are stored whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from crawlers import frontier, outcomes
from crawlers.extract import Extracted
from crawlers.frontier import Claim, Found
from crawlers.outcomes import Answer, Outcome, Reading, Text, Visit
from crawlers.pipelines import store
from crawlers.settings import Config
from db.web import Document, Fetch, Link, Page, Source

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
VISIT = Visit(NOW, NOW, 1000)


@pytest.fixture
def home(any_home: Home) -> Home:
    return any_home


@pytest.fixture
def source(home: Home) -> Source:
    with home.writing() as session:
        made = Source(url="http://a.example/", kind="site", added_at=NOW)
        session.add(made)
        session.flush()
        session.expunge(made)
    return made


def put(home: Home, source: Source, *urls: str, depth: int = 0, most: int = 1000) -> int:
    with home.writing() as session:
        found = [Found(url) for url in urls]
        return frontier.add(session, source, found, depth=depth, now=NOW, max_pages_per_host=most)


def take(home: Home, n: int = 100, owner: str = "me", now: datetime = NOW, **more: object) -> list[Claim]:
    return frontier.claim(home, owner, n, now, lease_seconds=60, **more)  # type: ignore[arg-type]


def page(home: Home, url: str) -> Page:
    with home.reading() as session:
        found = session.scalars(select(Page).where(Page.url == url)).one()
        session.expunge(found)
    return found


def read(claim: Claim, body: str, *links: str, **headers: str) -> Outcome:
    reading = Reading((Text(claim.url, Extracted(body=body)),), links, tuple(Found(url) for url in links))
    return outcomes.read(claim, Answer(claim.url, 200, headers, body.encode()), reading, VISIT)


def keep(home: Home, source: Source, *done: Outcome, owner: str = "me", now: datetime = NOW) -> int:
    return store(home, owner, done, {source.id: source}, now, max_pages_per_host=1000).documents


def test_a_url_is_taken_in_once_and_hosts_have_a_limit(home: Home, source: Source) -> None:
    assert put(home, source, "http://a.example/1", "http://a.example/2", "http://a.example/1") == 2
    assert put(home, source, "http://a.example/2", "http://a.example/3") == 1
    assert put(home, source, *(f"http://a.example/x{n}" for n in range(10)), "http://b.example/", most=5) == 3


def test_claims_take_hosts_in_turn_and_the_nearest_first(home: Home, source: Source) -> None:
    put(home, source, *(f"http://a.example/deep{n}" for n in range(5)), depth=2)
    put(home, source, *(f"http://a.example/{n}" for n in range(3)), depth=1)
    put(home, source, "http://b.example/1", "http://b.example/2", depth=5)
    urls = [c.url.removeprefix("http://") for c in take(home, 6)]
    assert urls == ["a.example/0", "b.example/1", "a.example/1", "b.example/2", "a.example/2", "a.example/deep0"]


def test_claims_heed_full_hosts_and_the_share_of_one(home: Home, source: Source) -> None:
    put(home, source, *(f"http://a.example/{n}" for n in range(5)), *(f"http://b.example/{n}" for n in range(5)))
    assert {c.host for c in take(home, 10, full=["a.example"], per_host=2)} == {"b.example"}
    assert len(take(home, 10, per_host=2)) == 4


def test_a_lease_holds_until_it_expires(home: Home, source: Source) -> None:
    put(home, source, "http://a.example/1")
    (first,) = take(home, owner="one")
    assert take(home, owner="two") == []
    (second,) = take(home, owner="two", now=NOW + timedelta(seconds=61))
    assert keep(home, source, read(first, "late"), owner="one") == 0
    assert page(home, first.url).state == "leased"
    assert keep(home, source, read(second, "in time"), owner="two") == 1
    with home.reading() as session:
        assert session.scalars(select(Document.body)).all() == ["in time"]


def test_what_is_given_back_or_reclaimed_is_due_again(home: Home, source: Source) -> None:
    put(home, source, "http://a.example/1", "http://a.example/2")
    one, two = take(home)
    frontier.release(home, "me", [one], NOW + timedelta(seconds=5))
    assert take(home) == []
    assert [c.url for c in take(home, now=NOW + timedelta(seconds=5))] == [one.url]
    with home.writing() as session:
        assert frontier.reclaim(session) == 2
    assert {c.url for c in take(home, now=NOW + timedelta(seconds=5))} == {one.url, two.url}


def test_a_batch_is_pages_documents_links_and_new_pages(home: Home, source: Source) -> None:
    put(home, source, "http://a.example/1", "http://a.example/2")
    one, two = take(home)
    done = [read(one, "first", "http://a.example/3", two.url, etag='"e"'), read(two, "second", "http://a.example/3")]
    assert keep(home, source, *done) == 2
    settled = page(home, one.url)
    assert (settled.state, settled.status, settled.etag, settled.fetches, settled.changes) == ("done", 200, '"e"', 1, 1)
    assert settled.due_at == NOW + timedelta(seconds=990)
    new = page(home, "http://a.example/3")
    assert (new.state, new.depth, new.source_id) == ("due", 1, source.id)
    with home.reading() as session:
        assert session.scalar(select(func.count()).select_from(Link)) == 3
        assert session.scalar(select(func.count()).select_from(Fetch)) == 2


def test_a_batch_that_fails_leaves_nothing_behind(home: Home, source: Source) -> None:
    put(home, source, "http://a.example/1", "http://a.example/2")
    one, two = take(home)
    unwritable = Outcome(two, outcomes.read(two, Answer(two.url, 200, {}, b""), Reading(), VISIT).state,
                         Reading(links=(None,)), replaces=True)  # type: ignore[arg-type]  # fmt: skip
    with pytest.raises(Exception, match=r"(?i)not.null"):
        keep(home, source, read(one, "first"), unwritable)
    assert page(home, one.url).state == "leased"
    with home.reading() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_a_second_visit_writes_only_what_changed(home: Home, source: Source) -> None:
    put(home, source, "http://a.example/1")
    later = NOW
    for body, documents, changes in (("same", 1, 1), ("same", 0, 1), ("other", 1, 2)):
        later += timedelta(seconds=2000)
        with home.writing() as session:
            frontier.refresh(session, later)
        (claimed,) = take(home, now=later)
        assert keep(home, source, read(claimed, body), now=later) == documents
        assert page(home, claimed.url).changes == changes
    with home.writing() as session:
        assert session.scalars(select(Document.body)).all() == ["other"]
        frontier.refresh(session, later + timedelta(seconds=2000))
    assert [c.known for c in take(home, now=later + timedelta(seconds=2000))] == [True]


def test_a_page_that_asks_to_be_forgotten_is(home: Home, source: Source) -> None:
    put(home, source, "http://a.example/1")
    (claimed,) = take(home)
    keep(home, source, read(claimed, "text"))
    with home.writing() as session:
        frontier.refresh(session, NOW + timedelta(seconds=2000))
    (again,) = take(home, now=NOW + timedelta(seconds=2000))
    answer = Answer(again.url, 200, {}, b"")
    keep(home, source, outcomes.read(again, answer, Reading(forget=True, error="noindex"), VISIT))
    with home.reading() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_retries_wait_longer_and_longer_and_end(home: Home, source: Source) -> None:
    config = Config(max_attempts=3, retry_delay=10.0)
    put(home, source, "http://a.example/1")
    waits = []
    now = NOW
    for _ in range(3):
        (claimed,) = take(home, now=now)
        done = outcomes.rejected(claimed, Answer(claimed.url, 502, {}, b""), Visit(now, NOW, 1000), config)
        keep(home, source, done, now=now)
        after = page(home, claimed.url)
        waits.append((after.state, (after.due_at - now).total_seconds()))
        now = after.due_at
    assert waits[:2] == [("due", 10.0), ("due", 20.0)]
    assert waits[2][0] == "failed"
    asked = outcomes.rejected(claimed, Answer(claimed.url, 503, {"retry-after": "300"}, b""), VISIT, Config())
    assert asked.state.due_at == NOW + timedelta(seconds=300)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_every_page_is_claimed_once_and_none_is_lost(home: Home, source: Source, data: st.DataObject) -> None:
    """Claims, expiries, releases and outcomes in any order, with two owners: at the end each page is done once."""
    with home.writing() as session:
        session.execute(delete(Page))
    urls = [f"http://{host}.example/{n}" for host in "abc" for n in range(4)]
    put(home, source, *urls)
    held: dict[str, list[Claim]] = {"one": [], "two": []}
    stored: list[str] = []
    now = NOW
    for _ in range(data.draw(st.integers(5, 30))):
        owner = data.draw(st.sampled_from(["one", "two"]))
        act = data.draw(st.sampled_from(["claim", "store", "release", "die"]))
        if act == "claim":
            held[owner] += take(home, data.draw(st.integers(1, 5)), owner, now)
        elif act == "store" and held[owner]:
            done = store(home, owner, [read(c, c.url) for c in held[owner]], {source.id: source}, now,
                         max_pages_per_host=99)  # fmt: skip
            stored += [o.claim.url for o in done.settled]
            held[owner] = []
        elif act == "release":
            frontier.release(home, owner, held[owner])
            held[owner] = []
        elif act == "die":
            held[owner] = []
            now += timedelta(seconds=61)
    now += timedelta(seconds=61)
    while claims := take(home, 5, "last", now):
        done = store(home, "last", [read(c, c.url) for c in claims], {source.id: source}, now, max_pages_per_host=99)
        stored += [o.claim.url for o in done.settled]
    assert sorted(stored) == sorted(urls)
