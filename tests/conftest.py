"""What every test may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import db.catalog
import db.results
import db.web
from db.base import Base
from db.home import Home, default_url
from db.session import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = (db.catalog, db.results, db.web)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty workspace on SQLite."""
    path = tmp_path / "home"
    path.mkdir()
    engine = open_engine(default_url(path))
    Base.metadata.create_all(engine)
    opened = Home(path, engine)
    yield opened
    engine.dispose()
