"""The scoreboard: what everybody could do, each model alone, fusion and ranker, side by side, against judgements that
none of them saw.

Rankings are full: every artist of the catalogue may stand in a list, no sampled negatives. Since a gold file judges few
of all artists and says nothing of the others, recall stands twice: over lists as they are served, where an artist that
nobody judged counts as wrong, and over condensed lists (Sakai, SIGIR 2007), from which the unjudged are taken out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.artifacts import Artifact
from db.errors import InputError, NotBuilt
from db.home import Home
from db.search import leads
from ensemble.baselines import baselines, top
from ensemble.features import column_names
from ensemble.fusion import Config as FusionConfig
from ensemble.fusion import best_rank, fuse, ranking
from ensemble.gold import Gold, GoldFile, read_gold
from ensemble.inputs import Inputs, read_inputs, read_plays
from ensemble.label_graph import LabelGraph
from ensemble.labels import labels
from ensemble.metrics import Interval, average_precision, bootstrap, coverage, gini, ndcg, precision, recall
from ensemble.pools import Pools
from ensemble.ranker import RANKER_FILE, Ranker, lesson, load_ranker, train
from ensemble.related import REPORT, Sections, learned, pooled

FUSION, RANKER, RECIPROCAL = "fusion", "ranker", "reciprocal ranks"
PLAIN = FusionConfig(method="reciprocal", k=60, reverse=0, trust=0, trust_terms=0, weights={})
"""Reciprocal rank fusion as its authors have it: what fusion is held against."""
DECILES = 10
Lists = Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Row:
    """How good one ranking is, over all judged queries (artists, listeners or playlists); without a list one counts 0.

    Attributes:
        name: a baseline, a model, fusion or ranker.
        precision: at k.
        recall: at k.
        condensed: recall at k over lists without unjudged artists; None where everybody is judged.
        ndcg: at k.
        average_precision: at k.
        coverage: part of the catalogue that stands in some judged list's first k.
        answered: part of the queries that it has a list for.
        gini: how unevenly artists stand in the judged lists' first k, 0 … 1.
        popularity: mean over those places: which part of the catalogue is less known than who stands there.
        deciles: recall at k of the least known tenth of the queries, …, of the best known; of held-out artists, where
            those are looked for.
    """

    name: str
    precision: Interval
    recall: Interval
    condensed: Interval | None
    ndcg: Interval
    average_precision: Interval
    coverage: float
    answered: float
    gini: float
    popularity: float
    deciles: tuple[float, ...]


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
        rows: baselines, models by name, reciprocal ranks, fusion, the ranker where there is one, and those without a
            model.
        comparisons: fusion against the best single model, the ranker against fusion, both against themselves without a
            model.
        queries: artists judged.
        outside: artists of the gold file that no model knows; left out.
        labelled: artists of the gold file that labels were given for; left out.
        unknown: names of the gold file that lead to no artist or to several.
        notes: which baseline is missing and why.
    """

    k: int
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    queries: int
    outside: int
    labelled: int
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def scoreboard(
    home: Home, artifacts: Mapping[str, Artifact], gold_path: Path, k: int, sections: Sections, seed: int = 0,
    *, without: bool = False,
) -> Scoreboard:  # fmt: skip
    """Judge the models, fusion and ranker of a build by a gold file.

    Args:
        home: the workspace.
        artifacts: verified artefacts of the published run, by step.
        gold_path: see `ensemble.gold.read_gold`.
        k: how deep lists are judged.
        sections: settings, for a run that did not write down its own.
        seed: of the bootstrap.
        without: also judge fusion and ranker without each model in turn, the ranker trained anew.

    Raises:
        InputError: the gold file cannot be read, or names nobody whom a model knows and labels do not.
        NotBuilt: there are no vectors.
    """
    sections = _settings_of_run(artifacts, sections)
    inputs = read_inputs(home, artifacts, sections.related.page_artists)
    if not inputs.vectors:
        raise NotBuilt("no model has made vectors yet: import plays, playlists or crawl, then run `kinsong build`")
    with home.reading() as session:
        file = read_gold(gold_path, leads(session))
    plays = read_plays(home, inputs.artists)
    return evaluate(inputs, file, k, seed, sections, _served_ranker(inputs, artifacts), plays, without=without)


