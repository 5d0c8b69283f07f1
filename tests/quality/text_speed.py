"""`make bench-text`: documents to counts beside the bare spaCy pipeline, in two processes, and in memory. No test.

Speed: the demo world's articles, one process, pairs in turns, CPU seconds, the median of the ratios; the bare side runs
the same components over the same cleaned texts. Processes: the same articles several times over, by the clock. Memory:
a `read` step over short documents in the web's open vocabulary; resident size after each tenth and at its end.

Run as `python -m tests.quality.text_speed`.
"""

from __future__ import annotations

import argparse
import gc
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from sqlalchemy import insert

from db import migrate
from db.base import now
from db.catalog import Artist
from db.home import Home, default_url
from db.names import name_key
from db.read import Text
from db.session import open_engine
from db.task import Silent, Task
from db.web import Document, Page, Source
from kinsong import show
from kinsong.demo.world import make
from nlp import jobs
from nlp.counts import Facts
from nlp.language import Config as LanguageConfig
from nlp.language import load
from nlp.language import read as read_texts
from nlp.reader import Catalogue, Config, Reader, read_all

PAIRS = 5
VOCABULARY = 30_000
ARTISTS = 50
HOSTS = 40
MUST_SPEED = 0.70
MUST_MIB = 20.0
MANY = 1 << 40
"""Documents, for all one knows: so that as many processes are used as there are to be."""
STATUS = Path("/proc/self/status")
T = TypeVar("T")


def counts(reader: Reader, documents: Iterable[Text], after: Callable[[int], None] = lambda _: None) -> int:
    """How many counts these documents make; ``after`` is called with how many are read, batch by batch."""
    read = 0
    with tempfile.TemporaryDirectory() as folder, Facts(Path(folder)) as facts:
        for batch, readings in read_all(reader, documents, MANY):
            ids, hosts = [text.id for text in batch], [text.host for text in batch]
            facts.add(ids, hosts, readings.column("counts"), readings.column("mentions"))
            read += len(batch)
            after(read)
        made, _ = facts.close()
    return made


def reader_of(names: Sequence[str], processes: int = 1) -> Reader:
    """A reader with these names; an artist's place is its id."""
    places = {place: place for place in range(len(names))}
    catalogue = Catalogue([(name, place) for place, name in enumerate(names)], {}, places)
    return Reader(catalogue, Config(processes=processes), LanguageConfig())


def _text(number: int, title: str, body: str) -> Text:
    return Text(number, f"http://a.example/{number}", "a.example", title, body, "en", "")


def articles() -> tuple[list[str], list[Text]]:
    """The names of the demo world's artists, and its articles."""
    world = make()
    pages = (_text(place, page.title, "\n".join(page.paragraphs)) for place, page in enumerate(world.pages))
    return [artist.name for artist in world.artists], list(pages)


def speed(pairs: int) -> bool:
    """Print the ratio; whether it is fast enough."""
    names, texts = articles()
    reader = reader_of(names)
    words = sum(len(text.body.split()) for text in texts)

    def bare() -> float:
        return sum(len(doc) for doc in read_texts(load(), (text.body for text in texts)))

    def whole() -> float:
        return counts(reader, texts)

    timed = [_pair(bare, whole, turn % 2 == 0) for turn in range(pairs + 1)][1:]
    ratios = sorted(b / w for b, w in timed)
    ratio = statistics.median(ratios)
    for name, place in (("bare pipeline", 0), ("documents to counts", 1)):
        show.say(f"{name}: {words / statistics.median(pair[place] for pair in timed):,.0f} words/s")
    show.say(f"ratio {ratio:.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}), must be {MUST_SPEED:.2f}")
    return ratio >= MUST_SPEED


def side_by_side(pairs: int, times: int) -> None:
    """Print how many times as fast two processes are as one, by the clock, their start included."""
    names, texts = articles()
    texts = [replace(text, id=turn * len(texts) + text.id) for turn in range(times) for text in texts]
    spent = []
    for turn in range(pairs):
        seconds = {}
        for processes in (1, 2) if turn % 2 else (2, 1):
            began = time.perf_counter()
            counts(reader_of(names, processes), texts)
            seconds[processes] = time.perf_counter() - began
        spent.append(seconds[1] / seconds[2])
    spent.sort()
    show.say(f"two processes: {statistics.median(spent):.2f} times as fast as one ({spent[0]:.2f} to {spent[-1]:.2f})")


