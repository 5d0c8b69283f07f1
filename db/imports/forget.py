"""Forgetting a listener: every play, every row and every trace of the name."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from db import clearing, lease
from db import credits as credit_map
from db.catalog import ImportBatch, Listener, RejectedRow
from db.disk import disk_errors
from db.errors import UsageError
from db.facts import refuse_damage
from db.forgetting import take_listener_out
from db.home import Home
from db.imports.rejects import CUT
from db.imports.run import listener_of
from db.imports.store import FactFile, clean, remove_files
from db.listening import changing

TABLES = ("listener", "rejected_row", "import_batch", "discovery", "listener_verdict", "radio_session", "radio_event")


@dataclass(frozen=True)
class ForgetReport:
    """What was forgotten.

    Attributes:
        listener: the name.
        rows: facts that are gone.
        batches: how many batches held them.
        cleared: freed space of the database was cleared too; not so while another program was reading it.
    """

    listener: str
    rows: int
    batches: int
    cleared: bool


def forget(home: Home, listener: str) -> ForgetReport:
    """Remove a listener's plays from every batch, the listener, and rejected rows that show the name.

    A batch that held others too keeps its source's sha256: the same file again changes nothing and brings nobody back;
    a changed file does, being a new import. A batch that held nobody else is gone. Killed half-way, it is run again:
    also where the name is gone already and only its bytes are left.
    The listener's vectors and lists go out of the artefacts of all kept runs; what models learnt from everybody's plays
    forgets at the next `kinsong build`.

    Raises:
        UsageError: nobody is called so; carries close names.
        Busy: a build is running.
        StoreError: there is no room to write, or a file of facts is damaged.
    """
    with disk_errors(home.path), lease.holding(home, "build") as build:
        ended = clearing.is_owed(home, listener) and not _is_there(home, listener)
        held = [] if ended else _taken_out(home, listener, build)
        clean(home)
        credit_map.resolve(home)
        return ForgetReport(listener, sum(held), len(held), clearing.pay(home))


def _taken_out(home: Home, listener: str, build: lease.Held) -> list[int]:
    """Take a listener out of artefacts, facts and rows; how many facts went from each batch that held any."""
    with home.reading() as session:
        take_listener_out(home, _find(session, listener))
    clearing.owe(home, TABLES, listener)
    with changing(home) as session:
        build.keep(session)
        _find(session, listener)
        refuse_damage(session, home, "plays")
        gone = [_without(session, home, batch, listener) for batch in _batches(session)]
        _forget_rejected(session, listener)
        credit_map.unresolved(session)
        session.execute(delete(Listener).where(Listener.name == listener))
    remove_files(home, [file for _, file in gone if file is not None])
    return [rows for rows, _ in gone if rows]


def _is_there(home: Home, listener: str) -> bool:
    with home.reading() as session:
        return session.scalar(select(Listener.id).where(Listener.name == listener)) is not None


def _batches(session: Session) -> Iterator[ImportBatch]:
    yield from session.scalars(select(ImportBatch).where(ImportBatch.kind == "plays").order_by(ImportBatch.id)).all()


def _find(session: Session, name: str) -> int:
    found = session.scalars(select(Listener.id).where(Listener.name == name)).first()
    if found is not None:
        return found
    close = difflib.get_close_matches(name, list(session.scalars(select(Listener.name))), 3)
    hint = f"did you mean {', '.join(f'“{c}”' for c in close)}?" if close else "nobody is called anything like it"
    raise UsageError(f"no listener is called “{name}”: {hint}")


def _without(session: Session, home: Home, batch: ImportBatch, listener: str) -> tuple[int, str | None]:
    """Have a batch name facts without the listener; how many rows went, and the file that it named, if any did."""
    path = home.listening / str(batch.file)
    with pq.ParquetFile(path) as old:
        held = sum(_count(part, listener) for part in old.iter_batches(columns=["listener"]))
        if not held and listener_of(batch) != listener:
            return 0, None
        left = old.metadata.num_rows - held
        if left:
            fresh = _rewrite(home, old, listener, batch.id)
    gone = batch.file
    if left:
        batch.rows, batch.file, batch.file_sha256 = left, *fresh
    else:
        session.delete(batch)
    return held, gone


def _count(part: pa.RecordBatch, listener: str) -> int:
    return int(pc.sum(pc.equal(part.column("listener"), listener)).as_py() or 0)


def _rewrite(home: Home, old: pq.ParquetFile, listener: str, batch_id: int) -> tuple[str, str]:
    """Facts without the listener: the name and sha256 of a file of their own, for the one that is there may be read.

    What is left of two batches may be the same: so the batch is in the name.
    """
    with FactFile(home, "plays") as fresh:
        for part in old.iter_batches():
            table = pa.Table.from_batches([part])
            fresh.write(table.filter(pc.not_equal(table["listener"], listener)))
        fresh.finish()
        name = f"{fresh.sha256[:16]}-{batch_id}.parquet"
        fresh.place(name)
        return f"plays/{name}", fresh.sha256


def _forget_rejected(session: Session, listener: str) -> None:
    """Blank what rejected rows of plays show, where the name may be in it: spelled out, quoted, or cut off."""
    spellings = {listener, json.dumps(listener)[1:-1], listener.replace('"', '""')}
    shows = [RejectedRow.content.contains(spelling, autoescape=True) for spelling in sorted(spellings)]
    plays = select(ImportBatch.id).where(ImportBatch.kind == "plays")
    cut = func.length(RejectedRow.content) >= CUT
    statement = update(RejectedRow).where(RejectedRow.batch_id.in_(plays), or_(*shows, cut)).values(content="")
    session.execute(statement.execution_options(synchronize_session=False))
