"""Whether an everyday word with a capital inside a sentence is the title of a song or an album, and no artist."""

from __future__ import annotations

import re

from nlp.everyday import is_everyday
from nlp.evidence import Sort, Spot
from nlp.folding import is_mark
from nlp.page import Page
from nlp.terms import STOP_WORDS

TITLE_OF = -2.5
""""the album Heart", "a song called Free", "their debut, Heart", "Heart (1985)"."""
MADE = -1.5
""""released Heart", "sang Free"."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set(
    "song songs album albums single singles track tracks ep lp titled entitled anthem ballad hit hits record tune "
    "film movie novel book play series show musical opera video mixtape compilation debut"
)
_NAMING = _set("called named titled entitled")
_MAKING = _set(
    "released releasing recorded recording issued reissued wrote writing penned sang singing produced performed "
    "record release records releases sings"
)
_OUT = _set("released issued")
_LINKS = _set("a an the of in on to for from at my your me you it not")
"""Small words inside a title."""
_NATIONS = re.compile(r".*(?:ish|ese|ian|ean)")
FARTHEST = 3
"""Small words between two capitals of a title, at most."""
LONGEST = 10
"""Pieces of a quoted title, at most."""
_OPENING = frozenset('"“„«')
_CLOSING = frozenset('"”“»')


def title_points(page: Page, spot: Spot) -> float:
    """Points against a name, from what stands right before and after it; none for one that opens a sentence."""
    words, at = page.words, spot.start - 1
    if words[spot.start] == "the" or spot.sort is Sort.GRAMMAR or page.opens_sentence(spot.start) or at < 1:
        return 0.0
    if _in_quoted_title(page, spot) or _goes_back(page, at):
        return TITLE_OF
    before, ahead = words[at], words[at - 1]
    if before in _TITLES or (before in _NAMING and ahead in _TITLES) or (before in ",:(" and ahead in _TITLES):
        return TITLE_OF
    if before == "as" and ahead == "such" and words[at - 2] in _TITLES:
        return TITLE_OF
    after = words[spot.end : spot.end + 4]
    if after[:1] == ["("] and len(after) > 1 and after[1].isdigit() and len(after[1]) == 4:
        return TITLE_OF
    if after[:2] == [",", "which"] or (after[:1] in (["was"], ["is"]) and not _OUT.isdisjoint(after)):
        return MADE
    return MADE if before in _MAKING and spot.end - spot.start == 1 else 0.0


def _in_quoted_title(page: Page, spot: Spot) -> bool:
    """Whether short quotation marks around it hold capitals throughout: a title, where speech has none."""
    words = page.words
    first = spot.start - 1
    while first >= 0 and spot.start - first < LONGEST and words[first] not in _OPENING | _CLOSING:
        first -= 1
    if first < 0 or words[first] not in _OPENING or page.gap(first + 1) != "":
        return False
    last = spot.end
    while last < len(words) and last - first < LONGEST and words[last] not in _CLOSING:
        last += 1
    if last >= len(words) or words[last] not in _CLOSING:
        return False
    inside = [i for i in range(first + 1, last) if words[i].isalnum() and words[i] not in _LINKS]
    return len(inside) > spot.end - spot.start and sum(map(page.capital, inside)) * 4 >= 3 * len(inside)


def _goes_back(page: Page, at: int) -> bool:
    """Whether the words that end here and a name after them are one title: "Falling in …", "One …", "Your …"."""
    words, first = page.words, at
    while first >= 0 and at - first < FARTHEST and words[first] in _LINKS and not page.capital(first):
        first -= 1
    word = words[first]
    if first < 0 or is_mark(word) or not page.capital(first) or first in page.taken or page.opens_sentence(first):
        return False
    if first == at:
        return (word in STOP_WORDS and word not in ("the", "i")) or _NATIONS.fullmatch(word) is not None
    if words[at] == "from" and not is_everyday(word):
        return False
    return is_everyday(word) and not page.full_name(first)
