"""What everybody could do: rankings to hold the models against, from plays alone. Scores of some artists to all others.

Popularity: how many listen. Item-kNN: the cosine of log(1 + plays) over listeners. Co-counts: how often two artists are
heard together, as ListenBrainz ranks similar artists by its documentation: raw counts, what one listener adds to a pair
is capped, pairs below a threshold are dropped; a listener's totals are one session here, so that a pair counts as often
as both were played. EASE: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019), equation 8, the
weights of the queries' columns: −P_ab / P_bb with P = (XᵀX + λI)⁻¹.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.base import IdVector

CAP, THRESHOLD = 5, 10
MOST_ARTISTS, REG = 15_000, 200.0
BLOCK = 256
Scores = Callable[[IdVector], NDArray[np.floating[Any]]]
"""From artists, int64 (n,), to their scores of all artists, (n, n_artists)."""


def baselines(plays: sparse.csr_matrix) -> tuple[Mapping[str, Scores], tuple[str, ...]]:
    """Rankings by name, and why one of them is missing.

    Args:
        plays: CSR float64 (n_artists, n_listeners), how often each artist was played by each listener.
    """
    found = {"popularity": popularity(plays), "item-kNN cosine": knn(plays), "co-counts": co_counts(plays)}
    if plays.shape[0] > MOST_ARTISTS:
        note = f"EASE is left out: it inverts a matrix of {plays.shape[0]:,} artists by as many; up to {MOST_ARTISTS:,}"
        return found, (note,)
    return {**found, "EASE": ease(plays)}, ()


def top(scores: Scores, queries: IdVector, depth: int) -> Iterator[tuple[int, list[int]]]:
    """Each query's best artists with a score above 0, itself left out; of equal ones the canonically first."""
    for begin in range(0, len(queries), BLOCK):
        block = queries[begin : begin + BLOCK]
        rows = np.array(scores(block), dtype=np.float64)
        rows[np.arange(len(block)), block] = -np.inf
        order = np.argsort(-rows, axis=1, kind="stable")[:, :depth]
        for query, row, best in zip(block.tolist(), rows, order, strict=True):
            yield query, best[row[best] > 0].tolist()


def popularity(plays: sparse.csr_matrix) -> Scores:
    """Everybody's list is the same: who has most listeners."""
    listeners = np.diff(plays.indptr).astype(np.float64)
    return lambda queries: np.tile(listeners, (len(queries), 1))


def knn(plays: sparse.csr_matrix) -> Scores:
    """Cosine of log(1 + plays)."""
    unit = plays.copy()
    unit.data = np.log1p(unit.data)
    lengths = np.sqrt(np.asarray(unit.power(2).sum(axis=1)).ravel())
    unit = (sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ unit).tocsr()
    return lambda queries: (unit[queries] @ unit.T).toarray()


def co_counts(plays: sparse.csr_matrix, cap: int = CAP, threshold: int = THRESHOLD) -> Scores:
    """Σ over listeners of min(plays of a, plays of b, cap), 0 below the threshold."""
    # min(x, y, cap) = Σ_{c = 1 … cap} [x ≥ c][y ≥ c]
    layers = []
    for least in range(1, cap + 1):
        layer = plays.copy()
        layer.data = (layer.data >= least).astype(np.float64)
        layer.eliminate_zeros()
        layers.append(layer)
    stacked = sparse.hstack(layers).tocsr()

    def scores(queries: IdVector) -> NDArray[np.float64]:
        counts: NDArray[np.float64] = (stacked[queries] @ stacked.T).toarray()
        return np.where(counts >= threshold, counts, 0.0)

    return scores


def ease(plays: sparse.csr_matrix, reg: float = REG) -> Scores:
    """EASE's weights; an artist without a listener has none."""
    known = np.flatnonzero(np.diff(plays.indptr))
    binary = plays[known].copy()
    binary.data = np.ones_like(binary.data)
    gram = (binary @ binary.T).toarray()
    gram[np.diag_indices_from(gram)] += reg
    inverse = np.linalg.inv(gram) if len(known) else gram
    place = np.full(plays.shape[0], -1, dtype=np.int64)
    place[known] = np.arange(len(known))

    def scores(queries: IdVector) -> NDArray[np.float64]:
        found = np.zeros((len(queries), plays.shape[0]))
        mine = np.flatnonzero(place[queries] >= 0)
        rows = place[queries[mine]]
        found[np.ix_(mine, known)] = -inverse[rows] / np.diag(inverse)[None, :]
        return found

    return scores
