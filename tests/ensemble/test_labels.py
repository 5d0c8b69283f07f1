from __future__ import annotations

import numpy as np

from ensemble.labels import labels, levels, targets

ARTISTS = np.array([30, 10, 20, 40])


def test_ids_become_places_and_strangers_are_left_out() -> None:
    pairs = [(10, 30, 1.0), (10, 99, 1.0), (99, 10, 1.0), (20, 20, 1.0), (30, 40, 0.0), (10, 20, 0.0)]
    assert labels(pairs, ARTISTS) == {1: {0: 1.0, 2: 0.0}}  # 30 was only told who it is not like


def test_grades_become_levels() -> None:
    assert levels({0: {1: 1.0, 2: 0.0}}) == {1.0: 1}
    assert levels({0: {1: 1.0}, 1: {0: 0.5, 2: 0.0, 3: 0.75}}) == {0.5: 1, 0.75: 3, 1.0: 5}
    assert levels({}) == {}


def test_targets_stand_by_the_candidates() -> None:
    judged = {1: {0: 1.0, 2: 0.0}}
    assert targets(judged, levels(judged), 1, np.array([0, 2, 3], np.int32)).tolist() == [1, 0, 0]
