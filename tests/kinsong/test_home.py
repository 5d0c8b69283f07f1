from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.errors import ConfigError, HomeError
from kinsong import home as homes


def test_made_once_and_left_as_it_is(tmp_path: Path) -> None:
    home, new = homes.create(tmp_path / "home")
    assert new
    (home.path / "kinsong.toml").write_text("[related]\nn = 7\n")
    with home.writing() as session:
        session.execute(text("INSERT INTO listener (name) VALUES ('ann')"))
    home.engine.dispose()
    again, new = homes.create(tmp_path / "home")
    assert not new
    assert (again.path / "kinsong.toml").read_text() == "[related]\nn = 7\n"
    with again.reading() as session:
        assert session.execute(text("SELECT name FROM listener")).scalar() == "ann"
    again.engine.dispose()


def test_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "home", postgres_url)
    home.engine.dispose()
    again = homes.open_home(tmp_path / "home")
    assert again.engine.dialect.name == "postgresql"
    assert not (tmp_path / "home" / "kinsong.db").exists()
    again.engine.dispose()


def test_another_database_for_an_existing_home_is_refused(tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "home")
    home.engine.dispose()
    with pytest.raises(HomeError, match=r"kinsong\.toml"):
        homes.create(tmp_path / "home", "sqlite:////elsewhere.db")


def test_a_lost_database_is_said_to_be_lost(tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "home")
    home.engine.dispose()
    for path in home.path.glob("kinsong.db*"):
        path.unlink()
    with pytest.raises(HomeError, match="lost its database"):
        homes.open_home(tmp_path / "home")


@pytest.mark.parametrize("what", ["pipe", "folder", "device", "loop", "nothing"])
def test_what_is_no_database_is_not_waited_for(tmp_path: Path, what: str) -> None:
    home, _ = homes.create(tmp_path / "home")
    homes.close(home)
    path = home.path / "kinsong.db"
    path.unlink()
    match what:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to({"device": Path("/dev/zero"), "loop": path, "nothing": tmp_path / "none"}[what])
    with pytest.raises(HomeError, match="lost its database"):
        homes.open_home(tmp_path / "home", read_only=True)


def test_which_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(homes.VARIABLE, raising=False)
    assert homes.chosen(None) == tmp_path / "kinsong-home"
    monkeypatch.setenv(homes.VARIABLE, "/some/where")
    assert homes.chosen(None) == Path("/some/where")
    assert homes.chosen(Path("/else")) == Path("/else")


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody:secret@127.0.0.1:1/x", "mysql://host/name"])
def test_an_init_that_failed_can_be_tried_again(tmp_path: Path, url: str) -> None:
    with pytest.raises((DBAPIError, ConfigError)):
        homes.create(tmp_path / "home", url)
    home, new = homes.create(tmp_path / "home")
    assert new
    home.engine.dispose()


def test_the_password_of_the_other_database_is_not_shown(postgres_url: str, tmp_path: Path) -> None:
    url = postgres_url.replace("kinsong@", "kinsong:secret@")
    home, _ = homes.create(tmp_path / "home", url)
    home.engine.dispose()
    with pytest.raises(HomeError) as refused:
        homes.create(tmp_path / "home", "sqlite:////elsewhere.db")
    assert "secret" not in str(refused.value)


def test_an_init_that_fails_at_its_settings_is_run_again(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "home"
    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            homes.create(path, postgres_url)
    assert {one.name for one in path.iterdir()} == {"listening", "artifacts", "kinsong.toml.tmp"}
    home, new = homes.create(path, postgres_url)
    assert (new, home.engine.dialect.name) == (True, "postgresql")
    home.engine.dispose()
    assert {one.name for one in path.iterdir()} == {"listening", "artifacts", "kinsong.toml"}
