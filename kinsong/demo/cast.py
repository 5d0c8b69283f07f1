"""The invented artists: names, scenes, songs, and from where each one is known."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kinsong.demo.scenes import SCENES, SUBSCENES, Scene
from kinsong.demo.words import (
    BAND_ADJECTIVES,
    BAND_NOUNS,
    BAND_PLURALS,
    COMMON,
    COMMON_WORD_NAMES,
    FIRST_NAMES,
    HOMONYM,
    LAST_NAMES,
    SIGNATURE_ADJECTIVES,
    SIGNATURE_NOUNS,
)

PER_SCENE = 30
EVERYWHERE = frozenset({"plays", "playlists", "text"})
COVERAGE: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset({"text"}), 30),
    (frozenset({"plays"}), 10),
    (frozenset({"playlists"}), 8),
    (frozenset({"plays", "playlists"}), 10),
)
"""Where artists are known from, and how many of them; all others are known from everywhere."""
SPARSE = 12
"""So many of those known from everywhere have a handful of listeners and playlists and a single page."""
TEMPERS = 4
"""Parts of the common words; an artist of any scene has its own."""
TYPICAL = (0.3, 0.6, 0.9, 1.1, 1.2, 1.3, 1.4)
"""How much of a scene is in the texts about its artists: some are written about as if they belonged nowhere."""
BRIDGES = 24
"""So many artists stand between two scenes."""


@dataclass(frozen=True)
class Artist:
    """One invented artist."""

    name: str
    scene: str
    circle: int
    """The sub-scene, 0 … 2."""
    place: tuple[float, float]
    """Position in the scene's plane of taste; circles are its three corners, about 1 apart."""
    temper: int
    """What it shares with artists of any scene, 0 … 3: one part of the words that all scenes have in common."""
    typical: float
    """How much texts about it keep to its scene's words, beside the average of 1."""
    popularity: float
    """Share of attention, by a power law; the largest is 1."""
    pronoun: str
    """she, he or they (a band: its verbs are plural)."""
    songs: tuple[str, ...]
    albums: tuple[str, ...]
    signatures: tuple[str, ...]
    """Noun phrases that texts use of this artist alone."""
    known_from: frozenset[str] = EVERYWHERE
    """Of plays, playlists and text."""
    sparse: bool = False
    bridge: str | None = None
    """The other scene of an artist between two scenes."""
    lean: float = 0.0
    """How much of a bridge belongs to that other scene, below .5."""
    aliases: tuple[str, ...] = ()
    mbid: str | None = None
    """Shaped like a MusicBrainz id; only artists of the artist list have one."""
    disambiguation: str = ""

    @property
    def label(self) -> str:
        """The name, with the disambiguation where the name alone does not tell: unique in a world."""
        return f"{self.name} ({self.disambiguation})" if self.disambiguation else self.name


def cast(rng: np.random.Generator) -> tuple[Artist, ...]:
    """All artists, by label."""
    names = _names(rng, PER_SCENE * len(SCENES) - 2)
    count = len(names) + 2
    ranks = rng.permutation(count) + 1
    artists = []
    for number in range(count):
        scene = SCENES[number % len(SCENES)]
        name, pronoun = names[number - 2] if number >= 2 else (HOMONYM, "they")
        artists.append(_artist(rng, name, pronoun, scene, number, _popularity(int(ranks[number]))))
    placed = _bridges(rng, _coverage(rng, artists))
    return tuple(_listed(rng, sorted(placed, key=lambda artist: artist.label)))


def _popularity(rank: int) -> float:
    """A power law with a flattened head, 1 at rank 1: no artist is known to nearly everybody."""
    return float((1 + (rank - 1) / 10) ** -0.8)


