"""Who plays what, and what people put into playlists: drawn from tastes that mix scenes, hits and chance.

A taste's weight for an artist is ``(Σ_s mix_s · member_s · near_s + hits · popularity + noise) · popularity`` over the
scenes s, where near falls with the distance between both in the scene's plane. The k artists of a listener or playlist
are drawn without replacement by the Gumbel trick: the k largest of log weight + Gumbel noise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinsong.demo.cast import Artist, plain
from kinsong.demo.scenes import SCENES, SUBSCENES
from kinsong.demo.words import COMMON

Matrix = NDArray[np.float64]
LISTENERS = 1500
PLAYLISTS = 300
LEAST = 5
"""Listeners, or playlists, of an artist at least; a sparse one has `FEW`."""
FEW = 3
NEARNESS = 0.65
"""Standard deviation of a taste around its centre, in the plane where circles lie 1 apart."""
SCENE_INDEX = {scene.name: number for number, scene in enumerate(SCENES)}


@dataclass(frozen=True)
class Play:
    """So many plays of a credit by a listener."""

    listener: str
    credit: str
    """The artist string as that listener's player writes it."""
    plays: int
    artists: tuple[str, ...]
    """Labels of the artists that are meant."""


@dataclass(frozen=True)
class Track:
    """A song on a playlist."""

    title: str
    credits: tuple[str, ...]
    artists: tuple[str, ...]
    """Labels of the artists that are meant."""


@dataclass(frozen=True)
class Playlist:
    """A playlist and what kind it is: pure, mixed, union (unordered, many scenes) or hits."""

    name: str
    kind: str
    tracks: tuple[Track, ...]


def plays(rng: np.random.Generator, artists: Sequence[Artist]) -> tuple[Play, ...]:
    """The plays of all listeners, by listener."""
    mix = _mixes(rng, LISTENERS, (0.45, 0.35, 0.20))
    # one in eight hardly cares for scenes at all
    care = np.where(rng.random(LISTENERS) < 0.12, 0.25, 1.0)[:, None]
    hits, noise = rng.gamma(1.5, 0.05, (LISTENERS, 1)), rng.gamma(1.5, 0.006, (LISTENERS, 1))
    weight = _weights(rng, artists, mix * care, hits, noise, "plays")
    chosen = _draw(rng, weight, rng.lognormal(2.85, 0.55, LISTENERS).clip(4, 90).astype(int))
    chosen = _settle(rng, chosen, weight, artists)
    level = rng.lognormal(2.2, 0.9, LISTENERS)[:, None] * rng.lognormal(0.0, 1.2, weight.shape)
    count = np.maximum(1, level * (0.4 + 2.0 * weight / weight.max(axis=1, keepdims=True))).astype(int)
    joint = joint_credit(artists)
    found = []
    for listener, number in zip(*np.nonzero(chosen), strict=True):
        name, artist = f"listener{int(listener) + 1:04d}", artists[int(number)]
        credit, meant = _credit(rng, artist, artists, "plays")
        found.append(Play(name, credit, int(count[listener, number]), meant))
        if artist.label == joint[0].label and rng.random() < 0.2:
            both = f"{joint[0].name} & {joint[1].name}"
            found.append(Play(name, both, int(rng.integers(1, 20)), (joint[0].label, joint[1].label)))
    return tuple(found)


def playlists(rng: np.random.Generator, artists: Sequence[Artist]) -> tuple[Playlist, ...]:
    """All playlists, in the order in which they were made."""
    kinds = [("pure", "mixed", "union", "hits")[int(n)] for n in rng.choice(4, PLAYLISTS, p=(0.40, 0.34, 0.18, 0.08))]
    shares = {"pure": (1.0, 0.0, 0.0), "mixed": (0.0, 1.0, 0.0), "union": (0.0, 0.2, 0.8), "hits": (0.0, 0.0, 1.0)}
    mix = np.concatenate([_mixes(rng, 1, shares[kind]) for kind in kinds])
    mix[[n for n, kind in enumerate(kinds) if kind == "hits"]] *= 0.1
    hits = np.array([[1.0 if kind == "hits" else 0.02] for kind in kinds])
    noise = np.array([[{"pure": 0.006, "mixed": 0.013, "union": 0.016, "hits": 0.03}[kind]] for kind in kinds])
    # who makes a playlist digs deeper than who presses play
    weight = _weights(rng, artists, mix, hits, noise, "playlists") ** 0.9
    size = rng.integers(12, 32, PLAYLISTS) + np.array([10 if kind == "union" else 0 for kind in kinds])
    chosen = _settle(rng, _draw(rng, weight, size), weight, artists)
    joint = joint_credit(artists)
    members = [np.nonzero(row)[0] for row in chosen]
    return tuple(_playlist(rng, *made, artists, joint) for made in zip(kinds, members, strict=True))


