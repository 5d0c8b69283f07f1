"""`kinsong evaluate`: the published run's models, fusion and ranker against a gold file, as rows to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db.home import Home
from db.publish import published_artifacts
from db.task import Progress
from ensemble.evaluate import DECILES, Row, Scoreboard, scoreboard
from ensemble.metrics import Interval
from kinsong.config import Settings

NAMED = 5
"""Unknown names that are listed; all are counted."""


@dataclass(frozen=True)
class Board:
    """A scoreboard ready to print: rows of `columns`, in a table only those of `shown`, and notes for the reader."""

    columns: tuple[str, ...]
    shown: tuple[str, ...]
    rows: list[dict[str, object]]
    notes: list[str]
    scores: Scoreboard


def evaluate(
    home: Home, settings: Settings, gold: Path, k: int, progress: Progress, *, without: bool = False
) -> Board:
    """Judge the published run by a gold file, with the settings it was built with; see `ensemble.evaluate`."""
    artifacts = published_artifacts(home)
    progress.say(f"judging by {gold}")
    scores = scoreboard(home, artifacts, gold, k, settings.ranking(), settings.build.seed, without=without)
    metrics = [f"{name}@{k}" for name in ("precision", "recall", "condensed", "nDCG", "MAP")]
    shown = ("model", *metrics, "coverage", "Gini", "popularity")
    deciles = [f"recall@{k} of tenth {number}" for number in range(1, DECILES + 1)]
    columns = (*shown, "answered", *(f"{metric} {end}" for metric in metrics for end in ("low", "high")), *deciles)
    rows = [dict(zip(columns, _row(row), strict=True)) for row in scores.rows]
    return Board(columns, shown, rows, _notes(scores), scores)


def _row(row: Row) -> tuple[object, ...]:
    metrics = (row.precision, row.recall, row.condensed, row.ndcg, row.average_precision)
    rest = (row.coverage, row.gini, row.popularity, row.answered)
    ends = (round(end, 4) for metric in metrics for end in (metric.low, metric.high))
    deciles = [round(value, 4) for value in row.deciles]
    return (
        row.name, *(round(metric.mean, 4) for metric in metrics), *(round(value, 4) for value in rest),
        *ends, *deciles, *[None] * (DECILES - len(deciles)),
    )  # fmt: skip


def _span(interval: Interval) -> str:
    return f"{interval.low:.4f} – {interval.high:.4f}"


def _notes(scores: Scoreboard) -> list[str]:
    notes = [f"{scores.queries} artists judged; {scores.outside} more of the gold file are known to no model"]
    notes += scores.notes
    if scores.labelled:
        notes.append(f"{scores.labelled} artists were left out: the ranker has labels for them")
    if scores.unknown:
        more = len(scores.unknown) - NAMED
        named = ", ".join(f"“{name}”" for name in scores.unknown[:NAMED]) + (f" and {more} more" if more > 0 else "")
        notes.append(f"{len(scores.unknown)} names of the gold file are not in the catalogue: {named}")
    for c in scores.comparisons:
        better = f"{c.better} against {c.worse}, {c.metric}@{scores.k}: {c.difference.mean:+.4f}"
        notes.append(f"{better} (95 % {_span(c.difference)}), {c.ratio:.3f} times as much")
    return notes
