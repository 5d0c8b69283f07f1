"""Names that pages mention as they mention artists, and that the catalogue lacks.

A candidate is a run of words with capitals ("Hendrik Quillfeather & the Parallels"), or a single word that is no
everyday one, that no known artist's name overlaps. Each place where it stands gains or loses points, by the rules that
weigh known names (`nlp.evidence`, `nlp.clauses`) and by a few for names alone: artists named in one breath with it
speak for it; a place word before it ("in", "at"), a title's ("the song", "covered"), a quotation or a job that is no
artist's speak against it. With s the points of a document (−3 … 3), D⁺ the documents whose points are above 0 and H
the hosts, the confidence of a candidate is

    logistic(BASE + mean(s) + ln(1 + D⁺) + ½·ln(H))

Only English has these rules; texts of other languages are left out.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, PositiveInt

from db.base import Config as BaseConfig
from db.names import name_key
from nlp import evidence
from nlp.clauses import clause_points
from nlp.everyday import CALENDAR, PLACES, is_everyday
from nlp.evidence import Sort, Spot, confidence
from nlp.folding import Pieces, is_mark, pieces
from nlp.language import clean
from nlp.musicality import LEXICON
from nlp.page import Page
from nlp.terms import STOP_WORDS

if TYPE_CHECKING:
    from db.read import Text
    from nlp.mentions import Reading

BASE = -2.5
"""A run of capitals of which nothing is known is rarely an artist."""
MOST = 3.0
"""Points of one document, at most and at least."""
ONE_BREATH = 2.5
""""Radiohead, Xiu Moreno and Björk"."""
COMPARED = 1.5
""""fans of", "like", "alongside", "featuring"."""
DESCRIBED = 2.0
"""Said of it: "is a dense dub act", "whose songs", "has released 6 records"; "the slide guitar of", "an album by"."""
HEADLINE = 2.0
"""It is the title, or stands apart in it, or what the title is about: "X: live", "A talk with X", "X again"."""
PLACED = -2.0
""""in Quincewood", "at the Pomona Room", "on Cellar Records"."""
HOUSE = -3.0
"""Its last word is a hall's, a label's, a paper's."""
TITLE = -2.5
""""released X", "X followed in 2009", "X by Y", "X (1997)"."""
OTHER_JOB = -3.0
""""critic X", "produced by X", "X recorded this for Y", "By X" above an article."""
LONGEST = 6
"""Words of a name."""
EXAMPLES = 3
EXAMPLE_CHARACTERS = 200


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_INSIDE = _set("of the and de la le les du da do dos del van von der den y el n")
"""Small words that a name may have inside."""
_COMPARING = _set("like featuring feat ft alongside versus vs supporting")
_COMPARED_OF = _set("fans fan admirers covers cover style influence vein spirit shadow company followers")
_PLACING = _set("in at near from to into outside on via around across")
_OF_PLACES = _set("new north south east west san los las saint st great upper lower northern southern eastern western")
_HOUSES = _set("""
records recordings record hall room club theatre theater arena stadium street avenue road square park festival fest
university college school magazine journal times gazette herald news radio tv bar café cafe pub hotel church cathedral
library museum gallery studio studios week weekend award awards prize river valley city town county island station
company inc ltd press books house centre center ballroom cinema war league cup tour
""")  # fmt: skip
_MAKING = _set("released release releases recorded recording wrote covered covers sang sings titled called named")
_AFTER_TITLE = _set("by followed appeared appears opens closes")
_OTHER_JOBS = _set("""
critic critics journalist writer author editor reporter reviewer manager engineer director painter poet photographer
president mayor professor minister actor actress novelist publicist promoter listener fan chef coach captain
""")  # fmt: skip
_CRAFTS = _set("produced mixed mastered engineered remixed written designed photographed arranged directed mix worked")
"""Before "by" or "with": who did it is of the trade, and mostly no artist of their own."""
_CRAFTING = _set("produced engineered mixed mastered told writes argues explains photographed designed")
"""Verbs of those of the trade and of those who are quoted."""
_BEING = _set("is are was were has have had")
_CAST = evidence.ROLES | _set("songwriter singer-songwriter released recorded played toured records albums songs name")
_NUMBERS = _set("""
zero one two three four five six seven eight nine ten eleven twelve hundred thousand million first second third last
""")  # fmt: skip
_NO_NAMES = _set("""
ep lp dj mc uk usa us tv cd dvd review reviews interview interviews photo photos video home news about contact menu
share english french german american british european african asian latin
""")  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d")


