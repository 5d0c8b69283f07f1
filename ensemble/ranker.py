"""The learned ranker: LambdaMART (Burges 2010) by LightGBM, held to what must be true whatever the labels say.

It begins at the fused score, so that without a tree it ranks as fusion does, and grows more trees the more artists are
labelled: a few labels move a few pairs.

    score(a, b) = h · ln(fused(a, b) + ε) + Σ_t tree_t(a, b)

A pair's score never falls when a similarity, a count in common or the fused score rises, and never rises when a rank
gets worse (monotone constraints); with few labels that keeps it from learning accidents. It serves only where it beats
the label-free score on label queries that it was not trained on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.errors import ArtifactDamaged
from db.faults import reached
from ensemble.facts import Facts
from ensemble.features import FROM_LABELS, Features, features
from ensemble.label_graph import NAMED, LabelGraph
from ensemble.labels import Labels, levels, targets
from ensemble.metrics import Interval, bootstrap, ndcg
from ensemble.pools import Pools

JUDGED_AT = 10
RANKER_FILE = "ranker.txt"
HEAD_START, FLOOR = 4.0, 0.02
"""h and ε: what the fused score counts before the first tree."""
THREADS = os.cpu_count() or 1
"""That score rows, each row by one; training has one, or it would depend on how many there are."""


class Config(BaseConfig):
    """The ranking that labels teach: it serves where it beats fusion."""

    enabled: bool = True
    """Whether labels may teach a ranker at all."""
    min_queries: Annotated[int, Field(ge=2)] = 25
    """Labelled artists it takes before a ranker is tried."""
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    """Parts that the labelled artists are dealt into for the comparison with fusion."""
    rounds: PositiveInt = 200
    """Trees, at most."""
    rounds_per_query: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.5
    """Trees per labelled artist: few labels teach little."""
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    """What one tree counts."""
    leaves: Annotated[int, Field(ge=2, le=256)] = 15
    """Leaves per tree."""
    min_leaf: PositiveInt = 50
    """Least pairs in a leaf."""
    popularity: bool = True
    """Whether it may prefer artists for being well known, as most lists of similar artists do; false: like fusion."""
    lists: bool = True
    """Whether the lists of other labelled artists speak of a pair (`labels near`, `labels back`, …), or labels only
    teach what to make of models and facts."""


@dataclass(frozen=True, eq=False)
class Shares:
    """What each feature adds to the ranker's score of some pairs.

    Attributes:
        columns: the features.
        matrix: float32 (n_pairs, n_columns + 1); the last column is what every pair begins with. A row's sum is
            ln(s / (1 − s)) of its score s.
    """

    columns: tuple[str, ...]
    matrix: FloatMatrix


@dataclass(frozen=True)
class Ranker:
    """A trained ranker. `columns` are the features it was trained on, in their order."""

    booster: Any
    columns: tuple[str, ...]

    def score(self, rows: Features) -> NDArray[np.float32]:
        """The score of every row, 0 … 1 (a logistic of the header's); columns it was not trained on are left aside.

        float32 (n_pairs,).
        """
        scores = self.booster.predict(rows.only(self.columns).matrix, num_threads=THREADS) + head_start(rows)
        return np.asarray(1 / (1 + np.exp(-scores)), dtype=np.float32)

    def shares(self, rows: Features) -> FloatMatrix:
        """What each column, and last what every row begins with, adds to ln(s / (1 − s)) of a row's score s.

        Lundberg, Erion and Lee's TreeSHAP (2018), by LightGBM; the head start is the fused score's, like what the trees
        make of it. float32 (n_pairs, n_columns + 1).
        """
        matrix = rows.only(self.columns).matrix
        if not len(matrix):
            return np.empty((0, len(self.columns) + 1), dtype=np.float32)
        shares = np.array(self.booster.predict(matrix, pred_contrib=True, num_threads=THREADS), dtype=np.float64)
        shares[:, self.columns.index("fused")] += head_start(rows)
        return shares.astype(np.float32)

    def save(self, path: Path) -> None:
        """Write it in LightGBM's own text format."""
        path.write_text(self.booster.model_to_string(), encoding="utf-8")


def head_start(rows: Features) -> NDArray[np.float64]:
    """What a pair has before the first tree: h · ln(fused + ε). float64 (n_pairs,)."""
    fused = rows.matrix[:, rows.columns.index("fused")].astype(np.float64)
    start: NDArray[np.float64] = HEAD_START * np.log(fused + FLOOR)
    return start


def load_ranker(path: Path, columns: tuple[str, ...]) -> Ranker:
    """Read what `save` wrote. The path must come out of a verified artefact: LightGBM trusts it blindly.

    Args:
        path: LightGBM's text format.
        columns: what the rows to score have.

    Raises:
        ArtifactDamaged: it was trained on a column that these rows lack.
    """
    import lightgbm

    booster = lightgbm.Booster(model_str=path.read_text(encoding="utf-8"))
    known = {_plain(column): column for column in columns}
    names = booster.feature_name()
    missing = [name for name in names if name not in known]
    if missing:
        raise ArtifactDamaged(f"{path.name}: it ranks by {missing[0]}, which nobody gives; run `kinsong build`")
    return Ranker(booster, tuple(known[name] for name in names))


def _plain(column: str) -> str:
    """A column's name as LightGBM can write it."""
    return column.replace(" ", "_")


@dataclass(frozen=True, eq=False)
class Lesson:
    """Labelled pairs, query by query.

    Attributes:
        rows: their features.
        target: int32 (n_pairs,), level of each.
        sizes: int64 (n_queries,), pairs per query.
        queries: int64 (n_queries,), catalogue positions.
        taught: all labels.
    """

    rows: Features
    target: NDArray[np.int32]
    sizes: IdVector
    queries: IdVector
    taught: LabelGraph

    def part(self, queries: IdVector) -> Lesson:
        """The pairs of some of the queries, given by their number."""
        ends = np.cumsum(self.sizes)
        spans = [np.arange(ends[q] - self.sizes[q], ends[q], dtype=np.int64) for q in queries]
        pairs = np.concatenate([np.empty(0, dtype=np.int64), *spans])
        rows, target = self.rows.part(pairs), self.target[pairs]
        return Lesson(rows, target, self.sizes[queries], self.queries[queries], self.taught)

    def knowing(self, queries: IdVector) -> Lesson:
        """The same pairs as if only these of the queries, given by their number, were labelled."""
        taught = self.taught.only(self.queries[queries])
        return replace(self, rows=self.rows.of_labels(taught.columns(self.queries)), taught=taught)

    def answerable(self) -> Lesson:
        """Only the queries that have something to find among their candidates."""
        ends = np.cumsum(self.sizes)
        good = [
            q for q, (end, size) in enumerate(zip(ends, self.sizes, strict=True)) if self.target[end - size : end].any()
        ]
        return self.part(np.array(good, dtype=np.int64))


def lesson(pools: Pools, facts: Facts, fused: NDArray[np.float32], judged: Labels) -> Lesson:
    """All pairs of the labelled queries: what was judged alike against all other candidates."""
    queries = np.array(sorted(judged), dtype=np.int64)
    level = levels(judged)
    target = [targets(judged, level, query, pools.candidates.pool(query)) for query in queries.tolist()]
    taught = LabelGraph.of(pools, fused, judged)
    rows = features(pools, facts, fused, queries, taught)
    reached("ranker.features")
    sizes = np.array([len(one) for one in target], dtype=np.int64)
    targeted = np.concatenate(target) if target else np.empty(0, dtype=np.int32)
    return Lesson(rows, targeted, sizes, queries, taught)


def train(given: Lesson, config: Config, seed: int) -> Ranker:
    """LambdaMART on labelled pairs; the same for the same lesson and seed."""
    import lightgbm

    rows = given.rows.without(*(() if config.popularity else ("popularity", NAMED)))
    if not config.lists:
        rows = rows.without(*(name for name, _ in FROM_LABELS))
    parameters = {
        "objective": "lambdarank", "learning_rate": config.learning_rate, "num_leaves": config.leaves,
        "min_data_in_leaf": config.min_leaf, "lambdarank_truncation_level": 2 * JUDGED_AT,
        "monotone_constraints": list(rows.monotone), "monotone_constraints_method": "basic",
        "deterministic": True, "force_row_wise": True, "num_threads": 1, "seed": seed, "verbosity": -1,
        "label_gain": [0, 1, 2, 3, 4, 5],
    }  # fmt: skip
    names = [_plain(column) for column in rows.columns]
    data = lightgbm.Dataset(
        rows.matrix, given.target, group=given.sizes, init_score=head_start(rows), feature_name=names, params=parameters
    )
    reached("ranker.lesson")
    rounds = min(config.rounds, max(1, round(config.rounds_per_query * len(given.sizes))))
    return Ranker(lightgbm.train(parameters, data, num_boost_round=rounds), rows.columns)


@dataclass(frozen=True)
class Verdict:
    """Who serves, why, and the ranker when it does.

    Attributes:
        serves: "fusion" or "ranker".
        why: one line.
        queries: labelled artists that could be used.
        gain: paired difference in nDCG@10, ranker minus fusion, over held-out queries; None when not compared.
        ranker: trained on all labels; None when fusion serves.
    """

    serves: str
    why: str
    queries: int
    gain: Interval | None = None
    ranker: Ranker | None = None


def choose(given: Lesson, config: Config, seed: int) -> Verdict:
    """The ranker, when it beats fusion in cross-validation over label queries; fusion otherwise."""
    given = given.answerable()
    queries = len(given.sizes)
    if not config.enabled:
        return Verdict("fusion", "fusion: the ranker is switched off in [ranker]", queries)
    if queries < config.min_queries:
        why = f"fusion: {queries} labelled artists with a candidate, a ranker takes {config.min_queries}"
        return Verdict("fusion", why, queries)
    gain = bootstrap(compare(given, config, seed), np.random.default_rng(seed))
    numbers = f"nDCG@{JUDGED_AT} {gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}] over {queries} labelled artists"
    if gain.mean <= 0:
        return Verdict("fusion", f"fusion: the ranker does not beat it ({numbers})", queries, gain)
    return Verdict("ranker", f"ranker: it beats fusion ({numbers})", queries, gain, train(given, config, seed))


def compare(given: Lesson, config: Config, seed: int) -> NDArray[np.float64]:
    """nDCG@10 of the ranker minus that of the fused score for each query, each judged by a ranker that never saw it.

    Nor do features hold anything of the labels of queries that are judged.
    """
    n = len(given.sizes)
    fold = np.random.default_rng(seed).permutation(n) % min(config.folds, n)
    gains = np.zeros(n)
    for number in range(fold.max() + 1):
        inside = np.flatnonzero(fold == number)
        others = np.flatnonzero(fold != number)
        told = given.knowing(others)
        held_out = told.part(inside)
        learned = train(told.part(others), config, seed).score(held_out.rows)
        fused = held_out.rows.matrix[:, held_out.rows.columns.index("fused")]
        gains[inside] = _ndcgs(held_out, learned, fused) - _ndcgs(held_out, fused, fused)
        reached("ranker.fold")
    return gains


def _ndcgs(given: Lesson, score: NDArray[np.float32], then: NDArray[np.float32]) -> NDArray[np.float64]:
    values: list[float] = []
    for end, size in zip(*_spans(given), strict=True):
        span = slice(end - size, end)
        relevant = {place: float(t) for place, t in enumerate(given.target[span].tolist()) if t > 0}
        order = np.lexsort((-then[span], -score[span]))
        values.append(ndcg(order.tolist(), relevant, JUDGED_AT))
    return np.array(values)


def _spans(given: Lesson) -> tuple[Sequence[int], Sequence[int]]:
    return np.cumsum(given.sizes).tolist(), given.sizes.tolist()
