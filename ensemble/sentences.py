"""Sentences that name two artists or more: what a page says of the two together, word for word.

A name is found as it is written in the catalogue, letter for letter, where no letter or digit stands beside it; so a
page may name two artists and have no such sentence, because it names them apart or in other spellings.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ensemble.facts import Incidence

END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+(?=\S)|\s*\n\s*")
LONGEST = 300
"""Characters of a sentence that are kept; of a longer one the part around the names."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and the artists that it names, rising."""

    artists: tuple[int, ...]
    text: str


@dataclass(frozen=True, eq=False)
class Quotes:
    """All sentences that name several artists of a catalogue.

    Attributes:
        table: who is named by which sentence.
        texts: the sentences.
        pages: of each the page that it stands on, a thing of `Facts.pages`.
    """

    table: Incidence
    texts: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()


def quotes(n_artists: int, told: Sequence[tuple[int, Sentence]]) -> Quotes:
    """The sentences of pages, given page by page in canonical order, as one table.

    Args:
        n_artists: size of the catalogue; sentences name its artists by position.
        told: (page, sentence).
    """
    artists = [np.array(sentence.artists, dtype=np.int64) for _, sentence in told]
    things = np.repeat(np.arange(len(told)), [len(one) for one in artists])
    table = Incidence.of(n_artists, np.concatenate([np.empty(0, dtype=np.int64), *artists]), things.astype(np.int64))
    return Quotes(table, tuple(sentence.text for _, sentence in told), tuple(page for page, _ in told))


def sentences(body: str, names: Mapping[int, Sequence[str]]) -> list[Sentence]:
    """The sentences of a text that name at least two of some artists, in their order.

    Args:
        body: the text.
        names: what each of the artists is called.
    """
    found = [(place, place + len(name), artist) for artist, called in names.items() for name in called
             for place in places(body, name)]  # fmt: skip
    if len({artist for *_, artist in found}) < 2:
        return []
    cuts = [(0, 0), *(match.span() for match in END.finditer(body)), (len(body), len(body))]
    begins = [end for _, end in cuts]
    by_sentence: dict[int, list[tuple[int, int, int]]] = {}
    for one in found:
        by_sentence.setdefault(bisect_right(begins, one[0]) - 1, []).append(one)
    made = []
    for number, inside in sorted(by_sentence.items()):
        artists = tuple(sorted({artist for *_, artist in inside}))
        if len(artists) > 1:
            made.append(Sentence(artists, _cut(body, begins[number], cuts[number + 1][0], inside)))
    return made


def places(body: str, name: str) -> list[int]:
    """Where a name begins, as a word of its own."""
    found = []
    place = body.find(name) if name else -1
    while place >= 0:
        end = place + len(name)
        if not (place and body[place - 1].isalnum()) and not (end < len(body) and body[end].isalnum()):
            found.append(place)
        place = body.find(name, end)
    return found


def _cut(body: str, begin: int, end: int, inside: Sequence[tuple[int, int, int]]) -> str:
    if end - begin <= LONGEST:
        return " ".join(body[begin:end].split())
    middle = (min(first for first, *_ in inside) + max(last for _, last, _ in inside)) // 2
    low = max(begin, min(middle - LONGEST // 2, end - LONGEST))
    high = min(end, low + LONGEST)
    text = " ".join(body[low:high].split())
    return ("…" if low > begin else "") + text + ("…" if high < end else "")
