"""Retry-After in all its spellings; floors and pauses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.politeness import Hosts, retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("0", 0.0), (" 17 ", 17.0), ("99999999999999", 3600.0), ("-5", None), ("soon", None), ("", None),
     ("1.5", None), ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0), ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
     ("Mon, 01 Mar 2100 12:00:00 GMT", 3600.0), ("Sun, 99 Mar 2026 12:00:00 GMT", None), ("٣", None)],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=40))
def test_garbage_is_never_an_error(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or 0 <= found <= 3600


def test_floors_and_pauses() -> None:
    hosts = Hosts(1.0, 1, {"slow.example": 5.0})
    assert (hosts.floor("a.example"), hosts.floor("slow.example")) == (1.0, 5.0)
    assert hosts.paused() == []
    hosts.pause("a.example", 60.0)
    hosts.pause("a.example", 1.0)
    assert 59 < hosts.paused_for("a.example") <= 60
    assert hosts.paused() == ["a.example"]
    assert hosts.paused_for("slow.example") == 0
