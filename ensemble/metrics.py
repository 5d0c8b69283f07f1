"""How good a ranking is, one definition each, and how sure that is.

`found` is a ranked list without repeats, `relevant` maps what was to be found to its grade (above 0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Gains = Mapping[int, float]


def precision(found: Sequence[int], relevant: Gains, k: int) -> float:
    """Which part of the first k places holds something relevant. A list shorter than k leaves places empty."""
    return sum(item in relevant for item in found[:k]) / k


def recall(found: Sequence[int], relevant: Gains, k: int) -> float:
    """Which part of what is relevant stands in the first k places; 0 when nothing is."""
    return sum(item in relevant for item in found[:k]) / len(relevant) if relevant else 0.0


def ndcg(found: Sequence[int], relevant: Gains, k: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), gain = grade, discount 1 / log2(1 + place).

    Relative to the best possible first k places; 0 when nothing is relevant.
    """
    ideal = sorted(relevant.values(), reverse=True)[:k]
    best = sum(gain / np.log2(place + 2) for place, gain in enumerate(ideal))
    gained = sum(relevant.get(item, 0.0) / np.log2(place + 2) for place, item in enumerate(found[:k]))
    return float(gained / best) if best > 0 else 0.0


def average_precision(found: Sequence[int], relevant: Gains, k: int) -> float:
    """Mean of the precision at each place among the first k that holds something relevant, over min(k, relevant)."""
    hits, total = 0, 0.0
    for place, item in enumerate(found[:k], start=1):
        if item in relevant:
            hits += 1
            total += hits / place
    return total / min(k, len(relevant)) if relevant else 0.0


def coverage(lists: Sequence[Sequence[int]], n_items: int, k: int) -> float:
    """Which part of all items stands in the first k places of at least one list."""
    return len({item for found in lists for item in found[:k]}) / n_items if n_items else 0.0


def gini(lists: Sequence[Sequence[int]], n_items: int) -> float:
    """How unevenly all items stand in the lists: 0 each as often as any other, towards 1 one item alone."""
    counts = np.zeros(n_items)
    found, times = np.unique([item for one in lists for item in one], return_counts=True)
    if not len(found):
        return 0.0
    counts[n_items - len(found) :] = np.sort(times)
    rank = np.arange(1, n_items + 1)
    return float((2 * rank - n_items - 1) @ counts / (n_items * counts.sum()))


@dataclass(frozen=True)
class Interval:
    """A mean over queries and its 95 % bootstrap interval (percentiles over resampled queries)."""

    mean: float
    low: float
    high: float


def bootstrap(values: NDArray[np.float64], rng: np.random.Generator, rounds: int = 1000) -> Interval:
    """The mean of one value per query and its interval. For a paired comparison give it the differences.

    Raises:
        ValueError: there is no query.
    """
    if not len(values):
        raise ValueError("no query to average over")
    means = np.empty(rounds)
    for number in range(rounds):
        means[number] = values[rng.integers(0, len(values), len(values))].mean()
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))
