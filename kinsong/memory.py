"""The peak memory of one piece of work, on Linux; elsewhere that of the process so far."""

from __future__ import annotations

import re
import resource
from pathlib import Path

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def reset_peak() -> None:
    """Begin to count anew (writing 5 to clear_refs resets the high water mark: proc(5))."""
    if _CLEAR.exists():
        try:
            _CLEAR.write_text("5")
        except PermissionError:
            return  # some containers forbid it: the peak is then that of the process so far


def peak_mib() -> float:
    """The largest resident size since `reset_peak`, in MiB."""
    if _STATUS.exists() and (match := re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())):
        return int(match[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
