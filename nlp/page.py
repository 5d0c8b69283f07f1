"""A text in pieces, and what one wants to know around a place in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

from nlp.everyday import GIVEN_NAMES, SURNAMES, is_everyday
from nlp.folding import Pieces, is_mark
from nlp.musicality import LEXICON
from nlp.ordinary import is_uncommon
from nlp.terms import STOP_WORDS

FAR = 40
"""Pieces to either side that are looked at for the sentence."""
_STOPS = frozenset(".!?\n;:…")
_QUOTES = frozenset("\"“”«»„‹›")
_OPENERS = _QUOTES | frozenset("([-*•·–—|")
_FRAMES = _QUOTES | frozenset(":-–—|()[]")
_TITLES = frozenset(["mr", "mrs", "ms", "dr", "sir", "dame", "st"])
_NATIONS = re.compile(r".*(?:ish|ese|ian|ean|[^d]ch|born|based)|greek|german|american|scots|swiss")
_OF = frozenset(["of", "the", "to", "a", "my", "your"])
"""Small words inside a title or a longer name."""


_SMALL_IN_HEADLINES = frozenset(
    ["a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "with", "by", "and", "or", "but", "as", "vs", "n"]
)


class Page:
    """A text in pieces. Every method takes the index of a piece, or those of the first and one past the last."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.words = pieces.words
        self._text, self._starts, self._ends = pieces.text, pieces.starts, pieces.ends
        self._shouts: dict[tuple[int, int], bool] = {}
        self.taken: set[int] = set()
        """Pieces of names that are sure: as neighbours they say nothing against a name."""

    @cached_property
    def lower_case(self) -> bool:
        """Whether the writer uses no capitals."""
        return sum(map(str.isupper, self.pieces.text)) * 200 < len(self.pieces.text)

    def capital(self, index: int) -> bool:
        """Whether the piece starts with a capital or a digit."""
        first = self._text[self._starts[index]]
        return first.isupper() or first.isdigit()

    def form(self, index: int) -> str:
        """The piece as it is written."""
        return self._text[self._starts[index] : self._ends[index]]

    def gap(self, index: int) -> str:
        """What stands between a piece and the one before it."""
        return self._text[self._ends[index - 1] : self._starts[index]]

    def possessive(self, end: int) -> bool:
        """Whether "'s" follows the piece before `end`."""
        return end < len(self.words) and self.words[end] == "s" and self.gap(end) == "'"

    def opens_sentence(self, index: int) -> bool:
        """Whether a capital there says nothing, because a sentence, a line or a quotation starts with the piece."""
        while index > 0 and self.words[index - 1] in _OPENERS:
            index -= 1
        return index == 0 or self.words[index - 1] in _STOPS

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """First piece and one past the last of the sentence around these pieces, as far as `FAR` to each side."""
        stops = self._stops
        before, after = bisect_left(stops, start), bisect_left(stops, end)
        first = max(start - FAR, stops[before - 1] + 1 if before else 0)
        return first, min(end + FAR, stops[after] if after < len(stops) else len(self.words))

    @cached_property
    def _stops(self) -> list[int]:
        """Where sentences end."""
        return [i for i, word in enumerate(self.words) if word in _STOPS]

    def shouts(self, start: int, end: int) -> bool:
        """Whether the sentence around these pieces is a headline or shouted: capitals say nothing there."""
        known = self._shouts.get((start, end))
        if known is None:
            known = self._shouts[start, end] = self._is_headline(start, end)
        return known

    def _is_headline(self, start: int, end: int) -> bool:
        """Whether at least four other words have weight, and more than nine in ten of them capitals."""
        text, words, starts, _ = self.pieces
        first, last = self.sentence(start, end)
        small_allowed = (last - first - (end - start)) / 10
        weighty = small = 0
        for i in (*range(end, last), *range(first, start)):
            word = words[i]
            if word.isalpha() and word not in _SMALL_IN_HEADLINES:
                weighty += 1
                if not text[starts[i]].isupper():
                    small += 1
                    if small >= small_allowed:
                        return False
        return weighty >= 4 and small * 10 < weighty

    def inside_longer_name(self, start: int, end: int) -> bool:
        """Whether capital words right before or after seem to belong to one name or title with these pieces."""
        return self._goes_on(end) or self._began(start)

    def ends_longer_name(self, index: int) -> bool:
        """Whether the piece is the last word of a longer name: a capital word before it, none after."""
        before = index - 1
        return before >= 0 and self.capital(before) and self._began(index) and not self._goes_on(index + 1)

    def full_name(self, index: int) -> bool:
        """Whether the piece is the surname in a person's full name: "Damon Albarn", no "Royal Society"."""
        first = index - 1
        if first < 0 or not (self.capital(index) and self.capital(first)) or self.gap(index) != " ":
            return False
        given, surname = self.words[first], self.words[index]
        if given in STOP_WORDS or given in LEXICON or surname in LEXICON or is_mark(given):
            return False
        known = given in GIVEN_NAMES or (surname in GIVEN_NAMES | SURNAMES and not self.opens_sentence(first))
        return known or not (is_everyday(given) or is_uncommon(given)) or (given in SURNAMES and surname in SURNAMES)

    def mononym(self, index: int) -> bool:
        """Whether a capital word that no dictionary has seems to be a person's only name: "Suggs"."""
        word = self.words[index]
        before = index == 0 or not self.capital(index - 1) or is_mark(self.words[index - 1])
        return self.capital(index) and before and word.isalpha() and not (is_everyday(word) or is_uncommon(word))

    def _goes_on(self, end: int) -> bool:
        """"Air France", "Air-Condition Nation", "Heart of Gold", "Love Me Do", 'James "Hutch" Hutchinson'."""
        words = self.words
        quoted = end + 1 < len(words) and words[end] in _QUOTES and self.gap(end) == " "
        if quoted and words[end - 1] in GIVEN_NAMES:
            return self.capital(end + 1) and self.gap(end + 1) == ""
        if end >= len(words) or is_mark(words[end]) or self.gap(end) not in (" ", "-"):
            return False
        if self.capital(end):
            return end not in self.taken and words[end] not in LEXICON
        if self.gap(end) == "-":
            return True
        ahead = end
        while ahead < min(end + 2, len(words)) and words[ahead] in _OF:
            ahead += 1
        return end < ahead < len(words) and self.capital(ahead) and words[end] in ("of", "to", "my")

    def _began(self, start: int) -> bool:
        """"Celine Dion", "Queen of Hearts", "Tell It Like It Is"."""
        words, before = self.words, start - 1
        if before < 0 or is_mark(words[before]) or self.gap(start) not in (" ", "-"):
            return False
        if self.gap(start) == "-":
            return True
        if not self.capital(before):
            while before >= max(0, start - 3) and words[before] in _OF and not self.capital(before):
                before -= 1
            reaches = before >= 0 and not is_mark(words[before]) and words[start - 1] != "to"
            if reaches and words[before + 1] == "of" and self.mononym(before):
                return False
            return reaches and before < start - 1 and self._names(before) and not self.full_name(before)
        return self._names(before)

    def _names(self, index: int) -> bool:
        """Whether a capital word seems to be part of a name, and not to open a sentence or to say what follows."""
        word = self.words[index]
        if not self.capital(index) or index in self.taken or _NATIONS.fullmatch(word):
            return False
        if word in _TITLES or word in LEXICON:
            return False
        if self.opens_sentence(index):
            return not is_everyday(word) or (word in GIVEN_NAMES and word not in STOP_WORDS)
        return word not in STOP_WORDS

    def quoted(self, start: int, end: int) -> bool:
        """Whether these pieces stand alone in quotation marks."""
        words = self.words
        if not start or words[start - 1] not in _QUOTES or end >= len(words):
            return False
        return words[end] in _QUOTES or (words[end] in ",." and end + 1 < len(words) and words[end + 1] in _QUOTES)

    def set_apart(self, start: int, end: int) -> bool:
        """Whether these pieces stand apart in a title: "Review: Air, “Moon Safari”", "Air – live", "Air's return"."""
        words = self.words
        opened = start == 0 or words[start - 1] in _FRAMES
        if end == len(words) or words[end] in _FRAMES or self.possessive(end):
            return opened
        return opened and words[end] == "," and end + 1 < len(words) and words[end + 1] in _QUOTES
