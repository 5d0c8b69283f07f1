"""`python -m tests.quality.fault_cases [CASE…]`: homes on disks that are full, read-only or not ours to write, builds
that are suspended while others come.

Prints what came of each case; exit code 1 when something that must hold does not.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.faults import disks, leases
from tests.faults.kills import Bench
from tests.faults.shim import VARIABLE, compiled
from tests.faults.template import Template
from tests.faults.world import pages, serving


def main(wanted: list[str]) -> int:
    """All cases, or those that are named."""
    wrong = 0
    cases = [case for case in (*disks.CASES, *leases.CASES) if not wanted or case.__name__ in wanted]
    site = pages()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = str(compiled(folder))
        with Template({VARIABLE: library}) as template, serving(site) as url:
            bench = Bench(folder / "bench", template, site, url)
            for case in cases:
                start = time.monotonic()
                problem = case(bench)
                wrong += bool(problem)
                print(f"{case.__name__:38} {time.monotonic() - start:5.1f} s  {problem or 'as it must'}", flush=True)
    print(f"{len(cases) - wrong} of {len(cases)} cases")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
