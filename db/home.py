"""The workspace: one folder that holds settings, database, listening facts and artefacts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from db import session as _session

SETTINGS = "kinsong.toml"
DATABASE = "kinsong.db"


@dataclass(frozen=True)
class Home:
    """An open workspace."""

    path: Path
    engine: Engine

    @property
    def listening(self) -> Path:
        """Folder of the Parquet facts: one sub-folder per kind, one file per import batch."""
        return self.path / "listening"

    @property
    def artifacts(self) -> Path:
        """Folder of the artefacts."""
        return self.path / "artifacts"

    @property
    def readings(self) -> Path:
        """Folder of what was read in documents before, so that a build reads only what is new."""
        return self.path / "readings"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state; see `db.session.reading`."""
        with _session.reading(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is one transaction; see `db.session.writing`."""
        with _session.writing(self.engine) as session:
            yield session


def default_url(path: Path) -> URL:
    """The SQLite URL of a workspace that names no other database; any path, odd letters and all."""
    return URL.create("sqlite", database=str(path / DATABASE))
