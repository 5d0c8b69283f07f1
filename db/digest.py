"""The digest of a run: what it published, in natural keys, as one sha256.

Two homes that hold the same data and settings have the same digest, whatever their ids, runs and times, and whichever
database keeps them. Rows are dumped table by table, ordered by all their columns; an artist stands as its key and
disambiguation, a document as its URL, a track as its artist with title key, version and mark. Floats are written in
full.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Column, ColumnElement, Float, FromClause, select
from sqlalchemy.orm import Session

from db.catalog import Artist, Listener, Track
from db.errors import UsageError
from db.results import PackedStation, Run, StepReport
from db.tables import METADATA
from db.web import Document
from db.write import table_of

_ARTISTS, _DOCUMENTS, _TRACKS = ("artist_id", "related_id", "because_id"), ("document_id",), ("track_id",)
_OURS = ("id", "run_id")
"""Columns that say nothing outside this database."""
_OF_THEIR_TIME = {"discovery": ("rank", "since", "fresh")}
"""Columns that depend on when earlier builds were made."""
AT_ONCE = 10_000


def tables() -> list[str]:
    """Names of the tables whose rows belong to a run, in order."""
    with_runs = (name for name, table in METADATA.tables.items() if "run_id" in table.c)
    return sorted(set(with_runs) - {table_of(StepReport).name, "published"})


def digest(session: Session, run_id: int) -> str:
    """Hex sha256 of all that a run published.

    Raises:
        UsageError: there is no such run.
    """
    if session.get(Run, run_id) is None:
        raise UsageError(f"there is no run {run_id}; `kinsong runs` lists those that are kept")
    whole = hashlib.sha256()
    for name in tables():
        whole.update(f"\n{name}\n".encode())
        for line in lines(session, name, run_id):
            whole.update(line)
    return whole.hexdigest()


def lines(session: Session, name: str, run_id: int) -> Any:
    """The rows of a table that belong to a run, in natural keys, a line each, in order."""
    table = METADATA.tables[name]
    source: FromClause = table
    natural: list[ColumnElement[Any]] = []
    for column in table.c:
        if column.name in _OURS or column.name in _OF_THEIR_TIME.get(name, ()):
            continue
        source, shown = _named(source, column)
        natural += shown
    order = [part for value in natural for part in (value.is_(None), value)]
    statement = select(*natural).select_from(source).where(table.c.run_id == run_id).order_by(*order)
    inside = _tracks(session) if name == table_of(PackedStation).name else {}
    floats = [isinstance(column.type, Float) for column in natural]
    for row in session.execute(statement.execution_options(yield_per=AT_ONCE)):
        values: list[Any] = [
            float(v).hex() if real and v is not None else v for v, real in zip(row, floats, strict=True)
        ]
        if inside:
            values[-1] = [(inside.get(piece[0]), *piece[1:]) for piece in json.loads(values[-1])]
        yield (repr(tuple(values)) + "\n").encode("utf-8", "surrogatepass")


def _tracks(session: Session) -> dict[int, tuple[str, ...]]:
    """Each track by what it means outside this database."""
    columns = (Track.id, Artist.key, Artist.disambiguation, Track.key, Track.version, Track.mark)
    joined = select(*columns).join(Artist, Artist.id == Track.artist_id)
    return {row[0]: tuple(row[1:]) for row in session.execute(joined)}


def _named(source: FromClause, column: Column[Any]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """A column by what it means outside this database, and the join that it takes."""
    if column.name in _ARTISTS:
        artist = table_of(Artist).alias()
        return source.join(artist, artist.c.id == column, isouter=True), [artist.c.key, artist.c.disambiguation]
    if column.name == "listener_id":
        listener = table_of(Listener).alias()
        return source.join(listener, listener.c.id == column, isouter=True), [listener.c.name]
    if column.name in _DOCUMENTS:
        document = table_of(Document).alias()
        return source.join(document, document.c.id == column, isouter=True), [document.c.url]
    if column.name in _TRACKS:
        track, artist = table_of(Track).alias(), table_of(Artist).alias()
        joined = source.join(track, track.c.id == column, isouter=True)
        return joined.join(artist, artist.c.id == track.c.artist_id, isouter=True), [
            artist.c.key, artist.c.disambiguation, track.c.key, track.c.version, track.c.mark,
        ]  # fmt: skip
    return source, [column]
