"""`python -m tests.quality.fault_kills [POINT…]`: kill a command at every named point of the code, and run it again.

Prints what came of each point; exit code 1 when after the next run a home differs from an undisturbed one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.faults.kills import Bench, killed, named
from tests.faults.template import Template
from tests.faults.world import pages, serving


def main(wanted: list[str]) -> int:
    """All points, or those that are named."""
    cases = [(sweep, point) for sweep, point in named() if not wanted or point.partition(":")[0] in wanted]
    wrong = 0
    began = time.monotonic()
    site = pages()
    with tempfile.TemporaryDirectory() as folder, Template() as template, serving(site) as url:
        bench = Bench(Path(folder), template, site, url)
        print(f"stages made in {time.monotonic() - began:.0f} s")
        for sweep, point in cases:
            start = time.monotonic()
            problem = killed(bench, sweep, point)
            wrong += bool(problem)
            print(f"{point:24} {time.monotonic() - start:5.1f} s  {problem or 'as undisturbed'}", flush=True)
    good = len(cases) - wrong
    print(f"{good} of {len(cases)} kills: digest and files as undisturbed; {time.monotonic() - began:.0f} s")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
