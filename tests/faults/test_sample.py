"""A sample of every kind of fault, one after the other on the same homes; `make test-faults` runs them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import disks, leases
from tests.faults.failures import WAYS, Case, failed
from tests.faults.kills import BUILD, IMPORT, Bench, killed, named
from tests.faults.shim import VARIABLE, compiled
from tests.faults.template import Template
from tests.faults.world import pages, serving

POINTS = ("import.committed", "resolve.credits", "crawl.documents", "read.merged", "publish.rows:3", "collect.folder")
FAILURES = (
    (IMPORT, "disk full", 30), (IMPORT, "commit fails", 20), (BUILD, "disk full after half a write", 70),
    (BUILD, "write fails", 200), (BUILD, "sync fails", 9), (BUILD, "rename fails", 5), (BUILD, "half a write", 60),
    (BUILD, "no room to commit", 120),
)  # fmt: skip
CASES = (disks.import_with_no_room, disks.killed_and_full, disks.home_not_ours, leases.suspended_before_it_publishes)


@pytest.mark.timeout(900)
def test_whatever_fails_the_next_run_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    site = pages()
    ways = {way.name: way for way in WAYS}
    with Template({VARIABLE: str(compiled(tmp_path))}) as template, serving(site) as url:
        bench = Bench(tmp_path / "bench", template, site, url)
        found = {point: killed(bench, sweep, point) for sweep, point in named() if point in POINTS}
        assert list(found) == list(POINTS)
        for command, way, k in FAILURES:
            case = Case(command, ways[way], k)
            found[str(case)] = failed(bench, case).problem
        found |= {case.__name__: case(bench) for case in CASES}
    assert {what: problem for what, problem in found.items() if problem} == {}
