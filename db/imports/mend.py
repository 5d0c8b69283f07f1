"""Damaged files of facts made anew from the files that they were imported from, where those are still as they were."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from db import facts as whole
from db.catalog import ImportBatch
from db.disk import disk_errors
from db.errors import KinsongError
from db.home import Home
from db.imports.run import facts_again
from db.imports.source import open_source, path_of
from db.imports.store import FactFile
from db.listening import SCHEMAS, changing
from db.stamps import sha256_of
from db.task import Progress


def facts(home: Home, progress: Progress) -> list[str]:
    """Make every damaged file anew that can be; what was done, and why not what could not."""
    with home.reading() as session:
        damaged = [one for kind in SCHEMAS for one in whole.damage(session, home, kind)]
    return [_again(home, one.batch_id, one.path, progress) for one in damaged]


def _again(home: Home, batch_id: int, path: Path, progress: Progress) -> str:
    with home.reading() as session:
        batch = session.scalars(select(ImportBatch).where(ImportBatch.id == batch_id)).one()
    source = path_of(batch.source)
    way_out = f"`kinsong import undo {batch_id}` and import the file again"
    try:
        if sha256_of(source) != batch.sha256:
            return f"{path} is damaged, and {source} has changed since it was imported: {way_out}"
    except OSError as error:
        return f"{path} is damaged, and {source} cannot be read ({error.strerror}): {way_out}"
    options = json.loads(batch.options) if batch.options else {}
    try:
        with disk_errors(home.path), FactFile(home, batch.kind) as fresh:
            opened = open_source(source, options.get("encoding") or "utf-8", progress)
            for table in facts_again(batch.kind, opened, options):
                fresh.write(table)
            fresh.finish()
            if fresh.sha256 != batch.file_sha256:  # a listener was forgotten since, or it is read in another way now
                return f"{path} is damaged, and {source} does not lead to the same facts any more: {way_out}"
            with changing(home):
                fresh.place(path.name)
    except KinsongError as error:
        return f"{path} is damaged, and {source} cannot be read: {error}"
    return f"{path} was damaged and is read again from {source}"
