"""Which artists a text mentions, where, and how surely.

Names are looked up as runs of folded pieces in a dict, with a set of all proper beginnings so that a run is followed
only as long as some name goes on; the longest name wins. What then reads like a name is weighed by `nlp.evidence`. A
name that several artists share counts for the one that the context tells; where nothing does, for none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import Field

from db.base import Config as BaseConfig
from nlp import evidence
from nlp.clauses import clause_points
from nlp.everyday import GIVEN_NAMES, is_everyday
from nlp.evidence import LIGHT, SURE, Sort, Spot, confidence, letters, sort_of
from nlp.folding import pieces, spellings
from nlp.homonyms import Homonyms
from nlp.language import clean
from nlp.musicality import musicality
from nlp.openings import to_weigh
from nlp.others import other_points
from nlp.page import Page

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
        reasons: the words that made it, most telling first, each with its share of the evidence.
        words: the body's folded pieces, as `nlp.folding.pieces` gives them.
        tokens: the doc's token of each piece. int64 (n,).
    """

    mentions: list[Mention]
    titled: dict[int, float]
    musicality: float
    reasons: tuple[tuple[str, float], ...]
    words: list[str]
    tokens: np.ndarray


@dataclass
class _Scored:
    """A spot and its points so far."""

    spot: Spot
    points: float


