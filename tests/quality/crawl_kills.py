"""`make prove-crawl`, kills: 200 SIGKILLs at random moments of one crawl of 20,000 pages on 20 hosts. No test.

Beside it the same site, by Scrapy with JOBDIR, killed in the same way. After every kill the rows are compared with what
the server was asked: a page that was asked for and is not stored was in flight. A page may be asked for once, and once
more for each kill at which it was in flight; at the end each is stored, once.

Run as `python -m tests.quality.crawl_kills`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from crawlers.jobs import add_source
from db.home import Home
from db.web import Document, Page
from tests.quality.crawl_process import crawl_here, opened
from tests.quality.crawl_web import MadeUpWeb, Reply, article, serving

SETTINGS = {"delay": 0.0, "host_concurrency": 4, "concurrency": 32, "max_delay": 0.001}
PRELOAD = ["crawlers.jobs", "crawlers.spiders.fetch", "scrapy.crawler", "tests.quality.crawl_process"]


def site(pages: int) -> Any:
    """On each host a tree of pages, with links across it."""

    def answer(host: int, path: str, times: int, headers: Mapping[str, str]) -> Reply:
        if not path.startswith("/p/"):
            return Reply(b"no", 404, {"Content-Type": "text/plain"})
        number = int(path[3:])
        to = [2 * number + 1, 2 * number + 2, *((number * 7 + step) % pages for step in range(6))]
        return Reply(article(host, number, [f"/p/{n}" for n in to if n < pages], 2))

    return answer


def crawl_quietly(path: str) -> None:
    """Crawl in this process, which may be killed at any moment."""
    crawl_here(Path(path), SETTINGS)


def scrapy_quietly(folder: str, urls: list[str]) -> None:
    """Crawl with Scrapy and JOBDIR; every page read is a line, written at once."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Spider(scrapy.Spider):
        name = "jobdir"

        async def start(self) -> AsyncIterator[Any]:
            for url in urls:
                yield scrapy.Request(url)

        def parse(self, response: Any) -> Iterator[Any]:
            with Path(folder, "pages").open("a", encoding="ascii") as lines:
                lines.write(response.url + "\n")
            yield from response.follow_all(css="a", callback=self.parse)

    settings = {
        "JOBDIR": str(Path(folder, "job")), "LOG_ENABLED": False, "ROBOTSTXT_OBEY": False, "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 32, "CONCURRENT_REQUESTS_PER_DOMAIN": 4, "TELNETCONSOLE_ENABLED": False,
    }  # fmt: skip
    process = AsyncCrawlerProcess(settings)
    process.crawl(Spider)
    process.start()


def killed(
    web: MadeUpWeb, start: Callable[[], Any], stored: Callable[[], int], after: Callable[[], None], total: int,
    kills: int, seed: int,
) -> int:
    """Start, kill at a random moment, look, and so on; how many kills there were before it ended by itself."""
    rng = random.Random(seed)
    for number in range(kills):
        share = max(1.0, (total - stored()) / (kills - number + 2))
        wanted = web.asked + int(rng.uniform(0, 2) * share)
        wait = rng.uniform(0, 1.0)  # so that some die while they start
        process = start()
        began = time.monotonic()
        while process.is_alive() and (web.asked < wanted or time.monotonic() < began + wait):
            time.sleep(0.002)
        if not process.is_alive():
            process.join()
            after()
            return number
        process.kill()
        process.join()
        after()
        if number % 20 == 19:
            print(f"  {number + 1} kills, {stored():,} of {total:,} pages stored", flush=True)
    return kills


class Watch:
    """What was in flight at each kill."""

    def __init__(self, web: MadeUpWeb, home: Home) -> None:
        self._web, self._home = web, home
        self._seen = 0
        self.flights: list[int] = []
        self.allowed: Counter[str] = Counter()

    def stored(self) -> int:
        with self._home.reading() as session:
            return session.scalar(select(func.count()).select_from(Document)) or 0

    def look(self) -> None:
        log = self._web.log()
        asked = {self._web.url(host) + path for _, host, path, _, _ in log[self._seen :] if path.startswith("/p/")}
        self._seen = len(log)
        with self._home.reading() as session:
            done = set(session.scalars(select(Page.url).where(Page.state == "done")))
        flight = asked - done
        self.allowed.update(flight)
        self.flights.append(len(flight))


def ours(hosts: int, pages: int, kills: int, seed: int) -> bool:
    """Print what the frontier made of it; whether nothing was lost, doubled, or fetched again for nothing."""
    total = hosts * pages
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    with tempfile.TemporaryDirectory(prefix="kinsong-kills-") as folder, serving(site(pages)) as web:
        path = Path(folder) / "home"

        def start() -> Any:
            process = context.Process(target=crawl_quietly, args=(str(path),))
            process.start()
            return process

        with opened(path) as home:
            for host in range(1, hosts + 1):
                add_source(home, web.url(host) + "/p/0", "site", allow_private=True)
            watch = Watch(web, home)
            died = killed(web, start, watch.stored, watch.look, total, kills, seed)
            last = start()
            last.join()
            with home.reading() as session:
                urls = Counter(session.scalars(select(Document.url)))
                fetches = session.scalar(select(func.sum(Page.fetches))) or 0
        asked = Counter(web.url(host) + path for _, host, path, _, _ in web.log() if path.startswith("/p/"))
    again = sum(n - 1 for n in asked.values())
    idle = [url for url, n in asked.items() if n - 1 > watch.allowed[url]]
    twice = sum(n > 1 for n in urls.values()) + fetches - total
    flights = f"median {statistics.median(watch.flights):.0f}, most {max(watch.flights)}"
    print(f"kinsong: {died} kills, the last run ended with exit code {last.exitcode}; {total:,} pages: "
          f"{total - len(urls)} lost, {twice} stored twice, {again:,} fetched again, {len(idle)} of them not in "
          f"flight at a kill; in flight at a kill: {flights}")  # fmt: skip
    return died == kills and len(urls) == total and twice == 0 and not idle and last.exitcode == 0


def scrapys(hosts: int, pages: int, kills: int, seed: int) -> None:
    """Print what Scrapy's JOBDIR made of it."""
    total = hosts * pages
    context = multiprocessing.get_context("forkserver")
    with tempfile.TemporaryDirectory(prefix="kinsong-kills-") as folder, serving(site(pages)) as web:
        urls = [web.url(host) + "/p/0" for host in range(1, hosts + 1)]
        read = Path(folder, "pages")
        read.touch()

        def start() -> Any:
            process = context.Process(target=scrapy_quietly, args=(folder, urls))
            process.start()
            return process

        def stored() -> int:
            return len(set(read.read_text(encoding="ascii").split()))

        died = killed(web, start, stored, lambda: None, total, kills, seed)
        last = start()
        last.join()
        lines = Counter(read.read_text(encoding="ascii").split())
    print(f"Scrapy, JOBDIR: {died} kills until it ended by itself, exit code {last.exitcode}; {total:,} pages: "
          f"{total - len(lines):,} lost, {sum(n > 1 for n in lines.values()):,} read twice or more")  # fmt: skip


def main() -> int:
    """Exit code 1 when ours lost, doubled or wasted a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--pages", type=int, default=1000, help="of each host")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    good = ours(options.hosts, options.pages, options.kills, options.seed)
    scrapys(options.hosts, options.pages, options.kills, options.seed)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
