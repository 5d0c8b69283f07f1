"""A stamp stands for bytes that were compared, and for nothing once they may have changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from db import stamps
from db.stamps import FOLDER, Stamps, sha256_of


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file that is read whole."""
    read: list[Path] = []

    def counting(path: Path) -> str:
        read.append(path)
        return sha256_of(path)

    monkeypatch.setattr(stamps, "sha256_of", counting)
    monkeypatch.setattr(stamps, "YOUNG", -1.0)
    return read


def test_a_file_is_read_once(tmp_path: Path, counted: list[Path]) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    wanted = sha256_of(file)
    for _ in range(3):
        assert Stamps(tmp_path, "als").fit(file, "a.bin", wanted)
    assert len(counted) == 1
    assert not Stamps(tmp_path, "als").fit(file, "a.bin", "0" * 64)


def test_a_change_that_hides_its_time_is_seen(tmp_path: Path, counted: list[Path]) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    wanted, before = sha256_of(file), file.stat()
    assert Stamps(tmp_path, "als").fit(file, "a.bin", wanted)
    with file.open("r+b") as stream:
        stream.write(b"abd")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not Stamps(tmp_path, "als").fit(file, "a.bin", wanted)


def test_young_files_old_stamps_and_broken_ones_do_not_count(
    tmp_path: Path, counted: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    wanted = sha256_of(file)
    monkeypatch.setattr(stamps, "YOUNG", 60.0)
    assert Stamps(tmp_path, "als").fit(file, "a.bin", wanted)
    assert not (tmp_path / FOLDER).exists()
    monkeypatch.setattr(stamps, "YOUNG", -1.0)
    assert Stamps(tmp_path, "als").fit(file, "a.bin", wanted)
    kept = tmp_path / FOLDER / "als.json"
    for content in (kept.read_text()[:-3], "[]", "[" * 100_000, json.dumps({"a.bin": {"sha256": wanted}})):
        kept.write_text(content)
        counted.clear()
        assert Stamps(tmp_path, "als").fit(file, "a.bin", wanted)
        assert len(counted) == 1
    monkeypatch.setattr(stamps, "LIFE", 0.0)
    counted.clear()
    assert Stamps(tmp_path, "als").fit(file, "a.bin", wanted)
    assert len(counted) == 1


def test_what_killed_commands_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / stamps.FOLDER
    folder.mkdir()
    for name in ("one.json", "one.json.12ab.tmp"):
        (folder / name).touch()
    stamps.sweep(tmp_path)
    stamps.sweep(tmp_path / "none")
    assert [path.name for path in folder.iterdir()] == ["one.json"]
