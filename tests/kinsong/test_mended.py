"""What `kinsong doctor` finds in facts, rows and texts, and what --repair makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from db import integrity
from db.home import Home
from db.imports import mend
from db.listening import play_totals
from db.task import Silent
from kinsong import home as homes
from kinsong.doctor import _reload, examine
from tests.faults import published as world

if TYPE_CHECKING:
    from tests.kinsong.conftest import Kinsong


def states(home: Home) -> dict[str, str]:
    return {f.check: f.state for f in examine(home.path)}


def test_facts_are_read_again_from_where_they_came_from(tmp_path: Path, kinsong: Kinsong) -> None:
    home = world.make_home(tmp_path / "home", artists=12)
    before = play_totals(home)
    (file,) = home.listening.glob("plays/*.parquet")
    content = file.read_bytes()
    for damaged in (b"", content[:-9], content[:50] + b"!" + content[51:]):
        file.write_bytes(damaged)
        assert states(home)["imports"] == "wrong"
        ran = kinsong("build", home=home.path)
        assert ran.code == 1
        assert "doctor --repair" in ran.err
        (told,) = mend.facts(home, Silent())
        assert "is read again from" in told
        assert (states(home)["imports"], play_totals(home).equals(before)) == ("fine", True)
    file.unlink()
    source = tmp_path / "home-plays.tsv"
    source.write_text(source.read_text().replace("everybody", "nobody"))
    (told,) = mend.facts(home, Silent())
    assert "has changed since" in told
    assert "import undo 1" in told
    source.unlink()
    assert "cannot be read" in mend.facts(home, Silent())[0]
    home.engine.dispose()


def test_rows_are_read_again_from_their_artefacts(tmp_path: Path) -> None:
    home = world.make_home(tmp_path / "home", artists=12)
    world.make_run(home, 1, dim=8)
    assert (states(home)["results"], states(home)["tables"], states(home).get("documents")) == ("fine", "fine", None)
    changes = (
        ("related_artist", "UPDATE related_artist SET score = 9 WHERE artist_id = 3 AND rank = 2"),
        ("packed_evidence", "UPDATE packed_evidence SET pieces = '[]' WHERE artist_id = 3"),
        ("artist_term", "DELETE FROM artist_term WHERE artist_id = 4"),
    )
    for table, change in changes:
        with home.writing() as session:
            session.execute(text(change))
        assert states(home)["results"] == "wrong"
        assert _reload(home) == [f"the rows of run 1 in {table} were read anew"]
        assert states(home)["results"] == "fine"
    with home.writing() as session:
        session.execute(text("UPDATE document SET body = 'other' WHERE id = 2"))
        session.execute(text("UPDATE artist SET name = 'other' WHERE id = 2"))
    found = {f.check: (f.state, f.detail) for f in examine(home.path)}
    assert found["documents"][0] == "wrong"
    assert "http://a.test/1" in found["documents"][1]
    assert found["tables"][0] == "note"
    assert "artist" in found["tables"][1]
    home.engine.dispose()


def test_a_home_of_an_earlier_version_gets_its_sums(tmp_path: Path) -> None:
    home = world.make_home(tmp_path / "home", artists=12)
    with home.writing() as session:
        session.execute(text("UPDATE import_batch SET file_sha256 = NULL"))
    home.engine.dispose()
    again, new = homes.create(tmp_path / "home")
    assert not new
    with again.reading() as session:
        assert len(session.execute(text("SELECT file_sha256 FROM import_batch")).scalar_one()) == 64
    again.engine.dispose()


def test_the_sums_of_a_killed_build_are_made_up_for(tmp_path: Path) -> None:
    home = world.make_home(tmp_path / "home", artists=12)
    run = world.make_run(home, 1, dim=8, told=False)
    assert states(home)["tables"] == "note"
    integrity.remember_if_unknown(home)
    assert states(home)["tables"] == "fine"
    with home.reading() as session:
        assert integrity.changed(session, run) == []
    home.engine.dispose()
