from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from db import session as db_session
from db.catalog import Listener
from db.errors import ConfigError, StoreError
from db.home import Home, default_url
from db.session import open_engine


def names(home: Home) -> list[str]:
    with home.reading() as session:
        return list(session.scalars(select(Listener.name).order_by(Listener.name)))


def test_a_transaction_is_kept_whole(any_home: Home) -> None:
    with any_home.writing() as session:
        session.add(Listener(name="a"))
    assert names(any_home) == ["a"]


def test_a_transaction_that_fails_leaves_nothing(any_home: Home) -> None:
    def fail() -> None:
        with any_home.writing() as session:
            session.add(Listener(name="a"))
            session.flush()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert names(any_home) == []


def test_readers_see_one_state_while_a_writer_works(any_home: Home) -> None:
    with any_home.reading() as reader:
        before = reader.scalar(select(func.count()).select_from(Listener))
        with any_home.writing() as writer:
            writer.add(Listener(name="a"))
        assert reader.scalar(select(func.count()).select_from(Listener)) == before
    assert names(any_home) == ["a"]


def test_writers_wait_for_each_other(home: Home) -> None:
    def add(prefix: str) -> None:
        for n in range(25):
            with home.writing() as session:
                session.add(Listener(name=f"{prefix}{n}"))

    threads = [threading.Thread(target=add, args=(prefix,)) for prefix in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(home)) == 100


def test_read_only_refuses_every_write(home: Home) -> None:
    with home.writing() as session:
        session.add(Listener(name="a"))
    engine = open_engine(default_url(home.path), read_only=True)
    for statement in ("DELETE FROM listener", "DROP TABLE listener", "CREATE TABLE t (x)"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="readonly"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    assert names(home) == ["a"]


@pytest.mark.parametrize("url", ["not a url", "mysql://host/name"])
def test_other_databases_are_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:///FILE or postgresql"):
        open_engine(url)


def test_a_path_with_odd_letters_opens_read_only(tmp_path: Path) -> None:
    path = tmp_path / "a #?% b"
    path.mkdir()
    engine = open_engine(default_url(path))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    engine.dispose()
    again = open_engine(default_url(path), read_only=True)
    with again.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
    again.dispose()


def test_a_read_only_engine_serves_any_thread(home: Home) -> None:
    engine = open_engine(default_url(home.path), read_only=True)
    answers: list[int] = []

    def ask() -> None:
        with engine.connect() as connection:
            answers.append(connection.exec_driver_sql("SELECT 1").scalar_one())

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    engine.dispose()
    assert answers == [1, 1]


def test_a_refused_url_keeps_its_password() -> None:
    with pytest.raises(ConfigError) as refused:
        open_engine("mysql://me:secret@host/name")
    assert "secret" not in str(refused.value)


def test_a_writer_waits_its_turn_and_is_told_in_words_when_it_never_comes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.session.TURN_MS", 20)
    monkeypatch.setattr("db.session.PATIENCE", 0.2)

    def write(name: str) -> None:
        with home.writing() as session:
            session.add(Listener(name=name))

    with home.writing() as session:
        session.add(Listener(name="a"))
        session.flush()
        with pytest.raises(StoreError, match=r"kinsong\.db for 0 s: wait until it is done"):
            write("b")
    monkeypatch.setattr("db.session.PATIENCE", 60.0)
    with home.writing() as session:
        session.add(Listener(name="c"))
        session.flush()
        late = threading.Thread(target=write, args=("d",))
        late.start()
        late.join(0.1)
        assert late.is_alive()
    late.join()
    assert names(home) == ["a", "c", "d"]


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_a_connection_that_is_lost_is_an_error_of_the_database(postgres_url: str, way: str) -> None:
    engine, other = open_engine(postgres_url), open_engine(postgres_url)

    def lose() -> None:
        with getattr(db_session, way)(engine) as session:
            pid = session.scalar(text("SELECT pg_backend_pid()"))
            with other.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            session.execute(text("SELECT 1"))

    with pytest.raises(DBAPIError):
        lose()
    for one in (engine, other):
        one.dispose()


def test_what_was_committed_is_flushed_though_somebody_reads_an_earlier_state(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(db_session, "sync", flushed.append)
    with home.reading() as session:
        session.scalars(select(Listener.name)).all()
        with home.writing() as writer:
            writer.add(Listener(name="ada"))
        db_session.settle(home.engine)
    assert flushed == [home.path / "kinsong.db-wal"]
