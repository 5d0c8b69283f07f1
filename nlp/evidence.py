"""How sure it is that a spot in a text which reads like a name is that artist: points for and against, added up.

The confidence is the logistic function of the sum. A distinctive name ("Radiohead") starts high and can only be
doubted; one made of everyday words ("Air", "The Band") or of a place or given name ("Chicago", "Dion") starts low and
must be borne out by its capitals, by words of music right beside it, by artists named in one breath with it, or by the
title. That the page is about music says little: most pages that are read are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Set as AbstractSet
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from nlp.everyday import CALENDAR, GIVEN_NAMES, PLACES, SURNAMES, is_everyday
from nlp.folding import is_mark
from nlp.musicality import LEXICON
from nlp.ordinary import is_uncommon
from nlp.page import Page
from nlp.terms import STOP_WORDS


class Sort(Enum):
    """What a name is made of, which says how much evidence it needs."""

    __hash__ = object.__hash__
    """Asked several times a spot; that of `Enum` is no native code."""

    DISTINCTIVE = auto()
    """Several words, one of them no everyday one: "Neutral Milk Hotel"."""
    RARE = auto()
    """One word that is no everyday one: "Calexico"."""
    UNCOMMON = auto()
    """One word of the dictionary that few texts have: "Anthrax", "The Raincoats"."""
    PERSON = auto()
    """A given name or initials and everyday words: "Al Green", "B.B. King"."""
    PHRASE = auto()
    """Everyday words, two or more with weight: "Talking Heads"."""
    WORD = auto()
    """One everyday word, be it with "the": "Air", "The Band"."""
    PLACE = auto()
    """A place, a given name or a surname, which has a capital whatever it means: "Chicago", "Dion"."""
    GRAMMAR = auto()
    """A word of grammar or of music, a month, a number, marks: "Them", "Live", "1975", "!!!"."""


BASE = {
    Sort.DISTINCTIVE: 3.0, Sort.RARE: 2.0, Sort.UNCOMMON: -2.0, Sort.PERSON: 2.0, Sort.PHRASE: -2.75, Sort.WORD: -2.75,
    Sort.PLACE: -3.5, Sort.GRAMMAR: -4.0,
}  # fmt: skip
SURE = frozenset({Sort.DISTINCTIVE, Sort.RARE, Sort.PERSON})
"""Sorts that count unless something speaks against them."""
CAPITAL = {Sort.PHRASE: 3.0, Sort.WORD: 2.75, Sort.UNCOMMON: 2.75, Sort.GRAMMAR: 1.0}
"""For capitals where a sentence does not demand them."""
CAPITAL_STOP = 2.0
""""Van Morrison left Them": no pronoun has a capital inside a sentence."""
CAPITAL_THE = 1.5
""""The" inside a sentence: "by The Engines"."""
SMALL = {Sort.DISTINCTIVE: -1.0, Sort.RARE: -3.5}
"""For a name without its capitals: "bob dylan", "radiohead"; other sorts are ruled out then."""
SMALL_PAIR = -3.5
"""For a distinctive name of two words that are no person's, in a text with capitals: "a camera obscura"."""
EXACT = 1.0
"""An everyday name with marks or unusual capitals, written just so: "Therapy?", "Ash Harbour (DE)"."""
INNER_MARK = 4.5
"""A mark inside a word, where no word has one: "P!nk"."""
OTHER_CASE = -1.5
"""An everyday name that is written in capitals or small letters throughout, and is not so here."""
ROLE_BEFORE = 2.5
""""the duo Air", "singer Dion", "a record by Women"."""
MUSIC_AFTER = 1.5
""""Women released", "Air albums"."""
POSSESSIVE = 0.5
POSSESSIVE_MUSIC = 2.5
""""Heart's album"."""
MUSIC_IN_SENTENCE = 0.5
MUSICAL_TEXT = 0.5
ARTIST_IN_SENTENCE = 0.5
PLACE_AND = 2.5
""""Phoenix and Daft Punk": nobody names a place and an artist so."""
EACH_OTHER = 2.0
""""Blur and Oasis", "Yes and Genesis": two that are in doubt bear each other out."""
ONE_BREATH = {Sort.PLACE: 1.0, Sort.GRAMMAR: 1.5}
"""An artist right before or after, with only a comma, "and" or "or" between: "Radiohead, Air and Björk"."""
ONE_BREATH_ELSE = 2.5
BREATH = frozenset([",", "and", "or", "the"])
"""What may stand between names in one breath."""
MOST_AROUND = MUSICAL_TEXT + MUSIC_IN_SENTENCE + ARTIST_IN_SENTENCE
"""What sentence and text add at most where no name is in one breath with it."""
TITLE = 4.0
SAME_TEXT = 2.5
"""The text surely means the artist by this name elsewhere."""
FOREIGN = -4.0
"""Part of a longer name that is not the artist's: "Air France", "Celine Dion", "Heart of Gold"."""
FOREIGN_PERSON = -2.0
SHORT_FORM = -6.0
"""The text has the word as part of a longer name elsewhere: "Neville" where it also says "Aaron Neville"."""
QUOTED = -2.5
"""In quotation marks it is a song or an album."""
SAID = -3.0
"""A sentence that starts with it and a comma: "Yes, …"."""
VERY_MUSICAL = 0.35
"""Musicality from which a text counts as one about music."""

