"""A home on PostgreSQL answers every command that one on SQLite answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kinsong import home as homes
from tests.faults import published as world

if TYPE_CHECKING:
    from tests.kinsong.conftest import Kinsong


def test_every_command_of_results_and_runs(kinsong: Kinsong, tmp_path: Path, postgres_url: str) -> None:
    path = tmp_path / "home"
    home = world.make_home(path, postgres_url, artists=20)
    first, second = (world.make_run(home, k, dim=8) for k in (1, 2))
    home.engine.dispose()
    name = world.name_of(3)

    def told(*words: object) -> list[dict[str, object]]:
        ran = kinsong(*words, "--format", "json", home=path)
        assert ran.code == 0, (words, ran.err)
        found: list[dict[str, object]] = json.loads(ran.out)
        return found

    assert {row["reason"] for row in told("related", name)} == {"run 2"}
    assert {row["name"] for row in told("related", name, "--why")} == {"run 2"}
    assert told("terms", name)[0]["term"] == "term of run 2"
    assert len(told("similar", name, "-n", 3)) == 3
    assert told("sql", "SELECT count(*) AS n FROM related") == [{"n": 100}]
    assert told("sql", "SELECT count(*) AS n FROM related JOIN plays USING (artist_id) WHERE listener = 'everybody'",
                "--engine", "duckdb") == [{"n": 100}]  # fmt: skip
    assert kinsong("sql", "DELETE FROM run", home=path).code == 2
    digests = {row["run"]: row["digest"] for row in told("runs", "--digest")}
    assert {row["step"] for row in told("runs", second)} == set(world.STEPS)
    assert len(told("diff", first, second)) == 20
    assert kinsong("publish", first, home=path).code == 0
    assert {row["reason"] for row in told("related", name)} == {"run 1"}
    assert {f["check"]: f["state"] for f in told("doctor")}["results"] == "fine"
    file = tmp_path / "home.tar"
    assert kinsong("backup", file, home=path).code == 0
    assert kinsong("restore", file, home=tmp_path / "again").code == 0
    restored = json.loads(kinsong("runs", "--digest", "--format", "json", home=tmp_path / "again").out)
    assert {row["run"]: row["digest"] for row in restored} == digests
    assert kinsong("forget", "listener3", home=path).code == 0
    assert kinsong("documents", "remove", "http://a.test/3", home=path).code == 0
    assert told("sql", "SELECT count(*) AS n FROM listener WHERE name = 'listener3'") == [{"n": 0}]
    assert "http://a.test/3" not in {row["url"] for row in told("terms", name, "--why")}
    states = {f["check"]: f["state"] for f in told("doctor")}
    assert (states["results"], states["imports"], states["database"]) == ("fine", "fine", "fine")
    opened = homes.open_home(path)
    world.make_run(opened, 3, dim=8)
    opened.engine.dispose()
    assert {row["reason"] for row in told("related", name)} == {"run 3"}
