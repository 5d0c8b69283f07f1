"""Calls of the system that fail while a command runs, and what must hold whatever fails.

The old result or the new one can be read; the command says in words that it failed, or it did what it was asked to;
the next run ends as an undisturbed one and leaves nothing over.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from db.digest import digest
from db.errors import KinsongError
from db.home import Home, default_url
from db.publish import published_artifacts
from db.results import Published
from db.session import open_engine
from tests.faults.kills import BUILD, CRAWL, IMPORT, UNDO, Bench, different, state_of
from tests.faults.shim import Failure

STAGES = {IMPORT: "to_import", UNDO: "undone", CRAWL: "to_crawl", BUILD: "changed"}
"""Command → the stage that it is run in."""


@dataclass(frozen=True)
class Way:
    """A way to fail: kinds of calls, the error, and as in `Failure`; how often it is tried beside the others."""

    name: str
    kinds: tuple[str, ...]
    error: str
    lasting: bool = False
    shortened: bool = False
    only: str = ""
    weight: int = 1


WAYS = (
    Way("disk full", ("write", "create", "length"), "ENOSPC", lasting=True, weight=3),
    Way("disk full after half a write", ("write",), "ENOSPC", lasting=True, shortened=True, weight=3),
    Way("no room once", ("write", "create", "length"), "ENOSPC", weight=2),
    Way("half a write", ("write",), "", shortened=True),
    Way("write fails", ("write",), "EIO", weight=2),
    Way("all writes fail", ("write",), "EIO", lasting=True),
    Way("sync fails", ("sync",), "EIO", weight=2),
    Way("all syncs fail", ("sync",), "EIO", lasting=True),
    Way("rename fails", ("rename",), "EIO", weight=2),
    Way("no more files", ("create", "open"), "EMFILE"),
    Way("not permitted", ("create",), "EACCES"),
    Way("read fails", ("open",), "EIO"),
    Way("length cannot change", ("length",), "EIO"),
    Way("locked", ("lock",), "EAGAIN"),
    Way("commit fails", ("write", "sync", "length"), "EIO", only="kinsong.db", weight=2),
    Way("no room to commit", ("write", "length"), "ENOSPC", lasting=True, only="kinsong.db", weight=2),
)


@dataclass(frozen=True)
class Case:
    """One failure of one command."""

    command: tuple[str, ...]
    way: Way
    k: int

    def failure(self, home: Path) -> Failure:
        """As the shim takes it."""
        way = self.way
        return Failure(str(home), way.kinds, self.k, way.error, way.lasting, way.shortened, way.only)

    def __str__(self) -> str:
        return f"{' '.join(self.command)}: {self.way.name}, call {self.k}"


def counts(bench: Bench, command: Sequence[str]) -> dict[tuple[tuple[str, ...], str], int]:
    """How many calls of each way's kinds a command makes, by the kinds and what a path must hold."""
    found: dict[tuple[tuple[str, ...], str], int] = {}
    for only in sorted({way.only for way in WAYS}):
        home = bench.copy(STAGES[tuple(command)])
        ended = bench.template.run(bench.arguments(home, command), failure=Failure(str(home), only=only))
        assert ended.counted is not None, ended
        calls: Mapping[str, int] = _calls(ended.counted.calls, only)
        for way in WAYS:
            if way.only == only:
                found[way.kinds, only] = sum(calls[kind] for kind in way.kinds)
    return found


def _calls(calls: Mapping[str, int], only: str) -> Mapping[str, int]:
    assert sum(calls.values()), f"no call was counted{only and f' below {only}'}: was the library preloaded?"
    return calls


def drawn(bench: Bench, n: Mapping[tuple[str, ...], int], seed: int) -> Iterator[Case]:
    """So many cases per command, drawn with a seed; no case twice."""
    rng = random.Random(seed)
    for command, wanted in n.items():
        there = counts(bench, command)
        ways = [way for way in WAYS if there[way.kinds, way.only]]
        seen: set[tuple[str, int]] = set()
        while len(seen) < wanted:
            way = rng.choices(ways, [way.weight for way in ways])[0]
            k = rng.randint(1, there[way.kinds, way.only])
            if (way.name, k) not in seen:
                seen.add((way.name, k))
                yield Case(command, way, k)


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the exit code, what is wrong (empty where nothing is), which call failed, what was said.

    `met`: the call came. A crawl makes now more calls, now fewer.
    """

    code: int
    problem: str
    where: str
    said: str
    met: bool


def failed(bench: Bench, case: Case) -> Outcome:
    """Let a command meet a failure, and run it again; an earlier call fails where the command makes fewer this time."""
    outcome = _failed(bench, case)
    while not outcome.met and case.k > 1:
        case = replace(case, k=case.k // 2)
        outcome = _failed(bench, case)
    return outcome


def _failed(bench: Bench, case: Case) -> Outcome:
    home = bench.copy(STAGES[case.command])
    before = read(home)
    ended = bench.template.run(bench.arguments(home, case.command), failure=case.failure(home))
    where = ended.counted.where if ended.counted else "?"
    said = next((line for line in ended.err.splitlines() if line.startswith("error: ")), "")
    problem = ""
    if ended.counted is None or ended.code not in (0, 1, 2):
        problem = f"it ended with code {ended.code}: {ended.err[-2000:]}"
    elif not ended.counted.fired:
        problem = "the call did not come"
    elif "Traceback" in ended.err or (ended.code and not said):
        problem = f"no message but: {ended.err[-3000:]}"
    else:
        problem = _readable(home, before, bench.sound.digest) or _next_run(bench, case, home, done=ended.code == 0)
    return Outcome(ended.code, problem, where, said, ended.counted is None or ended.counted.fired)


def _readable(home: Path, before: str, after: str) -> str:
    try:
        found = read(home)
    except KinsongError as error:
        return f"what was published cannot be read: {error}"
    return "" if found in (before, after) else "what is published is neither the old result nor the new one"


def read(path: Path) -> str:
    """The digest of what is published in a home, its artefacts verified; empty where nothing is."""
    home = Home(path, open_engine(default_url(path), read_only=True))
    try:
        with home.reading() as session:
            row = session.get(Published, 1)
            found = digest(session, row.run_id) if row is not None else ""
        if found:
            published_artifacts(home)
        return found
    finally:
        home.engine.dispose()


def _next_run(bench: Bench, case: Case, home: Path, *, done: bool) -> str:
    if done and case.command == BUILD and case.way.name != "locked":
        return different(state_of(home), bench.sound)  # what seems to be held by a reader is collected the next time
    for ended in bench.finish(home, case.command):
        if ended.code and not (case.command == UNDO and "there is no import batch" in ended.err):
            return f"the next run ended with code {ended.code}: {ended.err[-2000:]}"
    return different(state_of(home), bench.sound)
