"""Publishing: a run's rows go into SQL and one row flips, in one transaction. Readers see the old run or the new."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session

from db.artifacts import Artifact
from db.base import now
from db.catalog import Listener
from db.columnar import connect
from db.errors import BuildError, NotBuilt
from db.faults import reached
from db.hold import remove_unless_held
from db.home import Home
from db.lease import Held
from db.listening import changing
from db.published import published_artifact as published_artifact
from db.published import published_artifacts as published_artifacts
from db.results import (
    NEIGHBOUR,
    PIECE,
    ArtistTerm,
    Discovery,
    DocumentMention,
    PackedEvidence,
    PackedStation,
    Published,
    QuotedSentence,
    RelatedArtist,
    Run,
    StepReport,
    TermQuote,
)
from db.session import settle
from db.stamps import FOLDER as STAMPS
from db.web import Document
from db.write import insert_rows, table_of

BATCH = 50_000
OWNERS: Mapping[str, type[Document | Listener]] = {"document_id": Document, "listener_id": Listener}
"""Columns whose rows leave the results with what they belong to: a page that is taken down, a listener whose import is
undone."""
Present = Mapping[str, Collection[int]]
"""The ids that are there, by column of `OWNERS`."""


@dataclass(frozen=True)
class Report:
    """What one step took and made."""

    step: str
    fingerprint: str
    reused: bool
    seconds: float
    peak_mib: float
    rows: Mapping[str, int]


ROWS: tuple[tuple[str, str, type[DeclarativeBase], tuple[str, ...]], ...] = (
    ("related", "related.parquet", RelatedArtist, (
        "artist_id", "rank", "related_id", "score", "confidence", "reason",
    )),
    ("related", "evidence.parquet", PackedEvidence, ("artist_id", "related_id", "pieces")),
    ("radio", "radio.parquet", PackedStation, ("track_id", "pieces")),
    ("terms", "terms.parquet", ArtistTerm, ("artist_id", "kind", "rank", "term", "weight")),
    ("terms", "sentences.parquet", QuotedSentence, ("document_id", "place", "sentence")),
    ("terms", "quotes.parquet", TermQuote, ("artist_id", "kind", "rank", "document_id", "place")),
    ("discover", "discovery.parquet", Discovery, (
        "listener_id", "rank", "artist_id", "track_id", "score", "because_id", "because_plays", "because_rank",
        "place", "since", "fresh", "spare",
    )),
    ("read", "mentions.parquet", DocumentMention, ("document_id", "artist_id", "mentions", "confidence")),
)
"""Step, its file, the table that the file's rows go to, and its columns."""
PACKED: dict[type[DeclarativeBase], tuple[str, ...]] = {PackedEvidence: PIECE, PackedStation: NEIGHBOUR}
"""Tables whose last column is a list of structures, kept as JSON, and what a structure has."""


def publish(
    home: Home,
    artifacts: Mapping[str, Artifact],
    reports: Sequence[Report],
    *,
    n: int,
    served_by: str,
    started: datetime,
    held: Held | None = None,
) -> tuple[int, dict[str, int]]:
    """Write a run's rows and make it the one that readers see.

    Args:
        home: the workspace.
        artifacts: verified, by step.
        reports: what each step took and made.
        n: how many related artists the views show.
        served_by: what ranked, and why.
        started: when the build began.
        held: the lease without which nothing may be published.

    Returns:
        The run's id, and rows written per table.

    Raises:
        Busy: somebody has taken the lease over.
        BuildError: artists or tracks that the rows name are gone since.
    """
    try:
        return _publish(home, artifacts, reports, n=n, served_by=served_by, started=started, held=held)
    except IntegrityError as error:
        message = "an import or an undo has taken away what this build was about: run `kinsong build` again"
        raise BuildError(message) from error


def _publish(
    home: Home, artifacts: Mapping[str, Artifact], reports: Sequence[Report], *, n: int, served_by: str,
    started: datetime, held: Held | None,
) -> tuple[int, dict[str, int]]:  # fmt: skip
    with changing(home) as session:
        if held is not None:
            held.keep(session)
        names = {step: artifact.path.name for step, artifact in artifacts.items()}
        run = Run(started_at=started, finished_at=now(), artifacts=json.dumps(names), served_by=served_by)
        session.add(run)
        session.flush()
        reached("publish.run")
        for report in reports:
            session.add(StepReport(
                run_id=run.id, step=report.step, fingerprint=report.fingerprint, reused=report.reused,
                seconds=report.seconds, peak_mib=report.peak_mib, rows=json.dumps(dict(report.rows)),
            ))  # fmt: skip
        session.flush()
        reached("publish.reports")
        written = _write_rows(session, run.id, artifacts)
        _point_at(session, run.id, n)
        reached("publish.pointed")
        if held is not None:
            held.keep(session)  # a long publish begins its rest with a fresh heartbeat
        return run.id, written


