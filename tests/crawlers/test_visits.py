"""Times of visits, against a slow, obvious reading of cron expressions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.visits import cron_trigger, next_cron, next_visit, rest
from db.errors import UsageError
from db.web import Source

START = datetime(2026, 2, 27, 22, 30, tzinfo=UTC)  # a Friday


def slow(minute: str, hour: str, weekday: str, after: datetime) -> datetime:
    """Minute by minute, cron's own counting: Sunday is 0 and 7."""
    moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while True:
        day = (moment.weekday() + 1) % 7
        days = {int(d) % 7 for d in weekday.split(",")} if weekday != "*" else set(range(7))
        if minute in ("*", str(moment.minute)) and hour in ("*", str(moment.hour)) and day in days:
            return moment
        moment += timedelta(minutes=1)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["0", "17", "59"]), st.sampled_from(["*", "0", "3", "23"]),
    st.sampled_from(["*", "0", "7", "1", "5", "0,3", "6,7"]), st.integers(0, 20_000),
)  # fmt: skip
def test_the_next_time_is_what_cron_means(minute: str, hour: str, weekday: str, later: int) -> None:
    after = START + timedelta(minutes=later)
    assert next_cron(f"{minute} {hour} * * {weekday}", after) == slow(minute, hour, weekday, after)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("@daily", "2026-02-28T00:00"), ("*/15 * * * *", "2026-02-27T22:45"), ("0 3 1 * *", "2026-03-01T03:00"),
     ("0 3 * * mon-wed", "2026-03-02T03:00"), ("0 3 * * 1-3", "2026-03-02T03:00"), ("0 3 * * 5-7", "2026-02-28T03:00"),
     ("30 22 * * *", "2026-02-28T22:30"), ("0 0 29 2 *", "2028-02-29T00:00"), ("0 3 * * SUN", "2026-03-01T03:00")],
)  # fmt: skip
def test_what_expressions_say(expression: str, expected: str) -> None:
    assert next_cron(expression, START) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    ["", "soon", "* * * *", "* * * * * *", "61 * * * *", "0 24 * * *", "0 0 30 2 *", "0 3 1 * 1", "0 0 * * 8",
     "0 0 * * 5-1", "0 0 * * 1/2", "; rm -rf /", "0 0 * * mon-x", "-1 * * * *", "0 0 * * 1-9/0", "\x00 * * * *"],
)  # fmt: skip
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(UsageError, match="--cron"):
        cron_trigger(expression)


def test_a_source_comes_again_by_its_own_time() -> None:
    assert next_visit(Source(every=None, cron=None), 100, START) == START + timedelta(seconds=99)
    assert next_visit(Source(every=1000, cron=None), 100, START) == START + timedelta(seconds=990)
    assert next_visit(Source(every=None, cron="0 3 * * *"), 100, START) == START + timedelta(hours=4.5)
    assert [rest(Source(every=e, cron=c), 100, START) for e, c in ((None, None), (7, None), (None, "@weekly"))] == [
        100, 7, 604_800,
    ]  # fmt: skip
