"""Held-out judging: what listeners play, or playlists hold, is taken away in part, and rankings are to find it again.

    score(x | group) = Σ_a score(x | a)      over the artists a that the group (a listener, a playlist) still has

Every artist of the catalogue that the group does not have may stand in its list: no sampled negatives, which can turn
an order of rankings round (Krichene and Rendle, KDD 2020). Models and fusion speak of the artists in a's pool, as they
do when they are served, and give 0 to all others, as they do to those they find unlike; baselines speak of everybody.

Held out is a fifth of each group's artists, with all that the group says of them: the ones it met last, where every one
of its artists has a date, otherwise a random fifth. Groups of fewer than five artists stay whole and are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ensemble.baselines import BLOCK, Scores, baselines
from ensemble.evaluate import DECILES, FUSION, Row, Scoreboard, compare, quantiles
from ensemble.fusion import fuse
from ensemble.inputs import Inputs
from ensemble.metrics import average_precision, bootstrap, coverage, gini, ndcg, precision, recall
from ensemble.pools import Pools
from ensemble.related import Sections, pooled

PART, LEAST = 5, 5
"""Of how many artists one is held out; how many artists a group has at least."""
JUDGED = 2_000
"""Groups that are judged, at most; of more, a random part."""
_METRICS = {"precision": precision, "recall": recall, "ndcg": ndcg, "average_precision": average_precision}


def split(
    groups: NDArray[np.int64], artists: NDArray[np.int64], seed: int, first: NDArray[np.int64] | None = None
) -> NDArray[np.bool_]:
    """Which rows are held out: all rows of a fifth (rounded down) of each group's artists.

    Args:
        groups: (n_rows,), whose row it is; numbered so that equal numbers mean the same group for any order of ids.
        artists: (n_rows,), numbered likewise.
        seed: of the random fifth.
        first: (n_rows,), when the group met the artist first; below 0 where nobody knows.
    """
    pairs, row = np.unique(np.stack([groups, artists], axis=1), axis=0, return_inverse=True)
    row = row.ravel()
    met = np.full(len(pairs), -1, dtype=np.int64)
    if first is not None:
        met[:] = np.iinfo(np.int64).max
        np.minimum.at(met, row, first)
    whose, starts, sizes = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    of = np.repeat(np.arange(len(whose)), sizes)
    undated = np.zeros(len(whose), dtype=bool)
    undated[of[met < 0]] = True
    met[undated[of]] = 0
    order = np.lexsort((np.random.default_rng(seed).random(len(pairs)), met, of))
    place = np.arange(len(pairs)) - starts[of]
    taken = np.where(sizes >= LEAST, sizes // PART, 0)
    hidden = np.zeros(len(pairs), dtype=bool)
    hidden[order[place >= (sizes - taken)[of]]] = True
    return hidden[row]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What is asked, over a catalogue that was learnt without the answers.

    Attributes:
        kept: CSR float64 (n_artists, n_groups), plays or places in playlists that are left.
        hidden: of each judged group, the artists that were taken away: catalogue positions, and numbers from n_artists
            up for those that are not in the catalogue.
    """

    kept: sparse.csr_matrix
    hidden: Mapping[int, Sequence[int]]


def judge(inputs: Inputs, asked: HeldOut, k: int, seed: int, sections: Sections, notes: Sequence[str]) -> Scoreboard:
    """Judge baselines, models and fusion by what was held out; each row is compared with fusion by nDCG.

    Args:
        inputs: vectors and facts, learnt without what was held out.
        asked: what was held out, of one group or more, and what is left.
        k: how deep lists are judged.
        seed: of the choice of groups and of the bootstrap.
        sections: settings.
        notes: for the reader, before this function's own.
    """
    groups = sorted(asked.hidden)
    every = len(groups)
    if every > JUDGED:
        groups = sorted(np.random.default_rng(seed).choice(groups, JUDGED, replace=False).tolist())
        notes = [*notes, f"judged are {JUDGED:,} of {every:,}, chosen at random; all of them were held out from"]
    plain, missing = baselines(asked.kept)
    contenders = {**plain, **_contenders(inputs, sections)}
    seeds = _binary(asked.kept).T.tocsr()[groups]
    listed = {name: _lists(scores, seeds, k) for name, scores in contenders.items()}
    values = {name: _values(lists, groups, asked.hidden, k) for name, lists in listed.items()}
    popularity = np.log1p(np.diff(asked.kept.indptr)).astype(np.float32)
    rows = [
        _row(name, lists, values[name], [asked.hidden[group] for group in groups], popularity, k, seed)
        for name, lists in listed.items()
    ]
    against = (compare(FUSION, name, "ndcg", values, seed) for name in values if name != FUSION)
    return Scoreboard(k, tuple(rows), tuple(against), len(groups), 0, 0, (), (*notes, *missing))


