"""Which of several artists of one name is meant: what the text says decides, and where it says nothing, none.

In this order: the note right after the name ("Ash Harbour (DE)"), another name of one of them that the text has, the
words of their notes in the text, the words of their tags in it, how the name is written. Tags decide only where each
of them has some, and the one with most of its tags' words in the text has more than any other: words that two share
cancel out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

from nlp.evidence import LIGHT, Spot
from nlp.folding import name_words
from nlp.page import Page

NEAR = 4
"""Pieces after a name in which a note such as "(DE)" is looked for first."""


class Homonyms:
    """Tells artists of one name apart.

    Args:
        notes: artist id → words that tell it from others of its name ("Swedish folk band").
        tags: artist id → the words of its tags.
    """

    def __init__(self, notes: Mapping[int, str], tags: Mapping[int, str]) -> None:
        self._notes = notes
        self._tags = tags
        self._written: dict[int, set[str]] = {}

    def spell(self, artist: int, name: str) -> None:
        """One way in which the catalogue writes an artist's name."""
        self._written.setdefault(artist, set()).add(name)

    def choose(self, page: Page, spot: Spot, clear: Collection[int], words: AbstractSet[str]) -> int | None:
        """Whose name it is; None where it stays open.

        Args:
            page: the text that the name stands in.
            spot: where.
            clear: artists that the text names by names that are theirs alone.
            words: all folded words of text and title.
        """
        near = set(page.words[spot.end : spot.end + NEAR])
        tagged = all(self._tags.get(artist) for artist in spot.artists)
        ways: Iterable[Callable[[], list[int]]] = (
            lambda: _best(spot.artists, self._notes, near),
            lambda: [artist for artist in spot.artists if artist in clear],
            lambda: _best(spot.artists, self._notes, words),
            lambda: _best(spot.artists, self._tags, words) if tagged else [],
            lambda: self._spelt_so(page, spot),
        )
        return next((found[0] for way in ways if len(found := way()) == 1), None)


    def _spelt_so(self, page: Page, spot: Spot) -> list[int]:
        """The artists whose names the catalogue writes just so, with "The" before it where the text has that."""
        text, starts, end = page.pieces.text, page.pieces.starts, page.pieces.ends[spot.end - 1]
        article = spot.start > 0 and page.words[spot.start - 1] == "the"
        for start in (starts[spot.start - article], starts[spot.start]):
            written = text[start:end]
            form = written[:1].upper() + written[1:]
            found = [artist for artist in spot.artists if {written, form} & self._written.get(artist, set())]
            if found:
                return found
        return []


def _best(artists: Iterable[int], told: Mapping[int, str], words: AbstractSet[str]) -> list[int]:
    """The artists that have most of the words that are told of them among these."""
    hits = {artist: len(words & _words_of(told[artist])) for artist in artists if artist in told}
    most = max(hits.values(), default=0)
    return [artist for artist, n in hits.items() if n == most > 0]


@lru_cache(maxsize=1 << 10)
def _words_of(told: str) -> frozenset[str]:
    return frozenset(name_words(told)) - LIGHT
