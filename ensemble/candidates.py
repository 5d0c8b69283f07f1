"""Candidates: every model puts its nearest artists into the pool, so that none crowds out another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt, PositiveInt

from db.base import Config as BaseConfig
from db.base import IdVector
from ensemble.exact import exact_neighbours
from ensemble.index import AnnoyIndex, annoy_top_k
from ensemble.spaces import Space


class Config(BaseConfig):
    """Who is compared with whom."""

    depth: PositiveInt = 100
    """How many nearest artists each model puts into an artist's pool; never fewer than `[related] pool`."""
    search: Literal["auto", "annoy", "exact"] = "auto"
    """How they are found: by the Annoy index, exactly, or exactly up to `exact_up_to` artists."""
    exact_up_to: PositiveInt = 1_000_000
    """With `search = "auto"`: the largest model that is searched exactly; up to about here that takes less time."""
    search_k: NonNegativeInt = 0
    """Nodes that Annoy looks at per query: more finds more of the nearest, in proportionally more time; 0: as many as
    each index was found to need for `[index] recall`."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Who is in whose pool; artists are catalogue positions.

    Attributes:
        offsets: int64 (n_artists + 1,), where each artist's pool begins in `items`.
        items: int32 (n_pairs,), candidates, rising within a pool, never the artist itself.
    """

    offsets: IdVector
    items: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def pool(self, artist: int) -> NDArray[np.int32]:
        """The candidates of one artist, in canonical order."""
        return self.items[self.offsets[artist] : self.offsets[artist + 1]]


def nearest(space: Space, k: int, config: Config, index: AnnoyIndex | None = None) -> NDArray[np.int64]:
    """Each known artist's k nearest by one model, as catalogue positions. int64 (n_known, k), -1 where there are fewer.

    Row i belongs to the i-th artist, in canonical order, that the model knows (`space.rows`).

    Args:
        space: the model.
        k: how many.
        config: exact search or Annoy's.
        index: the model's Annoy index; without one the search is exact.
    """
    rows = space.rows
    if index is not None and not searched_exactly(len(rows), config):
        found = annoy_top_k(index, rows, k, config.search_k)
        return np.where(found >= 0, space.artists[found], -1)
    found, _ = exact_neighbours(space.unit[rows], k)
    return np.where(found >= 0, space.artists[rows][found], -1)


def searched_exactly(n: int, config: Config) -> bool:
    """Whether a model that knows n artists is searched exactly."""
    return config.search == "exact" or (config.search == "auto" and n <= config.exact_up_to)


def union(n_artists: int, spaces: Sequence[Space], neighbours: Sequence[NDArray[np.int64]]) -> Candidates:
    """The union of all models' nearest artists.

    Args:
        n_artists: size of the catalogue.
        spaces: the models.
        neighbours: what `nearest` gave for each of them.
    """
    codes = [np.empty(0, dtype=np.int64)]
    for space, found in zip(spaces, neighbours, strict=True):
        query = space.artists[space.rows][:, None]
        codes.append((query * n_artists + found)[found >= 0])
    pairs = np.concatenate(codes)
    pairs.sort()  # np.unique takes five times as long
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])] if len(pairs) else pairs
    query, item = np.divmod(pairs, max(n_artists, 1))
    offsets = np.searchsorted(query, np.arange(n_artists + 1))
    return Candidates(offsets.astype(np.int64), item.astype(np.int32))
