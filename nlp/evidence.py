"""How sure it is that a spot in a text which reads like a name is that artist: points for and against, added up.

The confidence is the logistic function of the sum. A distinctive name ("Radiohead") starts high and can only be
doubted; one made of everyday words ("Air", "The Band") starts below one half and must be borne out by its capitals,
by words of music around it, by other artists named with it, or by the page's title.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property

from nlp.everyday import WORDS, is_everyday
from nlp.folding import Pieces, is_mark
from nlp.musicality import LEXICON
from nlp.terms import STOP_WORDS

DISTINCTIVE = 3.0
EVERYDAY = -1.5
LOWER_CASE = -3.5
"""A single distinctive word without its capital: "shakira" may pass where all else speaks for it, "orchid" may not."""
LOWER_CASE_NAME = -1.0
"""Several words, one of them distinctive, without capitals: "bob dylan"."""
CAPITAL = 1.0
"""A capital inside a sentence."""
CAPITALS = 2.5
"""Two or more of them."""
MUSIC_BESIDE = 2.0
"""A word of music right before or after: "the duo Air", "Air's album"."""
MUSIC_IN_SENTENCE = 1.0
ARTIST_IN_SENTENCE = 1.5
ARTIST_IN_TEXT = 0.5
MUSICAL_TEXT = 0.5
POSSESSIVE = 0.5
TITLE = 3.0
SAME_TEXT = 1.5
"""The text means the artist by this name elsewhere."""
NEIGHBOUR_BEFORE = -2.5
"""Another capital word right before: "Celine Dion" is not Dion."""
NEIGHBOUR_AFTER = -3.5
"""Another capital word right after, or "of" and one: "Air France", "Heart of Gold"."""
QUOTED = -2.5
"""In quotation marks it is a song or an album."""
INTERJECTION = -2.0
"""A sentence that starts with it and a comma: "Yes, …"."""
VERY_MUSICAL = 0.4
"""Musicality from which a text counts as one about music."""
FAR = 40
"""Pieces to either side that are looked at for the sentence."""

_STOPS = frozenset(".!?\n;:…")
_QUOTES = frozenset("\"“”«»„‹›")
_ROLES = """
mr mrs ms dr sir dj mc lady band group duo trio singer rapper songwriter guitarist producer frontman featuring feat ft
"""
_CAPITAL_ROLES = frozenset(_ROLES.split())
_NATIONS = re.compile(r".*(?:ish|ese|ian|ean|[^d]ch)|greek|german|american|scots|swiss")


@dataclass(frozen=True)
class Spot:
    """Where a text reads like a name: pieces `start` to `end`, and whose name it is."""

    start: int
    end: int
    key: str
    artists: tuple[int, ...]
    distinctive: bool


class Page:
    """A text in pieces, with what one wants to know around a spot."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.words = pieces.words

    @cached_property
    def lower_case(self) -> bool:
        """Whether the writer uses no capitals."""
        return sum(map(str.isupper, self.pieces.text)) * 200 < len(self.pieces.text)

    def capital(self, index: int) -> bool:
        """Whether the piece is a word that starts with a capital or a digit."""
        first = self.pieces.text[self.pieces.starts[index]]
        return first.isupper() or first.isdigit()

    def opens_sentence(self, index: int) -> bool:
        """Whether a capital there says nothing, because a sentence, line or quotation starts with the piece."""
        while index > 0 and is_mark(self.words[index - 1]) and self.words[index - 1] not in _STOPS:
            if self.words[index - 1] not in _QUOTES and self.words[index - 1] not in "(-":
                return False
            index -= 1
        return index == 0 or self.words[index - 1] in _STOPS

    def sentence(self, spot: Spot) -> tuple[int, int]:
        """First piece and one past the last of the sentence around a spot, as far as `FAR`."""
        start, end = spot.start, spot.end
        while start > 0 and spot.start - start < FAR and self.words[start - 1] not in _STOPS:
            start -= 1
        while end < len(self.words) and end - spot.end < FAR and self.words[end] not in _STOPS:
            end += 1
        return start, end

    def gap(self, index: int) -> str:
        """What stands between a piece and the one before it."""
        return self.pieces.text[self.pieces.ends[index - 1] : self.pieces.starts[index]]

    def shouts(self, start: int, end: int, spot: Spot) -> bool:
        """Whether capitals mean nothing in these pieces: a headline or shouting."""
        others = [i for i in (*range(start, spot.start), *range(spot.end, end)) if self.words[i].isalpha()]
        capitals = sum(map(self.capital, others))
        return (len(others) >= 3 and capitals * 3 > 2 * len(others)) or (0 < len(others) == capitals)


