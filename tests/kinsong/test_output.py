"""Output that cannot be written: a full disk, a full or closed standard output, a reader who has gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.home import Home
from kinsong import home as homes

if TYPE_CHECKING:
    from tests.kinsong.conftest import Kinsong

ROOT = Path(__file__).parents[2]


def run(home: Home, words: str, redirection: str) -> tuple[int, str]:
    """How a command ends in a shell, and what it says on standard error."""
    line = f"exec {sys.executable} -m kinsong --home {home.path} {words} {redirection}"
    ran = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr


@pytest.fixture
def made(home: Home) -> Home:
    home.engine.dispose()
    (home.path / "kinsong.toml").touch()
    return home


@pytest.mark.parametrize("form", ["json", "csv", "table"])
@pytest.mark.parametrize(("redirection", "why"), [("> /dev/full", "No space left on device"), (">&-", "Bad file desc")])
def test_standard_output_that_takes_nothing_is_named(made: Home, form: str, redirection: str, why: str) -> None:
    code, said = run(made, f"status --format {form}", redirection)
    assert (code, len(said.splitlines())) == (1, 1)
    assert f"standard output cannot be written: {why}" in said


@pytest.mark.parametrize("form", ["json", "table"])
def test_a_reader_who_has_gone_is_no_error(made: Home, form: str) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    words = [sys.executable, "-m", "kinsong", "--home", str(made.path), "status", "--format", form]
    ran = subprocess.run(words, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_commands_that_print_nothing_need_no_standard_output(made: Home) -> None:
    assert run(made, "init", ">&-")[0] == 0


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_full_disk_of_an_export_is_named(kinsong: Kinsong, built: Home, form: str) -> None:
    ran = kinsong("export", "related", "--format", form, "-o", "/dev/full", home=built.path)
    assert (ran.code, "no room left for /dev/full" in ran.err) == (1, True)


def test_a_full_disk_of_a_backup_is_named(
    kinsong: Kinsong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = homes.create(tmp_path / "home")
    homes.close(home)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    ran = kinsong("backup", tmp_path / "home.tar")
    assert (ran.code, f"no room left for {tmp_path}/home.tar" in ran.err) == (1, True)
    assert not list(tmp_path.glob("home.tar*"))
