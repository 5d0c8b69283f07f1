"""Labels: who was judged to be like whom, as targets of a ranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from db.base import IdVector

MAX_LEVEL = 5
Labels = Mapping[int, Mapping[int, float]]
"""Query → candidate → grade, by catalogue position; every query has at least one grade above 0."""


def labels(pairs: Sequence[tuple[int, int, float]], artists: IdVector) -> Labels:
    """Judged pairs of ids as pairs of catalogue positions.

    Left out: pairs with an artist outside the catalogue or with itself, and queries without any grade above 0.

    Args:
        pairs: (artist id, similar id, grade), no pair twice.
        artists: the catalogue.
    """
    position = {artist: place for place, artist in enumerate(artists.tolist())}
    judged: dict[int, dict[int, float]] = {}
    for artist, similar, grade in pairs:
        if artist in position and similar in position and artist != similar:
            judged.setdefault(position[artist], {})[position[similar]] = grade
    return {query: row for query, row in sorted(judged.items()) if max(row.values()) > 0}


def levels(judged: Labels) -> Mapping[float, int]:
    """A whole number for every grade above 0, as LambdaMART wants it: 1 … 5 for equal steps of the grades' range."""
    grades = sorted({grade for row in judged.values() for grade in row.values() if grade > 0})
    if not grades:
        return {}
    low, high = grades[0], grades[-1]
    if low == high:
        return {low: 1}
    return {grade: 1 + round((MAX_LEVEL - 1) * (grade - low) / (high - low)) for grade in grades}


def targets(judged: Labels, level: Mapping[float, int], query: int, candidates: NDArray[np.int32]) -> NDArray[np.int32]:
    """The level of each candidate of one query; what nobody judged is 0. int32 (len(candidates),)."""
    grades = judged[query]
    return np.array([level.get(grades.get(item, 0.0), 0) for item in candidates.tolist()], dtype=np.int32)
