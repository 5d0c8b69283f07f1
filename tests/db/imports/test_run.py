"""Batches: imported once, replaced, added up, undone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select

from db import listening
from db.catalog import Artist, ImportBatch, Label, Listener, RejectedRow
from db.errors import InputError, UsageError
from db.imports import import_file, import_files, list_batches, mend, undo
from db.imports import run as running
from db.read import listener_ids
from db.task import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.home import Home
    from tests.db.imports.conftest import Take

    Facts = Callable[[str], list[dict[str, Any]]]

ROOT = Path(__file__).parents[3]
HEADER = "user\tartist\tplays\n"
TIMED = "user\tartist\ttrack\ttime\n"


def state(home: Home) -> object:
    """All rows and files that imports make."""
    with home.reading() as session:
        rows = [
            [tuple(row) for row in session.execute(select(*model.__table__.c).order_by(*model.__table__.primary_key))]
            for model in (ImportBatch, RejectedRow, Label, Artist, Listener)
        ]
    return rows, sorted((p.relative_to(home.path), p.read_bytes()) for p in home.listening.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("plays", "p.tsv", HEADER + "u\tAir\t1\nu\tAir\t-1\n"), ("tags", "t.tsv", "artist\ttag\nAir\tpop\n"),
        ("similar", "s.tsv", "artist\tsimilar\nAir\tSea\n"), ("artists", "a.tsv", "name\nAir\n"),
        ("playlists", "l.jsonl", '{"name": "x", "tracks": [{"artist": "Air"}]}\n'),
    ],
)  # fmt: skip
def test_the_same_file_twice_changes_nothing(home: Home, take: Take, kind: str, name: str, content: str) -> None:
    first = take(kind, name, content)
    before = state(home)
    again = take(kind, name, content)
    moved = take(kind, "moved-" + name, content)
    assert (first.unchanged, again.unchanged, moved.unchanged) == (False, True, True)
    assert again.batch_id == moved.batch_id == first.batch_id
    assert again.rows == first.rows
    assert state(home) == before


def test_totals_take_the_place_of_those_from_the_same_path(home: Home, take: Take, facts: Facts) -> None:
    first = take("plays", "p.tsv", HEADER + "u\tAir\t1\nv\tSea\t1\n")
    other = take("plays", "q.tsv", HEADER + "w\tSky\t1\n")
    second = take("plays", "p.tsv", HEADER + "u\tAir\t5\n")
    assert second.replaced == (first.batch_id,)
    assert sorted((r["credit"], r["plays"]) for r in facts("plays")) == [("Air", 5.0), ("Sky", 1.0)]
    with home.reading() as session:
        assert [b.id for b in list_batches(session)] == [other.batch_id, second.batch_id]
        assert set(session.scalars(select(Artist.name))) == {"Air", "Sky"}
        assert len(listener_ids(session)) == 2
    assert len(list((home.listening / "plays").iterdir())) == 2


def test_the_same_table_with_its_columns_put_right_is_not_counted_twice(take: Take, facts: Facts) -> None:
    take("plays", "p.tsv", "Air\tu\t3\n", columns=["listener", "artist", "plays"])
    take("plays", "p.tsv", "Air\tu\t3\n", columns=["artist", "listener", "plays"])
    assert [(r["listener"], r["credit"]) for r in facts("plays")] == [("u", "Air")]


def test_one_path_for_several_listeners(take: Take, facts: Facts) -> None:
    take("plays", "p.tsv", "artist\tplays\nAir\t3\n", listener="anna")
    take("plays", "p.tsv", "artist\tplays\nAir\t3\n", listener="ben")
    take("plays", "p.tsv", "artist\tplays\nAir\t4\n", listener="ben")
    assert sorted((r["listener"], r["plays"]) for r in facts("plays")) == [("anna", 3.0), ("ben", 4.0)]


def test_timed_listens_of_overlapping_exports_count_once(home: Home, take: Take) -> None:
    take("plays", "p.tsv", TIMED + "u\tAir\tx\t1577872800\nu\tAir\tx\t1577872900\n")
    second = take("plays", "p.tsv", TIMED + "u\tAir\tx\t1577872900\nu\tAir\tx\t1577873000\nu\tAir\ty\t1577873000\n")
    assert second.replaced == ()
    assert listening.play_totals(home)["plays"].to_pylist() == [4.0]
    totals = take("plays", "p.tsv", HEADER + "u\tAir\t9\n")
    assert len(totals.replaced) == 2
    assert listening.play_totals(home)["plays"].to_pylist() == [9.0]


def test_a_long_import_says_how_fast_it_is(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Heard(Silent):
        told: ClassVar[list[str]] = []

        def say(self, what: str) -> None:
            self.told.append(what)

    monkeypatch.setattr(running, "TELL_EVERY", 0.0)
    file = tmp_path / "plays.tsv"
    file.write_text("user\tartist\tplays\nanna\tAir\t3\nben\tAir\t2\n")
    import_file(home, "plays", file, progress=Heard())
    assert re.fullmatch(r"plays\.tsv: 2 rows, [\d,]+ rows/s", Heard.told[0])


def test_undo_takes_everything_back(home: Home, take: Take) -> None:
    take("artists", "a.tsv", "name\nAir\n")
    before = state(home)
    for kind, name, content in (
        ("plays", "p.tsv", HEADER + "u\tSea\t1\nu\tAir\t-1\n"), ("similar", "s.tsv", "artist\tsimilar\nAir\tSea\n"),
    ):  # fmt: skip
        batch = take(kind, name, content).batch_id
        undo(home, batch)
        assert state(home) == before
    with pytest.raises(UsageError, match=r"there is no import batch 77; there are \d"):
        undo(home, 77)


def test_files_before_a_bad_one_are_imported_and_resolved(home: Home, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.tsv", "b.tsv", "c.tsv")]
    for n, path in enumerate(paths):
        path.write_text(HEADER + f"u\tArtist {n}\t{n or 1}\n", encoding="utf-8")
    paths[1].write_text("nothing\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.tsv"):
        import_files(home, "plays", paths)
    with home.reading() as session:
        assert list(session.scalars(select(Artist.name))) == ["Artist 0"]
    paths[1].write_text(HEADER + "u\tx\t1\n", encoding="utf-8")
    assert [r.unchanged for r in import_files(home, "plays", paths)] == [True, False, False]


def test_a_kind_that_there_is_not_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="“songs” cannot be imported; there are plays, playlists"):
        import_file(home, "songs", tmp_path / "x")


def test_leftovers_of_a_killed_import_are_swept(home: Home, take: Take) -> None:
    folder = home.listening / "plays"
    folder.mkdir(parents=True)
    for name in ("dead.tmp", "unnamed.parquet"):
        (folder / name).write_bytes(b"half")
    take("plays", "p.tsv", HEADER + "u\tSea\t1\n")
    assert [p.name for p in folder.iterdir() if p.suffix == ".tmp" or p.name == "unnamed.parquet"] == []


KILLED = """
import os, signal, sys
from pathlib import Path
from db.home import Home, default_url
from db.imports import import_file
from db.session import open_engine
def killer(frame, event, arg):
    if event == "return" and frame.f_code.co_qualname.endswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
