"""`make quality-ranking`: fusion and ranker on real data, judged by tags that no model saw.

Plays, playlists and biographies are built into a home; then, in memory: each model, reciprocal ranks and fusion without
labels; fusion without each model; and, over five random halves of the judged artists, a ranker taught by one half, or
by 10 … 100 artists of it, judged by the other; and nDCG@10 of what then serves, after the gate that compares the ranker
with fusion by cross-validation, for 0 … 100 labelled artists. Recall@10 stands as served and over lists of judged
artists alone; what was to be found counts where it is in the catalogue, which is of artists with 3 listeners or
playlists or a document. All this once more over a catalogue of which every artist has plays, playlists and a (made-up)
text (`tests.quality.even`).
Run as `python -m tests.quality.ranking FOLDER [--home HOME]`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from db.publish import published_artifacts
from db.search import leads
from ensemble.evaluate import PLAIN
from ensemble.features import pairs_of
from ensemble.fusion import best_rank, fuse, ranking
from ensemble.gold import read_gold
from ensemble.inputs import Inputs, read_inputs
from ensemble.metrics import Interval, bootstrap, ndcg, recall
from ensemble.pools import Pools
from ensemble.ranker import Config, Lesson, choose, lesson, train
from ensemble.related import Sections, pooled
from kinsong import home as homes
from kinsong import show
from tests.quality.even import even
from tests.quality.real import run

if TYPE_CHECKING:
    from db.home import Home
    from ensemble.labels import Labels

K, HALVES, CURVE, MOST_LOSS = 10, 5, (10, 25, 50, 100), 0.005
SECTIONS = Sections()
Scores = NDArray[np.float32]
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Recall as served and over judged artists alone, query by query."""


class Judge:
    """Holds scores of pairs against the gold."""

    def __init__(self, inputs: Inputs, gold: Labels) -> None:
        self.gold, self.queries = gold, np.array(sorted(gold), dtype=np.int64)
        self.judged = np.zeros(len(inputs.artists), dtype=bool)
        self.judged[self.queries] = True
        for row in gold.values():
            self.judged[list(row)] = True

    def of(self, pools: Pools, score: Scores, queries: NDArray[np.int64]) -> Pair:
        best, served, alone = best_rank(pools), [], []
        for query in queries.tolist():
            pairs = ranking(pools, (score,), best, query)
            items = pools.candidates.items[pairs[score[pairs] > -np.inf]]
            served.append(recall(items.tolist(), self.gold[query], K))
            alone.append(recall(items[self.judged[items]].tolist(), self.gold[query], K))
        return np.array(served), np.array(alone)


    def ndcgs(self, pools: Pools, score: Scores, queries: NDArray[np.int64]) -> NDArray[np.float64]:
        best = best_rank(pools)
        found = (pools.candidates.items[ranking(pools, (score,), best, query)].tolist() for query in queries.tolist())
        return np.array([ndcg(one, self.gold[query], K) for one, query in zip(found, queries.tolist(), strict=True)])


def row(name: str, pair: Pair, beside: Pair | None = None) -> dict[str, object]:
    """Means, and the paired difference from another ranking with its 95 % interval."""
    made: dict[str, object] = {"ranking": name}
    for what, number in (("served", 0), ("judged only", 1)):
        made[what] = round(float(pair[number].mean()), 4)
        made[f"{what}: more"] = ""
        if beside is not None:
            more = bootstrap(pair[number] - beside[number], np.random.default_rng(0))
            ratio = pair[number].mean() / beside[number].mean()
            made[f"{what}: more"] = f"× {ratio:.3f}, {more.mean:+.4f} [{more.low:+.4f}, {more.high:+.4f}]"
    return made


def unlabelled(inputs: Inputs, judge: Judge) -> list[dict[str, object]]:
    pools = pooled(inputs.vectors, inputs.artists, SECTIONS)
    scores = {model: np.where(np.isnan(c), -np.inf, c) for model, c in zip(pools.models, pools.cosine, strict=True)}
    alone = {model: judge.of(pools, score, judge.queries) for model, score in scores.items()}
    best = max(alone.values(), key=lambda pair: float(pair[0].mean()))
    fused = judge.of(pools, fuse(pools, inputs.facts, SECTIONS.fusion), judge.queries)
    plain = judge.of(pools, fuse(pools, inputs.facts, PLAIN), judge.queries)
    rows = [row(model, pair) for model, pair in alone.items()]
    rows += [
        row("reciprocal ranks, beside the best model", plain, best),
        row("fusion, beside the best model", fused, best),
    ]
    rows.append(row("fusion, beside reciprocal ranks", fused, plain))
    for model in pools.models:
        less = pooled([one for one in inputs.vectors if one.model != model], inputs.artists, SECTIONS)
        found = judge.of(less, fuse(less, inputs.facts, SECTIONS.fusion), judge.queries)
        rows.append(row(f"fusion without {model}, beside fusion", found, fused))
    return rows


