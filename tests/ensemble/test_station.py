from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.base import IdVector
from db.radio import Event
from ensemble.station import FUSED, Config, Mood, Near, Song, choose, mood, weights

PER_ARTIST = 5


class Ring:
    """Tracks 0 … n − 1, five of an artist; model "east" finds those that follow a track near, "west" those before."""

    models = ("east", "west")

    def __init__(self, n: int = 200, reach: int = 40) -> None:
        self.n, self.reach = n, reach

    def near(self, track: int) -> Near:
        step = np.concatenate([np.arange(1, self.reach), -np.arange(1, self.reach)])
        closeness = 1 - np.abs(step) / self.reach
        said = np.column_stack([np.where(step > 0, closeness, 0), np.where(step < 0, closeness, 0)])
        order = np.argsort(-closeness, kind="stable")
        tracks = (track + step[order]) % self.n
        return Near(tracks.astype(np.int64), closeness[order].astype(np.float32), said[order].astype(np.float32))

    def songs(self, tracks: IdVector) -> tuple[IdVector, IdVector]:
        return tracks // PER_ARTIST, tracks


def song(found: Song) -> Event:
    return Event("song", found.track, found.artist, said=found.said)


def listen(
    thumbs: Sequence[str], ring: Ring | None = None, config: Config | None = None, seed: int = 0
) -> tuple[list[Event], Mood]:
    """A session of as many songs as there are thumbs, "" for none."""
    ring, config = ring or Ring(), config or Config()
    events: list[Event] = []
    for number, thumb in enumerate(thumbs):
        state = mood([0], events, ring.models, config)
        found = choose(state, ring, config, np.random.default_rng([seed, number]))
        if found is None:
            break
        events.append(song(found))
        if thumb:
            events.append(Event(thumb, found.track, found.artist))
    return events, mood([0], events, ring.models, config)