def _pair(bare: Callable[[], float], whole: Callable[[], float], bare_first: bool) -> tuple[float, float]:
    """CPU seconds of both, run in this order or the other."""
    spent = {}
    for work in (bare, whole) if bare_first else (whole, bare):
        began = time.process_time()
        work()
        spent[work] = time.process_time() - began
    return spent[bare], spent[whole]


def resident_mib() -> float:
    """The process's resident size now (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))
    if found is None:
        raise SystemExit(f"{STATUS} does not tell the resident size")
    return int(found[1]) / 1024


def web_texts(documents: int, seed: int) -> Iterator[tuple[str, str]]:
    """(title, body) of short texts as the web has them: three new words each, a new name, two addresses and a number.

    The other twelve words are 30,000 by Zipf's law.
    """
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghiklmnoprstuvw"))

    def word(length: int) -> str:
        return "".join(letters[rng.integers(0, len(letters), length)])

    known = [word(8) for _ in range(VOCABULARY)]
    for number in range(documents):
        old = [known[rank % VOCABULARY] for rank in rng.zipf(1.2, 12).tolist()]
        artist = f"Zorvane Quill {number % ARTISTS}"
        yield artist, (
            f"{artist} plays {word(9)} {old[0]} with {old[1]} guitars and {word(7)}. The {old[2]} songs of "
            f"{word(6).title()} {word(8).title()} are {old[3]} and {word(8)}-like. {' '.join(old[4:])} #{word(9)}. "
            f"See http://{word(7)}.example/{rng.integers(10**7)} or ask {word(6)}@{word(5)}.example."
        )


def fill(home: Home, documents: int, seed: int) -> None:
    """A workspace with so many documents."""
    with home.writing() as session:
        session.execute(insert(Source), [{"id": 1, "url": "http://a.example", "kind": "site", "added_at": now()}])
        names = [f"Zorvane Quill {number}" for number in range(ARTISTS)]
        session.execute(insert(Artist), [{"name": name, "key": name_key(name)} for name in names])
    made = enumerate(web_texts(documents, seed), 1)
    while chunk := list(islice(made, 5000)):
        pages, rows = [], []
        for number, (title, body) in chunk:
            host = f"{number % HOSTS}.example"
            row = {"id": number, "url": f"http://{host}/{number:09}", "host": host}
            pages.append({**row, "source_id": 1, "due_at": now()})
            text = {"title": title, "body": body, "sha256": str(number), "signature": b"", "language": "en"}
            rows.append({**row, **text, "page_id": number, "fetched_at": now()})
        with home.writing() as session:
            session.execute(insert(Page), pages)
            session.execute(insert(Document), rows)


class Sizes(Silent):
    """Notes the resident size after each tenth of what passes."""

    def __init__(self) -> None:
        self.mib: dict[int, float] = {}

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:  # noqa: ARG002
        """The same items."""
        step = max((total or 0) // 10, 1)
        for number, item in enumerate(items):
            if number and number % step == 0:
                self.mib[number] = resident_mib()
            yield item
        self.mib[total or 0] = resident_mib()


def memory(folder: Path, documents: int, seed: int) -> bool:
    """Print what memory grew by in a whole `read` step, its end included; whether that is little enough."""
    home = Home(folder, open_engine(default_url(folder)))
    migrate.upgrade(home.engine)
    fill(home, documents, seed)
    gc.collect()
    (folder / "read").mkdir()
    sizes = Sizes()
    rows = jobs.read(Task(home, {}, folder / "read", 7, sizes), Config(processes=1), LanguageConfig())
    sizes.mib[documents + 1] = resident_mib()
    show.say(f"{rows}")
    show.say(", ".join(f"{size:.1f} MiB after {number:,}" for number, size in sizes.mib.items()))
    grown = max(sizes.mib.values()) - next(iter(sizes.mib.values()))
    show.say(f"grown by {grown:.1f} MiB at most after the first tenth, may be {MUST_MIB:.0f}")
    return grown <= MUST_MIB


def main() -> int:
    """All measurements; exit code 1 when one misses its mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=6, help="how often the two processes read the articles")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=("speed", "processes", "memory"))
    options = parser.parse_args()
    fine = True
    if options.only in (None, "speed"):
        fine &= speed(options.pairs)
    if options.only in (None, "processes"):
        side_by_side(options.pairs, options.times)
    if options.only in (None, "memory"):
        with tempfile.TemporaryDirectory() as folder:
            fine &= memory(Path(folder), options.documents, options.seed)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
