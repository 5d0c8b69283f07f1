"""Is the database what was written into it? SQLite keeps no checksums: so what can be told from elsewhere is compared.

The file's own structure; texts with their sha256; the published rows with the artefacts that they were read from; all
other tables with a sum over their rows when the run was published, which tells damage from no change, not from an
import or a crawl since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Session

from db.artifacts import Artifact
from db.home import Home
from db.publish import PACKED, ROWS, present, rows_of
from db.results import Published, Run
from db.tables import METADATA
from db.views import VIEWS
from db.web import Document
from db.write import table_of

MOST = 20
"""Problems of SQLite's own that are told."""
AT_ONCE = 2_000
LEFT_OUT = ("run", "published", "lease", "fetch", "robots", "timetable")
_DIGITS = 128


def structure(session: Session) -> list[str]:
    """What SQLite finds wrong with its file, and references that lead nowhere; nothing on PostgreSQL, which has
    checksums of its own (`initdb --data-checksums`) and tools that look at them.
    """
    if session.get_bind().dialect.name != "sqlite":
        return []
    try:
        return _broken(session)
    except DatabaseError as error:
        return [str(error.orig)]


def _broken(session: Session) -> list[str]:
    found = [row[0] for row in session.execute(text(f"PRAGMA integrity_check({MOST})")) if row[0] != "ok"]
    if found:
        return found
    there = set(session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'view'")))
    if missing := sorted(VIEWS.keys() - there):
        return [f"view {missing[0]} is missing"]
    lost = session.execute(text("PRAGMA foreign_key_check")).all()
    return [f"row {row[1]} of {row[0]} leads to a row of {row[2]} that is not there" for row in lost[:MOST]]


def texts(session: Session) -> list[str]:
    """URLs of documents whose text is not the one that was stored."""
    columns = (Document.url, Document.title, Document.body, Document.sha256)
    found = []
    for url, title, body, sha256 in session.execute(select(*columns).execution_options(yield_per=AT_ONCE)):
        if hashlib.sha256(f"{title}\n{body}".encode("utf-8", "surrogatepass")).hexdigest() != sha256:
            found.append(url)
    return found


def published_rows(session: Session, run_id: int, artifacts: Mapping[str, Artifact]) -> list[str]:
    """Tables whose rows of a run are not those of its artefacts. Rows whose owner is gone since do not count."""
    found = []
    there = present(session)
    for step, file, model, columns in ROWS:
        if step not in artifacts:
            continue
        path = artifacts[step].path / file
        made = rows_of(path, model, columns, there) if path.exists() else iter(())
        if _sum(made, model) != _sum(_kept(session, run_id, model, columns), model):
            found.append(table_of(model).name)
    return found


def sums(session: Session) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a sum over them. Texts count by their sha256; left out are tables of runs, of
    which `published_rows` tells more, and those that only log.
    """
    found = {}
    for table in METADATA.sorted_tables:
        if table.name in LEFT_OUT or "run_id" in table.c:
            continue
        columns = [column for column in table.c if column.name not in ("body", "signature")]
        rows = session.connection().execute(select(*columns).execution_options(yield_per=AT_ONCE))
        count, total = _sum(rows)
        found[table.name] = (count, f"{total:032x}")
    return found


def remember(home: Home, run_id: int) -> None:
    """Write the sums of all tables down with a run."""
    with home.reading() as session:
        found = sums(session)
    with home.writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(sums=json.dumps(found)))


def remember_if_unknown(home: Home) -> None:
    """Make up for a build that was killed before it wrote down the sums of the run that it had published."""
    with home.reading() as session:
        unknown = session.scalars(select(Run.id).join(Published, Published.run_id == Run.id).where(Run.sums == "{}"))
        run_id = unknown.first()
    if run_id is not None:
        remember(home, run_id)


def changed(session: Session, run_id: int) -> list[str] | None:
    """Tables that are not as they were when a run was published; None where nobody wrote down how they were."""
    before = json.loads(session.scalars(select(Run.sums).where(Run.id == run_id)).one())
    if not before:
        return None
    return [name for name, now in sums(session).items() if name in before and tuple(before[name]) != now]


def _kept(
    session: Session, run_id: int, model: type[DeclarativeBase], columns: Sequence[str]
) -> Iterator[Sequence[Any]]:
    table = table_of(model)
    statement = select(*(table.c[name] for name in columns)).where(table.c.run_id == run_id)
    return iter(session.connection().execute(statement.execution_options(yield_per=AT_ONCE)))


def _sum(rows: Iterable[Sequence[Any]], model: type[DeclarativeBase] | None = None) -> tuple[int, int]:
    """How many rows, and the sum of a hash of each: the same in whatever order they come."""
    count = total = 0
    for row in rows:
        values = tuple(row)
        if model in PACKED:
            values = (*values[:-1], _evidence(values[-1]))
        count += 1
        content = repr(values).encode("utf-8", "surrogatepass")
        total += int.from_bytes(hashlib.blake2b(content, digest_size=_DIGITS // 8).digest())
    return count, total % (1 << _DIGITS)


def _evidence(pieces: Any) -> Any:
    """Evidence as values: two versions of DuckDB may write a number in two ways."""
    try:
        return json.loads(pieces)
    except (ValueError, TypeError, RecursionError):
        return pieces
