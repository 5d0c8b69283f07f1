"""`kinsong evaluate`: models, fusion and ranker against a gold file or held-out data, as rows to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from db.home import Home
from db.publish import published_artifacts
from db.task import Progress
from ensemble.evaluate import DECILES, Row, Scoreboard, scoreboard
from ensemble.metrics import Interval
from kinsong.config import Settings

if TYPE_CHECKING:
    from kinsong.held_out import Kind

METRICS: Mapping[str, Callable[[Row], Interval | None]] = {
    "precision": lambda row: row.precision, "recall": lambda row: row.recall, "condensed": lambda row: row.condensed,
    "nDCG": lambda row: row.ndcg, "MAP": lambda row: row.average_precision,
}  # fmt: skip
"""What is shown of a row, each at k; one that a scoreboard does not have is left out."""
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
    notes = [f"{scores.queries} artists judged; {scores.outside} more of the gold file are known to no model"]
    return _board(scores, notes)


def held_out(home: Home, settings: Settings, kind: Kind, k: int, progress: Progress) -> Board:
    """Judge by a part of the plays or playlists that the models did not see; see `kinsong.held_out`."""
    from kinsong.held_out import evaluate as judged

    scores = judged(home, settings, kind, k, progress)
    return _board(scores, [f"{scores.queries:,} {'listeners' if kind == 'plays' else kind} judged"])


def _board(scores: Scoreboard, notes: list[str]) -> Board:
    metrics = [f"{name}@{scores.k}" for name, of in METRICS.items() if all(of(row) for row in scores.rows)]
    shown = ("model", *metrics, "coverage", "Gini", "popularity")
    deciles = [f"recall@{scores.k} of tenth {number}" for number in range(1, DECILES + 1)]
    columns = (*shown, "answered", *(f"{metric} {end}" for metric in metrics for end in ("low", "high")), *deciles)
    rows = [dict(zip(columns, _row(row), strict=True)) for row in scores.rows]
    return Board(columns, shown, rows, notes + _notes(scores), scores)


def _row(row: Row) -> tuple[object, ...]:
    metrics = [one for one in (of(row) for of in METRICS.values()) if one is not None]
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
    notes = list(scores.notes)
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
