from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from db.base import Base
from db.home import Home
from db.results import Lease


def test_times_come_back_as_the_same_moment_in_utc(any_home: Home) -> None:
    moment = datetime(2024, 2, 29, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    with any_home.writing() as session:
        session.add(Lease(name="x", owner="y", since=moment, beat_at=moment))
    with any_home.reading() as session:
        found = session.scalars(select(Lease.since)).one()
    assert found == moment
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(home: Home) -> None:
    naive = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"), home.writing() as session:
        session.add(Lease(name="x", owner="y", since=naive, beat_at=naive))


def test_every_constraint_has_a_name() -> None:
    unnamed = [(t.name, c) for t in Base.metadata.tables.values() for c in t.constraints if not c.name]
    assert unnamed == []


def test_text_is_ordered_by_bytes_on_every_database(any_home: Home) -> None:
    names = ["b", "B", "a", "Z", "é", "_"]
    with any_home.writing() as session:
        for name in names:
            session.add(Lease(name=name, owner="y", since=datetime.now(UTC), beat_at=datetime.now(UTC)))
    with any_home.reading() as session:
        assert list(session.scalars(select(Lease.name).order_by(Lease.name))) == sorted(names, key=str.encode)
