"""Dials: other orders of the artists that are published as related to one, without another build.

A pool of m artists is published, best first; artist i of it (from 0) has relevance r_i = 1 − i/m, popularity p_i, its
place among all artists from 0 to 1, and distance d_i = 1 − cos(q, x_i) from the artist q that was asked for, both
stretched to 0 … 1 within the pool. With popularity P in −1 … 1, adventurous A in 0 … 1 and w(z) = z / (1 − z + ε) the
order is that of

    v_i = r_i + w(|P|) · (p_i, or 1 − p_i where P < 0) + w(A) · d_i

so that the first n of it have, all together, never less popularity when P is turned up, nor less distance when A is
(they are the n of the largest Σ r + w Σ p, and what has the larger w has no smaller Σ p). Diversity D picks n artists
one after the other by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), the largest

    (1 − δ) v_i − δ · max over those picked  cos(x_i, x_j)

for δ = 0, 1/10, … up to D, and takes of these lists the one whose artists are least alike, on average over its pairs:
so that more of D never gives a list that is more alike. An artist's x are its unit vectors by all models side by side.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from db.artifacts import WAY_OUT, verified
from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.errors import ArtifactDamaged
from db.vectors import Vectors, save_array

IDS, POPULARITY, VECTORS, SUMS = "dials.ids.npy", "dials.popularity.npy", "dials.vectors.npy", "dials.sums.npy"
FILES = (IDS, POPULARITY, VECTORS, SUMS)
EPSILON = 1e-3
STEPS = 10


class Config(BaseConfig):
    """How `kinsong related` turns its dials where an option does not; views and exports are never turned."""

    popularity: Annotated[float, Field(ge=-1, le=1)] = 0.0
    """From deep cuts (−1) to well known (1); 0 leaves popularity out."""
    adventurous: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How far from the artist: 1 puts the farthest of its pool first."""
    diverse: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How unlike each other."""

    @property
    def turned(self) -> bool:
        """Whether any is."""
        return bool(self.popularity or self.adventurous or self.diverse)


@dataclass(frozen=True, eq=False)
class Pool:
    """The published related artists of one artist, best first.

    Attributes:
        popularity: float32 (m,), 0 … 1.
        distance: float32 (m,), from the artist.
        vectors: float32 (m, dim), of length 1, or 0 where nothing is known.
    """

    popularity: NDArray[np.float32]
    distance: NDArray[np.float32]
    vectors: FloatMatrix

    def __len__(self) -> int:
        return len(self.vectors)


def turned(pool: Pool, dials: Config, n: int) -> list[int]:
    """The first n of a pool as the dials want them: places in the pool."""
    value = worth(pool, dials)
    lists: list[list[int]] = [np.argsort(-value, kind="stable")[:n].tolist()]
    if dials.diverse and len(pool):
        alike = np.einsum("ik,jk->ij", pool.vectors, pool.vectors)  # BLAS would wake its threads for it
        lists += _marginal(_stretched(value), alike, _steps(dials.diverse), n).tolist()
        return min(lists, key=lambda chosen: likeness(alike, chosen))
    return lists[0]


def worth(pool: Pool, dials: Config) -> NDArray[np.float64]:
    """v of the header. float64 (m,)."""
    popular = _stretched(pool.popularity)
    wanted = popular if dials.popularity > 0 else 1 - popular
    value: NDArray[np.float64] = 1 - np.arange(len(pool)) / max(len(pool), 1)
    value += _weight(abs(dials.popularity)) * wanted + _weight(dials.adventurous) * _stretched(pool.distance)
    return value


def likeness(alike: FloatMatrix, chosen: Sequence[int]) -> float:
    """The mean cosine over the pairs of some artists of a pool; 0 where there is no pair."""
    inside = alike[np.ix_(chosen, chosen)].astype(np.float64)
    pairs = len(chosen) * (len(chosen) - 1)
    return float((inside.sum() - np.trace(inside)) / pairs) if pairs else 0.0


def _steps(diverse: float) -> NDArray[np.float64]:
    return np.arange(1, int(diverse * STEPS + 1e-9) + 1) / STEPS


def _weight(dial: float) -> float:
    return dial / (1 - dial + EPSILON)


def _stretched(values: NDArray[np.floating]) -> NDArray[np.float64]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    return (values.astype(np.float64) - low) / (high - low) if high > low else np.zeros(len(values))


def _marginal(
    value: NDArray[np.float64], alike: FloatMatrix, shares: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Greedy, for each δ of `shares`: of equal ones the first of the pool. int64 (n_shares, at most n)."""
    chosen = np.empty((len(shares), min(n, len(value))), dtype=np.int64)
    wanted, weight, each = (1 - shares)[:, None] * value, shares[:, None], np.arange(len(shares))
    nearest = np.zeros(wanted.shape)
    for turn in range(chosen.shape[1]):
        best = np.argmax(wanted - weight * nearest, axis=1)
        nearest = np.maximum(nearest, alike[best]) if turn else alike[best].astype(np.float64)
        wanted[each, best] = -np.inf
        chosen[:, turn] = best
    return chosen


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What the dials know of all artists, sorted by id; read from disk only for the artists that are asked for.

    Attributes:
        ids: int64 (n,), rising.
        popularity: float32 (n,), 0 … 1: each artist's place among all, equal ones in the middle of theirs.
        vectors: float16 (n, dim).
        sums: uint32 (n,), CRC-32 of each row of `vectors`.
    """

    ids: IdVector
    popularity: NDArray[np.float32]
    vectors: NDArray[np.float16]
    sums: NDArray[np.uint32]

    def save(self, folder: Path) -> None:
        """Write four .npy files."""
        for name, array in ((IDS, self.ids), (POPULARITY, self.popularity), (VECTORS, self.vectors), (SUMS, self.sums)):
            save_array(folder / name, array)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What `save` wrote, vectors by memory map; those are verified row by row, as they are read.

        Raises:
            ArtifactDamaged: a file is missing or not what was written.
        """
        verified(folder, (IDS, POPULARITY, SUMS), present=(VECTORS,))
        try:
            ids, popularity, sums = (np.load(folder / name, allow_pickle=False) for name in (IDS, POPULARITY, SUMS))
            vectors = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactDamaged(f"artefact {folder.name}: {error}; {WAY_OUT}") from error
        if not len(ids) == len(popularity) == len(sums) == len(vectors):
            what = f"{VECTORS} has {len(vectors)} rows for {len(ids)} artists"
            raise ArtifactDamaged(f"artefact {folder.name}: {what}; {WAY_OUT}")
        return cls(ids, popularity, vectors, sums)

    def pool(self, artist: int, related: IdVector) -> Pool:
        """What the dials need of an artist's related ones (ids); one that is not here lies nowhere and is unpopular.

        Raises:
            ArtifactDamaged: a vector is not what was written.
        """
        rows = self._rows(np.append(related, artist))
        unit = self._read(rows)
        popularity = np.append(self.popularity, np.float32(0))[rows[:-1]]  # row -1 is nobody's
        return Pool(popularity, 1 - unit[:-1] @ unit[-1], unit[:-1])

    def _rows(self, ids: IdVector) -> IdVector:
        if not len(self.ids):
            return np.full(len(ids), -1, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[rows] == ids, rows, -1)

    def _read(self, rows: IdVector) -> FloatMatrix:
        unit = np.zeros((len(rows), self.vectors.shape[1]), dtype=np.float32)
        for place, row in enumerate(rows.tolist()):
            if row < 0:
                continue
            vector = np.array(self.vectors[row])
            if zlib.crc32(vector.tobytes()) != self.sums[row]:
                raise ArtifactDamaged(f"{VECTORS}, row {row}, is not what was written; {WAY_OUT}")
            unit[place] = vector
        return unit


