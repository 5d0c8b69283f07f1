"""`kinsong evaluate`: the published run's models, fusion and ranker against a gold file, as rows to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db.home import Home
from db.publish import published_artifacts
from db.task import Progress
from ensemble.evaluate import Row, Scoreboard, scoreboard
from ensemble.metrics import Interval
from kinsong.config import Settings

NAMED = 5
"""Unknown names that are listed; all are counted."""


@dataclass(frozen=True)
class Board:
    """A scoreboard ready to print: rows of `columns`, and notes for the reader."""

    columns: tuple[str, ...]
    rows: list[dict[str, object]]
    notes: list[str]
    scores: Scoreboard


def evaluate(home: Home, settings: Settings, gold: Path, k: int, progress: Progress) -> Board:
    """Judge the published run by a gold file; see `ensemble.evaluate`."""
    artifacts = published_artifacts(home)
    progress.say(f"judging by {gold}")
    scores = scoreboard(home, artifacts, gold, k, settings.ranking(), settings.build.seed)
    rows = [_row(row) for row in scores.rows]
    metrics = (f"{name}@{k}" for name in ("precision", "recall", "condensed", "nDCG", "MAP"))
    columns = ("model", *metrics, "95 % of nDCG", "coverage", "answered")
    return Board(columns, [dict(zip(columns, row, strict=True)) for row in rows], _notes(scores), scores)


def _row(row: Row) -> tuple[object, ...]:
    means = (row.precision, row.recall, row.condensed, row.ndcg, row.average_precision)
    return (
        row.name, *(round(one.mean, 4) for one in means), _span(row.ndcg),
        round(row.coverage, 4), round(row.answered, 4),
    )  # fmt: skip


def _span(interval: Interval) -> str:
    return f"{interval.low:.4f} – {interval.high:.4f}"


def _notes(scores: Scoreboard) -> list[str]:
    notes = [f"{scores.queries} artists judged; {scores.outside} more of the gold file are known to no model"]
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
