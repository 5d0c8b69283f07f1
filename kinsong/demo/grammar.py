"""From templates to sentences: alternatives, agreement, articles, words that lean on a scene."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from kinsong.demo.cast import TEMPERS, Artist
from kinsong.demo.scenes import SCENES, SUBSCENES
from kinsong.demo.words import COMMON, OPENERS

T = TypeVar("T")
SCENE = {scene.name: scene for scene in SCENES}
_CHOICE = re.compile(r"<([^<>]+)>")
_NUMBER = re.compile(r"\[([^|\]]+)\|([^|\]]+)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa])\(n\) (?=(uku|uni)?([^\W\d_]))")
_START = re.compile(r"^([“\"]?)(\w)")
_PRONOUNS = {"she": ("she", "her", "her"), "he": ("he", "his", "him"), "they": ("they", "their", "them")}


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of ``choices``, all equally likely."""
    return choices[int(rng.integers(len(choices)))]


@dataclass(frozen=True)
class Leaning:
    """How far a text keeps to its scene's own words: chances that add up to at most 1; the rest are common words."""

    own: float = 0.56
    """From the artist's scene (a bridge's: from either of its two), times `Artist.typical`."""
    neighbour: float = 0.10
    """From a scene near it."""
    anywhere: float = 0.03
    """From any scene."""
    circle: float = 0.40
    """Given a word of its own scene: from the artist's own circle of it."""
    temper: float = 0.7
    """Given a common word: one that goes with the artist's temper, whatever its scene."""


@dataclass
class Writer:
    """Writes sentences about one artist and remembers whom they name."""

    rng: np.random.Generator
    artist: Artist
    peers: Sequence[Artist] = ()
    strangers: Sequence[Artist] = ()
    leaning: Leaning = field(default_factory=Leaning)
    mentioned: dict[str, Artist] = field(default_factory=dict)
    """Label → artist, in the order in which they were named."""

    def sentence(self, template: str) -> str:
        """The template with every choice made; its first letter is a capital."""
        guest = pick(self.rng, self.strangers) if self.strangers else self.artist
        peer = pick(self.rng, self.peers) if self.peers else guest
        text = _CHOICE.sub(lambda found: pick(self.rng, found[1].split("|")), template)
        text = _NUMBER.sub(lambda found: self._agree(found[1], found[2]), text)
        taken: set[str] = set()
        text = _SLOT.sub(lambda found: self._slot(found[1], peer, guest, taken), text)
        return _polish(text)

    def paragraph(self, templates: Iterable[str]) -> str:
        """The sentences one after the other; some are opened by an adverbial."""
        sentences = []
        for template in templates:
            text = self.sentence(template)
            plain = template.startswith(("The ", "It ", "There ", "{Its}", "What ", "If ", "On ", "Some "))
            if plain and not template.startswith("On ") and self.rng.random() < 0.18:
                text = f"{pick(self.rng, OPENERS)}, {text[0].lower()}{text[1:]}"
            sentences.append(text)
        return " ".join(sentences)

    def name(self, artist: Artist) -> str:
        """How a text calls the artist: in full at first, later now and then by another name; noted as a mention."""
        known = artist.label in self.mentioned
        self.mentioned.setdefault(artist.label, artist)
        if known and artist.label != artist.name and self.rng.random() < 0.5:
            return artist.name
        if known and artist.aliases and self.rng.random() < 0.12:
            return pick(self.rng, artist.aliases)
        return artist.label

    def word(self, kind: str, artist: Artist | None = None) -> str:
        """A word of ``kind`` as a text about ``artist`` (the writer's own where none is given) would use it."""
        who = artist or self.artist
        scene = SCENE[who.scene if who.bridge is None or self.rng.random() > who.lean else who.bridge]
        draw, leaning = float(self.rng.random()), self.leaning
        own = leaning.own * who.typical
        if draw < own:
            entries = scene.vocabulary[kind]
            if self.rng.random() < leaning.circle:
                entries = entries[who.circle :: SUBSCENES]
            return pick(self.rng, entries)
        if draw < own + leaning.neighbour:
            return pick(self.rng, SCENE[pick(self.rng, scene.neighbours)].vocabulary[kind])
        if draw < own + leaning.neighbour + leaning.anywhere:
            return pick(self.rng, pick(self.rng, SCENES).vocabulary[kind])
        common = COMMON[kind]
        return pick(self.rng, common[who.temper :: TEMPERS] if self.rng.random() < leaning.temper else common)

    def _agree(self, singular: str, plural: str) -> str:
        if self.artist.pronoun == "they":
            return plural
        return {"she": self.artist.pronoun, "She": self.artist.pronoun.capitalize()}.get(singular, singular)

    def _slot(self, slot: str, peer: Artist, guest: Artist, taken: set[str]) -> str:
        subject, possessive, objective = _PRONOUNS[self.artist.pronoun]
        match slot:
            case "A":
                return self.name(self.artist)
            case "B":
                return self.name(peer)
            case "C":
                return self.name(guest)
            case "S" | "s":
                return subject if self.rng.random() < 0.6 else self.name(self.artist)
            case "its" | "Its":
                return possessive
            case "them":
                return objective
            case "phrase":
                return pick(self.rng, self.artist.signatures)
            case "song":
                return self._unused(self.artist.songs, taken)
            case "album":
                return pick(self.rng, self.artist.albums)
            case "year":
                return str(int(self.rng.integers(1994, 2025)))
            case "count":
                return str(int(self.rng.integers(2, 15)))
            case "hour":
                return pick(self.rng, ("six", "seven", "eight", "nine"))
        return self._scene_word(slot, guest, taken)

    def _scene_word(self, slot: str, guest: Artist, taken: set[str]) -> str:
        """A word that this sentence has not used yet."""
        kind, who = (slot[1:], guest) if slot.startswith("C") else (slot, self.artist)
        for _ in range(8):
            found = self.word(kind, who)
            if found not in taken:
                break
        taken.add(found)
        return found

    def _unused(self, choices: Sequence[str], taken: set[str]) -> str:
        left = [choice for choice in choices if choice not in taken]
        chosen = pick(self.rng, left or choices)
        taken.add(chosen)
        return chosen


def _polish(text: str) -> str:
    text = _ARTICLE.sub(lambda found: found[1] + ("n " if not found[2] and found[3].lower() in "aeiou" else " "), text)
    return _START.sub(lambda found: found[1] + found[2].upper(), text)
