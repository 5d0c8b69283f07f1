"""Builds that are suspended, and others that come meanwhile: one at a time, and nobody publishes without the lease."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from db.base import now
from db.home import Home, default_url
from db.lease import DEAD_AFTER
from db.results import Lease
from db.session import open_engine
from tests.faults.disks import answers
from tests.faults.kills import BUILD, Bench, different, state_of
from tests.faults.template import Template

SLOWEST = 25.0
"""Seconds in which readers that wait for nothing have answered, even on a busy machine; one that waits takes 30."""


def _suspended(bench: Bench, home: Path, point: str) -> int:
    """A build that has stopped at a point; its process id."""
    return suspended(bench.template, bench.arguments(home, BUILD), point)


def suspended(template: Template, arguments: Sequence[object], point: str) -> int:
    """A command that has stopped at a point; its process id."""
    times = "" if ":" in point else ":1"
    child = template.start(arguments, fault=f"{point}{times}:STOP")
    deadline = time.monotonic() + 60
    while Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline, f"{point} was not reached"
        time.sleep(0.01)
    return child


def _time_passes(path: Path) -> None:
    """The lease's last heartbeat was longer ago than a living owner's can be."""
    home = Home(path, open_engine(default_url(path)))
    with home.writing() as session:
        session.execute(update(Lease).values(beat_at=now() - DEAD_AFTER - timedelta(seconds=1)))
    home.engine.dispose()


def _overtaken(bench: Bench, point: str) -> str:
    home = bench.copy("changed")
    child = _suspended(bench, home, point)
    _time_passes(home)
    second = bench.template.run(bench.arguments(home, BUILD))
    after = state_of(home).digest
    os.kill(child, signal.SIGCONT)
    first = bench.template.finish(child)
    if second.code or "published run 2" not in second.err:
        return f"who took the lease over ended so: {second}"
    if first.code != 1 or "stood still" not in first.err or "Traceback" in first.err:
        return f"who had lost the lease ended so: {first}"
    if after != bench.sound.digest:
        return "who took the lease over published something else"
    return different(state_of(home), bench.sound)


def suspended_before_it_publishes(bench: Bench) -> str:
    """All steps are done when it stops; another build publishes; then it goes on."""
    return _overtaken(bench, "publish.begun")


def suspended_in_a_step(bench: Bench) -> str:
    """It stops while a step writes into its folder."""
    return _overtaken(bench, "vectors.ids")


def suspended_before_a_step_gets_its_name(bench: Bench) -> str:
    """It stops when the folder is sealed."""
    return _overtaken(bench, "artifact.sealed")


def suspended_before_it_collects(bench: Bench) -> str:
    """It has published; another one comes that finds nothing to do."""
    home = bench.copy("changed")
    child = _suspended(bench, home, "publish.committed")
    _time_passes(home)
    second = bench.template.run(bench.arguments(home, BUILD))
    os.kill(child, signal.SIGCONT)
    bench.template.finish(child)
    return second.err if second.code else different(state_of(home), bench.sound)


def second_is_told(bench: Bench) -> str:
    """A second build says who is at work and since when, and leaves all as it is."""
    home = bench.copy("changed")
    child = _suspended(bench, home, "als.fitted")
    second = bench.template.run(bench.arguments(home, BUILD))
    os.kill(child, signal.SIGCONT)
    first = bench.template.finish(child)
    told = rf"error: another build is running \(process {child} on .+, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"
    if second.code != 1 or not re.search(told, second.err):
        return f"the second ended so: {second}"
    return first.err if first.code else different(state_of(home), bench.sound)


def readers_do_not_wait(bench: Bench) -> str:
    """While a build stands in the middle of its publishing transaction, everybody reads what was there before."""
    home = bench.copy("changed")
    before = answers(bench, home)
    child = _suspended(bench, home, "publish.pointed")
    began = time.monotonic()
    found = answers(bench, home)
    took = time.monotonic() - began
    os.kill(child, signal.SIGCONT)
    ended = bench.template.finish(child)
    if found != before or took > SLOWEST:
        return f"after {took:.1f} s they answer {found}"
    return ended.err if ended.code else different(state_of(home), bench.sound)


CASES: tuple[Callable[[Bench], str], ...] = (
    suspended_before_it_publishes, suspended_in_a_step, suspended_before_a_step_gets_its_name,
    suspended_before_it_collects, second_is_told, readers_do_not_wait,
)  # fmt: skip
