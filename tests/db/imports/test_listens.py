"""Listens as ListenBrainz writes them."""

from __future__ import annotations

import pytest

from db.imports.listens import flat_listen


@pytest.mark.parametrize("user", ["anna", None])
def test_a_listen_becomes_a_row(user: str | None) -> None:
    listen = {"listened_at": 5, "user_name": user, "track_metadata": {"artist_name": "Air", "track_name": "Run"}}
    assert flat_listen(listen) == {"artist": "Air", "track": "Run", "time": 5} | ({"listener": user} if user else {})


@pytest.mark.parametrize("value", [{"artist": "Air"}, {"track_metadata": 5}])
def test_what_is_no_listen_stays_as_it_is(value: dict[str, object]) -> None:
    assert flat_listen(value) is value
