"""Guesses against their definitions, written out slowly; lists that nobody can say anything of."""

from __future__ import annotations

import numpy as np
import pytest

from ensemble.continuation import EPSILON, GUESSES, Shelf, continued

LISTS = [[0, 1, 2, 6], [0, 1, 3], [2, 4, 5], [6, 7], [0, 2, 7]]
ARTIST = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 0])
"""Tracks 8 (of an artist of its own) and 9 stand in no list."""
AROUND = np.array([[1, -1], [0, 2], [3, -1], [-1, -1], [2, 3]], dtype=np.int32)


@pytest.fixture
def shelf() -> Shelf:
    starts = np.append(0, np.cumsum([len(one) for one in LISTS]))
    return Shelf.of(starts, np.concatenate(LISTS).astype(np.int32), ARTIST, AROUND)


def guess(shelf: Shelf, name: str, seeds: list[int]) -> list[float]:
    row: list[float] = shelf.guesses(np.array(seeds))[GUESSES.index(name)].tolist()
    return row


def normal(values: list[float], seeds: list[int]) -> list[float]:
    kept = [0.0 if track in seeds else value for track, value in enumerate(values)]
    return [value / sum(kept) for value in kept]


@pytest.mark.parametrize("seeds", [[0], [0, 2], [6, 1, 4]])
def test_guesses_are_what_the_header_says(shelf: Shelf, seeds: list[int]) -> None:
    n = len(ARTIST)
    held = [sum(track in one for one in LISTS) for track in range(n)]
    lists = [sum(len(set(one) & set(seeds)) / len(one) ** 0.5 for one in LISTS if track in one) for track in range(n)]
    assert guess(shelf, "lists", seeds) == pytest.approx(normal(lists, seeds))
    items = [
        sum(sum(len(one) ** -0.5 for one in LISTS if track in one and seed in one) / max(held[seed], 1) ** 0.5
            for seed in seeds) / max(held[track], 1) ** 0.5
        for track in range(n)
    ]  # fmt: skip
    assert guess(shelf, "items", seeds) == pytest.approx(normal(items, seeds))
    count = [sum(ARTIST[seed] == artist for seed in seeds) for artist in range(5)]
    known = [one + EPSILON for one in held]
    assert guess(shelf, "own_known", seeds) == pytest.approx(
        normal([count[ARTIST[track]] * known[track] for track in range(n)], seeds)
    )
    whole = [sum(known[t] for t in range(n) if ARTIST[t] == artist) for artist in range(5)]
    assert guess(shelf, "own", seeds) == pytest.approx(
        normal([count[ARTIST[track]] * known[track] / whole[ARTIST[track]] for track in range(n)], seeds)
    )


def test_around_goes_by_rank_and_leaves_the_list_s_own_artists_out(shelf: Shelf) -> None:
    found = guess(shelf, "around", [2])  # artist 1: around it 0 first, then 2
    known = np.asarray(shelf.degree) + EPSILON
    wanted = np.where(ARTIST == 0, known, 0) + np.where(ARTIST == 2, known / 2, 0)
    assert found == pytest.approx((wanted / wanted.sum()).tolist())


def test_answers_are_no_seeds_not_left_out_and_best_first(shelf: Shelf) -> None:
    found = continued(shelf, np.array([0]), 20, left_out=np.array([2]))
    assert sorted(found.tracks.tolist()) == [1, 3, 4, 5, 6, 7, 8, 9]
    assert (np.diff(found.score) <= 0).all()
    assert found.tracks[0] == 1  # of the same artist, in two lists with it
    assert found.said.sum(axis=0) == pytest.approx(found.score, abs=1e-6)
    assert continued(shelf, np.array([0]), 3).tracks.tolist() == continued(shelf, np.array([0]), 9).tracks[:3].tolist()


def test_a_track_that_stands_nowhere_is_continued_by_its_artist(shelf: Shelf) -> None:
    assert set(continued(shelf, np.array([9]), 2).tracks.tolist()) == {0, 1}
    alone = continued(shelf, np.array([8]), 3)
    assert set(alone.tracks.tolist()) <= {4, 5, 6, 7}  # of artists around its own
    assert (alone.score > 1e-3).all()


def test_no_lists_no_seeds_and_everything_as_seeds_are_answered(shelf: Shelf) -> None:
    assert continued(shelf, np.empty(0, dtype=np.int64), 3).tracks.tolist() == [0, 2, 1]
    assert len(continued(shelf, np.arange(len(ARTIST)), 3).tracks) == 0
    bare = Shelf.of(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), ARTIST, AROUND)
    assert set(continued(bare, np.array([4]), 1).tracks.tolist()) == {5}


def test_how_tracks_are_dealt_changes_nothing(shelf: Shelf) -> None:
    order = np.random.default_rng(2).permutation(len(ARTIST))
    place = np.argsort(order)
    lists = [sorted(place[one].tolist()) for one in LISTS]
    starts = np.append(0, np.cumsum([len(one) for one in lists]))
    other = Shelf.of(starts, np.concatenate(lists).astype(np.int32), ARTIST[order], AROUND)
    np.testing.assert_allclose(other.guesses(place[np.array([0, 4])]), shelf.guesses(np.array([0, 4]))[:, order])
