"""`kinsong runs`, `publish` and `diff`: the runs that are kept, going back to one, and what changed between two."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import lease, publish
from db.artifacts import artifact_name, open_artifact
from db.catalog import Artist
from db.digest import digest
from db.errors import ArtifactGone, UsageError
from db.home import Home
from db.results import Published, RelatedArtist, Run, StepReport

AT_ONCE = 20_000


def listing(session: Session, *, digests: bool = False) -> list[dict[str, object]]:
    """The kept runs, the newest first: when, how long its steps took, what ranked, and their digests if asked for."""
    published = session.scalar(select(Published.run_id))
    seconds: dict[int, float] = {}
    for report in session.scalars(select(StepReport).where(~StepReport.reused)):
        seconds[report.run_id] = seconds.get(report.run_id, 0.0) + report.seconds
    rows: list[dict[str, object]] = []
    for run in session.scalars(select(Run).order_by(Run.id.desc())):
        row: dict[str, object] = {
            "run": run.id, "published": "yes" if run.id == published else "", "started": run.started_at,
            "finished": run.finished_at, "seconds": round(seconds.get(run.id, 0.0), 1), "ranked_by": run.served_by,
        }  # fmt: skip
        if digests:
            row["digest"] = digest(session, run.id)
        rows.append(row)
    return rows


def steps(session: Session, run_id: int) -> list[dict[str, object]]:
    """What each step of a run took and made.

    Raises:
        UsageError: there is no such run.
    """
    _known(session, run_id)
    reports = session.scalars(select(StepReport).where(StepReport.run_id == run_id))
    return [
        {"step": report.step, "reused": "yes" if report.reused else "", "seconds": round(report.seconds, 2),
         "peak_mib": round(report.peak_mib),
         "rows": ", ".join(f"{n} {what}" for what, n in json.loads(report.rows).items())}
        for report in reports
    ]  # fmt: skip


def go_back(home: Home, run_id: int) -> int | None:
    """Make a kept run the one that readers see; the run that it was.

    Raises:
        UsageError: there is no such run.
        Busy: a build is running.
        StoreError: an artefact of the run is gone or damaged.
    """
    with lease.holding(home, "build"):
        with home.reading() as session:
            _known(session, run_id)
            row = session.get(Published, 1)
            before, n = (row.run_id, row.n) if row is not None else (None, None)
            reports = session.scalars(select(StepReport).where(StepReport.run_id == run_id)).all()
        if n is not None and before != run_id:
            for report in reports:
                _refuse_gone(home, run_id, report)
            publish.point_at(home, run_id, n)
    return before


def _refuse_gone(home: Home, run_id: int, report: StepReport) -> None:
    """Readers of a run need its artefacts besides its rows."""
    if open_artifact(home.artifacts, report.step, report.fingerprint) is None:
        name = artifact_name(report.step, report.fingerprint)
        raise ArtifactGone(f"run {run_id} cannot be gone back to: its artefact {name} is gone")


def _known(session: Session, run_id: int) -> None:
    kept = list(session.scalars(select(Run.id).order_by(Run.id)))
    if run_id not in kept:
        there = f"kept are {', '.join(map(str, kept))}" if kept else "nothing was built yet: run `kinsong build`"
        raise UsageError(f"there is no run {run_id}; {there} (`kinsong runs`)")


@dataclass(frozen=True)
class Change:
    """How the related artists of one artist differ between two runs, in their first n."""

    artist: str
    shared: int
    entered: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def overlap(self) -> float:
        """Shared ones over all that stand in either list, from 0 to 1."""
        return self.shared / (self.shared + len(self.entered) + len(self.left))


@dataclass(frozen=True)
class Difference:
    """What changed from one run to another.

    Attributes:
        artists: that have related artists in either run.
        same: artists with the same list in the same order.
        changes: artists whose first n are not the same set, those that changed most first.
    """

    artists: int
    same: int
    reordered: int
    changes: tuple[Change, ...]


def diff(session: Session, before: int, after: int, n: int) -> Difference:
    """Compare the first n related artists of every artist.

    Raises:
        UsageError: there is no such run.
    """
    _known(session, before)
    _known(session, after)
    names = dict(session.execute(select(Artist.id, Artist.name)).all())
    artists = same = reordered = 0
    changes: list[Change] = []
    for artist, one, other in _pairs(_lists(session, before, n), _lists(session, after, n)):
        artists += 1
        if one == other:
            same += 1
        elif set(one) == set(other):
            reordered += 1
        else:
            entered = tuple(names[i] for i in other if i not in set(one))
            left = tuple(names[i] for i in one if i not in set(other))
            changes.append(Change(names[artist], len(set(one) & set(other)), entered, left))
    changes.sort(key=lambda change: (change.overlap, change.artist))
    return Difference(artists, same, reordered, tuple(changes))


Lists = Iterator[tuple[int, list[int]]]


def _lists(session: Session, run_id: int, n: int) -> Lists:
    columns = (RelatedArtist.artist_id, RelatedArtist.related_id)
    statement = (
        select(*columns).where(RelatedArtist.run_id == run_id, RelatedArtist.rank <= n)
        .order_by(RelatedArtist.artist_id, RelatedArtist.rank)
    )  # fmt: skip
    rows = session.connection().execute(statement.execution_options(yield_per=AT_ONCE))
    for artist, group in groupby(rows, key=lambda row: row[0]):
        yield artist, [row[1] for row in group]


def _pairs(ones: Lists, others: Lists) -> Iterator[tuple[int, list[int], list[int]]]:
    """Both runs' lists side by side, by artist; empty where a run has none."""
    merged = heapq.merge(((a, 0, ids) for a, ids in ones), ((a, 1, ids) for a, ids in others))
    for artist, group in groupby(merged, key=lambda row: row[0]):
        found: tuple[list[int], list[int]] = ([], [])
        for _, run, ids in group:
            found[run].extend(ids)
        yield artist, *found