class Config(BaseConfig):
    """Names that pages mention and the catalogue lacks (`kinsong artists new`)."""

    threshold: float = Field(0.5, ge=0, le=1)
    """Least confidence of a name that is reported."""
    min_documents: PositiveInt = 2
    """Documents that must mention it."""
    min_hosts: PositiveInt = 1
    """Hosts that must mention it."""


@dataclass(frozen=True)
class Example:
    """A sentence that mentions a name, and where."""

    url: str
    sentence: str


@dataclass(frozen=True)
class Newcomer:
    """A name that the catalogue lacks.

    Attributes:
        name: as it is written most often.
        confidence: 0 … 1, that it is an artist's.
        documents: that mention it; `mentions` how often they do.
        hosts: in byte order.
        examples: sentences, of as many hosts as there are, the first by URL.
    """

    name: str
    confidence: float
    documents: int
    mentions: int
    hosts: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass
class _Candidate:
    """What is known of a name so far."""

    written: Counter[str] = field(default_factory=Counter)
    points: list[float] = field(default_factory=list)
    hosts: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, Example]] = field(default_factory=list)


class Newcomers:
    """Collects names from document after document.

    Args:
        known: `db.names.name_key` of every name in the catalogue.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._candidates: dict[str, _Candidate] = defaultdict(_Candidate)

    def add(self, text: Text, body: str, reading: Reading) -> None:
        """Take one document in.

        Args:
            text: where it is from, and its title.
            body: the cleaned text that was read.
            reading: the known artists in it.
        """
        if reading.musicality < evidence.VERY_MUSICAL:
            return
        page = Page(pieces(body))
        known = known_pieces(reading)
        places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for start, end in candidates(page, known):
            key = name_key(_written(page.pieces, start, end))
            if key and key not in self._known:
                places[key].append((start, end))
        longer = {word for key in places if " " in key for word in key.split()}
        head = Page(pieces(clean(text.title)))
        for key, spots in places.items():
            inside = [spot for spot in spots if not page.opens_sentence(spot[0])]
            if " " not in key and (not inside or key in longer):
                continue
            self._note(key, text, page, head, spots, known)

    def _note(
        self, key: str, text: Text, page: Page, head: Page, spots: list[tuple[int, int]], known: Collection[int]
    ) -> None:
        total = sum(points_of(page, start, end, known) for start, end in spots) + title_points(head, key)
        candidate = self._candidates[key]
        candidate.points.append(min(max(total, -MOST), MOST))
        candidate.written.update(_written(page.pieces, start, end) for start, end in spots)
        if candidate.hosts[text.host] < EXAMPLES:
            candidate.examples.append((text.host, Example(text.url, _sentence(page, *spots[0]))))
        candidate.hosts[text.host] += 1

    def found(self, config: Config) -> list[Newcomer]:
        """The names that reach the thresholds, the surest first."""
        rows = []
        for key, candidate in self._candidates.items():
            documents = len(candidate.points)
            if documents < config.min_documents or len(candidate.hosts) < config.min_hosts:
                continue
            supporting = sum(points > 0 for points in candidate.points)
            mean = math.fsum(candidate.points) / documents
            sure = confidence(BASE + mean + math.log(1 + supporting) + math.log(len(candidate.hosts)) / 2)
            if sure >= config.threshold:
                name = min(candidate.written, key=lambda form: (-candidate.written[form], form))
                shown = sorted(_by_turns(candidate.examples), key=lambda item: (item[0], item[1].url))[:EXAMPLES]
                rows.append((-documents * sure, key, Newcomer(
                    name, sure, documents, candidate.written.total(), tuple(sorted(candidate.hosts)),
                    tuple(example for _, example in shown),
                )))  # fmt: skip
        return [newcomer for *_, newcomer in sorted(rows, key=lambda row: row[:2])]


def _by_turns(examples: Iterable[tuple[str, Example]]) -> Iterator[tuple[int, Example]]:
    """Each example with its number among those of its host."""
    counted: Counter[str] = Counter()
    for host, example in sorted(examples, key=lambda item: item[1].url):
        yield counted[host], example
        counted[host] += 1


def known_pieces(reading: Reading) -> frozenset[int]:
    """The pieces of a text that known artists' names take up."""
    taken: set[int] = set()
    for mention in reading.mentions:
        first, last = np.searchsorted(reading.tokens, (mention.start, mention.end))
        taken.update(range(int(first), int(last)))
    return frozenset(taken)


