"""Which artists a text mentions, where, and how surely.

Names are looked up as runs of folded pieces in a dict, with a set of all proper beginnings so that a run is followed
only as long as some name goes on; the longest name wins. What then reads like a name is weighed by `nlp.evidence`. A
name that several artists share counts for the one that the context tells; where nothing does, for none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import Field

from db.base import Config as BaseConfig
from nlp import evidence
from nlp.everyday import is_everyday
from nlp.evidence import Page, Spot, confidence
from nlp.folding import is_mark, pieces, spellings
from nlp.language import clean
from nlp.musicality import musicality
from nlp.terms import STOP_WORDS

if TYPE_CHECKING:
    from spacy.tokens import Doc

Named = int | tuple[int, ...]


class Config(BaseConfig):
    """When a mention counts."""

    threshold: float = Field(0.5, ge=0, le=1)
    """Least confidence of a mention; ambiguous names start below one half and need evidence."""


class Mention(NamedTuple):
    """An artist's name in a doc: tokens `start` to `end` (without a possessive 's), confidence 0 … 1."""

    start: int
    end: int
    artist_id: int
    confidence: float


class Reading(NamedTuple):
    """What one document says of artists.

    Attributes:
        mentions: in the body, in their order; none overlap.
        titled: artist id → confidence, of those that the title names.
        musicality: 0 … 1.
        words: the body's folded pieces, as `nlp.folding.pieces` gives them.
        tokens: the doc's token of each piece. int64 (n,).
    """

    mentions: list[Mention]
    titled: dict[int, float]
    musicality: float
    words: list[str]
    tokens: np.ndarray


@dataclass
class _Scored:
    """A spot with its points, and without those that only the whole text can give."""

    spot: Spot
    points: float


class Matcher:
    """Finds the artists of a catalogue in texts.

    Args:
        names: (name, artist id) pairs; an artist may have several, a name several artists.
        config: thresholds.
        notes: artist id → words that tell it from others of its name ("Swedish folk band"); used for those alone.
    """

    def __init__(
        self, names: Iterable[tuple[str, int]], config: Config | None = None, notes: Mapping[int, str] | None = None
    ) -> None:
        self.config = config or Config()
        self._notes = dict(notes or {})
        self._names: dict[str, Named] = {}
        self._beginnings: set[str] = set()
        self._small: set[str] = set()
        self._written: dict[int, set[str]] = defaultdict(set)
        self._of_marks: dict[str, Named] = {}
        shared = [pair for pair in names if not self._add(*pair)]
        for name, artist_id in shared:
            self._written[artist_id].add(name)
        alternatives = "|".join(re.escape(name) for name in sorted(self._of_marks, key=lambda n: (-len(n), n)))
        self._marks = re.compile(rf"(?<!\S)(?:{alternatives})(?=\s|'s|[,.;:)]|$)") if alternatives else None

    def __len__(self) -> int:
        return len(self._names) + len(self._of_marks)

    def _add(self, name: str, artist_id: int) -> bool:
        """Take a name in; whether its spellings are this artist's alone so far."""
        forms = spellings(name)
        if not forms:
            marks = clean(name)
            return not marks or _join(self._of_marks, marks, artist_id)
        if name.islower():
            self._small |= forms
        alone = True
        for form in forms:
            alone &= _join(self._names, form, artist_id)
            space = form.find(" ")
            while space > 0:
                self._beginnings.add(form[:space])
                space = form.find(" ", space + 1)
        return alone

    def find(self, doc: Doc, title: str = "") -> list[Mention]:
        """The mentions in a doc of cleaned text, in their order; none overlap."""
        return self.read(doc, title).mentions

    def read(self, doc: Doc, title: str = "") -> Reading:
        """The mentions in a doc of cleaned text and in its title."""
        page, head = Page(pieces(doc.text)), Page(pieces(clean(title)))
        spots, title_spots = list(self._spots(page)), list(self._spots(head))
        sure = sum(spot.distinctive for spot in spots) + sum(spot.distinctive for spot in title_spots)
        score = musicality([*page.words, *head.words], sure).score
        titled = [s for s in title_spots if self._titles(head, s, musical=score >= evidence.VERY_MUSICAL)]
        scored = self._scored(page, spots, titled, score)
        accepted = [s for s in scored if confidence(s.points) >= self.config.threshold]
        who = self._tell_apart(page, head, [s.spot for s in accepted], titled)
        tokens = _tokens_of(doc, page)
        mentions = [
            Mention(int(tokens[s.spot.start]), int(tokens[s.spot.end - 1]) + 1, artist, confidence(s.points))
            for s in accepted if (artist := who.get(s.spot)) is not None
        ]  # fmt: skip
        named = {who[s]: 0.95 if s.distinctive else 0.8 for s in titled if s in who}
        return Reading(_apart(mentions), named, score, page.words, tokens)

    def _spots(self, page: Page) -> Iterator[Spot]:
        """Where the text reads like a name: the longest run at each place, none overlapping."""
        names, beginnings, words, i, n = self._names, self._beginnings, page.words, 0, len(page.words)
        marks = list(self._mark_spots(page)) if self._marks is not None else []
        yield from marks
        while i < n:
            word = words[i]
            found, end = names.get(word), i + 1
            if word in beginnings:
                key, j = word, i + 1
                while j < n and key in beginnings:
                    key = f"{key} {words[j]}"
                    j += 1
                    if key in names:
                        found, end = names[key], j
            if found is not None:
                key = " ".join(words[i:end])
                if end - i > 1 or word not in STOP_WORDS or page.capital(i):
                    yield Spot(i, end, key, found if isinstance(found, tuple) else (found,), _distinctive(key))
            i = end

    def _mark_spots(self, page: Page) -> Iterator[Spot]:
        assert self._marks is not None  # noqa: S101  asked for only where there are such names
        starts = {start: i for i, start in enumerate(page.pieces.starts)}
        ends = {end: i + 1 for i, end in enumerate(page.pieces.ends)}
        for match in self._marks.finditer(page.pieces.text):
            if match.start() in starts and match.end() in ends:
                found = self._of_marks[match[0]]
                artists = found if isinstance(found, tuple) else (found,)
                yield Spot(starts[match.start()], ends[match.end()], match[0], artists, distinctive=False)

    def _titles(self, head: Page, spot: Spot, *, musical: bool) -> bool:
        """Whether a title names the artist: a distinctive name anywhere, another only apart from what else is said."""
        if spot.distinctive:
            return self._base(head, spot) is not None
        first = spot.start == 0 or is_mark(head.words[spot.start - 1])
        last = spot.end == len(head.words) or is_mark(head.words[spot.end])
        possessive = not last and head.words[spot.end] == "s" and head.gap(spot.end) == "'"
        return musical and first and (last or possessive) and self._base(head, spot) is not None

    def _base(self, page: Page, spot: Spot) -> float | None:
        start = evidence.DISTINCTIVE if spot.distinctive else evidence.EVERYDAY
        if not any(map(str.isalnum, spot.key)):
            return start + evidence.CAPITAL
        case = evidence.case_points(page, spot, written_small=spot.key in self._small)
        return None if case is None else start + case + evidence.neighbour_points(page, spot)

    def _scored(self, page: Page, spots: list[Spot], titled: list[Spot], score: float) -> list[_Scored]:
        based = [_Scored(spot, points) for spot in spots if (points := self._base(page, spot)) is not None]
        sure = [s.spot for s in based if s.spot.distinctive and confidence(s.points) >= self.config.threshold]
        in_title = {artist for spot in titled for artist in spot.artists}
        others = {artist for spot in (*sure, *titled) for artist in spot.artists}
        for s in based:
            if not s.spot.distinctive:
                s.points += _context(page, s.spot, sure, others, in_title, score)
        carried = {s.spot.key for s in based if not s.spot.distinctive and s.points >= 0.5}
        for s in based:
            if not s.spot.distinctive and s.spot.key in carried and s.points < 0.5:
                s.points += evidence.SAME_TEXT
        return based

    def _tell_apart(self, page: Page, head: Page, spots: list[Spot], titled: list[Spot]) -> dict[Spot, int]:
        """Whose name each spot is; a spot that stays open is absent."""
        clear = {spot.artists[0] for spot in (*spots, *titled) if len(spot.artists) == 1}
        words = set(page.words) | set(head.words)
        told = {}
        for where, group in ((page, spots), (head, titled)):
            for spot in group:
                artist = spot.artists[0] if len(spot.artists) == 1 else self._choose(where, spot, clear, words)
                if artist is not None:
                    told[spot] = artist
        return told

    def _choose(self, page: Page, spot: Spot, clear: set[int], words: set[str]) -> int | None:
        written = page.pieces.text[page.pieces.starts[spot.start] : page.pieces.ends[spot.end - 1]]
        by_spelling = [a for a in spot.artists if written in self._written[a]]
        by_alias = [a for a in spot.artists if a in clear]
        hits = {a: len(words.intersection(_note_words(self._notes.get(a, "")))) for a in spot.artists}
        by_note = [a for a, n in hits.items() if n and n == max(hits.values())]
        return next((found[0] for found in (by_alias, by_note, by_spelling) if len(found) == 1), None)