def joint_credit(artists: Sequence[Artist]) -> tuple[Artist, Artist]:
    """The two of one scene that made a record together, credited as “A & B”."""
    known = [a for a in artists if {"plays", "playlists"} <= a.known_from and a.pronoun != "they" and not a.sparse]
    known.sort(key=lambda artist: (-artist.popularity, artist.label))
    first = known[0]
    return first, next(artist for artist in known[1:] if artist.scene == first.scene)


def _mixes(rng: np.random.Generator, count: int, shares: tuple[float, ...]) -> Matrix:
    """(count, scenes): weights that add up to 1 over one, two or three scenes, as often as ``shares`` says."""
    mix = np.zeros((count, len(SCENES)))
    sizes = rng.choice(len(shares), count, p=shares) + 1
    for row, size in zip(mix, sizes, strict=True):
        first = int(rng.integers(len(SCENES)))
        near = [SCENE_INDEX[name] for name in SCENES[first].neighbours]
        second = int(rng.choice(near)) if rng.random() < 0.5 else int((first + rng.integers(1, 8)) % len(SCENES))
        others = [n for n in rng.permutation(len(SCENES)).tolist() if n not in (first, second)]
        scenes = [first, second, *others][:size]
        row[scenes] = rng.dirichlet(np.full(size, 2.0))
    return mix


def _weights(
    rng: np.random.Generator, artists: Sequence[Artist], mix: Matrix, hits: Matrix, noise: Matrix, source: str
) -> Matrix:
    """(tastes, artists): how likely each taste is to choose each artist; 0 where the source knows none."""
    member = np.zeros((len(SCENES), len(artists)))
    for column, artist in enumerate(artists):
        member[SCENE_INDEX[artist.scene], column] = 1.0 - artist.lean
        if artist.bridge:
            member[SCENE_INDEX[artist.bridge], column] = artist.lean
    place = np.array([artist.place for artist in artists])
    popularity = np.array([artist.popularity for artist in artists])
    known = np.array([source in artist.known_from for artist in artists])
    angle = rng.integers(SUBSCENES, size=mix.shape) * (2 * np.pi / SUBSCENES)
    centre = 0.5 * np.stack([np.cos(angle), np.sin(angle)], axis=-1) + rng.normal(0.0, 0.25, (*mix.shape, 2))
    weight = np.zeros((len(mix), len(artists)))
    for scene in range(len(SCENES)):
        distance = ((place[None] - centre[:, scene, None]) ** 2).sum(axis=2)
        weight += mix[:, scene, None] * member[scene] * np.exp(-distance / (2 * NEARNESS**2))
    weights: Matrix = (weight + hits * popularity + noise) * popularity * known
    return weights


