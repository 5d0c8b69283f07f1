"""Every model's vectors over one catalogue: artists are positions in canonical order, whatever ids were dealt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.base import FloatMatrix, IdVector
from db.vectors import Vectors


@dataclass(frozen=True, eq=False)
class Space:
    """One model's unit vectors, tied to the catalogue.

    Attributes:
        model: its name.
        unit: float32 (n_rows, dim), in the rows of the model's Vectors; length 1 or, where it says nothing, all 0.
        artists: int64 (n_rows,), the catalogue position of each row, -1 for rows that say nothing or are not in it.
        row_of: int64 (n_artists,), the row of each catalogue position, -1 where the model does not know the artist.
    """

    model: str
    unit: FloatMatrix
    artists: IdVector
    row_of: IdVector

    @property
    def rows(self) -> IdVector:
        """The rows that say something, in canonical order of their artists."""
        rows: IdVector = self.row_of[self.row_of >= 0]
        return rows


def catalogue(vectors: Sequence[Vectors], canonical: IdVector) -> IdVector:
    """The ids of artists that at least one model has a vector for, in canonical order. int64 (n_artists,).

    Args:
        vectors: of entity artist.
        canonical: ids of all artists in canonical order; a vector whose id is not among them is left out.
    """
    known = [one.ids for one in vectors]
    return canonical[np.isin(canonical, np.concatenate(known))] if known else canonical[:0]


def space(vectors: Vectors, artists: IdVector) -> Space:
    """One model's vectors tied to a catalogue; a vector of length 0 is none: the model does not know the artist."""
    unit = np.ascontiguousarray(vectors.unit())
    rows = vectors.rows_of(artists)
    says_something = np.append(unit.any(axis=1), False)  # row -1 says nothing
    rows[~says_something[rows]] = -1
    positions = np.full(len(vectors), -1, dtype=np.int64)
    positions[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
    return Space(vectors.model, unit, positions, rows)
