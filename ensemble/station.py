"""A station that learns: which song comes next, from the songs and thumbs so far. Pure functions of a session's events.

Every model is an expert that gives each song in reach its advice a_m, 0 … 1: the song's place among them by

    s_m(t) = Σ_p ω_p sim_m(p, t) / Σ_p ω_p  −  ν · Σ_n ω_n sim_m(n, t) / Σ_n ω_n

over the songs p that the session goes out from or that were liked, and the songs n that were not. The advice of all
counts by the experts' weights, which the session's thumbs change by the exponential weights of Hedge (Freund and
Schapire, "A Decision-Theoretic Generalization of On-Line Learning and an Application to Boosting", JCSS 1997):

    w_m ← w_m · exp(−η · strength · loss_m)      loss_m = 1 − a_m for a song that was liked, a_m for one that was not

with the advice that was given when the song was chosen. All experts advise on every song, so that every thumb is a
lesson for all of them, and no exploring is needed. The ensemble's own fused score is one of the experts.

    score(t) = Σ_m w_m a_m(t) / Σ_m w_m  +  κ · taste(artist of t)  −  variety · songs of its artist so far / 5

taste being what was said of the artist's songs, as their sum over their number and 2. The song is drawn by softmax of
score / (.01 + adventurous / 5), so that a session is what its seed makes it. Never drawn: a song that was played, one
of the same artist and title as a song that was thumbed down, an artist who was banned or thumbed down twice, and any of
the artists of the last few songs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.radio import Event

FUSED = "all models"
"""The expert that is the ensemble's own score."""
LIKED = {"up": 1.0, "favorite": 1.5, "more": 1.0}
DISLIKED = {"down": 1.0, "ban": 1.0, "skip": 0.6}
HEARD = 0.25
"""Strength of a song that was heard to the next one without a word."""
MOST = 20
"""Songs on either side that are looked at, the latest ones."""
FEW = 60
"""When fewer songs are in reach, what is near songs that were heard is loaded too."""
Part = Annotated[float, Field(ge=0, le=1)]


class Config(BaseConfig):
    """Radio sessions: a station that learns from thumbs."""

    spacing: Annotated[int, Field(ge=0, le=50)] = 4
    """Songs of others between two of one artist, at least."""
    variety: Part = 0.3
    """How much it counts against an artist to have been played already."""
    adventurous: Part = 0.1
    """How much is left to chance, up to 1."""
    eta: Annotated[float, Field(ge=0, le=10)] = 2.5
    """η, how fast thumbs change what the models count; 0 not at all."""
    fused: Part = 0.4
    """What the ensemble's own score counts at the start; the models share the rest."""
    against: Part = 0.5
    """ν, how much it counts against a song to be like those that were not liked."""
    artist: Annotated[float, Field(ge=0, le=2)] = 1.0
    """κ, how much it counts what was said of the artist's other songs."""


@dataclass(frozen=True, eq=False)
class Near:
    """Songs near one, the nearest first.

    Attributes:
        tracks: int64 (n,), ids.
        score: float32 (n,), the ensemble's.
        said: float32 (n, n_models), NaN where a model does not know both.
    """

    tracks: IdVector
    score: NDArray[np.float32]
    said: FloatMatrix


class Neighbourhood(Protocol):
    """What a station can be made of."""

    @property
    def models(self) -> Sequence[str]:
        """Their names."""
        ...

    def near(self, track: int) -> Near:
        """Songs near one; none for one that nothing is known of."""
        ...

    def songs(self, tracks: IdVector) -> tuple[IdVector, IdVector]:
        """The artist of each track, and a number that all versions of one song by one artist share; -1 for tracks that
        are not to be played (any more)."""
        ...


@dataclass
class Mood:
    """What the events of a session come to.

    Attributes:
        weights: of the experts, log; the first is the ensemble's own score.
        liked: track → how much, in the order in which they came; seeds first.
        disliked: likewise.
        heard: tracks that were heard without a word.
        played: tracks, in order.
        artists: of the played ones.
        off: tracks thumbed down or banned, whose versions are not to come either.
        gone: artists who are not to come.
        taste: artist → what was said of the artist's songs.
        variety: as it is now.
        adventurous: as it is now.
        thumbs: track → the last thumb.
    """

    weights: NDArray[np.float64]
    liked: dict[int, float] = field(default_factory=dict)
    disliked: dict[int, float] = field(default_factory=dict)
    heard: list[int] = field(default_factory=list)
    played: list[int] = field(default_factory=list)
    artists: list[int] = field(default_factory=list)
    off: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    taste: dict[int, list[float]] = field(default_factory=dict)
    variety: float = 0.0
    adventurous: float = 0.0
    thumbs: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Song:
    """What comes next: the track, its artist, and the advice of each expert."""

    track: int
    artist: int
    said: Mapping[str, float]


