from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from db.catalog import Credit, Listener
from db.home import Home
from db.write import insert_rows


def test_rows_arrive_in_full_and_get_ids(any_home: Home) -> None:
    rows = [(f"credit {n}", f"key {n % 7}") for n in range(45_000)]
    with any_home.writing() as session:
        assert insert_rows(session.connection(), Credit, ("text", "key"), iter(rows)) == len(rows)
    with any_home.reading() as session:
        found = session.execute(select(Credit.id, Credit.text, Credit.key)).all()
    assert sorted((r.text, r.key) for r in found) == sorted(rows)
    assert len({r.id for r in found}) == len(rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), unique=True, max_size=20))
def test_any_text_comes_back_as_it_was(any_home: Home, names: list[str]) -> None:
    with any_home.writing() as session:
        session.execute(delete(Listener))
        insert_rows(session.connection(), Listener, ("name",), [(name,) for name in names])
    with any_home.reading() as session:
        assert sorted(session.scalars(select(Listener.name))) == sorted(names)


def test_a_column_that_is_not_there_is_named(home: Home) -> None:
    with home.writing() as session, pytest.raises(ValueError, match="'nme'"):
        insert_rows(session.connection(), Listener, ("nme",), [])
