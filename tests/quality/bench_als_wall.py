"""`make bench-als-wall`: wall time of one full iteration of ALS by plays and threads, the memory floor, Spark MLlib.

The floor is what the machine takes to read one factor row per play and half iteration: 2 · plays · dim · 4 bytes over
the bandwidth at which as many threads copy. Spark MLlib (`local[2]`) fits the same plays beside it, timed by what two
more iterations take; it is left out where Java or pyspark is missing. Run as `python -m tests.quality.bench_als_wall`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numba
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from cf import als
from kinsong import show
from tests.quality.power_law import power_law_plays

ALPHA, REG = 0.5, 5.0
SHAPES = ((20_000, 5_000, 1_000_000), (100_000, 25_000, 5_000_000), (200_000, 50_000, 10_000_000),
          (358_868, 292_385, 17_500_000))  # fmt: skip
_COPIED = 1 << 28  # bytes that each thread copies


def bandwidth(threads: int) -> float:
    """Bytes per second that so many threads copy, the best of five."""
    pairs = [(np.ones(_COPIED, np.uint8), np.empty(_COPIED, np.uint8)) for _ in range(threads)]
    seconds = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(5):
            began = time.perf_counter()
            list(pool.map(lambda pair: np.copyto(pair[1], pair[0]), pairs))
            seconds.append(time.perf_counter() - began)
    return threads * _COPIED / min(seconds)


def iteration(plays: sparse.csr_matrix, dim: int, threads: int, repeats: int) -> float:
    """Wall seconds of one full iteration by conjugate gradient, the median of some."""
    config = als.Config(dim=dim, confidence="linear", alpha=ALPHA, reg=REG, reg_exponent=0)
    by_row = als.Confidences.of(plays, config)
    by_column = by_row.turned(plays.shape[1], config)
    rng = np.random.default_rng(1)
    rows, columns = ((rng.standard_normal((n, dim)) * 0.1).astype(np.float32) for n in plays.shape)
    numba.set_num_threads(threads)
    seconds = []
    for _ in range(repeats + 1):  # the first one warms up
        began = time.perf_counter()
        als.half_step(by_row, columns, config, rows)
        als.half_step(by_column, rows, config, columns)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def spark(plays: sparse.csr_matrix, dim: int) -> dict[str, float]:
    """Seconds per iteration and the peak of the Java process in MiB."""
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import SparkSession

    coo = plays.tocoo()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plays.parquet"
        pq.write_table(pa.table({"listener": coo.row, "artist": coo.col, "plays": coo.data}), path)
        builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", "6g")
        session = builder.config("spark.ui.enabled", "false").getOrCreate()
        try:
            table = session.read.parquet(str(path)).repartition(4).cache()
            table.count()
            seconds = []
            for rounds in (1, 3):
                model = ALS(
                    rank=dim, maxIter=rounds, regParam=REG, implicitPrefs=True, alpha=ALPHA, numUserBlocks=4,
                    numItemBlocks=4, userCol="listener", itemCol="artist", ratingCol="plays", seed=1,
                )  # fmt: skip
                began = time.perf_counter()
                model.fit(table)
                seconds.append(time.perf_counter() - began)
            status = Path(f"/proc/{session.sparkContext._gateway.proc.pid}/status").read_text()
        finally:
            session.stop()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return {"s": (seconds[1] - seconds[0]) / 2, "MiB": int(peak[1]) / 1024 if peak else float("nan")}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sizes", type=int, default=len(SHAPES), help="How many of the sizes, smallest first.")
    parser.add_argument("--spark", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    rates = {threads: bandwidth(threads) for threads in (1, 2)}
    rows = []
    for shape in SHAPES[: options.sizes]:
        plays = power_law_plays(np.random.default_rng(0), *shape)
        one, two = (iteration(plays, options.dim, threads, options.repeats) for threads in (1, 2))
        floor = 2 * plays.nnz * options.dim * 4 / rates[2]
        rows.append({
            "plays": f"{plays.nnz:,}", "1 thread s": round(one, 2), "2 threads s": round(two, 2),
            "times as fast": round(one / two, 2), "ns per play": round(two / plays.nnz * 1e9, 1),
            "floor s": round(floor, 2), "times the floor": round(two / floor, 2),
        })  # fmt: skip
    show.rows(rows, tuple(rows[0]), show.Format.table, title=f"\nOne iteration, CG, dim {options.dim}")
    show.say(f"copied by 1 and 2 threads: {rates[1] / 1e9:.1f} and {rates[2] / 1e9:.1f} GB/s")
    if not options.spark or find_spec("pyspark") is None or shutil.which("java") is None:
        show.say("Spark MLlib: left out (needs Java and the bench extra)")
        return 0
    found = spark(plays, options.dim)
    show.say(f"Spark MLlib, local[2], {plays.nnz:,} plays: {found['s']:.1f} s per iteration, {found['MiB']:,.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
