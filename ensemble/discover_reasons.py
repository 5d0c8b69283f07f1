"""The reason for an entry of a list: an artist of the listener's own to which the entry's artist is related."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.base import IdVector
from ensemble.discover_kernels import because


@dataclass(frozen=True, eq=False)
class Relations:
    """Published related artists, artist by artist, best first; artists are catalogue positions.

    Attributes:
        starts: int64 (n_artists + 1,).
        related: int32 (n_pairs,).
        score: float32 (n_pairs,).
        shown: how many of an artist's views show.
    """

    starts: IdVector
    related: NDArray[np.int32]
    score: NDArray[np.float32]
    shown: int


def reasons(
    plays: sparse.csr_matrix, rows: slice, wanted: NDArray[np.int32], relations: Relations
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For some listeners the reason of each entry: whom they play much and who is much alike, first by what views show.

    Args:
        plays: CSR float32 (n_listeners, n_artists).
        rows: which listeners.
        wanted: int32 (n, depth), artists, -1 for none.
        relations: who is related to whom.

    Returns:
        int32 (n, depth), the listener's artist, -1 for none; and the rank, from 1, of the entry's artist among its
        related ones, 0 for none.
    """
    own, ranks = np.full(wanted.shape, -1, dtype=np.int32), np.zeros(wanted.shape, dtype=np.int32)
    because(
        plays.indptr, plays.indices, plays.data, rows.start, relations.starts, relations.related, relations.score,
        relations.shown, wanted, own, ranks,
    )  # fmt: skip
    return own, ranks
