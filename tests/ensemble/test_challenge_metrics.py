"""The metrics of the RecSys Challenge 2018, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.quality.continuation import ANSWERS, MISSED, best, judge

ARTIST = np.arange(1000) // 2
"""Tracks 0 and 1 are of one artist, 2 and 3 of the next, …"""


def test_r_precision_gives_a_quarter_for_an_artist() -> None:
    answers = np.arange(100, 100 + ANSWERS)
    answers[:2] = 0, 3
    found, _, _ = judge(answers, np.array([0, 2, 900, 902]), ARTIST)
    assert found == pytest.approx((1 + 0.25 * 2) / 4)  # track 0; artists of 0 and of 2


def test_ndcg_is_one_for_all_hits_first_and_falls_with_rank() -> None:
    hidden = np.array([5, 7, 9])
    first = np.concatenate([hidden, np.arange(100, 100 + ANSWERS - 3)])
    assert judge(first, hidden, ARTIST)[1] == pytest.approx(1)
    last = np.concatenate([np.arange(100, 100 + ANSWERS - 1), [5]])
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert judge(last, hidden, ARTIST)[1] == pytest.approx(1 / np.log2(ANSWERS + 1) / ideal)


@pytest.mark.parametrize(("place", "clicks"), [(0, 0), (9, 0), (10, 1), (499, 49), (None, MISSED)])
def test_clicks_are_tens_until_the_first_hit(place: int | None, clicks: int) -> None:
    answers = np.arange(100, 100 + ANSWERS)
    if place is not None:
        answers[place] = 1
    assert judge(answers, np.array([1]), ARTIST)[2] == clicks


def test_equal_scores_go_by_popularity_and_seeds_are_no_answers() -> None:
    degree = np.arange(1000.0)
    found = best(np.zeros(1000), np.array([999]), degree)
    assert found.tolist() == list(range(998, 998 - ANSWERS, -1))