def _join(names: dict[str, Named], key: str, artist_id: int) -> bool:
    """Enter an artist under a key; whether it is the only one there."""
    known = names.get(key)
    if known is None or known == artist_id:
        names[key] = artist_id
        return True
    artists = known if isinstance(known, tuple) else (known,)
    names[key] = artists if artist_id in artists else (*artists, artist_id)
    return False


@lru_cache(maxsize=1 << 16)
def _distinctive(key: str) -> bool:
    return not all(is_everyday(word) or is_mark(word) for word in key.split())


@lru_cache(maxsize=1 << 10)
def _note_words(note: str) -> frozenset[str]:
    return frozenset(word for word in pieces(clean(note)).words if not is_mark(word) and word not in STOP_WORDS)


def _context(
    page: Page, spot: Spot, sure: list[Spot], others: set[int], in_title: set[int], score: float
) -> float:
    """The points of an ambiguous name that its sentence, the text and the title give."""
    start, end = page.sentence(spot)
    points = 0.0
    if evidence.music_in(page, start, end, spot):
        points += evidence.MUSIC_IN_SENTENCE
    if any(start <= other.start < end and not set(other.artists) & set(spot.artists) for other in sure):
        points += evidence.ARTIST_IN_SENTENCE
    elif others.difference(spot.artists):
        points += evidence.ARTIST_IN_TEXT
    if score >= evidence.VERY_MUSICAL:
        points += evidence.MUSICAL_TEXT
    return points + (evidence.TITLE if in_title.intersection(spot.artists) else 0.0)


def _tokens_of(doc: Doc, page: Page) -> np.ndarray:
    """The doc's token that holds each piece's first character. int64 (n,)."""
    if not len(doc) or not page.words:
        return np.empty(0, dtype=np.int64)
    begins = doc.to_array(["IDX"]).astype(np.int64)
    found: np.ndarray = np.searchsorted(begins, page.pieces.starts, side="right") - 1
    return found


def _apart(mentions: list[Mention]) -> list[Mention]:
    """Mentions in order of place, the first of any two that share a token."""
    kept: list[Mention] = []
    for mention in sorted(mentions):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept
