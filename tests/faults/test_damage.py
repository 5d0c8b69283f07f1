"""A sample of damaged files, of publishing under readers and of writing side by side; `make test-faults` does more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import backups, damage, readers, writers


def test_what_is_damaged_is_refused_or_named(tmp_path: Path) -> None:
    found = damage.try_files(36, 2, damage.make_base(tmp_path))
    assert {case: outcome for case, outcome in found if outcome not in damage.GOOD} == {}
    told = damage.table(found)
    assert {kind: outcomes["refused"] for kind, outcomes in told.items() if kind != "SQLite"} == dict.fromkeys(
        damage.FILES, 6
    )


def test_every_answer_is_of_one_run(tmp_path: Path) -> None:
    told = readers.torture(tmp_path, 12, 3, kill_every=6)
    assert (told.wrong, told.left, told.killed) == ([], 0, 2)
    assert set(told.answers) == {name for name, _ in readers.QUESTIONS}
    assert told.runs_seen > 3


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_update_is_lost(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgres_url")
    told = writers.torture(tmp_path, 20, 3, 1, url)
    assert told.wrong == []
    assert (told.counter, told.rows, told.twice) == (60, 60, 0)
    assert told.answers > 0


def test_a_backup_is_of_one_moment(tmp_path: Path) -> None:
    assert backups.torture(tmp_path, 3) == []
