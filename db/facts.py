"""Files of facts are what their imports wrote: told before DuckDB or Arrow reads one, which trust what they read.

Parquet holds no checksum that either looks at: a flipped bit may be another number of plays. So each import's row keeps
the sha256 of its file. Homes of earlier versions have rows without one, until `kinsong init` has `seal`ed them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.catalog import ImportBatch
from db.errors import FactsDamaged
from db.home import Home
from db.seal import is_file
from db.stamps import Stamps, sha256_of


class Damage(NamedTuple):
    """A file of facts that is missing or not what was written."""

    batch_id: int
    path: Path
    what: str


def damage(session: Session, home: Home, kind: str, *, quick: bool = False) -> list[Damage]:
    """The damaged files of a kind.

    Args:
        session: a reading one.
        home: the workspace.
        kind: of import.
        quick: go by stamps; see `db.stamps`.
    """
    stamps = Stamps(home.listening, kind) if quick else None
    found = []
    for row in session.execute(_files(kind)):
        path = home.listening / str(row.file)
        what = _wrong(path, str(row.file), row.file_sha256, stamps)
        if what:
            found.append(Damage(row.id, path, what))
    return found


def refuse_damage(session: Session, home: Home, kind: str, *, quick: bool = False) -> None:
    """See that all files of a kind are what was written.

    Raises:
        FactsDamaged: one is not.
    """
    for one in damage(session, home, kind, quick=quick):
        raise FactsDamaged(
            f"{one.path} {one.what}: it holds import {one.batch_id}; `kinsong doctor --repair` reads it again from its "
            f"source, or `kinsong import undo {one.batch_id}` and import the file again"
        )


def seal(home: Home) -> int:
    """Write down the sha256 of files whose rows have none; how many."""
    with home.reading() as session:
        rows = session.execute(_files(None).where(ImportBatch.file_sha256.is_(None))).all()
    paths = {row.id: home.listening / str(row.file) for row in rows}
    found = {batch_id: sha256_of(path) for batch_id, path in paths.items() if is_file(path)}
    if found:
        with home.writing() as session:
            for batch_id, sha256 in found.items():
                batch = session.get(ImportBatch, batch_id)
                if batch is not None and batch.file_sha256 is None:
                    batch.file_sha256 = sha256
    return len(found)


def _files(kind: str | None) -> Select[int, str | None, str | None]:
    statement = select(ImportBatch.id, ImportBatch.file, ImportBatch.file_sha256).where(ImportBatch.file.is_not(None))
    if kind is not None:
        statement = statement.where(ImportBatch.kind == kind)
    return statement.order_by(ImportBatch.file)


def _wrong(path: Path, name: str, sha256: str | None, stamps: Stamps | None) -> str:
    try:
        if not is_file(path):
            return "is missing" if not path.is_symlink() else "is a link, not the file that was written"
        whole = sha256 is None or (stamps.fit(path, name, sha256) if stamps else sha256_of(path) == sha256)
    except FileNotFoundError:
        return "is missing"
    return "" if whole else "is not what was written"
