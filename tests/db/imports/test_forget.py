"""Forgetting a listener leaves no trace."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from db import facts, listening
from db.catalog import Artist, ImportBatch, Listener, RejectedRow
from db.errors import UsageError
from db.imports import forget, import_file, undo

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


class Killed(BaseException):
    """As good as a kill: nothing that comes after it is done."""


@pytest.mark.parametrize(
    "where", ["take_listener_out", "_forget_rejected", "remove_files", "clean", "credit_map.resolve", "clearing.pay"]
)
def test_whatever_is_cut_short_the_same_command_ends_it(
    any_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def die(*_: object) -> None:
        raise Killed

    fill(any_home, tmp_path)
    with monkeypatch.context() as patch:
        *owner, name = where.split(".")
        module = sys.modules["db.imports.forget"]
        patch.setattr(getattr(module, owner[0]) if owner else module, name, die)
        with pytest.raises(Killed):
            forget(any_home, WHO)
    assert forget(any_home, WHO).cleared
    assert traces(any_home) == []
    with any_home.reading() as session:
        assert set(session.scalars(select(Artist.name))) == {"Air", "Sky"}
    with pytest.raises(UsageError, match="no listener is called"):
        forget(any_home, WHO)


def test_what_a_killed_import_left_is_forgotten_too(home: Home, tmp_path: Path) -> None:
    fill(home, tmp_path)
    (home.listening / "plays" / "12ab.tmp").write_text(WHO, encoding="utf-8")
    forget(home, WHO)
    assert traces(home) == []


def test_a_build_clears_what_a_reader_kept(home: Home, tmp_path: Path) -> None:
    from kinsong.build import build
    from kinsong.config import Settings

    fill(home, tmp_path)
    with home.reading() as session:
        assert session.scalars(select(Listener.name)).all()
        assert not forget(home, WHO).cleared
    assert traces(home)
    build(home, Settings(), only="read")
    assert traces(home) == []


def test_what_is_left_of_two_batches_may_be_the_same(home: Home, tmp_path: Path) -> None:
    for name, plays in (("one.tsv", 1), ("two.tsv", 2)):
        (tmp_path / name).write_text(f"user\tartist\tplays\nann\tAir\t3\nbob\tAir\t{plays}\n")
        import_file(home, "plays", tmp_path / name)
    forget(home, "bob")
    undo(home, 2)
    with home.reading() as session:
        assert facts.damage(session, home, "plays") == []
    assert listening.play_totals(home)["plays"].to_pylist() == [3.0]
