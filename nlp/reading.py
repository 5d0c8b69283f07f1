"""What kinsong sees in one text: whom it names and why it thinks so, its terms, how much it is about music.

The same parts read it as in a build; this puts what they found into words.
"""

from __future__ import annotations

import copy
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nlp import evidence
from nlp.about import Config as AboutConfig
from nlp.about import about
from nlp.clauses import clause_points
from nlp.counts import terms_by_artist
from nlp.evidence import SURE, Sort, Spot, sort_of
from nlp.folding import is_mark, name_words, pieces
from nlp.language import clean
from nlp.mentions import Matcher
from nlp.musicality import Musicality, musicality
from nlp.others import other_points
from nlp.page import FAR, Page
from nlp.terms import KINDS, STOP_WORDS, extract

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from nlp.mentions import Mention, Reading

WRITTEN = {
    Sort.DISTINCTIVE: "several words, not all of them everyday ones", Sort.RARE: "a word that is no everyday one",
    Sort.UNCOMMON: "a word of the dictionary that few texts have",
    Sort.PERSON: "a person's name", Sort.PHRASE: "everyday words", Sort.WORD: "an everyday word",
    Sort.PLACE: "a place, a given name or a surname", Sort.GRAMMAR: "a word of grammar or of music, or a number",
}  # fmt: skip
"""What a name is made of, in words."""
AROUND = 40
"""Characters of a text shown to each side of a name."""
CERTAIN = 1e-6


class Reason(NamedTuple):
    """What speaks for a mention, or against it where the points are below 0."""

    what: str
    points: float


@dataclass(frozen=True)
class Named:
    """A spot that reads like an artist's name.

    Attributes:
        artist_id: whose.
        name: as the text writes it.
        start: its first character in the cleaned text; None in the title.
        confidence: 0 … 1.
        counted: whether that reaches the threshold.
        around: the name with some of the text around it.
        why: points, which add up to the log-odds of the confidence; empty for the title.
    """

    artist_id: int
    name: str
    start: int | None
    confidence: float
    counted: bool
    around: str
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Term:
    """A term, how often the text has it, and the artists that it counts for."""

    kind: str
    term: str
    n: int
    artists: tuple[int, ...]


@dataclass(frozen=True)
class Seen:
    """All that is seen in one text.

    Attributes:
        characters: of the cleaned text that was read.
        words: its words.
        musicality: score, and the words that made it.
        main: the artist that the whole text counts for, if there is one.
        named: in the order of the text, those in its title first.
        terms: kind by kind, the most frequent first.
        tagged: whether the pipeline tags words, without which there are no noun phrases and adjectives.
    """

    characters: int
    words: int
    musicality: Musicality
    main: int | None
    named: tuple[Named, ...]
    terms: tuple[Term, ...]
    tagged: bool


def see(doc: Doc, title: str, matcher: Matcher, names: Mapping[int, Iterable[str]], config: AboutConfig) -> Seen:
    """What is seen in a doc of cleaned text.

    Args:
        doc: valid while this runs.
        title: the text's title; may be empty.
        matcher: finds artists.
        names: artist id → its names.
        config: what counts as being about an artist.
    """
    reading = matcher.read(doc, title)
    whose = about(doc, reading.mentions, reading.titled, config)
    given = terms_by_artist(doc, reading, whose, lambda artist: _own_words(names[artist]))
    skipped = {token for mention in reading.mentions for token in range(mention.start, mention.end)}
    held = extract(doc, skipped)
    terms = [
        Term(kind, term, n, tuple(artist for artist in sorted(given) if (kind, term) in given[artist]))
        for (kind, term), n in held.items()
    ]
    terms.sort(key=lambda term: (KINDS.index(term.kind), -term.n))
    titled = [
        Named(artist, clean(title), None, sure, True, clean(title)) for artist, sure in sorted(reading.titled.items())
    ]
    said = musicality([*reading.words, *pieces(clean(title)).words], len(reading.mentions)).reasons
    words = sum(not is_mark(word) for word in reading.words)
    return Seen(
        len(doc.text), words, Musicality(reading.musicality, said), whose.main,
        (*titled, *_named(doc, title, matcher, reading)), tuple(terms),
        not words or doc.has_annotation("TAG") or doc.has_annotation("POS"),
    )  # fmt: skip


def _own_words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in name_words(name)) - STOP_WORDS


def _named(doc: Doc, title: str, matcher: Matcher, reading: Reading) -> list[Named]:
    """The spots that count, with those that would if there were no threshold."""
    lenient = copy.copy(matcher)
    lenient.config = matcher.config.model_copy(update={"threshold": 0.0})
    counted = {(mention.start, mention.end): mention for mention in reading.mentions}
    every = {(mention.start, mention.end): mention for mention in lenient.read(doc, title).mentions} | counted
    page = Page(pieces(doc.text))
    spots = {place: _spot(page, reading, mention) for place, mention in sorted(every.items())}
    page.taken.update(i for s in spots.values() if s.sort is Sort.DISTINCTIVE for i in range(s.start, s.end))
    sure = [spots[place] for place in sorted(counted)]
    starts = [spot.start for spot in sure]
    found = []
    for place, mention in sorted(every.items()):
        start, end = doc[place[0]].idx, doc[place[1] - 1].idx + len(doc[place[1] - 1])
        around = _around(doc.text, start, end)
        spot = spots[place]
        near = sure[bisect_left(starts, spot.start - 2 * FAR) : bisect_left(starts, spot.end + 2 * FAR)]
        why = _why(page, spot, mention.confidence, near, reading.musicality, matcher)
        found.append(
            Named(mention.artist_id, doc.text[start:end], start, mention.confidence, place in counted, around, why)
        )
    return found


def _around(text: str, start: int, end: int) -> str:
    """Whole words of a text around some of its characters."""
    first, last = max(0, start - AROUND), end + AROUND
    before, after = text[first:start], text[end:last]
    before = "…" + before.partition(" ")[2] if first else before
    after = after.rpartition(" ")[0] + "…" if last < len(text) else after
    return " ".join(f"{before}{text[start:end]}{after}".split())


def _spot(page: Page, reading: Reading, mention: Mention) -> Spot:
    start, end = map(int, np.searchsorted(reading.tokens, (mention.start, mention.end)))
    key = " ".join(page.words[start:end])
    return Spot(start, end, key, (mention.artist_id,), sort_of(key))


def _why(
    page: Page, spot: Spot, confidence: float, sure: list[Spot], score: float, matcher: Matcher
) -> tuple[Reason, ...]:
    """The points of a spot, part by part; what other spots of the text add or take is what is left."""
    written = evidence.written_points(page, spot, matcher.unusual(spot.key)) or 0.0
    parts = [
        Reason(WRITTEN[spot.sort], evidence.BASE[spot.sort]), Reason("how it is written", written),
        Reason("words right beside it", evidence.beside_points(page, spot)),
        Reason("its clause", clause_points(page, spot)),
        Reason(
            "what it is said to be",
            other_points(page, spot, matcher.unusual(spot.key), articled=matcher.articled(spot.key)),
        ),
    ]  # fmt: skip
    if spot.sort not in SURE:
        parts.append(Reason("its sentence and text", evidence.context_points(page, spot, sure, score)))
    held = min(max(confidence, CERTAIN), 1 - CERTAIN)
    left = math.log(held / (1 - held)) - sum(part.points for part in parts)
    parts.append(Reason("the title, or the name elsewhere in the text", left))
    return tuple(part for part in parts if abs(part.points) > 0.01)
