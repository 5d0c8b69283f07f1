"""`python -m tests.quality.fault_failures [SEED [N]]`: N failing calls of the system under commands, drawn with a seed.

Prints what came of each; exit code 1 when something that must hold does not.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.failures import drawn, failed
from tests.faults.kills import BUILD, CRAWL, IMPORT, UNDO, Bench
from tests.faults.shim import VARIABLE, compiled
from tests.faults.template import Template
from tests.faults.world import pages, serving

SHARES = {IMPORT: 0.25, UNDO: 0.1, CRAWL: 0.15, BUILD: 0.5}


def main(seed: int, n: int) -> int:
    """So many cases."""
    began = time.monotonic()
    wrong, codes = 0, Counter[int]()
    site = pages()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = str(compiled(folder))
        with Template({VARIABLE: library}) as template, serving(site) as url:
            bench = Bench(folder / "bench", template, site, url)
            print(f"stages made in {time.monotonic() - began:.0f} s", flush=True)
            for case in drawn(bench, {command: round(share * n) for command, share in SHARES.items()}, seed):
                start = time.monotonic()
                outcome = failed(bench, case)
                wrong += bool(outcome.problem)
                codes[outcome.code] += 1
                where = outcome.where.replace(str(bench.folder / "case"), "")
                print(f"{time.monotonic() - start:5.1f} s  {case!s:60} {where:60} code {outcome.code} {outcome.said}")
                if outcome.problem:
                    print(f"  WRONG: {outcome.problem}")
                sys.stdout.flush()
    told = ", ".join(f"{count} ended with code {code}" for code, count in sorted(codes.items()))
    print(f"{sum(codes.values())} failures, {wrong} of them wrong; {told}; {time.monotonic() - began:.0f} s")
    return int(wrong > 0)


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(*arguments, *(1, 300)[len(arguments) :])))
