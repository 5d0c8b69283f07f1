"""The scoreboard: each model alone, fusion and ranker, side by side, against judgements that none of them saw.

Rankings are full: every artist of the catalogue may stand in a list, no sampled negatives. Since a gold file judges few
of all artists and says nothing of the others, recall stands twice: over lists as they are served, where an artist that
nobody judged counts as wrong, and over condensed lists (Sakai, SIGIR 2007), from which the unjudged are taken out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.artifacts import Artifact
from db.errors import InputError, NotBuilt
from db.home import Home
from db.search import leads
from ensemble.features import column_names
from ensemble.fusion import best_rank, fuse, ranking
from ensemble.gold import Gold, GoldFile, read_gold
from ensemble.inputs import Inputs, read_inputs
from ensemble.labels import labels
from ensemble.metrics import Interval, average_precision, bootstrap, coverage, ndcg, precision, recall
from ensemble.pools import Pools
from ensemble.ranker import RANKER_FILE, Ranker, load_ranker
from ensemble.related import Sections, learned, pooled

FUSION, RANKER = "fusion", "ranker"
Lists = Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Row:
    """How good one ranking is, over all judged queries; a query it has no list for counts 0.

    Attributes:
        name: a model, fusion or ranker.
        precision: at k.
        recall: at k.
        condensed: recall at k over lists without unjudged artists.
        ndcg: at k.
        average_precision: at k.
        coverage: part of the catalogue that stands in some judged list's first k.
        answered: part of the queries that it has a list for.
    """

    name: str
    precision: Interval
    recall: Interval
    condensed: Interval
    ndcg: Interval
    average_precision: Interval
    coverage: float
    answered: float


@dataclass(frozen=True)
class Comparison:
    """Whether `better` is better than `worse`, query by query.

    Attributes:
        metric: recall, condensed or ndcg, at k.
        ratio: of the means; infinite when the other one finds nothing.
        difference: of the means, with its paired interval.
    """

    better: str
    worse: str
    metric: str
    ratio: float
    difference: Interval


@dataclass(frozen=True)
class Scoreboard:
    """Rows and what they rest on.

    Attributes:
        k: how deep lists are judged.
        rows: models by name, then fusion, then the ranker where there is one.
        comparisons: fusion against the best single model, the ranker against fusion.
        queries: artists judged.
        outside: artists of the gold file that no model knows; left out.
        labelled: artists of the gold file that labels were given for; left out.
        unknown: names of the gold file that lead to no artist or to several.
    """

    k: int
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    queries: int
    outside: int
    labelled: int
    unknown: tuple[str, ...] = ()


def scoreboard(
    home: Home, artifacts: Mapping[str, Artifact], gold_path: Path, k: int, sections: Sections, seed: int = 0
) -> Scoreboard:
    """Judge the models, fusion and ranker of a build by a gold file.

    Args:
        home: the workspace.
        artifacts: verified artefacts of the published run, by step.
        gold_path: see `ensemble.gold.read_gold`.
        k: how deep lists are judged.
        sections: the settings of that build.
        seed: of the bootstrap.

    Raises:
        InputError: the gold file cannot be read, or names nobody whom a model knows and labels do not.
        NotBuilt: there are no vectors.
    """
    inputs = read_inputs(home, artifacts, sections.related.page_artists)
    if not inputs.vectors:
        raise NotBuilt("no model has made vectors yet: import plays, playlists or crawl, then run `kinsong build`")
    with home.reading() as session:
        file = read_gold(gold_path, leads(session))
    return evaluate(inputs, file, k, seed, sections, _served_ranker(inputs, artifacts))


def _served_ranker(inputs: Inputs, artifacts: Mapping[str, Artifact]) -> Ranker | None:
    artifact = artifacts.get("related")
    if artifact is None or not (artifact.path / RANKER_FILE).exists():
        return None
    columns, _ = column_names(tuple(one.model for one in inputs.vectors))
    return load_ranker(artifact.file(RANKER_FILE), columns)


def evaluate(
    inputs: Inputs, file: GoldFile, k: int, seed: int, sections: Sections, ranker: Ranker | None = None
) -> Scoreboard:
    """Judge models, fusion and ranker.

    Args:
        inputs: vectors, facts and labels.
        file: the judgements.
        k: how deep lists are judged.
        seed: of the bootstrap; all rows and metrics are resampled alike.
        sections: settings.
        ranker: the trained ranker, if there is one. Its labelled artists are not judged.

    Raises:
        InputError: no artist is left to judge.
    """
    position = {artist: place for place, artist in enumerate(inputs.artists.tolist())}
    labelled = {int(inputs.artists[query]) for query in labels(inputs.judged, inputs.artists)}
    known = [artist for artist in file.gold if artist in position]
    queries = sorted(position[artist] for artist in known if artist not in labelled)
    if not queries:
        raise InputError(f"the gold file leaves no artist to judge: of {len(file.gold)} in the catalogue, {len(known)} "
                         f"are known to a model and {len(known) - len(queries)} of these are labelled")  # fmt: skip
    contenders = _contenders(inputs, queries, sections, ranker)
    judged = _Judge(file.gold, inputs.artists.tolist(), queries, k)
    scores = {name: judged.scores(lists) for name, lists in contenders.items()}
    rows = tuple(judged.row(name, contenders[name], scores[name], seed) for name in contenders)
    return Scoreboard(
        k, rows, tuple(_comparisons(scores, seed)), len(queries), len(file.gold) - len(known),
        len(known) - len(queries), file.unknown,
    )  # fmt: skip


def _contenders(inputs: Inputs, queries: list[int], sections: Sections, ranker: Ranker | None) -> dict[str, Lists]:
    """Each ranking's lists of artist ids for the queries, by name."""
    pools = pooled(inputs.vectors, inputs.artists, sections)
    fused = fuse(pools, inputs.facts, sections.fusion)
    named = {model: _alone(pools.cosine[number]) for number, model in enumerate(pools.models)}
    named[FUSION] = fused
    if ranker is not None:
        named[RANKER] = learned(pools, inputs.facts, fused, ranker)
    return {name: _lists(inputs, pools, score, fused, queries) for name, score in named.items()}


