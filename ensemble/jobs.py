"""The ensemble's build steps."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from db.columnar import parquet_writer
from db.faults import reached
from db.labels import doubts
from db.task import Task
from ensemble import index as indexing
from ensemble import radio as stations
from ensemble.dials import surroundings
from ensemble.fusion import confidence, fuse
from ensemble.inputs import Inputs, read_indexes, read_inputs, read_quotes, read_vectors
from ensemble.label_graph import LabelGraph
from ensemble.labels import labels
from ensemble.pools import Pools
from ensemble.ranker import RANKER_FILE, Ranker, Verdict, choose, lesson
from ensemble.reasons import common, evidence, lines, vocabulary
from ensemble.related import REPORT, Related, Sections, learned, learned_shares, pooled, select
from ensemble.shelf_files import write_shelf
from ensemble.station_files import write_stations
from ensemble.tables import EVIDENCE, RELATED, evidence_table, related_table
from ensemble.tracks import read_spaces, read_tracks

TOLD = 10_000
"""Artists whose reasons and evidence are in memory at once."""
def index(task: Task, config: indexing.Config) -> dict[str, int]:
    """Write an Annoy index for every model in the inputs.

    Returns:
        Items per model.
    """
    seed = int(task.rng("index").integers(1, 2**31))
    return indexing.build_indexes(read_vectors(task.inputs), config, seed, task.output)


def related(task: Task, config: Sections) -> dict[str, int]:
    """Rank every artist's candidates; write related.parquet, evidence.parquet, what the dials read, report.json and,
    when it serves, ranker.txt.

    Returns:
        Artists, related rows, evidence rows and candidate pairs.
    """
    task.progress.say("related: facts")
    inputs = read_inputs(task.home, task.inputs, config.related.page_artists)
    if not inputs.vectors:
        return {}
    reached("related.facts")
    indexes = read_indexes(task.inputs, inputs.vectors)
    task.progress.say("related: candidates")
    pools = pooled(inputs.vectors, inputs.artists, config, indexes)
    task.progress.say("related: ranking")
    reached("related.candidates")
    fused = fuse(pools, inputs.facts, config.fusion)
    reached("related.fused")
    judged = labels(inputs.judged, inputs.artists)
    _doubts(task)
    seed = int(task.rng("ranker").integers(1, 2**31))
    given = lesson(pools, inputs.facts, fused, judged)
    verdict = choose(given, config.ranker, seed)
    task.progress.say(f"related: served by {verdict.why}")
    reached("ranker.chosen")
    score = fused if verdict.ranker is None else learned(pools, inputs.facts, fused, verdict.ranker, given.taught)
    ranked = select(pools, score, fused, config.related.pool, np.isin(inputs.artists, inputs.never))
    reached("related.selected")
    task.progress.say("related: evidence")
    n_evidence = _write(task, inputs, pools, ranked, config, verdict.ranker, given.taught)
    reached("related.written")
    surroundings(inputs.vectors, inputs.artists, inputs.facts.popularity).save(task.output)
    reached("related.surroundings")
    _report(task, inputs, pools, verdict, config)
    return {
        "artists": len(inputs.artists), "related": len(ranked.artist), "evidence": n_evidence,
        "pairs": len(fused), "labelled": verdict.queries,
    }  # fmt: skip


def radio(task: Task, config: stations.Config, threads: int) -> dict[str, int]:
    """Write the stations of all tracks; nothing when there are none.

    Returns:
        Tracks, and tracks in their stations.
    """
    tracks = read_tracks(task.home, task.inputs, config.around)
    if not len(tracks):
        return {}
    write_shelf(task.output, tracks)
    reached("radio.shelf")
    spaces = read_spaces(tracks, task.inputs)
    made = stations.stations(tracks, spaces, config, threads=threads, progress=task.progress)
    models = tuple(one.model for one in spaces)
    written = write_stations(task.output, tracks.ids, models, config.n, made)
    reached("radio.stations")
    return {"tracks": len(tracks), "neighbours": written}


def _doubts(task: Task) -> None:
    with task.home.reading() as session:
        if doubtful := len(doubts(session)):
            task.progress.say(f"related: {doubtful} labels lead nowhere or contradict: see `kinsong import labels`")


def _write(
    task: Task, inputs: Inputs, pools: Pools, ranked: Related, config: Sections, ranker: Ranker | None,
    taught: LabelGraph,
) -> int:  # fmt: skip
    n = config.related.n
    names = pa.array(vocabulary(pools, inputs.facts, ranker.columns if ranker else ()), pa.string())
    quotes = read_quotes(task.home, inputs, task.progress)
    n_evidence = 0
    with (
        parquet_writer(task.output / "related.parquet", RELATED) as to_related,
        parquet_writer(task.output / "evidence.parquet", EVIDENCE) as to_evidence,
    ):
        parts = -(-len(inputs.artists) // TOLD)
        for part in task.progress.track(ranked.parts(TOLD), "reasons", parts):
            shown = part.first(n)
            shared = common(inputs.facts, quotes, shown)
            reasons = np.full(len(part.artist), "", dtype=object)
            reasons[part.rank <= n] = lines(pools, inputs.facts, shown, shared)
            sure = confidence(pools, inputs.facts, config.fusion, part.artist, part.pair)
            to_related.write_table(related_table(inputs.artists, part, sure, reasons.tolist()))
            reached("related.rows")
            shares = None
            if ranker is not None:
                shares = learned_shares(pools, inputs.facts, taught.fused, ranker, taught, shown)
            told = evidence(pools, inputs.facts, shown, shared, quotes, shares)
            to_evidence.write_table(evidence_table(inputs.artists, shown, told, names))
            n_evidence += len(told.kind)
            reached("related.evidence")
    return n_evidence


def _report(task: Task, inputs: Inputs, pools: Pools, verdict: Verdict, config: Sections) -> None:
    gain = verdict.gain
    report = {
        "served_by": verdict.why, "serves": verdict.serves, "models": list(pools.models),
        "artists_per_model": {one.model: len(one) for one in inputs.vectors}, "labelled": verdict.queries,
        "gain": None if gain is None else {"ndcg": gain.mean, "low": gain.low, "high": gain.high},
        "settings": config.model_dump(mode="json"),
    }  # fmt: skip
    (task.output / REPORT).write_text(json.dumps(report, indent=1, sort_keys=True), encoding="utf-8")
    reached("related.report")
    if verdict.ranker is not None:
        verdict.ranker.save(task.output / RANKER_FILE)
