"""robots.txt: what an answer means, how much of it is read, how long it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import robots

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "http://a.example/x"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, "rules"), (204, "rules"), (301, "allow_all"), (400, "allow_all"), (401, "allow_all"), (403, "allow_all"),
     (404, "allow_all"), (410, "allow_all"), (429, "disallow_all"), (500, "disallow_all"), (503, "disallow_all"),
     (599, "disallow_all"), (None, "disallow_all"), (199, "disallow_all"), (999, "disallow_all")],
)  # fmt: skip
def test_what_a_status_means(status: int | None, verdict: str) -> None:
    assert robots.verdict_of(status) == verdict


RULES = b"""\xef\xbb\xbfUser-Agent: KinSong
Disallow: /private
Allow: /private/open
Disallow: /*.pdf$
Crawl-delay: 2.5

User-agent: *
Disallow: /
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/", True), ("/private", False), ("/private/x", False), ("/private/open/x", True), ("/a.pdf", False),
     ("/a.pdf?x", True), ("/robots.txt", True), ("/Private", True)],
)  # fmt: skip
def test_our_group_and_its_longest_rule_decide(path: str, allowed: bool) -> None:
    assert robots.read("rules", RULES, "kinsong").allows("http://a.example" + path) is allowed


def test_other_names_fall_to_the_star() -> None:
    rules = robots.read("rules", RULES, "otherbot")
    assert not rules.allows(URL)
    assert rules.crawl_delay == 0
    assert robots.read("rules", RULES, "kinsong").crawl_delay == 2.5


@pytest.mark.parametrize(
    ("group", "ours"),
    [("kinsong", True), ("KINSONG", True), ("kinsong/1.2", True), (" kinsong  # us", True), ("kin", False),
     ("song", False), ("kinsong-news", False), ("k", False), ("kin*", False), ("*bot", False)],
)  # fmt: skip
def test_a_group_is_ours_by_its_whole_name(group: str, ours: bool) -> None:
    body = f"User-agent: *\nDisallow: /all\n\nuser-agent :{group}\nDisallow: /x\nCrawl-delay: 3\n".encode()
    rules = robots.read("rules", body, "kinsong")
    assert rules.allows(URL) is not ours
    assert rules.allows("http://a.example/all") is ours
    assert rules.crawl_delay == (3 if ours else 0)


def test_verdicts_without_rules() -> None:
    assert robots.read("allow_all", b"User-agent: *\nDisallow: /", "kinsong").allows(URL)
    assert not robots.read("disallow_all", b"", "kinsong").allows(URL)


def test_500_kib_are_read_and_no_halved_line() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    body = b"User-agent: *\nDisallow: /first\n" + filler * 5119 + b"Disallow: /late\n" * 100
    kept = robots.whole_lines(body)
    assert len(kept) <= 500 * 1024
    assert kept.endswith(b"\n")
    rules = robots.read("rules", body, "kinsong")
    assert not rules.allows("http://a.example/first")
    assert robots.whole_lines(b"a" * robots.MAX_BYTES + b"b") == b""


@given(st.binary(max_size=300))
def test_any_bytes_are_read(body: bytes) -> None:
    robots.read("rules", body, "kinsong").allows(URL)


def test_answers_hold_for_a_day_and_failures_for_an_hour(home: Home) -> None:
    robots.keep(home, "http://a.example:80", NOW, "rules", b"User-agent: *\nDisallow: /x")
    robots.keep(home, "http://b.example:80", NOW, "disallow_all", b"")
    for origin, life in (("http://a.example:80", timedelta(hours=24)), ("http://b.example:80", timedelta(hours=1))):
        fresh = robots.load(home, origin, NOW + life - timedelta(seconds=1), "kinsong")
        assert fresh is not None
        assert not fresh.allows(URL)
        assert fresh.until == NOW + life
        assert robots.load(home, origin, NOW + life, "kinsong") is None
    robots.keep(home, "http://a.example:80", NOW, "allow_all", b"")
    again = robots.load(home, "http://a.example:80", NOW, "kinsong")
    assert again is not None
    assert again.allows(URL)
    assert robots.load(home, "http://c.example:80", NOW, "kinsong") is None