def confidence(points: float) -> float:
    """0 … 1."""
    return 1 / (1 + math.exp(-points))


def content(page: Page, spot: Spot) -> list[int]:
    """The pieces of a spot that must have capitals: its words but for "the", "of" and the like inside."""
    inside = [i for i in range(spot.start, spot.end) if not is_mark(page.words[i])]
    weighty = [i for i in inside if page.words[i] not in STOP_WORDS]
    return weighty or [i for i in inside if page.words[i] != "the"] or inside


def case_points(page: Page, spot: Spot, *, written_small: bool) -> float | None:
    """What the capitals say; None when they rule the artist out."""
    words = content(page, spot)
    if page.lower_case or (written_small and not any(map(page.capital, words))):
        return 0.0 if spot.distinctive or written_small else -1.0
    if not all(map(page.capital, words)):
        if spot.distinctive:
            return LOWER_CASE_NAME if len(words) > 1 else LOWER_CASE
        return None
    if spot.distinctive or page.shouts(*page.sentence(spot), spot):
        return 0.0
    if len(words) > 1:
        return CAPITALS
    return 0.0 if page.opens_sentence(words[0]) else CAPITAL


def neighbour_points(page: Page, spot: Spot) -> float:
    """What stands right before and after: music, possession, other capitals, quotation marks."""
    words, points = page.words, 0.0
    before, after = _neighbours(page, spot)
    if spot.distinctive and len(content(page, spot)) > 1:
        return 0.0
    if before in LEXICON or after in LEXICON:
        points += MUSIC_BESIDE
    elif before and _is_foreign(page, spot.start - 1, before):
        points += NEIGHBOUR_BEFORE
    if spot.end < len(words) and words[spot.end] == "s" and page.gap(spot.end) == "'":
        points += POSSESSIVE
    elif after and _continues(page, spot.end):
        points += NEIGHBOUR_AFTER
    if _quoted(page, spot):
        points += QUOTED
    if spot.end < len(words) and words[spot.end] == "," and page.opens_sentence(spot.start):
        points += INTERJECTION
    return points


def _neighbours(page: Page, spot: Spot) -> tuple[str, str]:
    """The words right before (over "the") and after (over "'s"), empty where a mark stands between."""
    words, start, end = page.words, spot.start, spot.end
    before = words[start - 1] if start and not is_mark(words[start - 1]) else ""
    if end + 1 < len(words) and words[end] == "s" and page.gap(end) == "'":
        end += 1
    after = words[end] if end < len(words) and not is_mark(words[end]) else ""
    return before, after


def _is_foreign(page: Page, index: int, word: str) -> bool:
    """Whether the word before is a capital one that seems to belong to the same name."""
    if not page.capital(index) or word in _CAPITAL_ROLES or word in STOP_WORDS or word.isdigit():
        return False
    if page.opens_sentence(index) and is_everyday(word) and word not in WORDS:
        return False
    return not _NATIONS.fullmatch(word)


def _continues(page: Page, end: int) -> bool:
    """Whether what follows seems to belong to the same name: a capital word, or "of", "the", "in" and one."""
    words = page.words
    if page.gap(end) not in (" ", "-"):
        return False
    if page.capital(end) and not words[end].isdigit():
        return words[end] not in STOP_WORDS and words[end] not in LEXICON
    return words[end] in ("of", "to") and end + 1 < len(words) and page.capital(end + 1)


def _quoted(page: Page, spot: Spot) -> bool:
    words = page.words
    opened = spot.start > 0 and words[spot.start - 1] in _QUOTES
    return opened and spot.end < len(words) and (words[spot.end] in _QUOTES or words[spot.end] in ",.")


def music_in(page: Page, start: int, end: int, spot: Spot) -> bool:
    """Whether a clear word of music stands in these pieces, outside the spot."""
    return any(LEXICON.get(page.words[i], 0) >= 2 for i in (*range(start, spot.start), *range(spot.end, end)))