path = Path(sys.argv[1])
home = Home(path, open_engine(default_url(path)))
sys.setprofile(killer)
import_file(home, "plays", Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("after", "there"),
    [("FactFile.finish", False), ("FactFile.place", False), ("remove_files", True), ("_write_credits", True)],
)
def test_an_import_that_is_killed_leaves_nothing_half_and_is_made_up_for(
    home: Home, tmp_path: Path, after: str, there: bool
) -> None:
    old, new = tmp_path / "old.tsv", tmp_path / "p.tsv"
    old.write_text(HEADER + "o\tOld\t1\n", encoding="utf-8")
    new.write_text(HEADER + "u\tAir\t1\nv\tSea\t1\n", encoding="utf-8")
    import_file(home, "plays", old)
    command = [sys.executable, "-c", KILLED, str(home.path), str(new), after]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == -9, ended.stderr.decode()
    with home.reading() as session:
        assert session.scalar(select(func.sum(ImportBatch.rows))) == (3 if there else 1)
    assert listening.play_totals(home)["plays"].to_pylist() == [1.0]
    assert import_file(home, "plays", new).unchanged is there
    assert listening.play_totals(home)["plays"].to_pylist() == [1.0, 1.0, 1.0]
    assert len(list((home.listening / "plays").iterdir())) == 2


def test_a_folder_stands_for_the_files_in_it(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    (folder / "deep").mkdir(parents=True)
    for name, artist in (("b.tsv", "Sea"), ("deep/a.tsv", "Air"), (".hidden", "No")):
        (folder / name).write_text(f"listener\tartist\tplays\nu\t{artist}\t2\n")
    reports = import_files(home, "plays", [folder])
    assert [Path(report.source).name for report in reports] == ["b.tsv", "a.tsv"]


def test_a_folder_without_files_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="folder without files"):
        import_files(home, "plays", [tmp_path / "none"])


@pytest.mark.parametrize("kind", ["tsv", "parquet"])
def test_a_file_whose_name_is_no_text(home: Home, tmp_path: Path, kind: str) -> None:
    path = tmp_path / os.fsdecode(b"Bj\xf6rk." + kind.encode())
    for count in (2, 3):
        table = pa.table({"user": ["u"] * count, "artist": list("abc"[:count]), "plays": [1] * count})
        with path.open("wb") as stream:
            pq.write_table(table, stream) if kind == "parquet" else pacsv.write_csv(table, stream)
        report = import_file(home, "plays", path)
    assert (report.rows, len(report.replaced)) == (3, 1)
    with home.reading() as session:
        assert [batch.source for batch in list_batches(session)] == [f"{tmp_path}/Bj\\xf6rk.{kind}"]
    (file,) = home.listening.glob("plays/*.parquet")
    file.unlink()
    assert "is read again" in mend.facts(home, Silent())[0]