def _draw(rng: np.random.Generator, weight: Matrix, size: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(tastes, artists): True for the ``size`` artists that each taste draws."""
    with np.errstate(divide="ignore"):
        keys = np.log(weight) + rng.gumbel(size=weight.shape)
    ranks = np.argsort(np.argsort(-keys, axis=1, kind="stable"), axis=1, kind="stable")
    return (ranks < size[:, None]) & (weight > 0)


def _settle(
    rng: np.random.Generator, chosen: NDArray[np.bool_], weight: Matrix, artists: Sequence[Artist]
) -> NDArray[np.bool_]:
    """``chosen`` with the rarest artists given to whom they suit best, and the sparse ones kept sparse."""
    settled = chosen.copy()
    for column, artist in enumerate(artists):
        held = np.nonzero(settled[:, column])[0]
        wanted = FEW + int(rng.integers(2)) if artist.sparse else LEAST
        if artist.sparse and len(held) > wanted:
            settled[rng.permutation(held)[wanted:], column] = False
        elif len(held) < wanted and weight[:, column].any():
            chances = np.where(settled[:, column], 0.0, weight[:, column])
            added = rng.choice(len(chances), wanted - len(held), replace=False, p=chances / chances.sum())
            settled[added, column] = True
    return settled


def _playlist(
    rng: np.random.Generator,
    kind: str,
    numbers: NDArray[np.int64],
    artists: Sequence[Artist],
    joint: tuple[Artist, Artist],
) -> Playlist:
    """The playlist in its order: along a drift of taste, in blocks, or in none."""
    members = [artists[int(n)] for n in rng.permutation(numbers)]
    if kind == "pure":
        members.sort(key=lambda artist: artist.place[0] + float(rng.normal(0.0, 0.4)))
    elif kind == "mixed" and rng.random() < 0.6:
        members.sort(key=lambda artist: SCENE_INDEX[artist.scene] + float(rng.normal(0.0, 0.8)))
    tracks = [_track(rng, artist, artists) for artist in members]
    if joint[0] in members and rng.random() < 0.3:
        both = (f"{joint[0].name} & {joint[1].name}",)
        tracks.insert(1, Track(joint[0].songs[-1], both, (joint[0].label, joint[1].label)))
    return Playlist(_playlist_name(rng, kind, members), kind, tuple(tracks))


def _track(rng: np.random.Generator, artist: Artist, artists: Sequence[Artist]) -> Track:
    title = artist.songs[int(len(artist.songs) * float(rng.random()) ** 2)]
    guest = _companion(rng, artist, artists, "playlists") if rng.random() < 0.03 else None
    if guest and rng.random() < 0.5:
        return Track(title, (artist.label, guest.label), (artist.label, guest.label))
    if guest:
        return Track(title, (f"{artist.label} feat. {guest.label}",), (artist.label, guest.label))
    return Track(title, (_spelling(rng, artist),), (artist.label,))


def _playlist_name(rng: np.random.Generator, kind: str, members: Sequence[Artist]) -> str:
    scene = SCENES[SCENE_INDEX[members[0].scene]].vocabulary
    words = scene if kind == "pure" and rng.random() < 0.5 else COMMON
    mood, picture = (words[k][int(rng.integers(len(words[k])))] for k in ("mood", "image"))
    occasion = ("running", "cooking", "the train", "work", "Sunday", "late", "party", "my sister", "rain")
    when = occasion[int(rng.integers(len(occasion)))]
    return (f"{mood}", f"{picture} mix", f"for {when}", f"{when} {int(rng.integers(1, 30))}")[int(rng.integers(4))]


def _credit(
    rng: np.random.Generator, artist: Artist, artists: Sequence[Artist], source: str
) -> tuple[str, tuple[str, ...]]:
    """A credit for the artist, now and then with a guest, and the labels of those it means."""
    if rng.random() < 0.012:
        guest = _companion(rng, artist, artists, source)
        return f"{artist.label} feat. {guest.label}", (artist.label, guest.label)
    return _spelling(rng, artist), (artist.label,)


def _companion(rng: np.random.Generator, artist: Artist, artists: Sequence[Artist], source: str) -> Artist:
    """Another artist whom the source knows, mostly of the same scene."""
    same = float(rng.random()) < 0.75
    known = [a for a in artists if source in a.known_from and (a.scene == artist.scene or not same) and a != artist]
    single = [a for a in known if not re.search(r"[&,]", a.name) and not a.sparse]
    return single[int(rng.integers(len(single)))]


def _spelling(rng: np.random.Generator, artist: Artist) -> str:
    """The name as some player writes it; a homonym is told apart in two of three cases."""
    draw = float(rng.random())
    if artist.disambiguation:
        return artist.label if draw < 0.67 else artist.name
    if draw > 0.04:
        return artist.name
    others = (artist.name.upper(), plain(artist.name), artist.name.removeprefix("The "), *artist.aliases)
    return others[int(rng.integers(len(others)))]
