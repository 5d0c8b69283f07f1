from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from db.base import now
from db.catalog import Artist
from db.home import Home
from db.imports import import_files
from db.lease import DEAD_AFTER, holding
from db.results import Lease
from kinsong.status import status


def told(home: Home) -> dict[str, object]:
    return {str(row["what"]): row["value"] for row in status(home)}


def test_an_empty_home_says_what_comes_next(any_home: Home) -> None:
    facts = told(any_home)
    assert facts["artists"] == 0
    assert "kinsong build" in str(facts["published run"])
    assert str(facts["database"]).startswith(any_home.engine.dialect.name)


def test_retired_artists_are_no_artists(home: Home) -> None:
    with home.writing() as session:
        session.add_all([Artist(name="a", key="a"), Artist(name="b", key="b", retired=True)])
    assert told(home)["artists"] == 1


@pytest.mark.parametrize("age", [timedelta(0), 2 * DEAD_AFTER])
def test_who_runs_and_who_died(home: Home, age: timedelta) -> None:
    with home.writing() as session:
        session.add(Lease(name="crawl", owner="elsewhere:1:x", since=now() - age, beat_at=now() - age))
    with holding(home, "build"):
        facts = told(home)
    assert f"on {socket.gethostname()}" in str(facts["build"])
    assert str(facts["build"]).startswith("running (")
    assert str(facts["crawl"]).startswith("died (" if age else "running (")


def test_labels_that_teach_nothing_are_counted(home: Home, tmp_path: Path) -> None:
    (tmp_path / "artists.jsonl").write_text('{"name": "One"}\n{"name": "Two"}\n')
    (tmp_path / "similar.tsv").write_text("artist\tsimilar\nOne\tTwo\nOne\tNobody\n")
    assert told(home)["labels"] == "0"
    import_files(home, "artists", [tmp_path / "artists.jsonl"])
    import_files(home, "similar", [tmp_path / "similar.tsv"])
    assert told(home)["labels"] == "2; 1 lead nowhere or contradict: see `kinsong import labels`"
