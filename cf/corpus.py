"""Playlists as the text that word2vec is trained on: a line per playlist and pass, artists as their row numbers.

What differs from text: whether the order of a playlist means anything is not known. Some are kept by hand or by the
hour, and neighbours in them are neighbours; most are sorted by name or by date added, and any two places are as near
as any others. So passes alternate: in one the places of every playlist stand in a new random order, which makes the
whole playlist the context; in the next a stretch of every playlist stands as it is, which makes the window the context.
The first pass takes all places; after it a pass takes at most `places` of each playlist, so that unions and collections
of thousands of tracks do not outweigh all others. The artists of one track stay side by side.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cf.interactions import Playlists

LONGEST = 5_000
"""Words of a line, about: of lines of more than 10,000 gensim reads the first 10,000."""


class Corpus:
    """The passes over some playlists.

    Args:
        data: playlists.
        places: places that a pass takes of a playlist, but for the first.
        visits: times that the average artist shall stand in all passes.
    """

    def __init__(self, data: Playlists, places: int, visits: int) -> None:
        self._data, self._places = data, places
        self._lengths = np.diff(data.lists)
        sizes = np.diff(data.places)
        names = np.array(list(map(str, range(len(data.artist_ids)))), dtype=object)
        self._words = names[data.rows] if (sizes == 1).all() else _joined(names, data)
        self._artists = sizes
        drawn = float(np.minimum(self._lengths, places).sum()) * len(data.rows) / float(self._lengths.sum())
        self.passes = max(1, round(visits * len(data.artist_ids) / drawn))

    def write(self, path: Path, rng: np.random.Generator) -> NDArray[np.int64]:
        """Write all passes; how often each artist stands there, int64 (n_artists,)."""
        times = np.zeros(len(self._words), dtype=np.int64)
        with path.open("w", encoding="ascii") as file:
            for turn in range(self.passes):
                order, ends = self._drawn(turn, rng)
                times += np.bincount(order, minlength=len(times))
                words = self._words[order]
                words[ends] += "\n"
                file.write(" ".join(words.tolist()).replace("\n ", "\n"))
        each = np.repeat(times, self._artists)
        return np.bincount(self._data.rows, each, minlength=len(self._data.artist_ids)).astype(np.int64)

    def _drawn(self, turn: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of a pass, in order, and which of them end a line."""
        lists = self._data.lists
        n = int(lists[-1])
        of = np.repeat(np.arange(len(self._lengths)), self._lengths)
        order = np.argsort(of + rng.random(n), kind="stable") if turn % 2 == 0 else np.arange(n)
        if turn:
            spare = np.maximum(self._lengths - self._places, 0)
            first = rng.integers(0, spare + 1) if turn % 2 else np.zeros(len(spare), np.int64)
            inside = np.arange(n) - np.repeat(lists[:-1] + first, self._lengths)
            order = order[(inside >= 0) & (inside < self._places)]
        taken = of[order]
        ends = np.append(taken[1:] != taken[:-1], True)
        return order, np.flatnonzero(self._cut(order, ends))

    def _cut(self, order: NDArray[np.int64], ends: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Line ends inside lines that gensim would not read whole, too."""
        words = np.cumsum(self._artists[order])
        before = np.append(0, words[ends][:-1])
        lengths = np.diff(np.append(-1, np.flatnonzero(ends)))
        inside = (words - np.repeat(before, lengths)) // LONGEST
        cut: NDArray[np.bool_] = ends | np.append(inside[1:] != inside[:-1], True)
        return cut


def _joined(names: NDArray[np.object_], data: Playlists) -> NDArray[np.object_]:
    """For every place the row numbers of its artists, with spaces between."""
    places = np.empty(len(data.places) - 1, dtype=object)
    for place, (begin, end) in enumerate(zip(data.places[:-1], data.places[1:], strict=True)):
        places[place] = " ".join(names[data.rows[begin:end]])
    return places