def join(home: Home, parent: Artifact, artifact: Artifact, report: Report) -> None:
    """Make an artefact part of the published run, in the place of an earlier one of its step.

    Args:
        home: the workspace.
        parent: the artefact of that run which it was made from.
        artifact: verified.
        report: what its step took and made.

    Raises:
        NotBuilt: another run, without the parent, was published meanwhile.
    """
    with home.writing() as session:
        published = session.get(Published, 1)
        run = session.get(Run, published.run_id) if published is not None else None
        names = json.loads(run.artifacts) if run is not None else {}
        if run is None or names.get(parent.step) != parent.path.name:
            raise NotBuilt(f"another run was published while {artifact.step} was made: run the command again")
        run.artifacts = json.dumps({**names, artifact.step: artifact.path.name})
        session.merge(StepReport(
            run_id=run.id, step=artifact.step, fingerprint=artifact.fingerprint, reused=report.reused,
            seconds=report.seconds, peak_mib=report.peak_mib, rows=json.dumps(dict(report.rows)),
        ))  # fmt: skip


def point_at(home: Home, run_id: int, n: int) -> None:
    """Make a kept run the published one."""
    with home.writing() as session:
        _point_at(session, run_id, n)


def _point_at(session: Session, run_id: int, n: int) -> None:
    row = session.get(Published, 1)
    if row is None:
        session.add(Published(id=1, run_id=run_id, n=n))
    else:
        row.run_id, row.n = run_id, n


def _load(
    connection: Connection, run_id: int, model: type[DeclarativeBase], columns: tuple[str, ...], path: Path,
    there: Present,
) -> int:  # fmt: skip
    rows = rows_of(path, model, columns, there)
    return insert_rows(connection, model, ("run_id", *columns), ((run_id, *row) for row in rows))


def present(session: Session) -> Present:
    """The ids of what rows may belong to."""
    return {column: set(session.scalars(select(model.id))) for column, model in OWNERS.items()}


def rows_of(
    path: Path, model: type[DeclarativeBase], columns: Sequence[str], there: Present
) -> Iterator[Sequence[Any]]:
    """The rows of a step's file, as they go into their table: without those whose owner is gone since."""
    rows = _packed(path, columns, PACKED[model]) if model in PACKED else _plain(path, columns)
    column = next((column for column in columns if column in OWNERS), None)
    if column is None:
        return rows
    place, owners = columns.index(column), there[column]
    return (row for row in rows if row[place] in owners)


def reload(home: Home, run_id: int, artifacts: Mapping[str, Artifact]) -> dict[str, int]:
    """Write a run's rows anew from its artefacts.

    Returns:
        Rows written per table.
    """
    with changing(home) as session:
        for step, _, model, _ in ROWS:
            if step in artifacts:
                session.execute(delete(model).where(table_of(model).c.run_id == run_id))
        return _write_rows(session, run_id, artifacts)


def _write_rows(session: Session, run_id: int, artifacts: Mapping[str, Artifact]) -> dict[str, int]:
    written = {}
    there = present(session)
    for step, file, model, columns in ROWS:
        path = artifacts[step].path / file if step in artifacts else None
        if path is not None and path.exists():
            written[model.__tablename__] = _load(session.connection(), run_id, model, columns, path, there)
            reached("publish.rows")
    return written


def _plain(path: Path, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH, columns=list(columns)):
            yield from zip(*(batch.column(c).to_pylist() for c in columns), strict=True)


def _packed(path: Path, columns: Sequence[str], piece: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Rows whose last column is a list of structures, that column as JSON."""
    *keys, pieces = columns
    packed = f"to_json(list_transform({pieces}, lambda p: json_array({', '.join(f'p.{c}' for c in piece)})))::varchar"
    with connect() as duck:
        result = duck.execute(f"select {', '.join(keys)}, {packed} from read_parquet($path)", {"path": str(path)})  # noqa: S608  our own names
        while rows := result.fetchmany(BATCH):
            yield from rows


def collect(home: Home, keep: int, held: Held | None = None) -> int:
    """Forget all but the newest `keep` runs (the published one is always kept) and artefacts no run refers to.

    An artefact that a reader holds stays until a later call. Whoever calls it holds the lease of builds.

    Returns:
        How many runs were forgotten.

    Raises:
        Busy: somebody has taken the lease over.
    """
    with home.writing() as session:
        if held is not None:
            held.keep(session)
        published = session.scalar(select(Published.run_id))
        runs = session.scalars(select(Run).order_by(Run.id.desc())).all()
        old = [run.id for position, run in enumerate(runs) if position >= keep and run.id != published]
        for run_id in old:
            for model in (
                RelatedArtist, PackedEvidence, PackedStation, Discovery, ArtistTerm, QuotedSentence, TermQuote,
                DocumentMention, StepReport,
            ):  # fmt: skip
                session.execute(delete(model).where(model.run_id == run_id))
                reached("collect.rows")
            session.execute(delete(Run).where(Run.id == run_id))
        kept = {name for run in runs if run.id not in old for name in json.loads(run.artifacts).values()}
        there = sorted(home.artifacts.iterdir()) if home.artifacts.exists() else []
    reached("collect.committed")
    unwanted = [e for e in there if e.name not in {*kept, STAMPS} and (e.is_dir() or e.is_symlink())]
    if unwanted:
        settle(home.engine)
    for entry in unwanted:
        remove_unless_held(entry)
        reached("collect.folder")
    for stamp in (home.artifacts / STAMPS).glob("*"):
        if stamp.stem not in kept:
            stamp.unlink(missing_ok=True)
    return len(old)
