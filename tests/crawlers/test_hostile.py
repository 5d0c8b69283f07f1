"""A sample of `make prove-crawl`: hostile bytes of every kind do no harm, and a server full of faults loses no page."""

from __future__ import annotations

import random

import pytest

from tests.quality.crawl_faults import SETTINGS, Plan, run
from tests.quality.crawl_mutations import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_mutations_do_no_harm(kind: str) -> None:
    for seed in range(40):
        KINDS[kind](random.Random(seed))


def test_a_server_full_of_faults(capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan(19, 8)
    assert {plan.robots(host) for host in range(19)} > {"404", "loop", "rules", "chain", "503", "429", "drop", "bomb"}
    assert run(19, 8, SETTINGS | {"delay": 0.02, "retry_delay": 0.05}), capsys.readouterr().out
