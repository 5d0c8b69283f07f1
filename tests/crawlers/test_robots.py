"""robots.txt: what an answer means, how much of it is read, how long it holds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import robots
from tests.crawlers.robots_cases import CASES
from tests.quality.crawl_mutations import ROBOTS_URLS, mutated_robots

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "http://a.example/x"


@pytest.mark.parametrize(("section", "held", "text", "path", "allowed"), CASES, ids=range(len(CASES)))
def test_matching_as_the_rfc_says(section: str, held: str, text: str, path: str, allowed: bool) -> None:
    assert robots.read("rules", text.encode(), "kinsong").allows("http://a.example" + path) is allowed, held


def test_the_cases_are_many() -> None:
    assert len({(text, path) for _, _, text, path, _ in CASES}) >= 100


STATUSES = {
    "rules": range(200, 300),  # 2.3.1.1 successful access
    # 2.3.1.2 redirects, 2.3.1.3 unavailable
    "allow_all": [*range(300, 400), *(n for n in range(400, 500) if n != 429)],
    "disallow_all": [429, *range(500, 600), None, 0, 100, 199, 600, 999],  # 2.3.1.4 unreachable
}


@pytest.mark.parametrize(("verdict", "statuses"), STATUSES.items())
def test_what_a_status_means(verdict: str, statuses: list[int | None]) -> None:
    assert {robots.verdict_of(status) for status in statuses} == {verdict}


def test_crawl_delays() -> None:
    for value, seconds in (("2", 2), ("0.5", 0.5), (".5", 0.5), ("-1", 0), ("nan", 0), ("inf", 0), ("1e9", 0),
                           ("999999999", 86_400), ("soon", 0), ("", 0), ("٣", 0), ("1 # s", 1)):  # fmt: skip
        assert robots.read("rules", f"User-agent: *\nCrawl-delay: {value}".encode(), "kinsong").crawl_delay == seconds
    two = b"User-agent: kinsong\nCrawl-delay: 3\nDisallow: /a\nUser-agent: kinsong\nCrawl-delay: 1\nDisallow: /b\n"
    assert robots.read("rules", two, "kinsong").crawl_delay == 3


def test_sitemaps_are_everybodys() -> None:
    body = b"Sitemap: http://a.example/1.xml\nUser-agent: x\nDisallow: /\nsitemap:http://a.example/2.xml # two\n"
    assert robots.read("rules", body, "kinsong").sitemaps == ("http://a.example/1.xml", "http://a.example/2.xml")


@pytest.mark.parametrize("seed", range(100))
def test_mutated_files_are_read(seed: int) -> None:
    """A sample of what `make prove-crawl` does 2,000 times, with time limits."""
    body = mutated_robots(seed)
    rules = robots.read("rules", body, "kinsong")
    for url in ROBOTS_URLS:
        assert rules.allows(url) in {True, False}
    assert 0 <= rules.crawl_delay <= robots.MOST_DELAY


def test_no_path_makes_matching_slow() -> None:
    body = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 100_000 + b"$\n" + b"Disallow: /*a*a*a*a*a*b\n" * 10_000
    rules = robots.read("rules", body, "kinsong")
    began = time.process_time()
    assert rules.allows("http://a.example/" + "a" * 1900)
    assert time.process_time() - began < 5  # backtracking would take for ever


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
