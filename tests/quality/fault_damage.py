"""Damage, publishing under readers, writers side by side: all of it, with its figures.

    pytest -s tests/quality/fault_damage.py
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults import backups, damage, readers, writers

pytestmark = pytest.mark.timeout(3600)
CASES, PUBLISHES, READERS, WRITERS, TRANSACTIONS, LOOKING = 2_000, 500, 16, 8, 2_000, 4


def test_damaged_files(tmp_path: Path) -> None:
    began = time.monotonic()
    found = damage.try_files(CASES, 0, damage.make_base(tmp_path))
    for kind, outcomes in damage.table(found).items():
        print(f"\n{kind}: {dict(outcomes)}", end="")
    print(f"\n{CASES} damaged files in {time.monotonic() - began:.0f} s")
    assert [(case, outcome) for case, outcome in found if outcome not in damage.GOOD] == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_publishing_under_readers(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgres_url")
    publishes = PUBLISHES if url is None else PUBLISHES // 5
    told = readers.torture(tmp_path, publishes, READERS, url)
    print(f"\n{database}: {publishes} runs, {told.seconds:.0f} s, {READERS} readers, {told.killed} killed", end=": ")
    print(f"{told.answers.total():,} answers, {told.runs_seen} runs, {len(told.wrong)} wrong, {told.left} left over")
    assert (told.wrong, told.left) == ([], 0)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_writers_side_by_side(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgres_url")
    told = writers.torture(tmp_path, TRANSACTIONS, WRITERS, LOOKING, url)
    print(f"\n{database}: {WRITERS} writers × {TRANSACTIONS} transactions in {told.seconds:.0f} s,", end=" ")
    print(f"{told.answers:,} answers of {LOOKING} readers, slowest transaction {told.slowest:.2f} s", end=", ")
    print(f"{len(told.wrong)} errors")
    assert (told.wrong, told.counter, told.rows) == ([], WRITERS * TRANSACTIONS, WRITERS * TRANSACTIONS)


def test_backups_beside_builds(tmp_path: Path) -> None:
    assert backups.torture(tmp_path, 30) == []
    print("\n30 backups beside a process that publishes: each of one moment", end="")
