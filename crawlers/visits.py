"""When a source is visited: after a span of time, or by a cron expression, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from crawlers.revisit import PUNCTUAL
from db.base import now
from db.errors import UsageError
from db.web import Source

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTCUTS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip


def cron_trigger(expression: str, option: str = "--cron") -> Any:
    """APScheduler's trigger for a cron expression of five fields, or @daily and its like; UTC.

    Raises:
        UsageError: it is none, or the time it names never comes.
    """
    from apscheduler.triggers.cron import CronTrigger

    fields = SHORTCUTS.get(expression.strip().lower(), expression).lower().split()
    hint = "write minute, hour, day of month, month and day of week, such as “0 3 * * *” (times are UTC)"
    if len(fields) != 5:
        raise UsageError(f"{option} “{expression}”: it has {len(fields)} fields of 5; {hint}")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        # cron would take either, APScheduler both: neither reading is safe to guess
        raise UsageError(f"{option} “{expression}”: give a day of the month or a day of the week, not both; {hint}")
    try:
        trigger = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=UTC
        )
    except (ValueError, IndexError) as error:
        raise UsageError(f"{option} “{expression}”: {error}; {hint}") from error
    if trigger.get_next_fire_time(None, now()) is None:
        raise UsageError(f"{option} “{expression}”: that time never comes; {hint}")
    return trigger


def _weekdays(field: str) -> str:
    """Cron counts from Sunday = 0, the library from Monday = 0: names mean the same to both."""
    parts = []
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if not re.fullmatch(r"[0-7]", first) and not re.fullmatch(r"[0-7]", last):
            parts.append(part)
            continue
        start = int(first) if first.isdigit() else DAYS.index(first)
        end = (int(last) if last.isdigit() else DAYS.index(last)) if dash else start
        days = list(range(start, end + 1, int(step or 1)))
        if not days or (slash and not dash):
            raise ValueError(f"days of the week “{part}” cannot be read")
        parts += dict.fromkeys(DAYS[day] for day in days)
    return ",".join(parts)


def next_cron(expression: str, after: datetime) -> datetime:
    """The first time of a cron expression after a moment."""
    found: datetime | None = cron_trigger(expression).get_next_fire_time(None, after + timedelta(seconds=1))
    if found is None:
        raise UsageError(f"--cron “{expression}”: that time never comes")
    return found.astimezone(UTC)


def next_visit(source: Source, default: int, after: datetime) -> datetime:
    """When a source that is visited now is due again.

    Args:
        default: seconds, for a source that names no time of its own.
    """
    if source.cron is not None:
        return next_cron(source.cron, after)
    every = default if source.every is None else source.every
    return after + timedelta(seconds=every * PUNCTUAL)


def rest(source: Source, default: int, after: datetime) -> int:
    """Seconds between two visits of a source."""
    if source.cron is not None:
        first = next_cron(source.cron, after)
        return int((next_cron(source.cron, first) - first).total_seconds())
    return default if source.every is None else source.every
