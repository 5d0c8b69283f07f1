"""An everyday name as the subject of a sentence: what grammar says of it.

A singular that can be counted has an article: in "Muse built a tower" nothing but a name can stand before the verb. A
capital inside a sentence before a verb ("when Queen stole the show") is a name even where the word is a substance; that
of a song or an album, where the verb is what those do ("reached", "was released").
"""

from __future__ import annotations

from nlp.everyday import PLACES
from nlp.evidence import Sort, Spot
from nlp.ordinary import needs_no_article
from nlp.page import Page

BARE_SUBJECT = 3.0
""""Kiss painted their faces"."""
PLURAL_SUBJECT = 2.25
""""Foals began at house parties": plurals need no article, but then they are seldom told of in the past."""
NAMED_SUBJECT = 3.5
""""Madonna reinvented herself": a given name or a surname alone."""
SUBJECT_INSIDE = 2.0
""""when Queen stole the show", "and so Air made another"."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PASTS = _set(
    "had has have did does became began bent blew bought bound broke brought built burst came caught chose cost cut "
    "dealt did drew drank drove ate fell felt fought flew forgot forgave gave got grew heard hid held hit hung kept "
    "knew laid led left lent let lit lost made meant met paid put quit ran rang rose said sang sank sat saw sent set "
    "shook shot shut slept sold spent split spoke spun stole stood stuck struck swore swept swam swung taught tore "
    "threw told took thought understood went woke won wore wrote cannot could would will may might never always once "
    "still also rarely seldom often don doesn didn won wouldn couldn"
)
"""What follows a subject and nothing else: pasts and helping verbs, and the adverbs that stand before a verb."""
_PRESENT = _set("have do are cannot can could would will may might often rarely seldom never always also still don")
PEOPLE = _set("women men people children police girls boys folk folks kids parents fans friends everybody nobody")
"""Whom anything may be told of."""
_AFTER_VERBS = _set("the a an his her its their no every all some it them him us alone like")
_OF_TITLES = _set(
    "reached peaked charted entered appeared contains contained featured features features topped is was sold went "
    "debuted follows followed spawned became opens closes includes included"
)
"""What songs and albums do as well as artists."""
_NO_VERBS = _set(
    "hundred naked sacred wicked rugged ragged crooked aged beloved red bed seed speed need indeed shed feed"
)
_JOINS = _set(
    "when while as after before because that since until if whether but so where than how why once though and"
)
"""What a clause begins with."""


def finite(word: str) -> bool:
    """Whether a folded word is likely a finite verb, or an adverb before one."""
    return word in _PASTS or (len(word) > 4 and word.endswith("ed") and word not in _NO_VERBS)


def _third_person(words: list[str], at: int) -> bool:
    """Whether what ends in "s" is a verb: a noun or "the" that follows it shows that it is no plural."""
    verb = words[at].endswith("s") and not words[at].endswith(("ss", "us", "is")) and len(words[at]) > 3
    return verb and at + 1 < len(words) and words[at + 1] in _AFTER_VERBS


def subject_points(page: Page, spot: Spot) -> float:
    """What it says of an everyday name with a capital that a verb follows."""
    end, last = spot.end, page.words[spot.end - 1]
    if end >= len(page.words) or page.capital(end) or page.gap(end) != " ":
        return 0.0
    if not finite(page.words[end]) and not _third_person(page.words, end):
        return 0.0
    if spot.start and page.capital(spot.start - 1):
        return 0.0
    if spot.sort is Sort.PLACE and last not in PLACES:
        return NAMED_SUBJECT
    if spot.sort in (Sort.PLACE, Sort.GRAMMAR):
        return 0.0
    if not page.opens_sentence(spot.start):
        began = page.words[spot.start - 1] in _JOINS or page.words[spot.start - 1] == ","
        return SUBJECT_INSIDE if began and page.words[end] not in _OF_TITLES else 0.0
    if spot.end - spot.start > 1 or needs_no_article(last):
        return 0.0
    if last.endswith("s") and not last.endswith(("ss", "is", "us")):
        people = last in PEOPLE or last.endswith(("ers", "ors", "ists", "ics", "ians"))
        return 0.0 if people or page.words[end] in _PRESENT else PLURAL_SUBJECT
    return 0.0 if last in PEOPLE else BARE_SUBJECT
