"""Readers hold what they read, and let go of it however they end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from db.hold import hold, put_away, remove_unless_held

READER = "import sys, time, pathlib; from db.hold import hold; h = hold(pathlib.Path(sys.argv[1])); print(h, flush=True); time.sleep(60)"  # noqa: E501


def test_what_is_held_stays_until_its_reader_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "als-1"
    folder.mkdir()
    (folder / "a").write_text("x")
    reader = subprocess.Popen([sys.executable, "-c", READER, str(folder)], stdout=subprocess.PIPE)
    assert reader.stdout is not None
    assert b"Hold" in reader.stdout.readline()
    assert not remove_unless_held(folder)
    assert (folder / "a").exists()
    reader.kill()
    reader.communicate()
    assert remove_unless_held(folder)
    assert list(tmp_path.iterdir()) == []


def test_what_is_taken_away_cannot_be_held(tmp_path: Path) -> None:
    folder = tmp_path / "als-1"
    assert hold(folder) is None
    folder.mkdir()
    held = hold(folder)
    assert held is not None
    put_away(folder)  # in the place of which something else is put
    assert hold(folder) is None
    held.release()


def test_links_and_files_are_nothing_to_hold(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with pytest.raises(NotADirectoryError):
            hold(tmp_path / name)
        assert remove_unless_held(tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