def mood(seeds: Sequence[int], events: Sequence[Event], models: Sequence[str], config: Config) -> Mood:
    """The state that a session's events lead to, one after the other.

    A thumb that takes the place of an earlier one on the same song counts alone.
    """
    names = (FUSED, *models)
    prior = np.array([config.fused, *([(1 - config.fused) / max(len(models), 1)] * len(models))])
    state = Mood(np.log(np.maximum(prior, 1e-9)), variety=config.variety, adventurous=config.adventurous)
    state.liked.update(dict.fromkeys(seeds, 1.0))
    last = {event.track_id: place for place, event in enumerate(events) if event.kind in (*LIKED, *DISLIKED)}
    songs = {event.track_id: event for event in events if event.kind == "song"}
    downs: dict[int, int] = {}
    waiting: Event | None = None
    for place, event in enumerate(events):
        if event.kind == "song" and event.track_id is not None and event.artist_id is not None:
            if waiting is not None and waiting.track_id not in last:
                _learn(state, names, waiting, config, liked=True, strength=HEARD)
                state.heard.append(int(waiting.track_id or 0))
            state.played.append(event.track_id)
            state.artists.append(event.artist_id)
            waiting = event
        elif event.kind in ("adventurous", "variety") and event.value is not None:
            setattr(state, event.kind, event.value)
        elif event.kind in ("more", "less", "ban") and event.track_id is None and event.artist_id is not None:
            _steer(state, event)
        elif event.track_id is not None and last.get(event.track_id) == place:
            _thumb(state, names, event, songs.get(event.track_id), downs, config)
    return state


def _steer(state: Mood, event: Event) -> None:
    artist = event.artist_id or 0
    if event.kind == "ban":
        state.gone.add(artist)
    else:
        state.taste.setdefault(artist, []).append(2.0 if event.kind == "more" else -2.0)


def _thumb(
    state: Mood, names: Sequence[str], event: Event, song: Event | None, downs: dict[int, int], config: Config
) -> None:
    track = event.track_id or 0
    state.thumbs[track] = event.kind
    liked = event.kind in LIKED
    strength = LIKED[event.kind] if liked else DISLIKED[event.kind]
    (state.liked if liked else state.disliked)[track] = strength
    if song is not None:
        _learn(state, names, song, config, liked=liked, strength=strength)
    if event.kind in ("down", "ban"):
        state.off.add(track)
        artist = song.artist_id if song is not None else event.artist_id
        if artist is not None:
            downs[artist] = downs.get(artist, 0) + 1
            if downs[artist] > 1:
                state.gone.add(artist)


def _learn(
    state: Mood, names: Sequence[str], song: Event, config: Config, *, liked: bool, strength: float
) -> None:
    advice = np.array([song.said.get(name, 0.5) for name in names])
    state.weights -= config.eta * strength * (1 - advice if liked else advice)
    if song.artist_id is not None:
        state.taste.setdefault(song.artist_id, []).append(strength if liked else -strength)


def weights(state: Mood, models: Sequence[str]) -> dict[str, float]:
    """What each expert counts; they sum to 1."""
    shares = np.exp(state.weights - state.weights.max())
    return dict(zip((FUSED, *models), (shares / shares.sum()).tolist(), strict=True))


