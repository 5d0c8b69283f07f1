from __future__ import annotations

from pathlib import Path

from kinsong import reference
from kinsong.cli.app import app

FILE = Path(__file__).parents[2] / "docs" / "reference.md"


def test_every_command_has_a_help_text_and_stands_in_the_reference() -> None:
    written = FILE.read_text(encoding="utf-8")
    for name, function in reference.commands(app, "kinsong"):
        assert function.__doc__, name
        assert f"## `{name}" in written


def test_check_tells_a_stale_reference(tmp_path: Path) -> None:
    assert reference.main(["--check", str(FILE)]) == 0
    stale = tmp_path / "reference.md"
    stale.write_text("old")
    assert reference.main(["--check", str(stale)]) == 1
    assert reference.main([str(stale)]) == 0
    assert reference.main(["--check", str(stale)]) == 0
