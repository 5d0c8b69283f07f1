"""What was imported, and taking it back."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db import credits as credit_map
from db.catalog import ImportBatch
from db.disk import disk_errors
from db.errors import UsageError
from db.faults import reached
from db.home import Home
from db.imports.store import remove_files
from db.listening import changing


def list_batches(session: Session) -> list[ImportBatch]:
    """All batches, the earliest first."""
    return list(session.scalars(select(ImportBatch).order_by(ImportBatch.id)))


def undo(home: Home, batch_id: int) -> None:
    """Take a batch back: its facts, rejected rows and labels are gone, and artists that only it named with them.

    Raises:
        UsageError: there is no such batch.
        StoreError: facts that stay are damaged.
    """
    with disk_errors(home.path):
        with changing(home) as session:
            batch = session.get(ImportBatch, batch_id)
            if batch is None:
                known = list(session.scalars(select(ImportBatch.id).order_by(ImportBatch.id)))
                there = f"there are {', '.join(map(str, known))}" if known else "nothing was imported"
                raise UsageError(f"there is no import batch {batch_id}; {there} (`kinsong import list`)")
            file = batch.file
            session.execute(delete(ImportBatch).where(ImportBatch.id == batch_id))
            credit_map.unresolved(session)
            reached("undo.unresolved")
        reached("undo.committed")
        remove_files(home, [file] if file is not None else [])
        reached("undo.removed")
        credit_map.resolve_if_stale(home)
