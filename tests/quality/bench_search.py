"""`make bench-search`: everybody's 20 nearest, exactly and by Annoy at a stated recall, in CPU seconds of one process.

Counted for exact search: all of it. For Annoy: building the index, and all queries, measured on a seeded sample of them
and multiplied; the index is the cheaper one, build and queries together, of those that reach the recall. hnswlib stands
beside them in the same way. What a search gives is what the exact one gives, of items other than the query.
Two kinds of vectors: normal ones, where everything is about as far from everything, and such as models make, with a
falling spectrum and thousands of scenes, where a tree has something to go by.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer
from annoy import AnnoyIndex
from numpy.typing import NDArray

from db.base import FloatMatrix
from ensemble.exact import exact_neighbours
from kinsong import show

K = 20
GOAL = 0.95
SAMPLE = 500
TREES = (20, 50, 100)
SEARCH_K = tuple(int(500 * 2 ** (step / 2)) for step in range(16))
EF = (20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640)

Query = Callable[[int], list[int]]


@dataclass(frozen=True)
class Took:
    """CPU seconds of one way to search, all queries included."""

    name: str
    recall: float
    build: float
    queries: float

    @property
    def total(self) -> float:
        """Build and queries."""
        return self.build + self.queries


Search = Callable[[FloatMatrix, NDArray[np.int64], NDArray[np.int64]], Took]


def normal(n: int, dim: int, rng: np.random.Generator) -> FloatMatrix:
    """Independent numbers."""
    return _unit(rng.standard_normal((n, dim)))


def scenes(n: int, dim: int, rng: np.random.Generator) -> FloatMatrix:
    """A hundred to a scene, along directions of which each tells less than the one before."""
    centres = rng.standard_normal((max(1, n // 100), dim))
    spread = centres[rng.integers(0, len(centres), n)] + 0.7 * rng.standard_normal((n, dim))
    return _unit(spread * np.arange(1, dim + 1) ** -0.5)


def _unit(matrix: NDArray[np.float64]) -> FloatMatrix:
    unit: FloatMatrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    return unit


def annoy(unit: FloatMatrix, sample: NDArray[np.int64], truth: NDArray[np.int64]) -> Took:
    """The cheapest of some forests that reach the goal."""
    tried = []
    for trees in TREES:
        handle = AnnoyIndex(unit.shape[1], "angular")
        handle.set_seed(1)
        began = time.process_time()
        for row, vector in enumerate(unit):
            handle.add_item(row, vector)
        handle.build(trees, n_jobs=1)
        build = time.process_time() - began
        ways = ((f"{trees} trees, search_k {nodes}", _asking(handle, nodes)) for nodes in SEARCH_K)
        tried.append(_first_that_reaches("Annoy, ", ways, build, len(unit), sample, truth))
    return min(tried, key=lambda took: took.total)


def _asking(handle: AnnoyIndex, nodes: int) -> Query:
    return lambda row: handle.get_nns_by_item(row, K + 1, nodes)


def hnsw(unit: FloatMatrix, sample: NDArray[np.int64], truth: NDArray[np.int64]) -> Took:
    """hnswlib with M = 16 and ef_construction = 200, one thread."""
    import hnswlib

    handle = hnswlib.Index("ip", unit.shape[1])
    handle.init_index(len(unit), M=16, ef_construction=200, random_seed=1)
    handle.set_num_threads(1)
    began = time.process_time()
    handle.add_items(unit, num_threads=1)
    build = time.process_time() - began

    def ways() -> Iterator[tuple[str, Query]]:
        for ef in EF:
            handle.set_ef(max(ef, K + 1))
            yield f"M 16, ef {ef}", lambda row: handle.knn_query(unit[row], K + 1, num_threads=1)[0][0].tolist()

    return _first_that_reaches("hnswlib, ", ways(), build, len(unit), sample, truth)


def _first_that_reaches(
    name: str, ways: Iterator[tuple[str, Query]], build: float, n: int, sample: NDArray[np.int64],
    truth: NDArray[np.int64],
) -> Took:  # fmt: skip
    for way, ask in ways:  # noqa: B007  the last one counts
        began = time.process_time()
        found = [ask(row) for row in sample.tolist()]
        queries = (time.process_time() - began) * n / len(sample)
        hits = [len({i for i in items if i != row} & set(true))
                for row, items, true in zip(sample.tolist(), found, truth.tolist(), strict=True)]  # fmt: skip
        recall = sum(hits) / (K * len(sample))
        if recall >= GOAL:
            break
    return Took(name + way, recall, build, queries)


def compare(
    n: int, dim: int, rounds: int, searches: Sequence[Search], sample_size: int = SAMPLE
) -> list[dict[str, object]]:
    """Rows of the table: each way to search each kind of vectors, and how many times as fast exact search is."""
    exact_neighbours(normal(100, dim, np.random.default_rng(0)), K)  # compiles
    rows = []
    for kind, make in (("normal", normal), ("scenes", scenes)):
        rng = np.random.default_rng(5)
        unit = make(n, dim, rng)
        sample = np.sort(rng.choice(n, min(sample_size, n), replace=False))
        seconds = []
        for _ in range(rounds):
            began = time.process_time()
            found, _ = exact_neighbours(unit, K)
            seconds.append(time.process_time() - began)
        exact = Took("exact", 1.0, 0.0, float(np.median(seconds)))
        spread = f"{min(seconds):.1f} – {max(seconds):.1f}"
        for took in (exact, *(search(unit, sample, found[sample]) for search in searches)):
            rows.append({
                "vectors": kind, "search": took.name, f"recall@{K}": took.recall, "build s": took.build,
                "queries s": took.queries, "total s": took.total, "spread": spread if took is exact else "",
                "total / exact": took.total / exact.total, "queries / exact": took.queries / exact.total,
            })  # fmt: skip
    return rows


def main(
    n: Annotated[int, typer.Option(help="Vectors.")] = 200_000,
    dim: Annotated[int, typer.Option(help="Numbers of each.")] = 40,
    rounds: Annotated[int, typer.Option(help="How often exact search runs; the median counts.")] = 3,
) -> None:
    """Compare them and print a table."""
    rows = compare(n, dim, rounds, (annoy, hnsw))
    show.rows(rows, list(rows[0]), show.Format.table, title=f"{n:,} vectors of {dim}, everybody's {K} nearest, CPU s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    show.say(f"peak memory of the process, all three searches included: {peak:.0f} MiB")


if __name__ == "__main__":
    typer.run(main)