def _settings_of_run(artifacts: Mapping[str, Artifact], otherwise: Sections) -> Sections:
    artifact = artifacts.get("related")
    if artifact is None or not (artifact.path / REPORT).exists():
        return otherwise
    settings = json.loads(artifact.file(REPORT).read_bytes()).get("settings")
    return otherwise if settings is None else Sections.model_validate(settings)


def _served_ranker(inputs: Inputs, artifacts: Mapping[str, Artifact]) -> Ranker | None:
    artifact = artifacts.get("related")
    if artifact is None or not (artifact.path / RANKER_FILE).exists():
        return None
    columns, _ = column_names(tuple(one.model for one in inputs.vectors))
    return load_ranker(artifact.file(RANKER_FILE), columns)


def evaluate(
    inputs: Inputs, file: GoldFile, k: int, seed: int, sections: Sections, ranker: Ranker | None = None,
    plays: sparse.csr_matrix | None = None, *, without: bool = False,
) -> Scoreboard:  # fmt: skip
    """Judge baselines, models, fusion and ranker.

    Args:
        inputs: vectors, facts and labels.
        file: the judgements.
        k: how deep lists are judged.
        seed: of the bootstrap; all rows and metrics are resampled alike.
        sections: settings.
        ranker: the trained ranker, if there is one. Its labelled artists are not judged.
        plays: CSR float64 (n_artists, n_listeners) for the baselines; without it, or empty, there are none.
        without: also judge fusion and ranker without each model in turn.

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
    contenders, notes = _plain_contenders(inputs, queries, max(k, sections.related.pool), plays)
    models = [one.model for one in inputs.vectors]
    contenders.update(_contenders(inputs, queries, sections, ranker))
    if without and len(models) > 1:
        for model in models:
            contenders.update(_without(inputs, model, queries, sections, ranker))
    judged = _Judge(file.gold, inputs.artists.tolist(), queries, k, inputs.facts.popularity)
    scores = {name: judged.scores(lists) for name, lists in contenders.items()}
    rows = tuple(judged.row(name, contenders[name], scores[name], seed) for name in contenders)
    return Scoreboard(
        k, rows, tuple(_comparisons(scores, models, seed)), len(queries), len(file.gold) - len(known),
        len(known) - len(queries), file.unknown, notes,
    )  # fmt: skip


def _plain_contenders(
    inputs: Inputs, queries: list[int], depth: int, plays: sparse.csr_matrix | None
) -> tuple[dict[str, Lists], tuple[str, ...]]:
    if plays is None or not plays.nnz:
        return {}, ("there are no plays: popularity, item-kNN, co-counts and EASE are left out",)
    found, notes = baselines(plays)
    asked = np.array(queries, dtype=np.int64)
    listed: dict[str, Lists] = {}
    for name, scores in found.items():
        best = top(scores, asked, depth)
        listed[name] = {query: inputs.artists[items].tolist() for query, items in best if items}
    return listed, notes


def _contenders(inputs: Inputs, queries: list[int], sections: Sections, ranker: Ranker | None) -> dict[str, Lists]:
    """Each ranking's lists of artist ids for the queries, by name."""
    pools = pooled(inputs.vectors, inputs.artists, sections)
    fused = fuse(pools, inputs.facts, sections.fusion)
    named = {model: _alone(pools.cosine[number]) for number, model in enumerate(pools.models)}
    named[RECIPROCAL] = fuse(pools, inputs.facts, PLAIN)
    named[FUSION] = fused
    if ranker is not None:
        named[RANKER] = learned(pools, inputs.facts, fused, ranker, _taught(inputs, pools, fused))
    return {name: _lists(inputs, pools, score, fused, queries) for name, score in named.items()}


