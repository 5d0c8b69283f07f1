"""Freed space is cleared, later if not now, and nobody waits for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from db import clearing
from db.base import now
from db.catalog import Listener
from db.home import Home
from db.results import Lease
from db.session import driver_errors, open_engine
from db.write import insert_rows


def test_what_is_owed_is_paid_once_readers_have_let_go(any_home: Home) -> None:
    clearing.owe(any_home, ("listener",), "Ada")
    clearing.owe(any_home, ("artist",))
    assert clearing.is_owed(any_home, "Ada")
    assert not clearing.is_owed(any_home, "Bob")
    assert b"Ada" not in (any_home.path / clearing.OWED).read_bytes()
    with any_home.writing() as session:
        session.add(Listener(name="Bob"))
    with any_home.reading() as session:
        session.scalars(select(Listener.name)).all()
        assert not clearing.pay(any_home)
    assert clearing.pay(any_home)
    assert clearing.pay(any_home)
    assert not clearing.is_owed(any_home, "Ada")
    assert not list(any_home.path.glob(".clearing*"))


def test_an_error_of_the_driver_is_one_of_the_database(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(DBAPIError, match="no_such_table"):
        clearing.clear(Home(None, engine), ("no_such_table",))  # type: ignore[arg-type]
    engine.dispose()


def test_rows_that_do_not_fit_are_an_error_of_the_database(any_home: Home) -> None:
    row = ("build", "me", now(), now())
    with pytest.raises(DBAPIError), any_home.writing() as session:
        insert_rows(session.connection(), Lease, ("name", "owner", "since", "beat_at"), [row, row])


def test_errors_of_others_pass(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(KeyError), driver_errors(engine.dialect):
        raise KeyError("ours")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("said", ["", "{", "[]", "{}", '{"tables": 3, "names": []}'])
def test_a_note_that_cannot_be_read_owes_everything(home: Home, said: str) -> None:
    (home.path / clearing.OWED).write_text(said)
    assert not clearing.is_owed(home, "Ada")
    clearing.owe(home, ("artist",), "Ada")
    assert clearing.is_owed(home, "Ada")
    assert clearing.pay(home)
