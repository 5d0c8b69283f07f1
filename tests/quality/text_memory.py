"""Memory of a whole `read` step over many documents in an open vocabulary (`make bench-text`). No test.

The texts are made by the process of Zanette and Montemurro (2005), "Dynamics of text generation with realistic Zipf's
distribution": the n-th word is a new one with the probability K·β·n^(β−1), else one drawn from all words so far. So
the vocabulary grows by Heaps's law V = K·n^β, and frequencies follow Zipf's. K and β are at the harsh end of what is
found on the web: of 100-word documents the 10,000th has 10 words that were never seen before, the 100,000th 5. Beside
those each document has a new name of two words, a new address and a new number.

The documents are written by a process of their own, so that nothing it frees hides what the step takes.

Run as `python -m tests.quality.text_memory`.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import re
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
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
from db.session import open_engine
from db.task import Silent, Task
from db.web import Document, Page, Source
from kinsong import show
from nlp import jobs
from nlp.language import Config as LanguageConfig
from nlp.reader import Config

HEAPS_K, HEAPS_BETA = 20.0, 0.65
SENTENCE = 15
"""Words of a sentence."""
EVERY = 0.1
"""Seconds between two looks at the resident size."""
ARTISTS = 50
HOSTS = 40
MUST_MIB = 20.0
STATUS = Path("/proc/self/status")
SYLLABLES = [a + b for a in "bdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
ENDINGS = ("", "s", "ing", "ed", "y", "ness", "ic", "ly", "ous", "er", "al", "ish")
T = TypeVar("T")


def spelt(number: int) -> str:
    """The word of this number: no two are the same but by chance."""
    ending = ENDINGS[number * 7919 % len(ENDINGS)]
    written = ""
    number += len(SYLLABLES)
    while number:
        number, last = divmod(number, len(SYLLABLES))
        written += SYLLABLES[last]
    return written + ending


def words_of(documents: int, length: int, rng: np.random.Generator) -> Iterator[list[int]]:
    """The numbers of each document's words; a word's number tells when it was new."""
    said = np.zeros(documents * length, dtype=np.int32)
    known = 1
    for at in range(0, documents * length, length):
        places = np.arange(at + 1, at + length + 1)
        new = rng.random(length) < HEAPS_K * HEAPS_BETA * places ** (HEAPS_BETA - 1)
        old = said[rng.integers(0, max(at, 1), length)]
        said[at : at + length] = np.where(new, known + np.cumsum(new) - 1, old)
        known += int(np.count_nonzero(new))
        yield said[at : at + length].tolist()
    show.say(f"{documents * length:,} words, {known:,} different ones")


def web_texts(documents: int, length: int, seed: int) -> Iterator[tuple[str, str]]:
    """(title, body) of texts of so many words, as the web has them."""
    rng = np.random.default_rng(seed)
    for number, places in enumerate(words_of(documents, length, rng)):
        artist = f"Zorvane Quill {number % ARTISTS}"
        words = [spelt(place) for place in places]
        sentences = [" ".join(words[at : at + SENTENCE]) for at in range(0, length, SENTENCE)]
        name = " ".join(spelt(int(part)).title() for part in rng.integers(10**8, 10**9, 2))
        address = f"http://{spelt(int(rng.integers(10**8, 10**9)))}.example/{rng.integers(10**7)}"
        opening = f"{artist} and {name} play {sentences[0]}, see {address}."
        yield artist, "\n".join([opening, *(f"The {sentence} of {artist}." for sentence in sentences[1:])])


def fill(folder: Path, documents: int, length: int, seed: int) -> None:
    """A workspace with so many documents."""
    home = Home(folder, open_engine(default_url(folder)))
    migrate.upgrade(home.engine)
    with home.writing() as session:
        session.execute(insert(Source), [{"id": 1, "url": "http://a.example", "kind": "site", "added_at": now()}])
        names = [f"Zorvane Quill {number}" for number in range(ARTISTS)]
        session.execute(insert(Artist), [{"name": name, "key": name_key(name)} for name in names])
    made = enumerate(web_texts(documents, length, seed), 1)
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


def resident_mib() -> float:
    """The process's resident size now (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))
    if found is None:
        raise SystemExit(f"{STATUS} does not tell the resident size")
    return int(found[1]) / 1024


class Sizes(Silent):
    """Notes the largest resident size in each tenth of what passes, and after it until `end`."""

    def __init__(self) -> None:
        self.mib: list[float] = [0.0]
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.mib[-1] = max(self.mib[-1], resident_mib())

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:  # noqa: ARG002
        """The same items."""
        step = max((total or 0) // 10, 1)
        for number, item in enumerate(items, 1):
            yield item
            if number % step == 0:
                show.say(f"{self.mib[-1]:.1f} MiB at most, {resident_mib():.1f} MiB after {number:,}")
                self.mib.append(0.0)

    def end(self) -> None:
        """Stop watching."""
        self._over.set()
        self._watcher.join()


def memory(folder: Path, documents: int, length: int, seed: int) -> bool:
    """Print what memory grew by in a whole `read` step, its end included; whether that is little enough."""
    writer = multiprocessing.get_context("spawn").Process(target=fill, args=(folder, documents, length, seed))
    writer.start()
    writer.join()
    if writer.exitcode:
        raise SystemExit("the documents were not written")
    (folder / "read").mkdir()
    gc.collect()
    sizes = Sizes()
    home = Home(folder, open_engine(default_url(folder)))
    try:
        rows = jobs.read(Task(home, {}, folder / "read", 7, sizes), Config(processes=1), LanguageConfig())
    finally:
        sizes.end()
    show.say(f"{rows}; {sizes.mib[-1]:.1f} MiB at most while all was put together")
    grown = max(sizes.mib[1:]) - sizes.mib[0]
    show.say(f"grown by {grown:.1f} MiB at most after the first tenth, may be {MUST_MIB:.0f}")
    return grown <= MUST_MIB


def main() -> int:
    """The measurement; exit code 1 when it misses its mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--length", type=int, default=100, help="words of a document")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return 0 if memory(Path(folder), options.documents, options.length, options.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
