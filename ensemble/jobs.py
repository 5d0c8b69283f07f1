"""The ensemble's build steps."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from db.columnar import write_parquet
from db.task import Task
from ensemble import index as indexing
from ensemble.fusion import fuse
from ensemble.inputs import Inputs, read_indexes, read_inputs, read_vectors
from ensemble.labels import labels
from ensemble.pools import Pools
from ensemble.ranker import RANKER_FILE, Verdict, choose, lesson
from ensemble.reasons import KINDS, Evidence, common, evidence, lines
from ensemble.related import Related, Sections, learned, pooled, select

REPORT = "report.json"


def index(task: Task, config: indexing.Config) -> dict[str, int]:
    """Write an Annoy index for every model in the inputs.

    Returns:
        Items per model.
    """
    seed = int(task.rng("index").integers(1, 2**31))
    return indexing.build_indexes(read_vectors(task.inputs), config, seed, task.output)


def related(task: Task, config: Sections) -> dict[str, int]:
    """Rank every artist's candidates; write related.parquet, evidence.parquet, report.json and, when it serves,
    ranker.txt.

    Returns:
        Artists, related rows, evidence rows and candidate pairs.
    """
    inputs = read_inputs(task.home, task.inputs, config.related.page_artists)
    if not inputs.vectors:
        return {}
    indexes = read_indexes(task.inputs, inputs.vectors)
    pools = pooled(inputs.vectors, inputs.artists, config, indexes)
    fused = fuse(pools, inputs.facts, config.fusion)
    judged = labels(inputs.judged, inputs.artists)
    seed = int(task.rng("ranker").integers(1, 2**31))
    verdict = choose(lesson(pools, inputs.facts, fused, judged), config.ranker, seed)
    task.progress.say(f"related: served by {verdict.why}")
    score = fused if verdict.ranker is None else learned(pools, inputs.facts, fused, verdict.ranker)
    ranked = select(pools, score, fused, config.related.pool)
    n_evidence = _write(task, inputs, pools, ranked, config.related.n)
    _report(task, inputs, pools, verdict)
    return {
        "artists": len(inputs.artists), "related": len(ranked.artist), "evidence": n_evidence,
        "pairs": len(fused), "labelled": verdict.queries,
    }  # fmt: skip


def _write(task: Task, inputs: Inputs, pools: Pools, ranked: Related, n: int) -> int:
    shown = ranked.first(n)
    shared = common(inputs.facts, shown)
    reasons = np.full(len(ranked.artist), "", dtype=object)
    reasons[ranked.rank <= n] = lines(pools, inputs.facts, shown, shared)
    write_parquet(_related_table(inputs, ranked, reasons), task.output / "related.parquet")
    told = evidence(pools, inputs.facts, shown, shared)
    write_parquet(_evidence_table(inputs, shown, told), task.output / "evidence.parquet")
    return len(told.pair)


def _related_table(inputs: Inputs, ranked: Related, reasons: object) -> pa.Table:
    return pa.table({
        "artist_id": inputs.artists[ranked.artist], "rank": ranked.rank, "related_id": inputs.artists[ranked.related],
        "score": ranked.score, "reason": pa.array(reasons, pa.string()),
    })  # fmt: skip


def _evidence_table(inputs: Inputs, shown: Related, told: Evidence) -> pa.Table:
    kinds, names = pa.array(KINDS, pa.string()), pa.array(told.vocabulary, pa.string())
    return pa.table({
        "artist_id": inputs.artists[shown.artist[told.pair]], "related_id": inputs.artists[shown.related[told.pair]],
        "kind": kinds.take(pa.array(told.kind)), "name": names.take(pa.array(told.name)), "value": told.value,
        "rank": pa.array(told.rank, pa.int32(), mask=told.rank == 0),
    })  # fmt: skip


def _report(task: Task, inputs: Inputs, pools: Pools, verdict: Verdict) -> None:
    gain = verdict.gain
    report = {
        "served_by": verdict.why, "serves": verdict.serves, "models": list(pools.models),
        "artists_per_model": {one.model: len(one) for one in inputs.vectors}, "labelled": verdict.queries,
        "gain": None if gain is None else {"ndcg": gain.mean, "low": gain.low, "high": gain.high},
    }  # fmt: skip
    (task.output / REPORT).write_text(json.dumps(report, indent=1, sort_keys=True), encoding="utf-8")
    if verdict.ranker is not None:
        verdict.ranker.save(task.output / RANKER_FILE)
