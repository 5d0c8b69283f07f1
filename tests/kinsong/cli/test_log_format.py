from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from kinsong.steps import NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from db.home import Home
    from tests.kinsong.conftest import Kinsong


def test_every_line_on_standard_error_is_one_object(kinsong: Kinsong, built: Home, tmp_path: Path) -> None:
    home = tmp_path / "copy"
    shutil.copytree(built.path, home)
    ran = kinsong("--log-format", "json", "build", home=home)
    assert ran.code == 0
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert all({"time", "level", "message"} <= line.keys() for line in lines)
    steps = {line["step"]: line for line in lines if "step" in line}
    assert {"als", "related"} <= steps.keys()
    assert steps["als"]["reused"] is True
    assert steps["als"]["rows"]["artists"] > 0
    assert "nothing changed" in lines[-1]["message"]


def test_mistakes_too_and_the_next_call_is_text_again(kinsong: Kinsong, tmp_path: Path) -> None:
    ran = kinsong("--log-format", "json", "status", home=tmp_path / "nowhere")
    assert ran.code == 2
    (line,) = [json.loads(line) for line in ran.err.splitlines()]
    assert line["level"] == "error"
    assert "there is no kinsong home" in line["message"]
    assert kinsong("status", home=tmp_path / "nowhere").err.startswith("error: there is no kinsong home")


def test_a_run_keeps_what_the_log_says_of_each_step(kinsong: Kinsong, built: Home, tmp_path: Path) -> None:
    home = tmp_path / "copy"
    shutil.copytree(built.path, home)
    ran = kinsong("--log-format", "json", "build", "--from", "index", home=home)
    lines = [json.loads(line) for line in ran.err.splitlines()]
    logged = {line["step"]: line for line in lines if "step" in line}
    (published,) = [line for line in lines if "run" in line]
    kept = json.loads(kinsong("runs", published["run"], "--format", "json", home=home).out)
    assert {row["step"] for row in kept} == set(logged) == set(NAMES)
    made = NAMES[NAMES.index("index") :]
    for row in kept:
        line = logged[row["step"]]
        assert (row["seconds"], row["peak_mib"]) == (round(line["seconds"], 2), round(line["peak_mib"]))
        assert bool(row["reused"]) == line["reused"] == (row["step"] not in made)
        assert (line["seconds"] > 0) == (line["peak_mib"] > 50) == (not line["reused"])
    counted = json.loads(kinsong("sql", "SELECT count(*) AS n FROM related_artist WHERE run_id = 2", "--format", "json",
                                 home=home).out)  # fmt: skip
    assert published["written"]["related_artist"] == logged["related"]["rows"]["related"] == counted[0]["n"]
