"""One spelling per URL; scopes; traps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.urls import Scope, canonical, host_of, is_trap, origin_of, scope_of

SAME = {
    "HTTP://ExAmple.com:80/a/../b/./c?b=2&a=1&utm_source=x#frag": "http://example.com/b/c?a=1&b=2",
    "https://example.com:443": "https://example.com/",
    "http://example.com./x": "http://example.com/x",
    "https://münchen.example/straße": "https://xn--mnchen-3ya.example/stra%C3%9Fe",
    "http://example.com:8080/a b": "http://example.com:8080/a%20b",
    "http://[::1]:80/": "http://[::1]/",
    "http://a.example/%7euser": "http://a.example/~user",
}


@pytest.mark.parametrize(("url", "spelled"), SAME.items())
def test_spellings_of_one_url_become_one(url: str, spelled: str) -> None:
    assert canonical(url) == spelled
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "http://", "http:///x",
     "http://user:pw@a.example/", "http://a.example:99999/", "http://a.example:0/", "http://[bad/", "//a.example/",
     "http://a.example/" + "x" * 3000, "http://a\ud800.example/", "httpx://a.example/"],
)  # fmt: skip
def test_what_can_never_be_fetched_is_nothing(url: str) -> None:
    assert canonical(url) is None


@given(st.text(max_size=60), st.sampled_from(["http://", "https://", "HTTP://a.example/", "http://a.example/?", ""]))
def test_canonical_never_fails_and_is_stable(text: str, start: str) -> None:
    first = canonical(start + text, "http://base.example/folder/")
    if first is not None:
        assert first.startswith(("http://", "https://"))
        assert canonical(first) == first
        assert "#" not in first
        assert "@" not in host_of(first)
        origin_of(first)
        is_trap(first)


def test_hosts_and_origins() -> None:
    assert host_of("http://a.example/x") == "a.example"
    assert host_of("http://a.example:8080/x") == "a.example:8080"
    assert origin_of("http://a.example/x") == "http://a.example:80"
    assert origin_of("https://[::1]:8443/") == "https://[::1]:8443"


def test_a_scope_is_a_host_and_a_folder() -> None:
    scope = scope_of("https://www.a.example/music/index.html")
    assert scope == Scope("a.example", "/music/")
    inside = ("http://a.example/music/", "https://www.a.example/music/x/y", "https://a.example/music")
    outside = ("https://a.example/", "https://a.example/musical", "https://b.a.example/music/", "https://a.example:8/music/")
    assert all(scope.takes(url) for url in inside)
    assert not any(scope.takes(url) for url in outside)
    assert scope_of("http://a.example/start").prefix == "/"


def test_patterns_choose_within_a_scope() -> None:
    scope = scope_of("http://a.example/", include=("*/reviews/*",), exclude=("*print=1*",))
    assert scope.takes("http://a.example/reviews/1")
    assert not scope.takes("http://a.example/news/1")
    assert not scope.takes("http://a.example/reviews/1?print=1")


def test_mazes_are_told() -> None:
    assert is_trap("http://a.example/a/b/a/b/a/b/a/b")
    assert is_trap("http://a.example/?" + "&".join(f"p{i}=1" for i in range(12)))
    assert not is_trap("http://a.example/a/b/c/a?x=1&y=2")
