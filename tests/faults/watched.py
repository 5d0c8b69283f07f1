"""Cases run in a child process that is watched: its death, or its silence, is told as the end of the case it was at."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

HANGS_AFTER = 60.0


class Case(NamedTuple):
    """One case and how it ended: what the function said of it, or "crash", "hang" or "trace: …"."""

    case: Any
    outcome: str


def watched(function: Callable[[Any], str], cases: Sequence[Any]) -> list[Case]:
    """What a function says of each case, in order; after a death or a hang the others go on in a new process."""
    found: list[Case] = []
    context = multiprocessing.get_context("spawn")
    while len(found) < len(cases):
        ours, theirs = context.Pipe()
        child = context.Process(target=_work, args=(theirs, function, cases[len(found) :]), daemon=True)
        child.start()
        theirs.close()
        try:
            while len(found) < len(cases):
                if not ours.poll(HANGS_AFTER):
                    found.append(Case(cases[len(found)], "hang"))
                    break
                found.append(Case(cases[len(found)], ours.recv()))
        except EOFError:
            child.join()
            found.append(Case(cases[len(found)], f"crash {child.exitcode}"))
        finally:
            child.kill()
            child.join()
    return found


def _work(pipe: Any, function: Callable[[Any], str], cases: Sequence[Any]) -> None:
    for case in cases:
        try:
            outcome = function(case)
        except Exception:  # noqa: BLE001  it is told
            outcome = "trace: " + traceback.format_exc().strip()[-600:]
        pipe.send(outcome)
