from __future__ import annotations

import errno
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.exc import OperationalError

from db import disk
from db.disk import disk_errors
from db.errors import StoreError


def said(error: Exception, path: Path) -> str:
    with pytest.raises(StoreError) as caught, disk_errors(path):
        raise error
    assert caught.value.__cause__ is error
    return str(caught.value)


def of_sqlite(text: str) -> OperationalError:
    return OperationalError("select", {}, Exception(text))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_called_so_whoever_says_it(tmp_path: Path, number: int) -> None:
    wanted = f"no room left for {tmp_path}: free some space"
    assert said(OSError(number, "…"), tmp_path).startswith(wanted)
    assert said(OSError("Unable to close: No space left on device (28)"), tmp_path).startswith(wanted)
    assert said(of_sqlite("database or disk is full"), tmp_path).startswith(wanted)
    assert said(duckdb.IOException('Could not write file "x": No space left on device'), tmp_path).startswith(wanted)


def test_an_error_of_the_disk_is_no_lack_of_room_unless_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "or its disk fails (disk I/O error)" in said(of_sqlite("disk I/O error"), tmp_path)
    monkeypatch.setattr(disk, "_is_full", lambda _: True)
    assert f"no room left for {tmp_path}: free" in said(of_sqlite("disk I/O error"), tmp_path)


def test_other_errors_are_named_with_their_file(tmp_path: Path) -> None:
    file = str(tmp_path / "x")
    assert said(PermissionError(13, "Permission denied", file), tmp_path).startswith(f"{file}: Permission denied")
    assert said(OSError("4 requested and 1 written"), tmp_path).startswith(f"{tmp_path}: 4 requested")
    assert "this user may write" in said(of_sqlite("attempt to write a readonly database"), tmp_path)
    assert "another program" in said(of_sqlite("database is locked"), tmp_path)


def test_what_is_no_error_of_a_disk_is_left_alone(tmp_path: Path) -> None:
    for error in (of_sqlite("no such table"), BrokenPipeError(32, "Broken pipe"), ValueError("no")):
        with pytest.raises(type(error)) as caught, disk_errors(tmp_path):
            raise error
        assert caught.value is error
