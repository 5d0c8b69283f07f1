from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from db.errors import StoreError
from db.home import Home
from db.task import Silent
from kinsong import doctor
from kinsong import home as homes
from kinsong.doctor import examine
from tests.faults import published


def wrong(path: Path) -> list[str]:
    return [f"{f.check}: {f.detail}" for f in examine(path) if f.state == "wrong"]


def test_no_one_else_owns_our_package_names() -> None:
    owners = packages_distributions()
    assert {name: set(owners.get(name, ())) - {"kinsong"} for name in doctor.OURS} == {
        name: set() for name in doctor.OURS
    }


def test_a_foreign_owner_is_named(built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"nlp": ["kinsong", "nlp"]})
    assert any("nlp" in line and "uninstall" in line for line in wrong(built.path))


def test_a_missing_home_is_one_finding(tmp_path: Path) -> None:
    assert [line for line in wrong(tmp_path / "none") if "kinsong init" in line]


def test_a_damaged_artefact_is_named(micro_world, tmp_path: Path) -> None:
    from kinsong import config
    from kinsong.build import build

    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    build(home, config.load(home))
    assert wrong(home.path) == []
    vectors = next(home.artifacts.glob("als-*/als.artist.npy"))
    vectors.write_bytes(b"\0" * vectors.stat().st_size)
    assert any("als.artist.npy" in line and "`kinsong build`" in line for line in wrong(home.path))
    build(home, config.load(home))
    assert wrong(home.path) == []
    facts = next(home.listening.glob("plays/*.parquet"))
    facts.unlink()
    assert any(str(facts) in line and "import undo" in line for line in wrong(home.path))
    home.engine.dispose()


def test_damaged_readings_are_a_note(tmp_path: Path) -> None:

    home, _ = homes.create(tmp_path / "home")

    def readings() -> doctor.Finding:
        (found,) = [finding for finding in examine(home.path) if finding.check == "readings"]
        return found

    assert readings().detail.startswith("0 parts")
    folder = home.readings / "of-some-settings"
    folder.mkdir(parents=True)
    (folder / f"part-{hashlib.sha256(b'whole').hexdigest()}.parquet").write_bytes(b"whole")
    assert (readings().state, readings().detail.split()[0]) == ("fine", "1")
    cut = folder / f"part-{hashlib.sha256(b'what was written').hexdigest()}.parquet"
    cut.write_bytes(b"what was")
    assert readings().state == "note"
    assert readings().detail.startswith("1 of 2 parts")
    assert str(cut) in readings().detail
    home.engine.dispose()


def test_repair_takes_damage_away_and_builds_anew(micro_world, tmp_path: Path, kinsong) -> None:
    from db.digest import digest
    from kinsong import config
    from kinsong.build import build

    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    run = build(home, config.load(home)).run_id
    assert run is not None
    with home.reading() as session:
        before = digest(session, run)
    next(home.artifacts.glob("als-*/als.artist.npy")).write_bytes(b"cut")
    next(home.artifacts.glob("index-*/*.ann")).unlink()
    ran = kinsong("doctor", "--repair")
    assert ran.code == 0
    assert "artefact als-" in ran.err
    assert "als was made anew" in ran.err
    assert wrong(home.path) == []
    with home.reading() as session:
        assert digest(session, run + 1) == before
    assert "nothing was damaged" in kinsong("doctor", "--repair").err
    home.engine.dispose()


def test_a_database_that_is_not_what_was_left_is_refused_and_mended(micro_world, tmp_path: Path, kinsong) -> None:

    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    home.engine.dispose()
    assert kinsong("build").code == 0
    question = ("related", "Neon Player B", "--why", "--format", "json")
    before = kinsong(*question).out
    with closing(sqlite3.connect(home.path / "kinsong.db")) as connection:
        assert connection.execute("UPDATE related_artist SET score = 9 WHERE rank = 1").rowcount
        connection.commit()
    for arguments in (question, ("build",), ("backup", "file.tar"), ("sql", "SELECT 1"), ("init",)):
        ran = kinsong(*arguments)
        assert (ran.code, "not what kinsong left there" in ran.err) == (1, True), arguments
    ran = kinsong("doctor")
    assert (ran.code, "related_artist" in ran.out) == (1, True)
    ran = kinsong("doctor", "--repair")
    assert (ran.code, "in related_artist were read anew" in ran.err) == (0, True)
    assert kinsong(*question).out == before


def test_a_repair_that_fails_takes_nothing_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = published.make_home(tmp_path / "home", artists=12)
    published.make_run(home, 1, dim=8)
    homes.close(home)
    with closing(sqlite3.connect(home.path / "kinsong.db")) as connection:
        connection.execute("UPDATE related_artist SET score = 9 WHERE rank = 1")
        connection.commit()

    def fail(*_: object, **__: object) -> None:
        raise StoreError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("kinsong.build.build", fail)
        with pytest.raises(StoreError, match="no room"):
            doctor.repair(home.path, Silent())
    with pytest.raises(StoreError, match="not what kinsong left there"):
        homes.open_home(home.path)


def test_the_database_is_compared_before_it_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read a file is to lose this process's locks on it, once it is closed."""
    home, _ = homes.create(tmp_path / "home")
    homes.close(home)
    order: list[str] = []
    check, opened = homes.check_database, homes.open_home
    monkeypatch.setattr(homes, "check_database", lambda *a, **k: order.append("compared") or check(*a, **k))
    monkeypatch.setattr(homes, "open_home", lambda *a, **k: order.append("opened") or opened(*a, **k))
    examine(home.path)
    assert order == ["compared", "opened"]


def test_a_broken_file_stays_refused_after_a_repair_that_could_not_be(tmp_path: Path, kinsong) -> None:
    home, _ = homes.create(tmp_path / "home")
    homes.close(home)
    content = bytearray((home.path / "kinsong.db").read_bytes())
    content[8192:12288] = bytes(4096)
    (home.path / "kinsong.db").write_bytes(content)
    for arguments in (("status",), ("doctor", "--repair"), ("status",)):
        ran = kinsong(*arguments)
        assert (ran.code, "restore" in ran.err) == (1, True), (arguments, ran)


def test_what_only_an_earlier_run_needs_is_a_note(micro_world, tmp_path: Path) -> None:
    from kinsong import config
    from kinsong.build import build

    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    settings = config.load(home)
    build(home, settings)
    old = next(home.artifacts.glob("related-*"))
    build(home, settings.model_copy(update={"related": settings.related.model_copy(update={"n": 7})}))
    shutil.rmtree(old)
    assert wrong(home.path) == []
    assert [f.detail for f in examine(home.path) if f.check == "run 1" and f.state == "note" and old.name in f.detail]
    home.engine.dispose()


def test_a_database_that_does_not_answer_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "kinsong.toml").write_text('[database]\nurl = "postgresql+psycopg://me:secret@127.0.0.1:1/x"\n')
    found = [line for line in wrong(tmp_path) if line.startswith("database")]
    assert len(found) == 1
    assert "kinsong.toml" in found[0]
    assert "secret" not in found[0]