def choose(state: Mood, around: Neighbourhood, config: Config, rng: np.random.Generator) -> Song | None:
    """The next song; None where nothing is left that may be played.

    Args:
        state: of the session.
        around: what there is.
        config: settings.
        rng: what is left to chance.
    """
    reach = _reach(state, around, config)
    for more in (state.heard[-MOST:], state.played[-MOST:]):
        if len(reach.tracks) >= FEW:
            break
        extra = [track for track in more if track not in state.disliked]
        reach = _reach(state, around, config, extra) if extra else reach
    if not len(reach.tracks):
        return None
    advice = _advice(reach.likeness)
    share = np.exp(state.weights - state.weights.max())
    score = advice @ (share / share.sum())
    score += config.artist * _of(reach.artists, {one: sum(said) / (len(said) + 2) for one, said in state.taste.items()})
    score -= state.variety / 5 * _of(reach.artists, Counter(state.artists))
    drawn = score / (0.01 + state.adventurous / 5) + rng.gumbel(size=len(score))
    best = int(np.argmax(drawn))
    said = dict(zip((FUSED, *around.models), np.round(advice[best], 4).tolist(), strict=True))
    return Song(int(reach.tracks[best]), int(reach.artists[best]), said)


def _of(artists: IdVector, values: Mapping[int, float]) -> NDArray[np.float64]:
    """The value of each song's artist, 0 for those that have none."""
    if not values:
        return np.zeros(len(artists))
    known = np.array(sorted(values), dtype=np.int64)
    place = np.minimum(np.searchsorted(known, artists), len(known) - 1)
    found: NDArray[np.float64] = np.array([values[one] for one in known.tolist()], dtype=np.float64)[place]
    return np.where(known[place] == artists, found, 0.0)


@dataclass(frozen=True, eq=False)
class _Reach:
    """Songs that may come, their artists, float64 (n, n_experts) how near each expert finds them, NaN for unknown."""

    tracks: IdVector
    artists: IdVector
    likeness: NDArray[np.float64]


def _reach(state: Mood, around: Neighbourhood, config: Config, extra: Sequence[int] = ()) -> _Reach:
    liked = {**dict.fromkeys(extra, HEARD), **state.liked}
    liked = dict(list(liked.items())[-MOST:]) if len(liked) > MOST else liked
    disliked = dict(list(state.disliked.items())[-MOST:])
    near = {track: around.near(track) for track in liked}
    tracks = np.unique(np.concatenate([np.empty(0, np.int64), *(one.tracks for one in near.values())]))
    tracks = tracks[~np.isin(tracks, state.played)]
    artists, songs = around.songs(tracks)
    off = around.songs(np.array(sorted(state.off), dtype=np.int64))[1] if state.off else np.empty(0, np.int64)
    recent = state.artists[-config.spacing :] if config.spacing else []
    closed = (artists < 0) | np.isin(songs, off) | np.isin(artists, [*state.gone, *recent])
    closed |= np.isin(songs, around.songs(np.array(state.played, dtype=np.int64))[1]) if state.played else False
    tracks, artists = tracks[~closed], artists[~closed]
    n = 1 + len(around.models)
    likeness = _summed(tracks, near, liked, n)
    if disliked and config.against:
        far = {track: around.near(track) for track in disliked}
        likeness = likeness - config.against * np.nan_to_num(_summed(tracks, far, disliked, n))
    return _Reach(tracks, artists, likeness)


def _summed(
    tracks: IdVector, near: Mapping[int, Near], strength: Mapping[int, float], n: int
) -> NDArray[np.float64]:
    """Σ_p ω_p sim_m(p, t) / Σ_p ω_p; NaN where no p says anything."""
    total, told = np.zeros((len(tracks), n)), np.zeros((len(tracks), n), dtype=bool)
    for track, one in near.items():
        if not len(one.tracks) or not len(tracks):
            continue
        place = np.minimum(np.searchsorted(tracks, one.tracks), len(tracks) - 1)
        there = tracks[place] == one.tracks
        said = np.column_stack([one.score[there], one.said[there]]).astype(np.float64)
        known = ~np.isnan(said)
        total[place[there]] += strength[track] * np.where(known, np.maximum(said, 0), 0)
        told[place[there]] |= known
    return np.where(told, total / max(sum(strength.values()), 1e-9), np.nan)


def _advice(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each song's place among all by each expert: 1 the nearest, 0 the farthest, ½ where it is not known."""
    order = np.argsort(np.argsort(np.where(np.isnan(likeness), -np.inf, likeness), axis=0, kind="stable"), axis=0)
    known = (~np.isnan(likeness)).sum(axis=0)
    place = order - (len(likeness) - known)
    advice: NDArray[np.float64] = np.where(np.isnan(likeness), 0.5, place / np.maximum(known - 1, 1))
    return advice