def surroundings(vectors: Sequence[Vectors], artists: IdVector, popularity: NDArray[np.float32]) -> Surroundings:
    """What the dials have to know.

    Args:
        vectors: one per model.
        artists: the catalogue, ids.
        popularity: (n_artists,), of any scale.
    """
    order = np.argsort(artists, kind="stable")
    ids = artists[order]
    rows = [one.rows_of(ids) for one in vectors]
    known = np.maximum(sum((row >= 0 for row in rows), np.zeros(len(ids), dtype=np.int64)), 1)
    matrix = np.zeros((len(ids), sum(one.dim for one in vectors)), dtype=np.float16)
    at = 0
    for one, row in zip(vectors, rows, strict=True):
        unit, here = one.unit(), row >= 0
        matrix[here, at : at + one.dim] = unit[row[here]] / np.sqrt(known[here])[:, None]
        at += one.dim
    sums = np.fromiter((zlib.crc32(row.tobytes()) for row in matrix), dtype=np.uint32, count=len(matrix))
    return Surroundings(ids, _places(popularity[order]), matrix, sums)


def _places(popularity: NDArray[np.float32]) -> NDArray[np.float32]:
    ranked = np.sort(popularity)
    below, upto = (np.searchsorted(ranked, popularity, side) for side in ("left", "right"))
    places: NDArray[np.float32] = ((below + upto) / max(2 * len(ranked), 1)).astype(np.float32)
    return places