def _without(
    inputs: Inputs, model: str, queries: list[int], sections: Sections, ranker: Ranker | None
) -> Iterator[tuple[str, Lists]]:
    """Fusion and, where there is one, a ranker trained anew, as if the model had not been there."""
    rest = tuple(one for one in inputs.vectors if one.model != model)
    pools = pooled(rest, inputs.artists, sections)
    fused = fuse(pools, inputs.facts, sections.fusion)
    yield f"{FUSION} without {model}", _lists(inputs, pools, fused, fused, queries)
    if ranker is not None:
        given = lesson(pools, inputs.facts, fused, labels(inputs.judged, inputs.artists)).answerable()
        score = learned(pools, inputs.facts, fused, train(given, sections.ranker, 1), given.taught)
        yield f"{RANKER} without {model}", _lists(inputs, pools, score, fused, queries)


def _taught(inputs: Inputs, pools: Pools, fused: NDArray[np.float32]) -> LabelGraph:
    return LabelGraph.of(pools, fused, labels(inputs.judged, inputs.artists))


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
    popularity: NDArray[np.float32]

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
        shown = [found[: self.k] for found in lists.values()]
        place = {artist: number for number, artist in enumerate(self.artists)}
        quantile = quantiles(self.popularity)
        known = np.array([quantile[place[item]] for found in shown for item in found])
        return Row(
            name, coverage=coverage(shown, len(self.artists), self.k), answered=len(lists) / len(self.queries),
            gini=gini(shown, len(self.artists)), popularity=float(known.mean()) if len(known) else 0.0,
            deciles=self._deciles(scores["recall"]), **intervals,
        )  # fmt: skip

    def _deciles(self, values: NDArray[np.float64]) -> tuple[float, ...]:
        order = np.argsort(self.popularity[np.array(self.queries)], kind="stable")
        return tuple(float(values[part].mean()) for part in np.array_split(order, DECILES) if len(part))


def quantiles(popularity: NDArray[np.float32]) -> NDArray[np.float64]:
    """Which part of the catalogue is less known than each artist; equals count half."""
    sorted_ = np.sort(popularity)
    below = np.searchsorted(sorted_, popularity, side="left")
    return (below + np.searchsorted(sorted_, popularity, side="right")) / (2 * len(sorted_))


_METRICS = {
    "precision": precision, "recall": recall, "condensed": recall, "ndcg": ndcg, "average_precision": average_precision,
}  # fmt: skip


def _comparisons(
    scores: Mapping[str, Mapping[str, NDArray[np.float64]]], models: Sequence[str], seed: int
) -> Iterator[Comparison]:
    """Fusion against the best single model by that metric, the ranker against fusion, both against less."""
    for metric in ("recall", "condensed", "ndcg"):
        best = max(models, key=lambda name: float(scores[name][metric].mean()))
        steps = [best, FUSION, *([RANKER] if RANKER in scores else [])]
        for worse, better in pairwise(steps):
            yield compare(better, worse, metric, scores, seed)
        for less in (name for name in scores if " without " in name):
            yield compare(less.partition(" without ")[0], less, metric, scores, seed)


def compare(
    better: str, worse: str, metric: str, scores: Mapping[str, Mapping[str, NDArray[np.float64]]],
    seed: int
) -> Comparison:  # fmt: skip
    """One ranking's values against another's, query by query; `scores`: ranking → metric → value per query."""
    one, other = scores[better][metric], scores[worse][metric]
    ratio = float(one.mean() / other.mean()) if other.mean() > 0 else float("inf")
    return Comparison(better, worse, metric, ratio, bootstrap(one - other, np.random.default_rng(seed)))