_PARTING = str.maketrans("", "", " '&,./-")
LIGHT = frozenset(["the", "a", "an", "of", "and", "or", "in", "on", "at", "to", "for", "with", "by", "from", "n", "s"])
"""Words of a name that a capital may be missing from."""
NAMES = PLACES | GIVEN_NAMES | SURNAMES
_INNER_MARK = re.compile(r"\w[!$*@]\w")
_ROLES = """
band bands group groups duo trio quartet quintet act acts outfit collective ensemble supergroup project singer rapper
songwriter vocalist guitarist drummer bassist pianist musician artist artists producer dj mc frontman crooner star
featuring feat ft
"""
ROLES = frozenset(_ROLES.split())
_VERBS = """
released recorded toured performed plays played sings sang signed covered disbanded reunited headlined debuted
"""
VERBS = frozenset(_VERBS.split())
_NOUNS = """
release releases record records tour tours perform play sing sung formed wrote album albums song songs single singles
ep lp fans concert concerts gig gigs frontman singer guitarist drummer bassist vocalist tracks discography lyrics
"""
AFTER = VERBS | frozenset(_NOUNS.split())


class Spot(NamedTuple):
    """Where a text reads like a name: pieces `start` to `end`, how it is folded, and whose name it is."""

    start: int
    end: int
    key: str
    artists: tuple[int, ...]
    sort: Sort


def confidence(points: float) -> float:
    """0 … 1."""
    return 1 / (1 + math.exp(-points))


@lru_cache(maxsize=1 << 13)
def sort_of(key: str) -> Sort:
    """The sort of a folded name."""
    words = [word for word in key.split() if not is_mark(word)]
    weighty = [word for word in words if word not in LIGHT]
    if not all(map(is_everyday, words)):
        if len(words) > 1:
            return Sort.DISTINCTIVE
        if words[0] in LEXICON:
            return Sort.GRAMMAR
        return Sort.UNCOMMON if is_uncommon(words[0]) else Sort.RARE
    if len(words) > 1 and _begins_person(words[0]) and len(words[-1]) > 2:
        return Sort.PERSON
    if len(weighty) > 1 or not weighty:
        return Sort.PHRASE if len(words) > 1 else Sort.GRAMMAR
    word = weighty[0]
    if word in STOP_WORDS or word in LEXICON or word in CALENDAR or len(word) < 2 or word[:-1].isdigit():
        return Sort.WORD if words[0] == "the" and len(words) > 1 else Sort.GRAMMAR
    return Sort.PLACE if word in NAMES else Sort.WORD


