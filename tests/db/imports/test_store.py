"""No room on the disk: said in words, and nothing that was there is lost."""

from __future__ import annotations

import hashlib
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from db import listening
from db.catalog import ImportBatch
from db.errors import StoreError
from db.imports import forget, import_file, undo
from db.imports.store import FactFile, remove_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from db.home import Home

ROWS = 10_000
HEADER = "user\tartist\tplays\n"


@contextmanager
def no_room(limit: int) -> Iterator[None]:
    """No file may grow beyond this many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def files(home: Home, tmp_path: Path) -> tuple[Path, Path]:
    small, large = tmp_path / "small.tsv", tmp_path / "large.tsv"
    small.write_text(HEADER + "u\tAir\t1\n", encoding="utf-8")
    digests = (hashlib.sha256(str(n).encode()).hexdigest() for n in range(ROWS))
    rows = (f"u{n % 50}\tA{n // 50}\t1\t{digest}\n" for n, digest in enumerate(digests))
    bad = f"u\t\t1\t{'x' * 450}\n" * 1000
    large.write_text("user\tartist\tplays\ttrack\n" + "".join(rows) + bad, encoding="utf-8")
    import_file(home, "plays", small)
    return small, large


@pytest.mark.parametrize("limit", [1000, 100_000, 500_000])
def test_a_full_disk_is_said_and_what_was_there_stays(home: Home, files: tuple[Path, Path], limit: int) -> None:
    before = listening.play_totals(home)
    with no_room(limit), pytest.raises(StoreError, match=r"no room left for .*what was there before is unchanged"):
        import_file(home, "plays", files[1])
    assert listening.play_totals(home) == before
    assert len(list((home.listening / "plays").iterdir())) == 1
    import_file(home, "plays", files[1])
    assert listening.play_totals(home).num_rows == ROWS + 1
    assert len(list((home.listening / "plays").iterdir())) == 2


def test_forgetting_on_a_full_disk_loses_nothing(home: Home, files: tuple[Path, Path]) -> None:
    import_file(home, "plays", files[1])
    before = listening.play_totals(home)
    with no_room(1000), pytest.raises(StoreError, match="no room left"):
        forget(home, "u7")
    assert listening.play_totals(home) == before
    forget(home, "u7")
    assert listening.play_totals(home).num_rows == before.num_rows - ROWS // 50


def test_a_file_that_is_being_written_is_not_swept(home: Home, files: tuple[Path, Path]) -> None:
    with FactFile(home, "plays") as writing:
        import_file(home, "plays", files[1])
        assert len(list((home.listening / "plays").glob("*.tmp"))) == 1
        writing.write(listening.PLAYS.empty_table())
        writing.finish()
    assert list((home.listening / "plays").glob("*.tmp")) == []


def test_a_file_that_was_imported_again_meanwhile_stays(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "plays.tsv"
    path.write_text("user\tartist\tplays\nann\tAir\t3\n")
    import_file(home, "plays", path)
    with home.reading() as session:
        (name,) = session.scalars(select(ImportBatch.file))
    remove_files(home, [name])
    assert (home.listening / name).exists()
    undo(home, 1)
    assert not (home.listening / name).exists()