def candidates(page: Page, known: Collection[int]) -> Iterator[tuple[int, int]]:
    """First piece and one past the last of each run of words with capitals that may be a name."""
    i, n = 0, len(page.words)
    while i < n:
        if i in known or not _may_be(page, i):
            i += 1
            continue
        end = _run_end(page, i, known)
        start = i
        i = end
        while start < end and (_drops(page, start) or not page.capital(start)):
            start += 1
        while start < end and page.words[end - 1] in STOP_WORDS:
            end -= 1
        touches = start - 1 in known and page.gap(start) == " " if start else False
        if start < end and not touches and not (end in known and page.gap(end) == " ") and _is_name(page, start, end):
            yield start, end


def _may_be(page: Page, index: int) -> bool:
    word = page.words[index]
    return not is_mark(word) and page.capital(index) and any(map(str.isalpha, word))


def _run_end(page: Page, start: int, known: Collection[int]) -> int:
    """One past the last word of the run that begins at `start`."""
    end = start + 1
    while end < len(page.words):
        ahead = end
        joined = page.gap(ahead) in (" ", "-", ". ")
        while joined and ahead < len(page.words) and ahead < end + 3 and _joins(page, ahead):
            ahead += 1
        fits = ahead < len(page.words) and _may_be(page, ahead) and ahead not in known
        if not joined or not fits or page.gap(ahead) not in (" ", "-", "."):
            break
        end = ahead + 1
    return end


def _joins(page: Page, index: int) -> bool:
    """Whether a word may stand inside a name though it has no capital: "&", "of", "and the", but not "and"."""
    word, form = page.words[index], page.form(index)
    if form in ("&", "+"):
        return True
    if word == "and":
        return index + 1 < len(page.words) and page.words[index + 1] == "the"
    return word in _INSIDE and form.islower()


def _drops(page: Page, index: int) -> bool:
    """Whether the first word of a run is none of the name: "But Noor Achterberg", "Singer Noor Achterberg"."""
    word = page.words[index]
    opens = page.opens_sentence(index)
    if word in _NO_NAMES:
        return True
    return opens and word not in _NUMBERS and word != "the" and (word in STOP_WORDS or word in LEXICON)


def _is_name(page: Page, start: int, end: int) -> bool:
    words = [word for word in page.words[start:end] if word not in _INSIDE]
    if not words or len(words) > LONGEST or all(word in CALENDAR | PLACES | _OF_PLACES for word in words):
        return False
    shouted = len(words) > 2 and all(page.form(i).isupper() for i in range(start, end))
    if shouted or page.shouts(start, end) or page.possessive(start):
        return False
    if len(words) > 1:
        return not all(word in LEXICON or word in STOP_WORDS for word in words)
    return len(words[0]) > 2 and not is_everyday(words[0]) and not page.form(start).isupper()