def _begins_person(word: str) -> bool:
    """Whether a word is a given name, initials or a title such as "DJ"."""
    if len(word) <= 2:
        return word not in STOP_WORDS or (len(word) == 1 and word not in "aio")
    return word in GIVEN_NAMES and word not in LEXICON


def weighty_pieces(page: Page, spot: Spot) -> list[int]:
    """The pieces of a spot that must have capitals: all words but "the", "of" and the like."""
    if spot.end - spot.start == 1 and not is_mark(spot.key):
        return [spot.start]
    inside = [i for i in range(spot.start, spot.end) if not is_mark(page.words[i])]
    return [i for i in inside if page.words[i] not in LIGHT] or inside


def written_points(page: Page, spot: Spot, written: str | None) -> float | None:
    """What the letters say; None when they rule the artist out.

    Args:
        page: the text.
        spot: the place.
        written: how the catalogue writes the name, where that is unusual.
    """
    words = weighty_pieces(page, spot)
    if not any(map(str.isalnum, spot.key)):
        return 2.0
    capitals = all(map(page.capital, words))
    if written is not None:
        exact = _written_so(page, spot, written)
        if spot.sort not in SURE:
            return _unusual_points(page, spot, written, exact=exact, capitals=capitals)
        if exact:
            return 0.0
    if not capitals:
        return 0.0 if page.lower_case and spot.sort in SURE else _small_points(page, spot, words)
    return _capital_points(page, spot, words)


def _small_points(page: Page, spot: Spot, words: list[int]) -> float | None:
    pair = spot.sort is Sort.DISTINCTIVE and len(words) == 2
    return SMALL_PAIR if pair and page.words[words[0]] not in GIVEN_NAMES else SMALL.get(spot.sort)


def _unusual_points(page: Page, spot: Spot, written: str, *, exact: bool, capitals: bool) -> float | None:
    """What the letters say of an everyday name that has marks, accents or unusual capitals."""
    usual = _capital_points(page, spot, weighty_pieces(page, spot)) if capitals else 0.0
    if exact and _INNER_MARK.search(written):
        return INNER_MARK + usual
    if exact:
        telling = spot.sort is not Sort.GRAMMAR and len(written) > 3 and not written.endswith(".")
        return EXACT * (telling and capitals) + usual
    one_case = letters(written).isupper() or letters(written).islower()
    return one_case * OTHER_CASE + usual if capitals and letters(written).isalpha() else None


def _written_so(page: Page, spot: Spot, written: str) -> bool:
    start, end = page.pieces.starts[spot.start], page.pieces.ends[spot.end - 1]
    text = page.pieces.text
    return text.startswith(written, start) or (letters(text[start:end]) == letters(written) != "")


def letters(name: str) -> str:
    """A name without the marks that part words."""
    return name.translate(_PARTING)


def _capital_points(page: Page, spot: Spot, words: list[int]) -> float:
    stop = spot.key in STOP_WORDS and len(spot.key) > 2 and not page.form(spot.start).isupper()
    points = CAPITAL_STOP if stop else CAPITAL.get(spot.sort, 0.0)
    if points == 0 and len(words) > 1:
        return 0.0
    if (len(words) == 1 and page.opens_sentence(words[0])) or page.shouts(spot.start, spot.end):
        return 0.0
    the = spot.start if page.words[spot.start] == "the" else spot.start - 1
    if words[0] > the >= 0 and len(words) == 1 and page.form(the) == "The" and not page.opens_sentence(the):
        points += CAPITAL_THE
    return points


