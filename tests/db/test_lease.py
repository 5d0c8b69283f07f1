from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db import lease, migrate
from db.base import now
from db.errors import Busy
from db.home import Home
from db.results import Lease
from db.session import open_engine


def held(home: Home) -> list[str]:
    with home.reading() as session:
        return list(session.scalars(select(Lease.name)))


def plant(home: Home, owner: str, age: timedelta) -> None:
    with home.writing() as session:
        session.add(Lease(name="build", owner=owner, since=now() - age, beat_at=now() - age))


def test_a_lease_is_held_and_given_back(any_home: Home) -> None:
    with lease.holding(any_home, "build"):
        assert held(any_home) == ["build"]
        with lease.holding(any_home, "crawl"):
            assert sorted(held(any_home)) == ["build", "crawl"]
    assert held(any_home) == []


def test_it_is_given_back_after_an_exception(home: Home) -> None:
    with pytest.raises(ValueError, match="no"), lease.holding(home, "build"):
        raise ValueError("no")
    assert held(home) == []


def test_a_second_owner_is_told_who_holds_it(any_home: Home) -> None:
    with (
        lease.holding(any_home, "build"),
        pytest.raises(Busy, match=f"another build is running .* on {socket.gethostname()}, since "),
        lease.holding(any_home, "build"),
    ):
        pass


def test_a_dead_process_of_this_host_loses_it_at_once(home: Home) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    plant(home, f"{socket.gethostname()}:{ended.pid}:x", timedelta(0))
    with lease.holding(home, "build"):
        assert held(home) == ["build"]


def test_a_process_that_was_given_the_number_of_a_dead_one_does_not_hold_it(home: Home) -> None:
    plant(home, f"{socket.gethostname()}:{os.getpid()}:1-x", timedelta(0))
    with lease.holding(home, "build"):
        assert held(home) == ["build"]


def test_an_owner_elsewhere_loses_it_when_its_heart_stops(home: Home) -> None:
    plant(home, "elsewhere:1:x", lease.DEAD_AFTER / 2)
    with pytest.raises(Busy, match="elsewhere"), lease.holding(home, "build"):
        pass
    with home.writing() as session:
        session.query(Lease).update({Lease.beat_at: now() - 2 * lease.DEAD_AFTER})
    with lease.holding(home, "build"):
        assert held(home) == ["build"]


def take_over(home: Home) -> None:
    with home.writing() as session:
        session.query(Lease).update({Lease.owner: "elsewhere:1:x", Lease.since: now(), Lease.beat_at: now()})


def test_who_lost_it_cannot_finish(any_home: Home) -> None:
    with lease.holding(any_home, "build") as mine:
        with any_home.writing() as session:
            mine.keep(session)
        take_over(any_home)
        with pytest.raises(Busy, match=r"process 1 on elsewhere.* has taken its place"), any_home.writing() as session:
            mine.keep(session)
    assert held(any_home) == ["build"]


def test_an_error_of_who_lost_it_is_told_as_that(home: Home) -> None:
    def lose_it() -> None:
        with lease.holding(home, "build"):
            take_over(home)
            raise FileNotFoundError("somebody else has swept it away")

    with pytest.raises(Busy, match="has taken its place") as told:
        lose_it()
    assert isinstance(told.value.__cause__, FileNotFoundError)


def test_keeping_it_is_a_heartbeat(home: Home) -> None:
    with lease.holding(home, "build") as mine:
        with home.writing() as session:
            session.query(Lease).update({Lease.beat_at: now() - 2 * lease.DEAD_AFTER})
            mine.keep(session)
        with home.reading() as session:
            assert now() - session.scalars(select(Lease.beat_at)).one() < lease.DEAD_AFTER


def test_the_heart_beats(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.02)
    with lease.holding(home, "build"):
        with home.reading() as session:
            first = session.scalars(select(Lease.beat_at)).one()
        deadline = now() + timedelta(seconds=10)
        while now() < deadline:
            with home.reading() as session:
                if session.scalars(select(Lease.beat_at)).one() > first:
                    return
    pytest.fail("no beat within ten seconds")


def test_of_two_that_find_it_free_one_is_told(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(postgres_url)
    migrate.upgrade(engine)
    home = Home(tmp_path, engine)

    def other_first() -> datetime:
        monkeypatch.setattr(lease, "now", now)
        plant(home, "elsewhere:1:x", timedelta(0))
        return now()

    monkeypatch.setattr(lease, "now", other_first)
    with pytest.raises(Busy, match="just begun"), lease.holding(home, "build"):
        pass
    assert held(home) == ["build"]
    engine.dispose()
