"""The gate's memory of robots.txt: rules are looked up again once their answer is too old."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace

from crawlers import robots
from crawlers.gate import Gate
from db.base import now


def test_rules_that_are_too_old_are_looked_up_again() -> None:
    ends = [now() - timedelta(seconds=1), now() + timedelta(hours=1)]
    looked_up: list[str] = []

    class Counting(Gate):
        async def _look_up(self, origin: str, url: str, run: object) -> robots.Rules:  # noqa: ARG002
            looked_up.append(origin)
            return robots.Rules(robots.ALLOW_ALL, "kinsong", until=ends[len(looked_up) - 1])

    async def ask() -> None:
        gate = Counting(SimpleNamespace(signals=SimpleNamespace(connect=lambda *_: None)))  # type: ignore[arg-type]
        for _ in range(4):
            await gate._rules_of("http://a.example/x", None)

    asyncio.run(ask())
    assert looked_up == ["http://a.example:80"] * 2
