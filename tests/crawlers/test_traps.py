"""Sites without end: calendars, session ids, orders of a list, paths that repeat, facets. Crawls end all the same."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from crawlers.jobs import add_source
from tests.quality.crawl_web import Reply, article, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.home import Home

REAL = 5
CALENDAR, SESSIONS, ORDERS, PATHS, FACETS = range(1, 6)
TOKENS = random.Random(1)


def answer(host: int, path: str, times: int, headers: object) -> Reply:
    if path == "/robots.txt":
        return Reply(b"", 404)
    folder, _, query = path.partition("?")
    links = [f"/p/{n}" for n in range(REAL)]
    if host == CALENDAR:
        day = int(query.partition("=")[2] or 0)
        links += [f"/calendar?day={day + step}" for step in (1, -1, 30, -30)]
    elif host == SESSIONS:
        token = f"{TOKENS.getrandbits(128):032x}"
        links = [f"{link}?PHPSESSID={token}" for link in links]
        links += [f"/p/1;jsessionid={token.upper()}", f"/p/2?sid={token}"]
    elif host == ORDERS:
        links += [f"/list?sort={a}&dir={b}&page={n}" for a in "abc" for b in ("asc", "desc") for n in (1, 2)]
    elif host == PATHS:
        links += ["img/", "a/b/", "../x/" + folder.lstrip("/")[:200]]
    elif host == FACETS:
        links += [f"{path}{'&' if query else '?'}f{query.count('&')}{n}=1" for n in range(2)]
    number = int(folder[3:]) + 1 if folder.startswith("/p/") and folder[3:].isdigit() else 0
    return Reply(article(host, number, links, 1))


def test_endless_sites_end(home: Home, crawl: Callable[..., dict[str, Any]]) -> None:
    with serving(answer) as web:
        for host in (CALENDAR, SESSIONS, ORDERS, PATHS, FACETS):
            add_source(home, web.url(host) + "/", "site", allow_private=True)
        report = crawl(max_depth=3, host_concurrency=4)
        assert report["failed"] == 0
        asked: dict[int, set[str]] = {}
        for _, host, path, _, _ in web.log():
            asked.setdefault(host, set()).add(path)
    for host, paths in asked.items():
        assert {f"/p/{n}" for n in range(REAL)} <= paths, host
    assert len(asked[SESSIONS]) == REAL + 2
    assert len(asked[ORDERS]) == REAL + 2
    assert len(asked[CALENDAR]) < 60
    assert len(asked[PATHS]) < 60
    assert len(asked[FACETS]) < 60
