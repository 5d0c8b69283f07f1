"""The points at which a test may let the process die are all named in a sweep, and stand once in the code."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from db import faults
from tests.faults.kills import named

ROOT = Path(__file__).parents[2]
PACKAGES = ("crawlers", "nlp", "cf", "ensemble", "db", "kinsong")
STEPS = {
    "import", "undo", "resolve", "crawl", "build", "read", "terms", "cultural", "als", "vector_exp", "playlist",
    "vectors", "als_tracks", "playlist_tracks", "index", "ranker", "related", "discover", "radio", "artifact",
    "publish", "collect", "rest",
}  # fmt: skip


def points_of(path: Path) -> list[str]:
    """The points of a file; one that is not spelled out fails."""
    calls = [
        node for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached"
    ]  # fmt: skip
    found = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    assert len(found) == len(calls), f"{path} reaches a point that is not spelled out"
    return [str(point) for point in found]


def test_every_point_of_the_code_is_in_a_sweep_and_no_other() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    there = Counter(point for path in files for point in points_of(path))
    assert {point: n for point, n in there.items() if n > 1} == {}
    assert set(there) == {point.partition(":")[0] for _, point in named()}
    assert len(there) >= 60
    assert {point.partition(".")[0] for point in there} == STEPS


@pytest.mark.parametrize(
    ("fault", "code"), [("", 0), ("b", 0), ("a", -signal.SIGKILL), ("a:3", -signal.SIGKILL), ("a:4", 0)]
)
def test_a_process_dies_at_its_point_alone(fault: str, code: int) -> None:
    program = "from db.faults import reached\nfor _ in range(3): reached('a')"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={faults.VARIABLE: fault, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert ended.returncode == code
