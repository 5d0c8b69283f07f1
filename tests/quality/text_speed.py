"""`make bench-text`: documents to counts beside the bare spaCy pipeline, and memory over many documents. No test.

Speed: the demo world's articles, one process, pairs in turns, CPU seconds, the median of the ratios; the bare side runs
the same components over the same cleaned texts. Memory: short documents, one word in fourteen never seen before, so
that what is kept shows; resident size after the first tenth and at the end.

Run as `python -m tests.quality.text_speed`.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from db.read import Text
from kinsong import show
from kinsong.demo.world import make
from nlp.about import Config as AboutConfig
from nlp.about import about
from nlp.counts import Facts, mention_counts, terms_by_artist
from nlp.folding import name_words
from nlp.language import load
from nlp.language import read as read_texts
from nlp.mentions import Matcher
from nlp.terms import STOP_WORDS

PAIRS = 5
VOCABULARY = 30_000
MUST_SPEED = 0.70
MUST_MIB = 20.0
STATUS = Path("/proc/self/status")


class Reader:
    """Documents to counts, as the `read` step of a build does it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._matcher = Matcher([(name, place) for place, name in enumerate(names)])
        self._own = [frozenset(name_words(name)) - STOP_WORDS for name in names]
        self._places = {place: place for place in range(len(names))}

    def counts(self, texts: Iterable[tuple[str, str]], after: Callable[[int], None] = lambda _: None) -> int:
        """How many counts these (title, body) make; ``after`` is called with the number of each document."""
        titles: deque[str] = deque()
        with tempfile.TemporaryDirectory() as folder, Facts(Path(folder), self._places) as facts:
            for number, doc in enumerate(read_texts(load(), _bodies(texts, titles))):
                reading = self._matcher.read(doc, titles.popleft())
                if reading.mentions or reading.titled:
                    whose = about(doc, reading.mentions, reading.titled, AboutConfig())
                    found = terms_by_artist(doc, reading, whose, self._own.__getitem__)
                    facts.add(_text(number), mention_counts(reading), found)
                after(number)
            made, _ = facts.close()
        return made


def _bodies(texts: Iterable[tuple[str, str]], titles: deque[str]) -> Iterator[str]:
    for title, body in texts:
        titles.append(title)
        yield body


def _text(number: int) -> Text:
    return Text(number, f"http://a.example/{number}", "a.example", "", "", "en", "")


def speed(pairs: int) -> bool:
    """Print the ratio; whether it is fast enough."""
    world = make()
    names = [artist.name for artist in world.artists]
    texts = [(page.title, "\n".join(page.paragraphs)) for page in world.pages]
    reader = Reader(names)
    words = sum(len(body.split()) for _, body in texts)

    def bare() -> float:
        return sum(len(doc) for doc in read_texts(load(), (body for _, body in texts)))

    def whole() -> float:
        return reader.counts(texts)

    timed = [_pair(bare, whole, turn % 2 == 0) for turn in range(pairs + 1)][1:]
    ratio = statistics.median(b / w for b, w in timed)
    for name, place in (("bare pipeline", 0), ("documents to counts", 1)):
        show.say(f"{name}: {words / statistics.median(pair[place] for pair in timed):,.0f} words/s")
    show.say(f"ratio {ratio:.3f}, must be {MUST_SPEED:.2f}")
    return ratio >= MUST_SPEED


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


def new_words(documents: int, seed: int) -> Iterator[tuple[str, str]]:
    """Short texts about a few artists: in each a word that never comes again, and four by Zipf's law."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghiklmnoprstuvw"))
    known = ["".join(word) for word in letters[rng.integers(0, len(letters), (VOCABULARY, 8))]]
    for number in range(documents):
        new = "".join(letters[rng.integers(0, len(letters), 9)])
        made = [known[rank % VOCABULARY] for rank in rng.zipf(1.2, 4).tolist()]
        artist = f"Zorvane Quill {number % 50}"
        yield artist, f"{artist} plays {new} {made[0]} with {made[1]} guitars. The {made[2]} songs are {made[3]}."


def memory(documents: int, seed: int) -> bool:
    """Print what memory grew by; whether that is little enough."""
    reader = Reader([f"Zorvane Quill {number}" for number in range(50)])
    sizes = {}

    def note(number: int) -> None:
        if number + 1 in (documents // 10, documents):
            sizes[number + 1] = resident_mib()

    reader.counts(new_words(documents, seed), note)
    grown = sizes[documents] - sizes[documents // 10]
    show.say(", ".join(f"{size:.0f} MiB after {number:,} documents" for number, size in sizes.items()))
    show.say(f"grown by {grown:.1f} MiB, may be {MUST_MIB:.0f}")
    return grown <= MUST_MIB


def main() -> int:
    """Both measurements; exit code 1 when one misses its mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    fast = speed(options.pairs)
    return 0 if memory(options.documents, options.seed) and fast else 1


if __name__ == "__main__":
    sys.exit(main())
