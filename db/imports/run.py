"""Imports: a file in, one batch of facts with its rejected rows out; whole or not at all."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db import credits as credit_map
from db.artifacts import sha256_of
from db.base import now
from db.catalog import ImportBatch, Label, RejectedRow
from db.disk import disk_errors
from db.errors import InputError, UsageError
from db.faults import reached
from db.home import Home
from db.imports.formats import detect
from db.imports.playlists import read_playlists
from db.imports.rejects import Rejects
from db.imports.source import Source, open_source
from db.imports.store import FactFile, clean, remove_files, tidy
from db.imports.tables import read_table
from db.listening import changing
from db.task import Progress
from db.write import insert_rows

KINDS = ("plays", "playlists", "tags", "similar", "artists", "tracks")

TELL_EVERY = 10.0
"""Seconds after which a long import says again how far and how fast it is."""


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes:
        batch_id: of the batch that was made, or of the one that was there already.
        rows: facts: rows of tables, tracks of playlists.
        rejected: what could not be used, and `reasons` → how many.
        unchanged: this file was imported before; nothing was done.
        replaced: the batches of the same source whose place it took.
        notes: what was left out of rows that were kept → how many.
    """

    batch_id: int
    kind: str
    format: str
    rows: int
    rejected: int
    reasons: dict[str, int]
    unchanged: bool
    seconds: float
    source: str = ""
    replaced: tuple[int, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


def import_file(
    home: Home, kind: str, path: Path, *, columns: Sequence[str] | None = None, listener: str | None = None,
    encoding: str = "utf-8", private: bool = False, progress: Progress | None = None,
) -> ImportReport:  # fmt: skip
    """Import one file and resolve the credits. See `import_files`."""
    return import_files(
        home, kind, [path], columns=columns, listener=listener, encoding=encoding, private=private, progress=progress
    )[0]  # fmt: skip


def import_files(
    home: Home, kind: str, paths: Sequence[Path], *, columns: Sequence[str] | None = None,
    listener: str | None = None, encoding: str = "utf-8", private: bool = False, progress: Progress | None = None,
) -> list[ImportReport]:  # fmt: skip
    """Import files one after the other, each in one transaction, then resolve the credits of all.

    A file that was imported before with the same options changes nothing. A file of totals, playlists, tags, labels or
    artists takes the place of what was imported from the same path before; timed listens add up, and listens that
    both exports hold count once.

    Args:
        home: the workspace.
        kind: one of `KINDS`.
        paths: the files; a folder stands for the files in it and below, in the order of their names.
        columns: the role of each column of a table without a header ("-" skips one).
        listener: whose plays a table without a listener column holds.
        encoding: of text files.
        private: bring in streams of private sessions too.
        progress: where it is shown.

    Raises:
        InputError: a file cannot be read as what it should be; the files before it are imported, it is not.
        UsageError: an option does not fit.
        StoreError: there is no room, or facts that were there are damaged.
    """
    _check_options(kind, columns, listener)
    reports: list[ImportReport] = []
    try:
        for path in files_of(paths):
            with disk_errors(home.path):
                source = open_source(Path(path), encoding, progress)
                reports.append(_Import(home, kind, source, columns, listener, private).run())
    finally:
        with disk_errors(home.path):
            credit_map.resolve_if_stale(home)
            clean(home)
    return reports


def files_of(paths: Sequence[Path]) -> Iterator[Path]:
    """The files themselves, hidden ones in folders left out.

    Raises:
        InputError: a folder holds none.
    """
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        if not inside:
            raise InputError(f"{path} is a folder without files; there is nothing to import")
        yield from inside


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _check_options(kind: str, columns: Sequence[str] | None, listener: str | None) -> None:
    if kind not in KINDS:
        raise UsageError(f"“{kind}” cannot be imported; there are {', '.join(KINDS)}")
    if listener is not None and (kind != "plays" or not listener.strip()):
        raise UsageError("--listener NAME belongs to `import plays`, with a name that is not empty")
    if columns is not None and kind == "playlists":
        raise UsageError("--columns belongs to tables; playlists have none")


class _Import:
    """One file's import."""

    def __init__(
        self, home: Home, kind: str, source: Source, columns: Sequence[str] | None, listener: str | None,
        private: bool,
    ) -> None:  # fmt: skip
        self.home, self.kind, self.source, self.columns = home, kind, source, columns
        self.listener = listener.strip() if listener is not None else None
        self.private = private
        given = {"columns": list(columns) if columns is not None else None, "listener": self.listener,
                 "encoding": source.encoding if source.encoding != "utf-8" else None,
                 "private": private or None}  # fmt: skip
        chosen = {name: value for name, value in given.items() if value is not None}
        self.options = json.dumps(chosen, sort_keys=True, ensure_ascii=False) if chosen else ""
        self.rejects = Rejects()
        self.labels: list[pa.Table] = []
        self.timed = False
        self.began = time.monotonic()
        self.telling = TELL_EVERY

    def run(self) -> ImportReport:
        with self.home.reading() as session:
            there = self._same(session)
            if there is not None:
                return self._unchanged(there)
        form = detect(self.source)
        reached("import.detected")
        with ExitStack() as stack:
            file = stack.enter_context(FactFile(self.home, self.kind)) if self.kind != "similar" else None
            rows = 0
            for table in self._facts(form):
                rows += table.num_rows
                self._keep(table, file)
                reached("import.rows")
                self._tell(rows)
            if not rows:
                raise InputError(f"{self.source.path} has no row that can be used: {self._why_empty()}")
            if file is not None:
                file.finish()
                reached("import.written")
            try:
                return self._commit(form, rows, file)
            except BaseException:
                tidy(self.home)
                raise

    def _facts(self, form: str) -> Iterator[pa.Table]:
        if self.kind == "playlists":
            return read_playlists(self.source, form, self.rejects)
        return read_table(self.source, self.kind, form, self.columns, self.listener, self.rejects, private=self.private)

    def _keep(self, table: pa.Table, file: FactFile | None) -> None:
        if file is None:
            self.labels.append(table)
            return
        file.write(table)
        if self.kind == "plays" and not self.timed:
            self.timed = table["time"].null_count < table.num_rows

    def _tell(self, rows: int) -> None:
        spent = time.monotonic() - self.began
        if spent >= self.telling:
            self.source.progress.say(f"{self.source.path.name}: {rows:,} rows, {rows / spent:,.0f} rows/s")
            self.telling = spent + TELL_EVERY

    def _why_empty(self) -> str:
        return self.rejects.summary() or "it has a header and nothing else"

    def _commit(self, form: str, rows: int, file: FactFile | None) -> ImportReport:
        name = f"{self.kind}/{self._digest()}.parquet" if file is not None else None
        sha256 = file.sha256 if file is not None else None
        clean(self.home)
        reached("import.swept")
        with changing(self.home) as session:
            there = self._same(session)
            if there is not None:
                return self._unchanged(there)
            replaced = self._replaced(session)
            session.execute(delete(ImportBatch).where(ImportBatch.id.in_([batch.id for batch in replaced])))
            reached("import.replaced")
            batch = ImportBatch(
                kind=self.kind, source=self.source.shown, sha256=self.source.sha256, options=self.options,
                format=form, file=name, file_sha256=sha256, rows=rows,
                rejected=self.rejects.total, imported_at=now(), resolved=self.kind == "similar",
            )  # fmt: skip
            session.add(batch)
            session.flush()
            reached("import.batch")
            self._write_rows(session, batch.id)
            reached("import.rejects")
            if file is not None and name is not None:
                file.place(Path(name).name)
                reached("import.placed")
            report = self._report(batch, {old.id for old in replaced})
        reached("import.committed")
        remove_files(self.home, [old.file for old in replaced if old.file is not None])
        reached("import.removed")
        return report

    def _digest(self) -> str:
        """The first 16 digits of the source's sha256, or of it and the options where there are any."""
        if not self.options:
            return self.source.sha256[:16]
        return hashlib.sha256(f"{self.source.sha256} {self.options}".encode()).hexdigest()[:16]

    def _same(self, session: Session) -> ImportBatch | None:
        statement = select(ImportBatch).where(
            ImportBatch.kind == self.kind, ImportBatch.sha256 == self.source.sha256, ImportBatch.options == self.options
        )
        return session.scalars(statement).first()

    def _replaced(self, session: Session) -> list[ImportBatch]:
        """Earlier batches of this source whose place this one takes: all but timed listens when these are timed too."""
        statement = select(ImportBatch).where(
            ImportBatch.kind == self.kind, ImportBatch.source == self.source.shown
        )
        return [
            batch for batch in session.scalars(statement.order_by(ImportBatch.id))
            if listener_of(batch) == self.listener and not (self.timed and self._holds_times(batch))
        ]  # fmt: skip

    def _holds_times(self, batch: ImportBatch) -> bool:
        path = self.home.listening / str(batch.file)
        if self.kind != "plays" or not path.is_file():
            return False
        if batch.file_sha256 is not None and sha256_of(path) != batch.file_sha256:
            return False  # nothing can be read out of it any more
        return bool(pc.any(pq.read_table(path, columns=["time"])["time"].is_valid()).as_py())

    def _write_rows(self, session: Session, batch_id: int) -> None:
        connection = session.connection()
        kept = ((batch_id, line, *why) for line, why in sorted(self.rejects.kept.items()))
        insert_rows(connection, RejectedRow, ("batch_id", "line", "reason", "content"), kept)
        for table in self.labels:
            columns = (table[name].to_pylist() for name in ("artist", "similar", "grade"))
            pairs = ((batch_id, *pair) for pair in zip(*columns, strict=True))
            insert_rows(connection, Label, ("batch_id", "artist", "similar", "grade"), pairs)

    def _report(self, batch: ImportBatch, replaced: set[int]) -> ImportReport:
        return ImportReport(
            batch.id, self.kind, batch.format, batch.rows, batch.rejected, dict(self.rejects.reasons.most_common()),
            unchanged=False, seconds=time.monotonic() - self.began, source=batch.source,
            replaced=tuple(sorted(replaced)), notes=dict(self.rejects.notes),
        )  # fmt: skip

    def _unchanged(self, batch: ImportBatch) -> ImportReport:
        return ImportReport(
            batch.id, self.kind, batch.format, batch.rows, batch.rejected, {}, unchanged=True,
            seconds=time.monotonic() - self.began, source=batch.source,
        )  # fmt: skip


def facts_again(kind: str, source: Source, options: dict[str, Any]) -> Iterator[pa.Table]:
    """The facts of a file that was imported before, with the options that it was imported with."""
    form, rejects = detect(source), Rejects()
    if kind == "playlists":
        return read_playlists(source, form, rejects)
    return read_table(
        source, kind, form, options.get("columns"), options.get("listener"), rejects,
        private=bool(options.get("private")),
    )  # fmt: skip


def listener_of(batch: ImportBatch) -> str | None:
    """The name that --listener gave for a batch."""
    name = json.loads(batch.options).get("listener") if batch.options else None
    return str(name) if name is not None else None
