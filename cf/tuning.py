"""Random search over a model's settings on data that is held out: what `kinsong tune` runs.

A fifth of what each listener plays, or of the artists in each playlist, is held out; a model is fitted to the rest, and
every artist that is not in the rest is ranked: no sampled negatives, after Krichene and Rendle, "On Sampled Metrics for
Item Recommendation" (KDD 2020). The score is nDCG@20. The first trial is the settings as they are; the others are drawn
at random (Bergstra and Bengio, JMLR 2012), each from its own number, so that a search can go on where it was stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from cf import als, vector_exp, word2vec
from cf.interactions import Interactions, Playlists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.base import Config, FloatMatrix

K = 20
"""How deep rankings are judged."""
PART = 5
"""One in so many is held out."""
JUDGED = 5_000
"""Listeners or playlists that are judged, at most."""
_AT_ONCE = 256

Draw = Callable[[np.random.Generator], Any]


def _log(low: float, high: float) -> Draw:
    return lambda rng: float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.3g}")


def _among(*values: Any) -> Draw:
    return lambda rng: values[int(rng.integers(len(values)))]


SPACES: Mapping[str, Mapping[str, Draw]] = {
    als.MODEL: {
        "confidence": _among("log", "log", "log", "linear"), "alpha": _log(0.1, 10), "reg": _log(0.1, 20),
        "reg_exponent": _among(0.0, 0.25, 0.5, 0.75, 1.0), "dim": _among(32, 64, 96, 128),
    },
    vector_exp.MODEL: {
        "confidence": _among("log", "log", "log", "linear"), "reg": _log(0.5, 50),
        "reg_exponent": _among(0.0, 0.25, 0.5, 0.75), "rate": _log(0.03, 0.3), "epochs": _among(15, 30, 60),
        "dim": _among(32, 64, 96, 128),
    },
    word2vec.MODEL: {
        "share": _among(0.2, 0.4, 0.6, 0.8), "membership": _among(64, 128, 256),
        "window": _among(5, 10, 25, 50), "negative": _among(5, 10, 20), "ns_exponent": _among(-0.5, 0, 0.5, 0.75, 1),
        "sample": _log(0.05, 5), "alpha": _log(0.02, 0.2), "visits": _among(50, 100, 200), "dim": _among(64, 128, 256),
    },
}  # fmt: skip
"""Model → setting → how its value is drawn."""
FITS: Mapping[str, Callable[..., Any]] = {
    als.MODEL: als.fit, vector_exp.MODEL: vector_exp.fit, word2vec.MODEL: word2vec.fit,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Split:
    """Data to learn from, and what is to be found again.

    Attributes:
        data: what a model is fitted to.
        known: CSR (n, n_artists): what each judged listener or playlist keeps.
        held_out: CSR of the same shape: what is to be ranked high.
        rows: int64 (n,), the judged listeners' rows in the fit; empty for playlists.
    """

    data: Any
    known: sparse.csr_matrix
    held_out: sparse.csr_matrix
    rows: NDArray[np.int64]


def settings_of(model: str, config: Config, seed: int, trial: int) -> dict[str, Any]:
    """The settings of a trial: none changed in the first, then random ones that depend on seed and number alone."""
    if not trial:
        return {name: getattr(config, name) for name in SPACES[model]}
    rng = np.random.default_rng([seed, trial, *model.encode()])
    return {name: draw(rng) for name, draw in SPACES[model].items()}


def split_plays(data: Interactions, rng: np.random.Generator) -> Split:
    """A fifth of what each listener plays, held out."""
    kept, out = _part(data.matrix, rng)
    rows = _judged(out, rng)
    return Split(Interactions(data.listener_ids, data.artist_ids, kept), kept[rows], out[rows], rows)


def split_playlists(data: Playlists, rng: np.random.Generator) -> Split:
    """A fifth of the artists of each playlist, held out at every place they have in it."""
    members = data.membership.T.tocsr()
    kept, out = _part(members, rng)
    lists = np.repeat(np.arange(len(data)), np.diff(data.lists))
    place = np.repeat(np.arange(len(lists)), np.diff(data.places))
    stays = np.asarray(kept[lists[place], data.rows]).ravel() > 0
    sizes = np.bincount(place[stays], minlength=len(lists))
    per_list = np.bincount(lists[sizes > 0], minlength=len(data))
    less = Playlists(
        data.artist_ids, np.append(0, np.cumsum(per_list)), np.append(0, np.cumsum(sizes[sizes > 0])), data.rows[stays]
    )
    rows = _judged(out, rng)
    return Split(less, kept[rows], out[rows], np.zeros(0, np.int64))


def score(model: str, split: Split, config: Config, rng: np.random.Generator) -> float:
    """Mean nDCG@20 of a fit with these settings over the judged listeners or playlists."""
    fitted = FITS[model](split.data, config, rng)
    artists = fitted.vectors["artist"]
    if model == word2vec.MODEL:
        unit = artists.unit()
        profiles: FloatMatrix = np.asarray(split.known @ unit, dtype=np.float32)
        return float(ndcg(profiles, unit, split).mean())
    listeners = fitted.vectors["listener"].matrix[split.rows]
    return float(ndcg(listeners, artists.matrix, split, fitted.arrays.get("bias")).mean())


def ndcg(
    profiles: FloatMatrix, artists: FloatMatrix, split: Split, bias: NDArray[np.float32] | None = None
) -> NDArray[np.float64]:
    """nDCG@20 of each row, all artists ranked by profile·artist (+ bias) but those that it keeps. float64 (n,)."""
    gains = 1 / np.log2(np.arange(K) + 2)
    best = np.append(0, np.cumsum(gains))
    found = np.zeros(len(profiles))
    for begin in range(0, len(profiles), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        scores = profiles[part] @ artists.T
        if bias is not None:
            scores += bias
        scores[split.known[part].nonzero()] = -np.inf
        top = np.argsort(-scores, axis=1, kind="stable")[:, :K]
        wanted = split.held_out[part]
        hits = np.take_along_axis(wanted.toarray() > 0, top, axis=1)
        found[part] = hits @ gains[: top.shape[1]] / best[np.minimum(np.diff(wanted.indptr), K)]
    return found


def _part(matrix: sparse.csr_matrix, rng: np.random.Generator) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """A CSR matrix as four fifths and one fifth of each row."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((rng.random(matrix.nnz), rows))
    place = np.empty(matrix.nnz, dtype=np.int64)
    place[order] = np.arange(matrix.nnz) - matrix.indptr[rows[order]]
    out = place < np.diff(matrix.indptr)[rows] // PART
    kept, held_out = (
        sparse.csr_matrix((matrix.data[side], (rows[side], matrix.indices[side])), shape=matrix.shape)
        for side in (~out, out)
    )
    return kept, held_out


def _judged(held_out: sparse.csr_matrix, rng: np.random.Generator) -> NDArray[np.int64]:
    rows = np.flatnonzero(np.diff(held_out.indptr))
    return np.sort(rng.permutation(rows)[:JUDGED])