def _alone(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.isnan(cosine), -np.inf, cosine).astype(np.float32)


def _lists(
    inputs: Inputs, pools: Pools, score: NDArray[np.float32], fused: NDArray[np.float32], queries: list[int]
) -> Lists:
    best = best_rank(pools)
    lists = {}
    for query in queries:
        pairs = ranking(pools, (score, fused), best, query)
        pairs = pairs[score[pairs] > -np.inf]
        if len(pairs):
            lists[query] = inputs.artists[pools.candidates.items[pairs]].tolist()
    return lists


@dataclass(frozen=True)
class _Judge:
    """Holds lists against the gold; `artists` are the catalogue's ids, `queries` places in it."""

    gold: Gold
    artists: Sequence[int]
    queries: Sequence[int]
    k: int

    def scores(self, lists: Lists) -> dict[str, NDArray[np.float64]]:
        """Every metric's value for every query."""
        judged = {*self.gold, *(similar for row in self.gold.values() for similar in row)}
        values: dict[str, list[float]] = {name: [] for name in _METRICS}
        for query in self.queries:
            found, relevant = lists.get(query, ()), self.gold[self.artists[query]]
            for name, metric in _METRICS.items():
                values[name].append(metric(found, relevant, self.k))
            condensed = [item for item in found if item in judged]
            values["condensed"][-1] = recall(condensed, relevant, self.k)
        return {name: np.array(column) for name, column in values.items()}

    def row(self, name: str, lists: Lists, scores: Mapping[str, NDArray[np.float64]], seed: int) -> Row:
        """The scores of one ranking, averaged."""
        intervals = {metric: bootstrap(values, np.random.default_rng(seed)) for metric, values in scores.items()}
        return Row(
            name, coverage=coverage(list(lists.values()), len(self.artists), self.k),
            answered=len(lists) / len(self.queries), **intervals,
        )  # fmt: skip


_METRICS = {
    "precision": precision, "recall": recall, "condensed": recall, "ndcg": ndcg, "average_precision": average_precision,
}  # fmt: skip


def _comparisons(scores: Mapping[str, Mapping[str, NDArray[np.float64]]], seed: int) -> list[Comparison]:
    """Fusion against the best single model by that metric, the ranker against fusion."""
    models = [name for name in scores if name not in (FUSION, RANKER)]
    found = []
    for metric in ("recall", "condensed", "ndcg"):
        best = max(models, key=lambda name: float(scores[name][metric].mean()))
        steps = [best, FUSION, *([RANKER] if RANKER in scores else [])]
        found += [_compare(better, worse, metric, scores, seed) for worse, better in pairwise(steps)]
    return found


def _compare(
    better: str, worse: str, metric: str, scores: Mapping[str, Mapping[str, NDArray[np.float64]]],
    seed: int
) -> Comparison:  # fmt: skip
    one, other = scores[better][metric], scores[worse][metric]
    ratio = float(one.mean() / other.mean()) if other.mean() > 0 else float("inf")
    return Comparison(better, worse, metric, ratio, bootstrap(one - other, np.random.default_rng(seed)))
