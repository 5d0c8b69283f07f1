"""The bare Scrapy spider that the crawler's speed is measured beside: the same fields of the same pages, as JSON lines.

Written as somebody would who knows Scrapy and the libraries: its own duplicate filter and scheduler, one callback that
extracts text and metadata with trafilatura, the language with py3langid, links with Scrapy's link extractor, and a
MinHash signature of word shingles with datasketch's batch update. No database, no robots, no guard, no leases.

Two ways: `follow` finds the pages by their links from the start pages, as a crawler must; `lean` is handed the address
of every page, follows nothing, and asks for the language of the first 400 characters alone: the least to be done.

`python -m tests.quality.crawl_bare OUTPUT follow|lean`, start pages or all pages on the standard input, one a line.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import py3langid
import scrapy
from datasketch import MinHash
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.linkextractors import LinkExtractor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from trafilatura import bare_extraction

WORD = re.compile(r"\w+")


class BareSpider(scrapy.Spider):
    name = "bare"
    links = LinkExtractor()

    def __init__(self, urls: list[str], lean: bool) -> None:
        super().__init__()
        self._urls, self._lean = urls, lean

    async def start(self) -> AsyncIterator[Any]:
        for url in self._urls:
            yield scrapy.Request(url)  # unlike start_urls, seen by the duplicate filter

    def parse(self, response: Any) -> Iterator[Any]:
        found = bare_extraction(
            response.text, url=response.url, fast=True, include_comments=False, with_metadata=True,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )  # fmt: skip
        text = found.text or ""
        words = WORD.findall(text.lower())
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[i : i + 4]).encode() for i in range(len(words) - 3)])
        links = [link.url for link in self.links.extract_links(response)]
        yield {
            "url": response.url, "title": found.title, "author": found.author, "published": found.date,
            "language": py3langid.classify(text[:400] if self._lean else text)[0], "body": text, "links": links,
            "signature": sketch.hashvalues.tolist(),
        }  # fmt: skip
        for link in () if self._lean else links:
            yield response.follow(link, self.parse)


def main(output: str, way: str) -> None:
    began = time.monotonic()
    settings = {
        "FEEDS": {output: {"format": "jsonlines"}}, "LOG_LEVEL": "ERROR", "ROBOTSTXT_OBEY": False, "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 32, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": True,
    }  # fmt: skip
    process = AsyncCrawlerProcess(settings)
    process.crawl(BareSpider, urls=sys.stdin.read().split(), lean=way == "lean")
    process.start()
    used = resource.getrusage(resource.RUSAGE_SELF)
    wall = time.monotonic() - began
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak_mib": used.ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
