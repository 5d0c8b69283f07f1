"""Named points in the work at which a test lets the process die; without the environment variable they do nothing.

`KINSONG_FAULT=publish.rows` kills the process where it reaches that point for the first time, `publish.rows:3` at the
third, `publish.rows:1:STOP` suspends it there instead. A test lists the points that stand in the code and refuses one
that no sweep kills at.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "KINSONG_FAULT"


class _Fault:
    """What is to happen where: nothing, as long as `point` is empty."""

    point = ""
    passes = 0
    what = signal.SIGKILL


def arm(fault: str) -> None:
    """Choose the point of this process: POINT, POINT:TIMES or POINT:TIMES:SIGNAL; empty for none."""
    point, _, rest = fault.partition(":")
    times, _, what = rest.partition(":")
    _Fault.point = point
    _Fault.passes = int(times or 1)
    _Fault.what = signal.Signals[f"SIG{what or 'KILL'}"]


def reached(point: str) -> None:
    """The work has come to this point."""
    if point == _Fault.point:
        _Fault.passes -= 1
        if not _Fault.passes:
            os.kill(os.getpid(), _Fault.what)


arm(os.environ.get(VARIABLE, ""))
