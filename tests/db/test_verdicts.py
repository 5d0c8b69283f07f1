from __future__ import annotations

import pytest
from sqlalchemy import delete

from db import verdicts
from db.catalog import Listener
from db.home import Home


@pytest.fixture
def listener(any_home: Home) -> int:
    with any_home.writing() as session:
        session.add(Listener(id=4, name="anna"))
    return 4


def test_the_last_word_counts(any_home: Home, listener: int) -> None:
    with any_home.writing() as session:
        assert verdicts.say(session, listener, "artist", 9, "up") is None
        assert verdicts.say(session, listener, "artist", 9, "down") == "up"
        assert verdicts.say(session, listener, "artist", 9, "down") == "down"
        verdicts.say(session, listener, "track", 3, "ban")
        verdicts.say(session, listener, "track", 5, "favorite")
    with any_home.reading() as session:
        assert verdicts.refused(session) == [(4, "artist", 9), (4, "track", 3)]
        before = verdicts.fingerprint(session)
    with any_home.writing() as session:
        assert verdicts.take_back(session, listener, "artist", 9)
        assert not verdicts.take_back(session, listener, "artist", 9)
    with any_home.reading() as session:
        assert verdicts.fingerprint(session) != before


def test_verdicts_leave_with_the_listener(any_home: Home, listener: int) -> None:
    with any_home.writing() as session:
        verdicts.say(session, listener, "artist", 9, "down")
    with any_home.writing() as session:
        session.execute(delete(Listener))
    with any_home.reading() as session:
        assert verdicts.refused(session) == []