def plain(name: str) -> str:
    """The name without accents, in lower case."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def _artist(rng: np.random.Generator, name: str, pronoun: str, scene: Scene, number: int, popularity: float) -> Artist:
    circle = int(rng.integers(SUBSCENES))
    angle = 2 * np.pi * circle / SUBSCENES
    centre = 0.58 * np.array([np.cos(angle), np.sin(angle)])
    x, y = centre + rng.normal(0.0, 0.25, 2)
    return Artist(
        name=name,
        scene=scene.name,
        circle=circle,
        place=(float(x), float(y)),
        temper=int(rng.integers(TEMPERS)),
        typical=float(rng.choice(TYPICAL)),
        popularity=popularity,
        pronoun=pronoun,
        songs=_titles(rng, scene, int(rng.integers(7, 12))),
        albums=_titles(rng, scene, int(rng.integers(2, 4))),
        signatures=_signatures(rng, scene, int(rng.integers(2, 5))),
        disambiguation=("CA", "DE")[number] if name == HOMONYM else "",
    )


def _titles(rng: np.random.Generator, scene: Scene, count: int) -> tuple[str, ...]:
    """Titles from the scene's words and everybody's."""
    found: dict[str, None] = {}
    while len(found) < count:
        own, other = _one(rng, scene.vocabulary["title"]), _one(rng, COMMON["title"])
        first, second = (own, other) if rng.random() < 0.5 else (other, own)
        pattern = int(rng.integers(6))
        title = (
            f"{first} {second}",
            f"The {first} and the {second}",
            f"{own} Song" if rng.random() < 0.5 else own,
            f"{first} of {second}",
            f"{other} for {'an' if own[0] in 'AEIOU' else 'a'} {own}",
            f"No {other} without {second if second != other else own}",
        )[pattern]
        found[title] = None
    return tuple(found)


def _signatures(rng: np.random.Generator, scene: Scene, count: int) -> tuple[str, ...]:
    """Noun phrases of odd adjectives; half of them end in a word of the scene."""
    found: dict[str, None] = {}
    while len(found) < count:
        nouns = scene.vocabulary["noun"] if rng.random() < 0.4 else SIGNATURE_NOUNS
        found[f"{_one(rng, SIGNATURE_ADJECTIVES)} {_one(rng, nouns)}"] = None
    return tuple(found)


def _coverage(rng: np.random.Generator, artists: Sequence[Artist]) -> list[Artist]:
    """The artists, told where they are known from; every scene gets its share of every kind."""
    scenes = len(SCENES)
    shuffled = [[int(n) for n in rng.permutation(np.arange(s, len(artists), scenes)) if n >= 2] for s in range(scenes)]
    order = [number for row in zip(*shuffled, strict=False) for number in row]
    kinds = [known for known, count in COVERAGE for _ in range(count)]
    done = list(artists)
    for number, known in zip(order, kinds, strict=False):
        # whom everybody plays, everybody also writes about: what is known from one side only is small
        popularity = min(done[number].popularity, 0.06)
        done[number] = replace(done[number], known_from=known, popularity=popularity)
    for number in order[len(kinds) : len(kinds) + SPARSE]:
        done[number] = replace(done[number], sparse=True, popularity=min(done[number].popularity, 0.02))
    return done


def _bridges(rng: np.random.Generator, artists: Sequence[Artist]) -> list[Artist]:
    """The artists, some of them set between two scenes."""
    full = [n for n, a in enumerate(artists) if a.known_from == EVERYWHERE and not a.disambiguation and not a.sparse]
    scenes = {scene.name: scene for scene in SCENES}
    done = list(artists)
    for number in rng.choice(full, BRIDGES, replace=False).tolist():
        other = scenes[done[number].scene].neighbours[int(rng.integers(2))]
        done[number] = replace(done[number], bridge=other, lean=float(rng.uniform(0.15, 0.38)))
    return done


def _listed(rng: np.random.Generator, artists: Sequence[Artist]) -> list[Artist]:
    """The artists, those of the artist list with ids, some also with aliases: a page can name only whom a list names
    or somebody plays, so all that are known from text alone are in it."""
    taken = {plain(artist.label) for artist in artists}
    done = []
    for artist in artists:
        alias = _alias(rng, artist)
        if plain(alias) in taken or rng.random() > 0.2:
            alias = ""
        taken.add(plain(alias))
        only_text = artist.known_from == frozenset({"text"})
        if alias or artist.disambiguation or only_text or rng.random() < 0.15:
            names = tuple(name for name in (artist.label if artist.disambiguation else "", alias) if name)
            mbid = str(uuid.UUID(bytes=rng.bytes(16), version=4))
            artist = replace(artist, aliases=names, mbid=mbid)
        done.append(artist)
    return done


def _alias(rng: np.random.Generator, artist: Artist) -> str:
    words = artist.name.removeprefix("The ").replace(",", "").split()
    if artist.pronoun != "they" and len(words) == 2:
        return _one(rng, (f"{words[0][0]}. {words[1]}", f"DJ {words[1]}", f"{words[1]} Trio"))
    return _one(rng, (f"{words[0]} {words[-1]} Band", f"{words[-1]} Collective", f"{words[0]} Ensemble"))


def _names(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """So many names with their pronouns, in random order; no name is another's part."""
    bands = [*COMMON_WORD_NAMES, "Linden, Marrow & Pike", *(f"The {plural}" for plural in BAND_PLURALS[:16])]
    names = [(name, "they") for name in bands]
    taken = {plain(HOMONYM), *(plain(name) for name in bands)}
    leaders = list(BAND_PLURALS[16:])
    while len(names) < count:
        name, pronoun = _name(rng, leaders)
        if plain(name) not in taken:
            taken.add(plain(name))
            names.append((name, pronoun))
    return [names[int(n)] for n in rng.permutation(count)]


def _name(rng: np.random.Generator, leaders: list[str]) -> tuple[str, str]:
    """A band or a person; ``leaders`` are names of bands that still want somebody before their &."""
    draw = float(rng.random())
    if draw < 0.42:
        return f"{_one(rng, BAND_ADJECTIVES)} {_one(rng, BAND_NOUNS)}", "they"
    if draw < 0.5:
        return f"{_one(rng, LAST_NAMES)} {_one(rng, BAND_NOUNS)}", "they"
    pronoun = _one(rng, ("she", "he"))
    name = f"{_one(rng, FIRST_NAMES[pronoun])} {_one(rng, LAST_NAMES)}"
    if leaders and draw > 0.9:
        return f"{name} & the {leaders.pop()}", "they"
    return name, pronoun


def _one(rng: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(rng.integers(len(choices)))]