def _contenders(inputs: Inputs, sections: Sections) -> dict[str, Scores]:
    pools = pooled(inputs.vectors, inputs.artists, sections)
    named = {model: pools.cosine[number] for number, model in enumerate(pools.models)}
    named[FUSION] = fuse(pools, inputs.facts, sections.fusion)
    return {name: _dense(pools, score) for name, score in named.items()}


def _dense(pools: Pools, score: NDArray[np.float32]) -> Scores:
    n = len(pools.candidates)
    value = np.maximum(np.nan_to_num(score.astype(np.float64)), 0)
    matrix = sparse.csr_matrix((value, pools.candidates.items, pools.candidates.offsets), shape=(n, n))
    return lambda queries: matrix[queries].toarray()


def _binary(table: sparse.csr_matrix) -> sparse.csr_matrix:
    ones = table.astype(np.float64, copy=True)
    ones.data[:] = 1
    return ones


def _lists(scores: Scores, seeds: sparse.csr_matrix, k: int) -> list[list[int]]:
    """The best k artists of each group by their summed scores, its own left out; equal ones in canonical order."""
    lists: list[list[int]] = []
    for begin in range(0, seeds.shape[0], BLOCK):
        own = seeds[begin : begin + BLOCK]
        total = np.zeros(own.shape)
        heard = np.unique(own.indices).astype(np.int64)
        for start in range(0, len(heard), BLOCK):
            some = heard[start : start + BLOCK]
            total += own[:, some] @ np.asarray(scores(some), dtype=np.float64)
        total[own.nonzero()] = -np.inf
        for row in total:
            best = np.argsort(-row, kind="stable")[:k]
            lists.append(best[row[best] > 0].tolist())
    return lists


def _values(
    lists: Sequence[Sequence[int]], groups: Sequence[int], hidden: Mapping[int, Sequence[int]], k: int
) -> dict[str, NDArray[np.float64]]:
    wanted = [dict.fromkeys(hidden[group], 1.0) for group in groups]
    return {
        name: np.array([metric(found, relevant, k) for found, relevant in zip(lists, wanted, strict=True)])
        for name, metric in _METRICS.items()
    }


def _row(
    name: str, lists: Sequence[Sequence[int]], values: Mapping[str, NDArray[np.float64]],
    hidden: Sequence[Sequence[int]], popularity: NDArray[np.float32], k: int, seed: int,
) -> Row:  # fmt: skip
    intervals = {metric: bootstrap(column, np.random.default_rng(seed)) for metric, column in values.items()}
    quantile = quantiles(popularity)
    known = quantile[np.array([item for found in lists for item in found], dtype=np.int64)]
    return Row(
        name, condensed=None, coverage=coverage(lists, len(popularity), k),
        answered=sum(bool(found) for found in lists) / len(lists), gini=gini(lists, len(popularity)),
        popularity=float(known.mean()) if len(known) else 0.0, deciles=_tenths(lists, hidden, popularity), **intervals,
    )  # fmt: skip


def _tenths(
    lists: Sequence[Sequence[int]], hidden: Sequence[Sequence[int]], popularity: NDArray[np.float32]
) -> tuple[float, ...]:
    """Which part of what was held out was found, by how well known it is: least who is not in the catalogue."""
    asked = [(item, item in found) for found, items in zip(map(set, lists), hidden, strict=True) for item in items]
    known = np.append(popularity, -1)[np.minimum([item for item, _ in asked], len(popularity))]
    found = np.array([hit for _, hit in asked], dtype=np.float64)
    order = np.argsort(known, kind="stable")
    return tuple(float(found[part].mean()) for part in np.array_split(order, DECILES) if len(part))
