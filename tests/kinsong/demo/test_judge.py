"""Precision against the true scenes."""

from __future__ import annotations

from collections import defaultdict

import pytest

from kinsong.demo.cast import HOMONYM
from kinsong.demo.judge import precision
from kinsong.demo.world import World


def test_true_scene_mates_score_one_and_strangers_nothing(world: World) -> None:
    mates: defaultdict[str, list[str]] = defaultdict(list)
    for artist, similar in world.pairs():
        mates[artist].append(similar)
    assert precision(mates, world) == 1.0
    others = {
        a.label: [b.label for b in world.artists if b.scene != a.scene and b.name != HOMONYM] for a in world.artists
    }
    assert precision(others, world) == 0.0


def test_missing_lists_and_places_count_as_misses(world: World) -> None:
    artist, mate = next(world.pairs())
    assert precision({artist: [mate]}, world, n=20, only=[artist]) == pytest.approx(1 / 20)
    assert precision({artist: [mate]}, world, n=1, only=[artist]) == 1.0
    assert precision({artist: [mate]}, world, n=1) == pytest.approx(1 / len(world.artists))


def test_any_name_of_an_artist_will_do(world: World) -> None:
    artist = next(a for a in world.artists if a.aliases and a.mbid and not a.disambiguation)
    mate = next(b for b in world.artists if b.scene == artist.scene and b is not artist and b.name != HOMONYM)
    for name in (artist.name.upper(), artist.aliases[0], artist.mbid or ""):
        assert precision({name: [mate.name.lower()]}, world, n=1, only=[artist.label]) == 1.0


def test_a_shared_name_is_right_in_both_scenes_but_asks_for_neither(world: World) -> None:
    for bearer in (a for a in world.artists if a.name == HOMONYM):
        mate = next(b for b in world.artists if b.scene == bearer.scene and b is not bearer)
        assert precision({mate.label: [HOMONYM]}, world, n=1, only=[mate.label]) == 1.0
        assert precision({bearer.label: [mate.label]}, world, n=1, only=[bearer.label]) == 1.0
        assert precision({HOMONYM: [mate.label]}, world, n=1, only=[bearer.label]) == 0.0


def test_an_artist_is_not_related_to_itself(world: World) -> None:
    artist = world.artists[0]
    assert precision({artist.label: [artist.label]}, world, n=1, only=[artist.label]) == 0.0


def test_nobody_to_judge_is_an_error(world: World) -> None:
    with pytest.raises(ValueError, match="Nobody At All"):
        precision({}, world, only=["Nobody At All"])