def points_of(page: Page, start: int, end: int, known: Collection[int]) -> float:
    """What stands around one place says of whether the name is an artist's."""
    words = page.words
    bare = start + (words[start] == "the")  # a capital of "The" speaks for names that are known, titles have it too
    beside, clause = (Spot(bare, end, " ".join(words[bare:end]), (), sort) for sort in (Sort.PERSON, Sort.PHRASE))
    total = evidence.beside_points(page, beside) + clause_points(page, clause)
    if _described(page, start, end):
        total += DESCRIBED
    if _in_one_breath(page, start, end, known):
        total += ONE_BREATH
    at = start - 1
    if at >= 0 and words[at] == "the":
        at -= 1
    before = words[at] if at >= 0 else ""
    ahead = words[at - 1] if at > 0 else ""
    after = words[end] if end < len(words) else ""
    if before in _COMPARING or (before == "of" and ahead in _COMPARED_OF):
        total += COMPARED
    elif before in _PLACING:
        total += PLACED
    elif before in _MAKING:
        total += TITLE
    elif _is_of_trade(words, at):
        total += OTHER_JOB
    if after in _CRAFTING or (after == "recorded" and "for" in words[end + 1 : page.sentence(start, end)[1]]):
        total += OTHER_JOB
    if words[end - 1] in _HOUSES:
        total += HOUSE
    dated = after == "(" and end + 1 < len(words) and bool(_YEAR.fullmatch(words[end + 1]))
    if after in _AFTER_TITLE or dated:
        total += TITLE
    return total


def _is_of_trade(words: list[str], at: int) -> bool:
    """Whether the word at a place before a name says that its bearer does something other than to play."""
    if words[at] in _OTHER_JOBS:
        return True
    crafted = words[at] in ("by", "with") and at > 0 and words[at - 1] in _CRAFTS
    return crafted or (words[at] == "by" and (at == 0 or words[at - 1] == "\n"))


def _described(page: Page, start: int, end: int) -> bool:
    """Whether the clause speaks of the name as of someone who makes music."""
    words = page.words
    last = page.sentence(start, end)[1]
    after = words[end] if end < last else ""
    ahead = words[end + 1 : min(last, end + 9)]
    if after in _BEING and not _CAST.isdisjoint(ahead):
        return True
    if after == "whose" and not LEXICON.keys().isdisjoint(ahead):
        return True
    before = words[max(0, start - 3) : start]
    return before[-1:] == ["of"] and any(LEXICON.get(word, 0) >= 2 for word in before[:-1])


def _in_one_breath(page: Page, start: int, end: int, known: Collection[int]) -> bool:
    """Whether a known artist stands right before or after, with a comma, "and" or "or" between."""
    for step, edge in ((-1, start - 1), (1, end)):
        index, between = edge, 0
        while 0 <= index < len(page.words) and between < 3 and page.words[index] in {",", "and", "or", "the"}:
            index, between = index + step, between + 1
        if between and index in known:
            return True
    return False


def title_points(head: Page, key: str) -> float:
    """What the title says: a name that it names alone, or sets apart, is what the page is about.

    A title that is the name with "the" and nothing else may be anything, a paper's name or an album's.
    """
    for start in range(len(head.words)):
        for end in range(start + 1, min(len(head.words), start + 2 * LONGEST) + 1):
            if name_key(_written(head.pieces, start, end)) == key:
                alone = (start, end) == (0, len(head.words)) and head.words[0] == "the"
                apart = head.set_apart(start, end) and not head.quoted(start, end)
                return 0.0 if alone or not (apart or _leads_to(head, start)) else HEADLINE
    return 0.0


def _leads_to(head: Page, start: int) -> bool:
    """Whether small words before a name say that the title is about it: "A talk with X", "Why I keep playing X"."""
    return start > 0 and not head.capital(start - 1) and head.words[start - 1] not in _PLACING


def _written(held: Pieces, start: int, end: int) -> str:
    return " ".join(held.text[held.starts[start] : held.ends[end - 1]].split())


def _sentence(page: Page, start: int, end: int) -> str:
    first, last = page.sentence(start, end)
    while first < start and (is_mark(page.words[first]) or last - first > EXAMPLE_CHARACTERS // 5):
        first += 1
    text = _written(page.pieces, first, min(last + 1, len(page.words)))
    return text if len(text) <= EXAMPLE_CHARACTERS else text[:EXAMPLE_CHARACTERS].rpartition(" ")[0] + "…"
