"""Forgetting a listener leaves no trace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from db import listening
from db.catalog import Artist, ImportBatch, Listener, RejectedRow
from db.errors import UsageError
from db.imports import forget, import_file

if TYPE_CHECKING:
    from pathlib import Path

    from db.home import Home

WHO = 'Zoë "Zebra" O\'Quux'
MIXED = f"user\tartist\tplays\nben\tAir\t3\n{WHO}\tAir\t4\n{WHO}\tOnly Hers\t1\n{WHO}\tBad\t-1\nben\tBad\t-2\n" + (
    "x" * 490 + "\t" + WHO + "\t-3\n"
)


LINES = "".join(
    json.dumps({"user": who, "artist": what, "plays": 1}) + "\n" for who, what in ((WHO, ""), ("cy", "Air"))
)


def fill(home: Home, folder: Path) -> None:
    for name, content, listener in (
        ("mixed.tsv", MIXED, None), ("hers.csv", "artist,plays\nSea,3\n,1\n", WHO),
        ("his.csv", "artist,plays\nSky,3\n", "ben"), ("lines.jsonl", LINES, None),
    ):  # fmt: skip
        path = folder / name
        path.write_text(content, encoding="utf-8")
        import_file(home, "plays", path, listener=listener)


def traces(home: Home) -> list[str]:
    spellings = [WHO.encode(), json.dumps(WHO)[1:-1].encode(), WHO[:8].encode(), WHO[4:].encode()]
    files = [p for p in home.path.rglob("*") if p.is_file()]
    return [str(p) for p in files if any(s in p.read_bytes() for s in spellings)]


def test_every_trace_goes_and_everything_else_stays(any_home: Home, tmp_path: Path) -> None:
    home = any_home
    fill(home, tmp_path)
    assert traces(home)
    report = forget(home, WHO)
    assert (report.listener, report.rows, report.batches, report.cleared) == (WHO, 3, 2, True)
    assert traces(home) == []
    with home.reading() as session:
        assert set(session.scalars(select(Listener.name))) == {"ben", "cy"}
        assert set(session.scalars(select(Artist.name))) == {"Air", "Sky"}
        assert sorted(session.scalars(select(ImportBatch.rows))) == [1, 1, 1]
        assert ("ben\tBad\t-2", "plays is not above 0") in session.execute(
            select(RejectedRow.content, RejectedRow.reason)
        ).all()
    assert listening.play_totals(home)["plays"].to_pylist() == [3.0, 3.0, 1.0]


def test_the_same_files_bring_nobody_back_but_a_file_of_their_own_does(home: Home, tmp_path: Path) -> None:
    fill(home, tmp_path)
    forget(home, WHO)
    assert import_file(home, "plays", tmp_path / "mixed.tsv").unchanged
    assert import_file(home, "plays", tmp_path / "hers.csv", listener=WHO).rows == 1
    with home.reading() as session:
        assert WHO in set(session.scalars(select(Listener.name)))


def test_the_fingerprint_of_plays_changes(home: Home, tmp_path: Path) -> None:
    fill(home, tmp_path)
    with home.reading() as session:
        before = listening.fingerprint(session)
    forget(home, "cy")
    with home.reading() as session:
        assert listening.fingerprint(session) != before


def test_somebody_unknown_is_not_forgotten(home: Home, tmp_path: Path) -> None:
    fill(home, tmp_path)
    with pytest.raises(UsageError, match="no listener is called “bens”: did you mean “ben”"):
        forget(home, "bens")


def test_readers_keep_the_database_from_clearing_and_it_is_said(home: Home, tmp_path: Path) -> None:
    fill(home, tmp_path)
    with home.reading() as session:
        assert len(session.scalars(select(Listener.name)).all()) == 3
        report = forget(home, "cy")
    assert not report.cleared
    with home.reading() as session:
        assert "cy" not in set(session.scalars(select(Listener.name)))
