"""Short ways to a file and its import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from db.catalog import RejectedRow
from db.imports import ImportReport, import_file
from db.listening import fact_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.home import Home

Rejected = dict[int, tuple[str, str]]


class Take(Protocol):
    def __call__(self, kind: str, name: str, content: str | bytes, **options: Any) -> ImportReport: ...


@pytest.fixture
def take(home: Home, tmp_path: Path) -> Take:
    """Write a file of this name and import it."""

    def write_and_import(kind: str, name: str, content: str | bytes, **options: Any) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_file(home, kind, path, **options)

    return write_and_import


@pytest.fixture
def facts(home: Home) -> Callable[[str], list[dict[str, Any]]]:
    """All facts of a kind as they lie in the files."""

    def read(kind: str) -> list[dict[str, Any]]:
        with home.reading() as session:
            files = fact_files(session, home, kind)
        return list(pa.concat_tables([pq.read_table(f) for f in files]).to_pylist()) if files else []

    return read


@pytest.fixture
def rejected(home: Home) -> Callable[[], Rejected]:
    """Line → (reason, content) of all rejected rows."""

    def read() -> Rejected:
        with home.reading() as session:
            return {r.line: (r.reason, r.content) for r in session.scalars(select(RejectedRow))}

    return read