def beside_points(page: Page, spot: Spot) -> float:
    """What stands right before and after: roles, possession, music, quotation marks, other capitals."""
    words, end = page.words, spot.end
    if spot.sort is Sort.DISTINCTIVE:
        return 0.0
    possessive = page.possessive(end)
    if end < len(words) and page.gap(end) == "'" and not possessive:
        return FOREIGN
    before = words[spot.start - 1] if spot.start else ""
    after = words[end + possessive] if end + possessive < len(words) else ""
    made_by = before == "by" and spot.start > 1 and words[spot.start - 2] in LEXICON
    longer = page.inside_longer_name(spot.start, end) and not page.shouts(spot.start, spot.end)
    points = ROLE_BEFORE if (before in ROLES or made_by) and not longer else 0.0
    if possessive:
        owned = words[end + 1 : end + (2 if spot.sort is Sort.PLACE else 4)]
        titled = end + 1 < len(words) and page.capital(end + 1)
        points += POSSESSIVE if titled or LEXICON.keys().isdisjoint(owned) else POSSESSIVE_MUSIC
    elif after in (VERBS if spot.sort is Sort.PLACE else AFTER) and not page.capital(end):
        points += MUSIC_AFTER
    if longer:
        points += FOREIGN_PERSON if spot.sort is Sort.PERSON else FOREIGN
    if page.quoted(spot.start, end):
        points += QUOTED
    alone = end - spot.start == 1 and spot.sort not in SURE
    if after == "," and page.opens_sentence(spot.start) and alone and not _starts_list(page, spot):
        points += SAID
    return points


def _starts_list(page: Page, spot: Spot) -> bool:
    """Whether another capital follows the comma: "Common, Nas and Q-Tip", but not "Yes, Nas is there"."""
    following = spot.end + 1
    return spot.sort is not Sort.GRAMMAR and following < len(page.words) and page.capital(following)


def context_points(page: Page, spot: Spot, sure: list[Spot], score: float) -> float:
    """What the sentence and the text say of a name that is not sure by itself.

    Args:
        page: the text.
        spot: the place.
        sure: spots of other artists that count already.
        score: the text's musicality.
    """
    start, end = page.sentence(spot.start, spot.end)
    others = [other for other in sure if start <= other.start < end and not set(other.artists) & set(spot.artists)]
    points = MUSICAL_TEXT if score >= VERY_MUSICAL else 0.0
    around = (*range(start, spot.start), *range(spot.end, end))
    if any(LEXICON.get(page.words[i], 0) >= 2 for i in around):
        points += MUSIC_IN_SENTENCE
    if others:
        points += ARTIST_IN_SENTENCE
    points += max((_breath_points(page, spot, other) for other in others), default=0.0)
    return points


def has_company(page: Page, spot: Spot, starts: AbstractSet[int], ends: AbstractSet[int]) -> bool:
    """Whether another of the spots with these starts and ends is in one breath with a spot."""
    words, before, after = page.words, spot.start, spot.end
    while before > 0 and spot.start - before < 3 and words[before - 1] in BREATH:
        before -= 1
        if before in ends:
            return True
    while after < len(words) and after - spot.end < 3 and words[after] in BREATH:
        after += 1
        if after in starts:
            return True
    return False


def _breath_points(page: Page, spot: Spot, other: Spot) -> float:
    if not in_one_breath(page, spot, other):
        return 0.0
    first, second = (spot, other) if spot.start < other.start else (other, spot)
    if spot.sort is Sort.PLACE and page.words[first.end : second.start] in (["and"], ["and", "the"]):
        return PLACE_AND
    return ONE_BREATH.get(spot.sort, ONE_BREATH_ELSE)


def in_one_breath(page: Page, spot: Spot, other: Spot) -> bool:
    """Whether only a comma, "and", "or" or "the" stands between two names."""
    first, second = (spot, other) if spot.start < other.start else (other, spot)
    between = page.words[first.end : second.start]
    return 0 < len(between) <= 3 and all(word in BREATH for word in between)


def bear_out(page: Page, one: Spot, other: Spot) -> bool:
    """Whether two names in one breath, both with capitals, one at least where no sentence demands it, are a pair."""
    capitals = all(page.capital(i) for spot in (one, other) for i in weighty_pieces(page, spot))
    inside = not page.opens_sentence(one.start) or not page.opens_sentence(other.start)
    return capitals and inside and in_one_breath(page, one, other) and not page.shouts(one.start, other.end)