def labelled(inputs: Inputs, judge: Judge) -> list[dict[str, object]]:
    pools = pooled(inputs.vectors, inputs.artists, SECTIONS)
    fused = fuse(pools, inputs.facts, SECTIONS.fusion)
    whole = lesson(pools, inputs.facts, fused, judge.gold)
    halves = [np.random.default_rng(seed).permutation(len(judge.queries)) for seed in range(HALVES)]
    rows = []
    silent = Config(lists=False)
    for taught, config in (*((n, Config()) for n in (*CURVE, len(halves[0]) // 2)), (len(halves[0]) // 2, silent)):
        pairs = [_taught(pools, fused, whole, judge, half, taught, config) for half in halves]
        learnt, plain = ([np.concatenate([pair[who][what] for pair in pairs]) for what in (0, 1)] for who in (0, 1))
        name = f"ranker of {taught} artists{'' if config.lists else ', lists of others unread'}, beside fusion"
        rows.append(row(name, (learnt[0], learnt[1]), (plain[0], plain[1])))
    return rows


def gated(inputs: Inputs, judge: Judge) -> list[dict[str, object]]:
    """What serves with so many labelled artists: how often the gate takes the ranker, and nDCG@10 more than fusion."""
    pools = pooled(inputs.vectors, inputs.artists, SECTIONS)
    fused = fuse(pools, inputs.facts, SECTIONS.fusion)
    whole = lesson(pools, inputs.facts, fused, judge.gold)
    halves = [np.random.default_rng(seed).permutation(len(judge.queries)) for seed in range(HALVES)]
    rows = []
    for taught in (0, *CURVE):
        tried = [_gate(pools, fused, whole, judge, half, taught) for half in halves]
        served = [gain if took else np.zeros_like(gain) for took, gain in tried]
        rows.append({
            "labelled": taught, "the gate takes the ranker": f"{sum(took for took, _ in tried)} of {HALVES}",
            "ranker: more than fusion": _span([gain for _, gain in tried]), "served: more": _span(served),
            "worst half": f"{min(float(gain.mean()) for gain in served):+.4f}",
            "holds": all(gain.mean() >= -MOST_LOSS for gain in served),
        })  # fmt: skip
    return rows


def _gate(
    pools: Pools, fused: Scores, whole: Lesson, judge: Judge, half: NDArray[np.int64], taught: int
) -> tuple[bool, NDArray[np.float64]]:
    """Whether the gate takes the ranker, and its nDCG@10 on the other half less that of fusion."""
    held_out = np.sort(half[len(half) // 2 :])
    queries, told = judge.queries[held_out], whole.knowing(half[:taught])
    given = told.part(np.sort(half[:taught])).answerable()
    if not len(given.sizes):
        return False, np.zeros(len(queries))
    verdict = choose(given, Config(), 1)
    score = np.full(len(fused), -np.inf, dtype=np.float32)
    score[pairs_of(pools, queries)] = (verdict.ranker or train(given, Config(), 1)).score(told.part(held_out).rows)
    return verdict.ranker is not None, judge.ndcgs(pools, score, queries) - judge.ndcgs(pools, fused, queries)


def _span(gains: list[NDArray[np.float64]]) -> str:
    one: Interval = bootstrap(np.concatenate(gains), np.random.default_rng(0))
    return f"{one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"


def _taught(
    pools: Pools, fused: Scores, whole: Lesson, judge: Judge, half: NDArray[np.int64], taught: int, config: Config
) -> tuple[Pair, Pair]:
    held_out = np.sort(half[len(half) // 2 :])
    told = whole.knowing(half[:taught])
    given = told.part(np.sort(half[:taught])).answerable()
    score = np.full(len(fused), -np.inf, dtype=np.float32)
    queries = judge.queries[held_out]
    score[pairs_of(pools, queries)] = train(given, config, 1).score(told.part(held_out).rows)
    return judge.of(pools, score, queries), judge.of(pools, fused, queries)


def read(home: Home, gold: Path) -> tuple[Inputs, Labels]:
    """What the ensemble reads, and the gold by catalogue position."""
    inputs = read_inputs(home, published_artifacts(home), SECTIONS.related.page_artists)
    with home.reading() as session:
        file = read_gold(gold, leads(session))
    place = {artist: number for number, artist in enumerate(inputs.artists.tolist())}
    rows = {
        place[artist]: {place[other]: grade for other, grade in similar.items() if other in place}
        for artist, similar in file.gold.items()
        if artist in place
    }
    return inputs, {query: similar for query, similar in rows.items() if similar}


def report(inputs: Inputs, gold: Labels, title: str) -> None:
    """Print the tables of one catalogue."""
    judge = Judge(inputs, gold)
    show.say(f"\n{title}: {len(inputs.artists)} artists in the catalogue, {len(gold)} judged")
    columns = ("ranking", "served", "served: more", "judged only", "judged only: more")
    show.rows(unlabelled(inputs, judge), columns, show.Format.table, title="\nrecall@10, no labels")
    title = f"\nrecall@10 of the other half, {HALVES} halves"
    show.rows(labelled(inputs, judge), columns, show.Format.table, title=title)
    rows = gated(inputs, judge)
    show.rows(rows, tuple(rows[0]), show.Format.table, title=f"\nnDCG@10 of the other half, {HALVES} halves")


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path, help="a home that `tests.quality.real --keep` or this has built")
    parser.add_argument("--even", type=int, default=2, help="seeds of catalogues in which everybody has everything")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kinsong-ranking-") as folder:
        if options.home is None:
            run(options.data, Path(folder), 0)
        opened = homes.open_home(options.home or Path(folder) / "home", read_only=True)
        inputs, gold = read(opened, options.data / "similar/by-tags.tsv")
        evenly = [even(opened, published_artifacts(opened), options.data, seed) for seed in range(options.even)]
    report(inputs, gold, "real data, real lists")
    for seed, (made, lists) in enumerate(evenly):
        report(made, lists, f"everybody has plays, playlists and a made-up text, seed {seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
