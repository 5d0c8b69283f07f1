"""What the clause around an everyday name says of it: bands act, have members, and make what has a title.

The rules know the grammar of writing about music, no artist: who "left", "joined" or "fronted" something, of what a
person with a full name or a singer is, by whom a title is, and what takes a plural verb though it is no plural.
"""

from __future__ import annotations

from nlp.everyday import PLACES
from nlp.evidence import ROLES, SURE, Sort, Spot
from nlp.folding import is_mark
from nlp.musicality import LEXICON
from nlp.page import Page
from nlp.subjects import PEOPLE, subject_points
from nlp.titles import title_points

MEMBER_OF = 2.5
""""the singer of Low", "Damon Albarn of Blur"."""
MEMBERSHIP = 2.25
""""left Genesis", "sang in Free"."""
PLACE_MEMBERSHIP = 3.0
""""joined Chicago": nobody leaves or leads a place in that sense alone."""
TITLE_BY = 2.5
""""Marquee Moon by Television"."""
PLACE_TITLE_BY = 3.5
BY = 1.5
""""produced by Air"; less where a word of music says so already."""
BAND_ACTS = 2.25
""""Boston released"; on top of what any music word after a name is worth."""
WORD_ACTS = 2.5
""""Yes released": no interjection, which a comma follows."""
PERSON_ACTS = 1.5
""""Sting sang"."""
PLURAL_VERB = 3.0
""""Low have": a singular that takes a plural verb."""
HAD_HIT = 3.0
PLACE_HAD_HIT = 4.0
""""America had a hit"."""
ROLE_OF_PLACE = 1.0
""""the trio America", on top of what a role before a name is worth."""
THE_CAPITAL = 1.5
""""The Beat", "the Cure"."""
TITLE_GOES_ON = -2.5
""""Spirit in the Dark"."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MEMBERS = _set(
    "member members singer singers guitarist drummer bassist vocalist keyboardist frontman frontwoman founder "
    "musicians saxophonist violinist songwriter"
)
_FOLLOWERS = _set("fan fans")
_MEMBERSHIP = _set(
    "joined rejoined fronted fronts formed founded reformed disbanded quit quits joins join form start started"
)
_PARTING = _set("left leaves led leads leaving joining")
_PLAYING = _set(
    "recorded recording records performs performed sang sings sing singing drummed drums drumming played plays toured"
)
_BESIDE = _set("in with for as")
_IN_TITLES = _set("in on to for from behind through into like under over of at")
BAND_VERBS = _set("released recorded toured disbanded reunited headlined debuted reissued")
_PERSON_VERBS = _set("wrote sang sings writes signed cancelled canceled plays danced opened")
_HAD = _set("had has have scored enjoyed")
_HITS = _set("hit hits")
_PLURAL_VERBS = _set(
    "are were have aren weren haven come hail make sing write wear give take keep become seem bring sound know want "
    "tell"
)
ACTIONS = BAND_VERBS | _PERSON_VERBS | _HAD | _PLURAL_VERBS | {"sold"}
"""What may speak for a name right before it."""
_PRONOUNS = _set(
    "i you he she it we they them who whoever some all most many few several others these those this that what which "
    "both each none everyone everybody someone nobody anyone one two three four five six live"
)


def clause_points(page: Page, spot: Spot) -> float:
    """Points for and against a name of everyday words, from what stands before and after it in its clause."""
    if spot.sort in SURE or not page.capital(spot.end - 1):
        return 0.0
    points = max(acting_points(page, spot), subject_points(page, spot)) + title_points(page, spot)
    if page.words[spot.start] == "the":
        points += TITLE_GOES_ON if _ends_title(page, spot.start) else THE_CAPITAL
    if not page.opens_sentence(spot.start):
        points += belonging_points(page, spot)
    return points if points and not page.shouts(spot.start, spot.end) else 0.0


def acting_points(page: Page, spot: Spot) -> float:
    """What a verb right after the name says."""
    words, end = page.words, spot.end
    last = words[end - 1]
    people = last in PEOPLE or last.endswith(("ers", "ors"))
    the = words[spot.start] == "the"
    if end >= len(words) or (people and not the) or page.capital(end):
        return 0.0
    after = words[end]
    if spot.sort is Sort.GRAMMAR and page.opens_sentence(spot.start):
        return WORD_ACTS if after in BAND_VERBS and last not in _PRONOUNS else 0.0
    if after == "sold" and words[end + 1 : end + 2] == ["out"]:
        return HAD_HIT
    if after in BAND_VERBS:
        return BAND_ACTS
    if after in _PERSON_VERBS and spot.sort is not Sort.GRAMMAR:
        return PERSON_ACTS
    if after in _HAD and not _HITS.isdisjoint(words[end + 1 : end + 5]):
        return PLACE_HAD_HIT if spot.sort is Sort.PLACE else HAD_HIT
    plural = last.endswith("s") or the or spot.sort is Sort.GRAMMAR
    return PLURAL_VERB if after in _PLURAL_VERBS and not plural else 0.0


def belonging_points(page: Page, spot: Spot) -> float:
    """What the words before a name with a capital inside a sentence say."""
    words, place = page.words, spot.sort is Sort.PLACE
    at = spot.start - 1
    if words[at] == "the" and at > 0:
        at -= 1
    before, ahead = words[at], words[at - 1] if at else ""
    if before == "by":
        return _by_points(page, spot, at - 1)
    if before in _MEMBERSHIP:
        return PLACE_MEMBERSHIP if place else MEMBERSHIP
    if before == "of" and ahead in _MEMBERS:
        return PLACE_MEMBERSHIP if place else MEMBER_OF
    if place and before == "in" and ahead in _PLAYING and words[spot.end - 1] not in PLACES:
        return PLACE_TITLE_BY
    if place:
        return ROLE_OF_PLACE if before in ROLES else 0.0
    if before == "of":
        named = at > 0 and (page.full_name(at - 1) or page.mononym(at - 1))
        return MEMBER_OF if ahead in _FOLLOWERS or named else 0.0
    if before in _PARTING or (before in _BESIDE and ahead in _PLAYING):
        return MEMBERSHIP
    return 0.0


def _ends_title(page: Page, start: int) -> bool:
    """Whether words from "the" on go on with a title: "Spirit in the Dark"."""
    before = start - 2
    if before < 0 or page.words[start - 1] not in _IN_TITLES or page.capital(start - 1) or page.capital(start):
        return False
    return page.capital(before) and not page.opens_sentence(before) and not page.full_name(before)


def _by_points(page: Page, spot: Spot, index: int) -> float:
    titled = index >= 0 and not is_mark(page.words[index]) and page.capital(index)
    if spot.sort is Sort.PLACE:
        return PLACE_TITLE_BY if titled else 0.0
    if titled:
        return TITLE_BY
    return 0.0 if index >= 0 and page.words[index] in LEXICON else BY
