"""`make bench-crawl`, throughput: pages per CPU second beside a bare Scrapy spider, in alternating pairs. No test.

Both read the same pages of the same local hosts in one process each, with politeness off. Starting up (imports, the
guard's proof) is taken off both sides alike: a run over one page is measured first and subtracted.

Run as `python -m tests.quality.crawl_speed`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from crawlers.jobs import add_source
from tests.quality.crawl_process import ROOT, crawl, opened
from tests.quality.crawl_web import MadeUpWeb, Reply, article, serving

MUST = 0.70
AIM = 0.85
HOSTS = 10
LINKS = 60
SETTINGS = {"delay": 0.0, "host_concurrency": 8, "concurrency": 32, "max_delay": 0.001}


def site(pages: int) -> Any:
    """Hosts of `pages` pages each; every page links to sixty others, mostly of its own host."""

    def answer(host: int, path: str, times: int, headers: Mapping[str, str]) -> Reply:
        if not path.startswith("/p/"):
            return Reply(b"no", 404, {"Content-Type": "text/plain"})
        number = int(path[3:])
        links = [f"/p/{(number * 7 + place) % pages}" for place in range(LINKS)]
        return Reply(article(host, number, links))

    return answer


def ours(web: MadeUpWeb, hosts: int, pages: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kinsong-speed-") as folder:
        path = Path(folder) / "home"
        with opened(path) as home:
            for host in range(1, hosts + 1):
                add_source(home, web.url(host) + "/p/0", "site", allow_private=True)
        return crawl(path, SETTINGS)


def bare(web: MadeUpWeb, hosts: int, pages: int, *, way: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kinsong-speed-") as folder:
        output = Path(folder) / "pages.jsonl"
        listed = range(pages) if way == "lean" else (0,)
        urls = [f"{web.url(host)}/p/{number}" for number in listed for host in range(1, hosts + 1)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.quality.crawl_bare", str(output), way], capture_output=True, text=True,
            check=True, input="\n".join(urls), cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        with output.open(encoding="utf-8") as lines:
            figures["documents"] = sum(1 for _ in lines)
        return figures


def main() -> int:
    """Measure; exit code 1 below the mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--pages", type=int, default=100, help="pages of each of the ten hosts")
    options = parser.parse_args()
    expected = HOSTS * options.pages
    runs: dict[str, Callable[[MadeUpWeb, int, int], dict[str, Any]]] = {
        "ours": ours, "follow": partial(bare, way="follow"), "lean": partial(bare, way="lean")
    }  # fmt: skip
    with serving(site(1)) as web:
        start = {name: run(web, 1, 1)["cpu"] for name, run in runs.items()}
    print("to start up, CPU seconds: " + ", ".join(f"{name} {spent:.2f}" for name, spent in start.items()))
    ratios: dict[str, list[float]] = {"follow": [], "lean": []}
    with serving(site(options.pages)) as web:
        for turn in range(options.pairs):
            rates = {}
            for name in (list(runs) * 2)[turn % 3 : turn % 3 + 3]:
                figures = runs[name](web, HOSTS, options.pages)
                if figures["documents"] != expected:
                    raise SystemExit(f"{name} read {figures['documents']} pages of {expected}")
                rates[name] = expected / (figures["cpu"] - start[name])
            for name, found in ratios.items():
                found.append(rates["ours"] / rates[name])
            shown = ", ".join(f"{name} {rates[name]:.1f}" for name in runs)
            print(f"pages per CPU second: {shown}; ratios {ratios['follow'][-1]:.3f}, {ratios['lean'][-1]:.3f}")
    for name, found in ratios.items():
        print(f"beside {name}: median ratio {statistics.median(found):.3f} ({min(found):.3f} … {max(found):.3f})")
    median = statistics.median(ratios["lean"])
    print(f"must be {MUST}, aim {AIM}, beside both")
    return 0 if min(median, statistics.median(ratios["follow"])) >= MUST else 1


if __name__ == "__main__":
    sys.exit(main())
