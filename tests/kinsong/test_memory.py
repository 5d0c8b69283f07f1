from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
from kinsong.memory import peak_mib, reset_peak
large = bytearray(200 << 20)
del large
before = peak_mib()
reset_peak()
after = peak_mib()
small = bytearray(60 << 20)
print(before, after, peak_mib())
"""


def test_the_peak_is_that_of_the_work_since_it_was_reset() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after, peak = (float(word) for word in ended.stdout.split())
    assert before > 200
    assert after < before - 150
    assert after + 55 < peak < after + 100
