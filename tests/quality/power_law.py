"""Made-up plays of the shape that listening has: few artists with most plays, listeners of every size, tastes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

TASTES = 100
"""Groups that artists fall into; a listener likes three of them."""
_ANYTHING = 0.35  # part of the plays that follow popularity alone
_SURPLUS = 1.28  # draws per pair wanted: a pair may be drawn again


def power_law_plays(rng: np.random.Generator, listeners: int, artists: int, pairs: int) -> sparse.csr_matrix:
    """CSR float32 (listeners, artists) of plays, 1 … 500, with at most `pairs` of them stored.

    A listener's artists: log-normal in number; popularity falls as rank^-.75; two in three are of the listener's
    tastes. Plays per pair follow Zipf's law with exponent 1.7.
    """
    popularity = rng.permutation(np.arange(1, artists + 1) ** -0.75)
    activity = rng.lognormal(0, 1.1, listeners)
    drawn = np.clip(activity / activity.sum() * pairs * _SURPLUS, 5, 4000).astype(np.int64)
    rows = np.repeat(np.arange(listeners), drawn)
    tastes = rng.integers(0, TASTES, (listeners, 3))
    taste = np.where(rng.random(len(rows)) < _ANYTHING, -1, tastes[rows, rng.integers(0, 3, len(rows))])
    columns = _choose(rng, popularity, rng.integers(0, TASTES, artists), taste)
    keys = np.unique(rows * artists + columns)
    if len(keys) > pairs:
        keys = np.sort(rng.choice(keys, pairs, replace=False))
    plays = np.minimum(rng.zipf(1.7, len(keys)), 500).astype(np.float32)
    return sparse.csr_matrix((plays, (keys // artists, keys % artists)), shape=(listeners, artists))


def _choose(
    rng: np.random.Generator, popularity: NDArray[np.float64], group: NDArray[np.int64], taste: NDArray[np.int64]
) -> NDArray[np.int64]:
    """An artist for each draw, by popularity among those of its taste; −1 is all artists."""
    chosen = np.empty(len(taste), np.int64)
    for wanted in range(-1, TASTES):
        among = np.flatnonzero(group == wanted) if wanted >= 0 else np.arange(len(group))
        draws = np.flatnonzero(taste == wanted)
        if not len(among):
            among = np.arange(len(group))
        ends = np.cumsum(popularity[among])
        chosen[draws] = among[np.minimum(np.searchsorted(ends, rng.random(len(draws)) * ends[-1]), len(among) - 1)]
    return chosen
