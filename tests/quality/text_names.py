"""A million names: what they take in memory, and how fast texts are searched for them (`make bench-text`). No test.

The names are made up, two words in the mean, one in eight of them of everyday words; the texts are the demo world's
articles, cut into tokens beforehand. One core, CPU seconds, the median of several turns. Beside it as many names
without everyday words, which leave fewer doubtful spots.

Run as `python -m tests.quality.text_names`.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
from spacy.tokens import Doc

from kinsong import show
from nlp.everyday import WORDS
from nlp.language import blank, clean
from nlp.mentions import Matcher
from tests.quality.text_memory import resident_mib, spelt
from tests.quality.text_speed import articles

MUST_MIB = 250.0
MUST_SPEED = 400_000
EVERYDAY = 0.125


def made_up(names: int, seed: int, share: float = EVERYDAY) -> Iterator[tuple[str, int]]:
    """(name, artist id) of so many artists, such a share of them of everyday words."""
    rng = np.random.default_rng(seed)
    everyday = sorted(word for word in WORDS if len(word) > 2)
    lengths, plain = rng.choice([1, 2, 3], names, p=[0.25, 0.5, 0.25]), rng.random(names) < share
    for artist in range(names):
        numbers = rng.integers(0, 10**6, lengths[artist]).tolist()
        words = [everyday[number % len(everyday)] if plain[artist] else spelt(number) for number in numbers]
        yield " ".join(word.title() for word in words), artist


def speed_of(matcher: Matcher, docs: Sequence[Doc], words: int, turns: int, kind: str) -> float:
    """Words a CPU second, the median of the turns."""
    spent = []
    for _ in range(turns):
        began = time.process_time()
        found = sum(len(matcher.find(doc)) for doc in docs)
        spent.append(words / (time.process_time() - began))
    speed = statistics.median(spent)
    span = f"{min(spent):,.0f} to {max(spent):,.0f}"
    show.say(f"{kind}: {words:,} words, {found:,} mentions: {speed:,.0f} words/s ({span})")
    return speed


def main() -> int:
    """The measurement; exit code 1 when one misses its mark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    known, texts = articles()
    docs = [blank("en")(clean(text.body)) for text in texts]
    words = sum(len(text.body.split()) for text in texts)
    ours = [(name, -place) for place, name in enumerate(known, 1)]
    pairs = [*made_up(options.names, options.seed), *ours]
    gc.collect()
    before, began = resident_mib(), time.process_time()
    matcher = Matcher(pairs)
    mib, made = resident_mib() - before, time.process_time() - began
    show.say(f"{len(pairs):,} names, {len(matcher):,} spellings: {mib:.0f} MiB, made in {made:.1f} s")
    speed = speed_of(matcher, docs, words, options.turns, "one name in eight of everyday words")
    del matcher
    plain = Matcher([*made_up(options.names, options.seed, 0.0), *ours])
    speed_of(plain, docs, words, options.turns, "no name of everyday words")
    return 0 if mib <= MUST_MIB and speed >= MUST_SPEED else 1


if __name__ == "__main__":
    sys.exit(main())
