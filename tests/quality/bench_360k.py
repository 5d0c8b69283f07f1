"""`make bench-360k`: the whole job on made-up plays of the shape of Last.fm 360K, by the real commands.

358,868 listeners × 292,385 artists × 17.5 million plays (Celma, "Music Recommendation and Discovery in the Long
Tail", 2010), written as that set's TSV; then `kinsong init`, `import plays`, and `build --only` for one step after the
other up to `related`, with all 15 iterations of ALS: what is limited. Then `build`, which makes what else there is
(lists for every listener) and publishes. Prints wall time, CPU seconds and the largest resident memory of each command.
Run as `python -m tests.quality.bench_360k`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from scipy import sparse

from kinsong import show
from tests.quality.power_law import power_law_plays

SHAPE = (358_868, 292_385, 17_500_000)
STEPS = ("read", "terms", "cultural", "als", "vector_exp", "playlist", "index", "related")
MOST_SECONDS, MOST_GIB, ALS_SECONDS, LEAST_ROWS = 900, 6.0, 60.0, 400_000
KINSONG = (sys.executable, "-c", "from kinsong.cli import main; main()")
_LISTENERS_AT_ONCE = 20_000


def write_tsv(plays: sparse.csr_matrix, path: Path) -> None:
    """usersha1, artist's MusicBrainz id, artist's name, plays: Last.fm 360K's columns, without a header."""
    mbids, names = [], []
    for n in range(plays.shape[1]):
        mark = hashlib.md5(b"artist %d" % n).hexdigest()  # noqa: S324 - a made-up id, no secret
        mbids.append("-".join((mark[:8], mark[8:12], mark[12:16], mark[16:20], mark[20:])))
        names.append(f"the {mark[:5]} {mark[5:9]}s {n}")
    listeners = pa.array([hashlib.sha1(b"%d" % n).hexdigest() for n in range(plays.shape[0])])  # noqa: S324 - as above
    lists = pa.array(mbids), pa.array(names)
    options = pc.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    schema = pa.schema([("listener", pa.string()), ("mbid", pa.string()), ("name", pa.string()), ("plays", pa.int32())])
    with pc.CSVWriter(path, schema, write_options=options) as writer:
        for start in range(0, plays.shape[0], _LISTENERS_AT_ONCE):
            part = plays[start : start + _LISTENERS_AT_ONCE]
            rows = pa.array(np.repeat(np.arange(part.shape[0]) + start, np.diff(part.indptr)))
            columns = [listeners.take(rows), *(one.take(pa.array(part.indices)) for one in lists)]
            writer.write_table(pa.table([*columns, pa.array(part.data.astype(np.int32))], schema=schema))


def timed(home: Path, *arguments: str) -> dict[str, object]:
    """Run one command; seconds and peak memory of its process.

    Raises:
        SystemExit: it failed.
    """
    began = time.monotonic()
    environment = {**os.environ, "KINSONG_HOME": str(home)}
    process = subprocess.Popen([*KINSONG, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    told = process.stdout.read() if process.stdout is not None else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"kinsong {' '.join(arguments)} failed with {process.returncode}")
    show.say(told.strip())
    return {
        "command": " ".join(arguments[:3]), "wall s": round(time.monotonic() - began, 1),
        "CPU s": round(usage.ru_utime + usage.ru_stime, 1), "peak GiB": round(usage.ru_maxrss / 2**20, 2),
    }  # fmt: skip


def run_all_epochs(home: Path) -> None:
    """Have ALS stop after its 15 iterations, not before."""
    file = home / "kinsong.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(\n\[als\]\n.*?\ntolerance = )\S+", r"\g<1>0.0", text, count=1, flags=re.DOTALL), "utf-8")


def main() -> int:
    """Make the file unless it is there, run the commands in a fresh home; 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/kinsong-360k"))  # noqa: S108 - throw-away data
    parser.add_argument("--shape", type=int, nargs=3, default=SHAPE)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    file, home = options.folder / f"plays-{'-'.join(map(str, options.shape))}.tsv", options.folder / "home"
    if not file.exists():
        aside = file.with_suffix(".tmp")
        write_tsv(power_law_plays(np.random.default_rng(0), *options.shape), aside)
        aside.rename(file)
    shutil.rmtree(home, ignore_errors=True)
    timed(home, "init")
    run_all_epochs(home)
    rows = [timed(home, "import", "plays", str(file))]
    rows += [timed(home, "build", "--only", step) for step in STEPS]
    seconds = sum(float(str(row["wall s"])) for row in rows)
    most = max(float(str(row["peak GiB"])) for row in rows)
    rows.append({"command": "import … related", "wall s": round(seconds, 1), "CPU s": "", "peak GiB": most})
    rows.append(timed(home, "build"))
    show.rows(rows, tuple(rows[0]), show.Format.table, title=f"\nLast.fm 360K's shape, {options.shape[2]:,} plays")
    rate = options.shape[2] / float(str(rows[0]["wall s"]))
    als = next(float(str(row["wall s"])) for row in rows if row["command"] == "build --only als")
    show.say(f"import {rate:,.0f} rows/s (wanted {LEAST_ROWS:,}); als {als:.0f} s (wanted {ALS_SECONDS:.0f})")
    show.say(f"wanted of import … related: {MOST_SECONDS} s, {MOST_GIB} GiB")
    return int(seconds > MOST_SECONDS or most > MOST_GIB or als > ALS_SECONDS or rate < LEAST_ROWS)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
