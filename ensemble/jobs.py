"""The ensemble's build steps."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from db.columnar import parquet_writer
from db.task import Task
from ensemble import index as indexing
from ensemble.fusion import fuse
from ensemble.inputs import Inputs, read_indexes, read_inputs, read_vectors
from ensemble.labels import labels
from ensemble.pools import Pools
from ensemble.ranker import RANKER_FILE, Verdict, choose, lesson
from ensemble.reasons import KINDS, Evidence, common, evidence, lines, vocabulary
from ensemble.related import REPORT, Related, Sections, learned, pooled, select

TOLD = 10_000
"""Artists whose reasons and evidence are in memory at once."""
RELATED = pa.schema(
    [("artist_id", pa.int64()), ("rank", pa.int32()), ("related_id", pa.int64()), ("score", pa.float32()),
     ("reason", pa.string())]
)  # fmt: skip
EVIDENCE = pa.schema(
    [("artist_id", pa.int64()), ("related_id", pa.int64()), ("kind", pa.string()), ("name", pa.string()),
     ("value", pa.float64()), ("rank", pa.int32())]
)  # fmt: skip


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
    _report(task, inputs, pools, verdict, config)
    return {
        "artists": len(inputs.artists), "related": len(ranked.artist), "evidence": n_evidence,
        "pairs": len(fused), "labelled": verdict.queries,
    }  # fmt: skip


def _write(task: Task, inputs: Inputs, pools: Pools, ranked: Related, n: int) -> int:
    names = pa.array(vocabulary(pools, inputs.facts), pa.string())
    n_evidence = 0
    with (
        parquet_writer(task.output / "related.parquet", RELATED) as to_related,
        parquet_writer(task.output / "evidence.parquet", EVIDENCE) as to_evidence,
    ):
        for part in ranked.parts(TOLD):
            shown = part.first(n)
            shared = common(inputs.facts, shown)
            reasons = np.full(len(part.artist), "", dtype=object)
            reasons[part.rank <= n] = lines(pools, inputs.facts, shown, shared)
            to_related.write_table(_related_table(inputs, part, reasons))
            told = evidence(pools, inputs.facts, shown, shared)
            to_evidence.write_table(_evidence_table(inputs, shown, told, names))
            n_evidence += len(told.pair)
    return n_evidence


def _related_table(inputs: Inputs, ranked: Related, reasons: object) -> pa.Table:
    columns = [
        inputs.artists[ranked.artist], ranked.rank, inputs.artists[ranked.related], ranked.score,
        pa.array(reasons, pa.string()),
    ]  # fmt: skip
    return pa.table(columns, schema=RELATED)


def _evidence_table(inputs: Inputs, shown: Related, told: Evidence, names: pa.Array) -> pa.Table:
    kinds = pa.array(KINDS, pa.string())
    columns = [
        inputs.artists[shown.artist[told.pair]], inputs.artists[shown.related[told.pair]],
        kinds.take(pa.array(told.kind)), names.take(pa.array(told.name)), told.value,
        pa.array(told.rank, pa.int32(), mask=told.rank == 0),
    ]  # fmt: skip
    return pa.table(columns, schema=EVIDENCE)


def _report(task: Task, inputs: Inputs, pools: Pools, verdict: Verdict, config: Sections) -> None:
    gain = verdict.gain
    report = {
        "served_by": verdict.why, "serves": verdict.serves, "models": list(pools.models),
        "artists_per_model": {one.model: len(one) for one in inputs.vectors}, "labelled": verdict.queries,
        "gain": None if gain is None else {"ndcg": gain.mean, "low": gain.low, "high": gain.high},
        "settings": config.model_dump(mode="json"),
    }  # fmt: skip
    (task.output / REPORT).write_text(json.dumps(report, indent=1, sort_keys=True), encoding="utf-8")
    if verdict.ranker is not None:
        verdict.ranker.save(task.output / RANKER_FILE)