@given(
    st.lists(st.sampled_from(["", "up", "down", "skip", "ban", "favorite"]), max_size=25), st.integers(0, 1000),
    st.integers(0, 6), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_nothing_comes_twice_and_artists_keep_their_distance(
    thumbs: list[str], seed: int, spacing: int, variety: float, adventurous: float
) -> None:
    config = Config(spacing=spacing, variety=variety, adventurous=adventurous)
    events, state = listen(thumbs, config=config, seed=seed)
    assert len(set(state.played)) == len(state.played)
    for place, artist in enumerate(state.artists):
        assert artist not in state.artists[max(0, place - spacing) : place]
    downs: dict[int, int] = {}
    gone: set[int] = set()
    for event in events:
        if event.kind == "song":
            assert event.artist_id not in gone
        if event.kind in ("down", "ban"):
            downs[event.artist_id] = downs.get(event.artist_id, 0) + 1
            if downs[event.artist_id] > 1:
                gone.add(event.artist_id)
    assert state.gone == gone


def test_a_session_is_what_its_seed_makes_it() -> None:
    one, other, third = (listen(["", "up", "skip"] * 5, seed=seed)[1].played for seed in (1, 1, 2))
    assert one == other != third


def test_thumbs_move_weight_to_the_models_that_were_right() -> None:
    ring, config = Ring(), Config()
    events: list[Event] = []
    for number in range(20):
        state = mood([0], events, ring.models, config)
        found = choose(state, ring, config, np.random.default_rng(number))
        assert found is not None
        east = 0 < found.track < 100
        events += [song(found), Event("up" if east else "skip", found.track, found.artist)]
    found_weights = weights(mood([0], events, ring.models, config), ring.models)
    assert found_weights["east"] > 3 * found_weights["west"]
    assert sum(found_weights.values()) == pytest.approx(1)
    unmoved = weights(mood([0], events, ring.models, config.model_copy(update={"eta": 0.0})), ring.models)
    assert unmoved == pytest.approx({FUSED: 0.4, "east": 0.3, "west": 0.3})


def test_the_weights_are_those_of_hedge() -> None:
    events = [
        Event("song", 7, 1, said={FUSED: 0.5, "east": 0.9, "west": 0.1}), Event("up", 7, 1),
        Event("song", 190, 38, said={FUSED: 0.5, "east": 0.2, "west": 1.0}), Event("skip", 190, 38),
    ]  # fmt: skip
    config = Config(eta=2.0, fused=0.4)
    raw = {
        FUSED: 0.4 * np.exp(-2 * (1.0 * 0.5 + 0.6 * 0.5)), "east": 0.3 * np.exp(-2 * (1.0 * 0.1 + 0.6 * 0.2)),
        "west": 0.3 * np.exp(-2 * (1.0 * 0.9 + 0.6 * 1.0)),
    }  # fmt: skip
    expected = {name: value / sum(raw.values()) for name, value in raw.items()}
    assert weights(mood([0], events, ("east", "west"), config), ("east", "west")) == pytest.approx(expected)


def test_the_last_thumb_on_a_song_counts_alone() -> None:
    played = Event("song", 7, 1, said={FUSED: 0.5, "east": 0.9, "west": 0.1})
    flipped = mood([0], [played, Event("down", 7, 1), Event("up", 7, 1)], Ring.models, Config())
    plain = mood([0], [played, Event("up", 7, 1)], Ring.models, Config())
    assert np.allclose(flipped.weights, plain.weights)
    assert flipped.off == set()
    assert flipped.liked == plain.liked
    assert flipped.taste == plain.taste


def test_up_loads_more_from_the_thumbed_track() -> None:
    ring, config = Ring(reach=70), Config(adventurous=1, spacing=0, against=0)
    played_one = Event("song", 60, 12, said={})
    reached: dict[str, set[int]] = {}
    for thumb in ("up", "skip"):
        state = mood([0], [played_one, Event(thumb, 60, 12)], ring.models, config)
        found = [choose(state, ring, config, np.random.default_rng(n)) for n in range(300)]
        reached[thumb] = {one.track for one in found if one is not None}
    assert any(70 <= track < 130 for track in reached["up"])
    assert not any(70 <= track <= 130 for track in reached["skip"])


def test_versions_of_a_song_that_was_thumbed_down_do_not_come() -> None:
    class Versions(Ring):
        def songs(self, tracks: IdVector) -> tuple[IdVector, IdVector]:
            return tracks // PER_ARTIST, tracks // 2  # two versions of every song

    ring, config = Versions(), Config(spacing=0)
    events = [Event("song", 4, 0, said={}), Event("down", 4, 0)]
    for number in range(70):
        found = choose(mood([0], events, ring.models, config), ring, config, np.random.default_rng(number))
        if found is None:
            break
        assert found.track // 2 != 2
        events.append(song(found))
    songs = [event.track_id // 2 for event in events if event.kind == "song"]
    assert len(set(songs)) == len(songs)  # nor does another version of what was played


def test_more_and_less_of_an_artist_and_a_ban() -> None:
    ring, config = Ring(), Config(adventurous=0, spacing=0, variety=0)
    plain = choose(mood([0], [], ring.models, config), ring, config, np.random.default_rng(0))
    assert plain is not None
    for kind in ("less", "ban"):
        state = mood([0], [Event(kind, artist_id=plain.artist)], ring.models, config)
        found = choose(state, ring, config, np.random.default_rng(0))
        assert found is not None
        assert found.artist != plain.artist
    config = config.model_copy(update={"artist": 2.0})
    found = choose(mood([0], [Event("more", artist_id=4)], ring.models, config), ring, config, np.random.default_rng(0))
    assert found is not None
    assert found.artist == 4


def test_dials_turn_in_the_midst_of_a_session() -> None:
    state = mood([0], [Event("adventurous", value=0.7), Event("variety", value=0.0)], Ring.models, Config())
    assert (state.adventurous, state.variety) == (0.7, 0.0)


def test_where_nothing_is_left_there_is_no_song() -> None:
    events, state = listen([""] * 60, Ring(n=20, reach=10), Config(spacing=1))
    assert 15 <= len(state.played) <= 20
    assert choose(state, Ring(n=20, reach=10), Config(spacing=1), np.random.default_rng(0)) is None

    class Nothing(Ring):
        def near(self, track: int) -> Near:  # noqa: ARG002
            return Near(np.empty(0, np.int64), np.empty(0, np.float32), np.empty((0, 2), np.float32))

    assert choose(mood([0], [], Ring.models, Config()), Nothing(), Config(), np.random.default_rng(0)) is None
    assert events