class Matcher:
    """Finds the artists of a catalogue in texts.

    Args:
        names: (name, artist id) pairs; an artist may have several, a name several artists.
        config: thresholds.
        notes: artist id → words that tell it from others of its name ("Swedish folk band"); used for those alone.
        tags: artist id → the words of its tags; used in the same way.
    """

    def __init__(
        self, names: Iterable[tuple[str, int]], config: Config | None = None, notes: Mapping[int, str] | None = None,
        tags: Mapping[int, str] | None = None,
    ) -> None:  # fmt: skip
        self.config = config or Config()
        self._homonyms = Homonyms(notes or {}, tags or {})
        self._names: dict[str, Named] = {}
        self._beginnings: set[str] = set()
        self._unusual: dict[str, str] = {}
        self._articled: set[str] = set()
        self._of_marks: dict[str, Named] = {}
        self._shared: set[int] = set()
        pairs = list(names)
        for name, artist_id in pairs:
            self._add(name, artist_id)
        for name, artist_id in pairs:
            if artist_id in self._shared:
                self._homonyms.spell(artist_id, clean(name))
        alternatives = "|".join(re.escape(name) for name in sorted(self._of_marks, key=lambda n: (-len(n), n)))
        self._capitals = frozenset(
            name for name in self._names
            if " " not in name and (name in LIGHT or (is_everyday(name) and name not in self._unusual))
        )  # fmt: skip
        """Names of one everyday word: without a capital they are not looked at, the lightest never."""
        self._marks = re.compile(rf"(?<!\S)(?:{alternatives})(?=\s|'s|[,.;:)]|$)") if alternatives else None

    def __len__(self) -> int:
        return len(self._names) + len(self._of_marks)

    def _add(self, name: str, artist_id: int) -> None:
        forms = spellings(name)
        if not forms and (marks := clean(name)):
            self._enter(self._of_marks, marks, artist_id)
        for form in forms:
            if self._is_unusual(name, form):
                self._unusual.setdefault(form, clean(name))
            if name[:4].lower() == "the ":
                self._articled.add(form)
            self._enter(self._names, form, artist_id)
            space = form.find(" ")
            while space > 0:
                self._beginnings.add(form[:space])
                space = form.find(" ", space + 1)

    @staticmethod
    def _is_unusual(name: str, form: str) -> bool:
        """Whether the letters of a name deserve a second look: an everyday one in odd capitals, a rare one in small."""
        if sort_of(form) in SURE:
            return name.islower() or name.count(".") > 1
        bare = letters(name)
        plain = bare.isascii() and bare.isalpha() and not bare.isupper() and not bare.islower()
        return not plain

    def _enter(self, names: dict[str, Named], key: str, artist_id: int) -> None:
        known = names.setdefault(key, artist_id)
        if known != artist_id:
            artists = _artists(known)
            names[key] = artists if artist_id in artists else (*artists, artist_id)
            self._shared.update((*artists, artist_id))

    def unusual(self, key: str) -> str | None:
        """How the catalogue writes a folded name, where its marks or capitals are unusual."""
        return self._unusual.get(key)

    def articled(self, key: str) -> bool:
        """Whether the catalogue writes a folded name with "The"."""
        return key in self._articled

    @property
    def _least(self) -> float:
        """Points below which a spot neither counts nor bears out another."""
        return min(0.0, _points(self.config.threshold))

    def find(self, doc: Doc, title: str = "") -> list[Mention]:
        """The mentions in a doc of cleaned text, in their order; none overlap."""
        return self.read(doc, title).mentions

    def read(self, doc: Doc, title: str = "") -> Reading:
        """The mentions in a doc of cleaned text and in its title."""
        page, head = Page(pieces(doc.text)), Page(pieces(clean(title)))
        spots, title_spots = list(self._spots(page)), list(self._spots(head))
        for where, group in ((page, spots), (head, title_spots)):
            where.taken.update(i for s in group if s.sort is Sort.DISTINCTIVE for i in range(s.start, s.end))
        sure = sum(spot.sort is Sort.DISTINCTIVE for spot in spots)
        score, reasons = musicality([*page.words, *head.words], sure)
        titled = [spot for spot in title_spots if self._titles(page, head, spot, score)]
        scored = self._scored(page, spots, titled, score)
        accepted = [s for s in scored if confidence(s.points) >= self.config.threshold]
        who = self._tell_apart(page, head, [s.spot for s in accepted], titled)
        tokens = _tokens_of(doc, page)
        mentions = [
            Mention(int(tokens[s.spot.start]), int(tokens[s.spot.end - 1]) + 1, artist, confidence(s.points))
            for s in accepted if (artist := who.get((False, s.spot))) is not None
        ]  # fmt: skip
        named = {who[True, s]: 0.95 if s.sort in SURE else 0.8 for s in titled if (True, s) in who}
        return Reading(_apart(mentions), named, score, reasons, page.words, tokens)

    def names_in(self, *texts: tuple[str, list[str]]) -> list[tuple[str, tuple[int, ...], str]]:
        """All names that stand in cleaned texts, each once, in byte order, be they part of longer ones or not.

        A text is given with its folded pieces.

        With each name the artists who have it, and how the catalogue writes it where that is unusual: no other name of
        the catalogue can change what `read` finds in a document of these texts.
        """
        found: set[str] = set()
        of_marks: set[str] = set()
        for text, words in texts:
            for i, word in enumerate(words):
                if word in self._names:
                    found.add(word)
                key, j = word, i + 1
                while j < len(words) and key in self._beginnings:
                    key = f"{key} {words[j]}"
                    j += 1
                    if key in self._names:
                        found.add(key)
            if self._marks is not None:
                of_marks.update(name for name in self._of_marks if name in text)
        return [
            *((key, _artists(self._names[key]), self._unusual.get(key, "")) for key in sorted(found)),
            *((key, _artists(self._of_marks[key]), "") for key in sorted(of_marks)),
        ]

    def _spots(self, page: Page) -> Iterator[Spot]:
        """Where the text reads like a name: the longest run at each place, none overlapping."""
        names, beginnings, capitals = self._names, self._beginnings, self._capitals
        text, words, starts, _ = page.pieces
        i, n = 0, len(words)
        marks = list(self._mark_spots(page)) if self._marks is not None else []
        yield from marks
        while i < n:
            key = run = words[i]
            found, end = names.get(key), i + 1
            goes_on, j = key in beginnings, i + 1
            while goes_on and j < n:
                run = f"{run} {words[j]}"
                j += 1
                if run in names:
                    found, key, end = names[run], run, j
                goes_on = run in beginnings
            if found is None or (end - i == 1 and key in capitals and text[starts[i]].islower()):
                pass
            elif end - i > 1 or key not in capitals or (key not in LIGHT and page.capital(i)):
                yield Spot(i, end, key, _artists(found), sort_of(key))
            i = end

    def _mark_spots(self, page: Page) -> Iterator[Spot]:
        assert self._marks is not None  # noqa: S101  asked for only where there are such names
        starts = {start: i for i, start in enumerate(page.pieces.starts)}
        ends = {end: i + 1 for i, end in enumerate(page.pieces.ends)}
        for match in self._marks.finditer(page.pieces.text):
            if match.start() in starts and match.end() in ends:
                artists = _artists(self._of_marks[match[0]])
                yield Spot(starts[match.start()], ends[match.end()], match[0], artists, Sort.GRAMMAR)

    def _titles(self, page: Page, head: Page, spot: Spot, score: float) -> bool:
        """Whether a title names the artist.

        A distinctive name does anywhere in it. Another must be the whole title of a text about music, or stand apart
        in it and be used as a name in the text.
        """
        points = self._own_points(head, spot)
        if points is None or (points < 0 and spot.sort in SURE):
            return False
        if spot.sort in SURE:
            return True
        if score < evidence.VERY_MUSICAL or not head.set_apart(spot.start, spot.end):
            return False
        whole = spot.start == 0 and spot.end == len(head.words)
        if whole or spot.sort in (Sort.PLACE, Sort.GRAMMAR):
            return whole
        uses = (s for s in self._spots(page) if s.key == spot.key)
        return any((self._own_points(page, use) or -9) >= evidence.BASE[use.sort] for use in uses)

    def _own_points(self, page: Page, spot: Spot) -> float | None:
        """The points of a spot by itself and what stands beside it; None when it is ruled out."""
        written = evidence.written_points(page, spot, self._unusual.get(spot.key))
        if written is None:
            return None
        around = evidence.beside_points(page, spot) + clause_points(page, spot)
        around += other_points(page, spot, self._unusual.get(spot.key), articled=self.articled(spot.key))
        return evidence.BASE[spot.sort] + written + around

    def _scored(self, page: Page, spots: list[Spot], titled: list[Spot], score: float) -> list[_Scored]:
        in_title = frozenset(artist for spot in titled for artist in spot.artists)
        spots = to_weigh(page, spots, self._unusual, in_title, self._least)
        based = [_Scored(spot, points) for spot in spots if (points := self._own_points(page, spot)) is not None]
        based = self._hopeful(page, based, in_title)
        short = _short_forms(page, spots, titled, {s.spot.key for s in based})
        for s in based:
            if s.spot.key in short and not in_title.intersection(s.spot.artists):
                s.points += evidence.SHORT_FORM
        for one, other in pairwise(based):
            if one.points < 0 and other.points < 0 and evidence.bear_out(page, one.spot, other.spot):
                one.points += evidence.EACH_OTHER
                other.points += evidence.EACH_OTHER
        sure = [s.spot for s in based if s.spot.sort in SURE and s.points >= 0]
        for s in sorted(based, key=lambda s: -s.points):
            if s.spot.sort not in SURE:
                s.points += evidence.TITLE if in_title.intersection(s.spot.artists) else 0.0
                s.points += evidence.context_points(page, s.spot, sure, score)
                if s.points >= 0:
                    sure.append(s.spot)
        meant = {s.spot.key for s in based if s.spot.sort not in SURE and s.points >= 0} - short
        for s in based:
            if s.spot.key in meant and s.points < 0 and s.spot.sort not in SURE:
                s.points += evidence.SAME_TEXT
        return based

    def _hopeful(self, page: Page, based: list[_Scored], titled: frozenset[int]) -> list[_Scored]:
        """The spots of names that may count at one place at least, with what sentence and text can add at most."""
        least = self._least - evidence.MOST_AROUND
        starts, ends = {s.spot.start for s in based}, {s.spot.end for s in based}
        kept = {
            s.spot.key for s in based
            if s.points >= least or s.spot.sort in SURE or s.spot.end - s.spot.start > 1
            or evidence.has_company(page, s.spot, starts, ends) or not titled.isdisjoint(s.spot.artists)
        }  # fmt: skip
        return [s for s in based if s.spot.key in kept]

    def _tell_apart(
        self, page: Page, head: Page, spots: list[Spot], titled: list[Spot]
    ) -> dict[tuple[bool, Spot], int]:
        """Whose name each spot is, by (whether it is in the title, spot); a spot that stays open is absent."""
        clear = {spot.artists[0] for spot in (*spots, *titled) if len(spot.artists) == 1}
        shared = any(len(spot.artists) > 1 for spot in (*spots, *titled))
        words = {*page.words, *head.words} if shared else set()
        told = {}
        for in_title, where, group in ((False, page, spots), (True, head, titled)):
            for spot in group:
                artist = spot.artists[0] if len(spot.artists) == 1 else self._homonyms.choose(where, spot, clear, words)
                if artist is not None:
                    told[in_title, spot] = artist
        return told


def _short_forms(page: Page, spots: list[Spot], titled: list[Spot], keys: set[str]) -> set[str]:
    """Which of these names text or title has as the last word of a longer name, or a given name as its first."""
    names = [spot.key.split() for spot in (*spots, *titled) if spot.end - spot.start > 1]
    longer = {words[-1] for words in names} | (GIVEN_NAMES & {words[0] for words in names})
    return {
        spot.key for spot in spots
        if spot.end - spot.start == 1 and spot.key in keys and (spot.key in longer or page.ends_longer_name(spot.start))
    }  # fmt: skip


def _points(confident: float) -> float:
    """The points that give a confidence; a hair less, so that rounding never matters."""
    inside = 0 < confident < 1
    return math.log(confident / (1 - confident)) - 1e-9 if inside else math.copysign(math.inf, confident - 0.5)


def _artists(named: Named) -> tuple[int, ...]:
    return named if isinstance(named, tuple) else (named,)


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
