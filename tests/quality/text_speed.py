"""`make bench-text`: documents to counts beside the bare spaCy pipeline, and in two processes. No test.

Speed: the demo world's articles, one process, pairs in turns, CPU seconds, the median of the ratios; the bare side runs
the same components over the same cleaned texts. Processes: the same articles several times over, by the clock.
Memory has a program of its own, `tests.quality.text_memory`.

Run as `python -m tests.quality.text_speed`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from db.read import Text
from kinsong import show
from kinsong.demo.world import make
from nlp.counts import Facts
from nlp.language import Config as LanguageConfig
from nlp.language import load
from nlp.language import read as read_texts
from nlp.reader import Catalogue, Config, Reader, read_all

PAIRS = 5
MUST_SPEED = 0.70
MANY = 1 << 40
"""Documents, for all one knows: so that as many processes are used as there are to be."""


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


def main() -> int:
    """Both measurements; exit code 1 when the first misses its mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--times", type=int, default=6, help="how often the two processes read the articles")
    parser.add_argument("--only", choices=("speed", "processes"))
    options = parser.parse_args()
    fine = True
    if options.only in (None, "speed"):
        fine &= speed(options.pairs)
    if options.only in (None, "processes"):
        side_by_side(options.pairs, options.times)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
