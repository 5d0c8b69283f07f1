"""`make bench-word2vec`: words per second of the playlist model, from a home's playlists to vectors, beside gensim's
own training on the same words from a `corpus_file`, with as many workers.

Made-up playlists (tastes, popularity as a power law, lengths log-normal) are imported into a home. Ours reads them from
it, writes the passes and trains; shown are word2vec alone and the whole fit with membership. gensim's is
`Word2Vec(corpus_file=…)` on the playlists as a text file that is there already, for as many epochs as come to the same
words. One process, in turns (the one that begins changes), CPU and wall seconds, the median of the ratios.
Run as `python -m tests.quality.bench_word2vec`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from cf import word2vec
from cf.corpus import LONGEST, Corpus
from cf.jobs import read_playlists
from db.home import Home
from db.imports import import_files
from kinsong import show
from kinsong.home import create

MUST = 0.9
"""Of gensim's words per second."""
TASTES = 200


def write_playlists(path: Path, lists: int, artists: int) -> None:
    """JSON lines, as `kinsong import playlists` reads them."""
    rng = np.random.default_rng(0)
    taste, popularity = rng.integers(0, TASTES, artists), rng.permutation(np.arange(1, artists + 1) ** -0.75)
    by_taste = [np.flatnonzero(taste == t) for t in range(TASTES)]
    chances = [popularity[among] / popularity[among].sum() for among in by_taste]
    with path.open("w", encoding="utf-8") as file:
        for number in range(lists):
            own, length = int(rng.integers(TASTES)), int(np.clip(rng.lognormal(3.6, 0.8), 5, 3000))
            near = rng.choice(by_taste[own], length, p=chances[own])
            far = rng.integers(0, artists, length)
            whom = np.where(rng.random(length) < 0.7, near, far).tolist()
            tracks = [{"title": f"t{one % 7}", "artists": [f"artist {one}"]} for one in whom]
            file.write(json.dumps({"name": f"list {number}", "tracks": tracks}) + "\n")


def timed(work: Callable[[], int]) -> tuple[float, float, int]:
    """CPU seconds, wall seconds, and the words that the work says it was."""
    cpu, wall = time.process_time(), time.monotonic()
    words = work()
    return time.process_time() - cpu, time.monotonic() - wall, words


def main() -> int:
    """Print the table; 1 where word2vec is slower than it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--lists", type=int, default=20_000)
    parser.add_argument("--artists", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="word2vec-") as folder:
        source = Path(folder) / "playlists.jsonl"
        write_playlists(source, options.lists, options.artists)
        home, _ = create(Path(folder) / "home")
        import_files(home, "playlists", [source])
        return measure(home, Path(folder), options.pairs, options.workers)


def measure(home: Home, folder: Path, pairs: int, workers: int) -> int:
    """Both in turns."""
    config = word2vec.Config()
    data = read_playlists(home, config.min_playlists)
    once, many = folder / "once.txt", folder / "all.txt"
    Corpus(data, LONGEST, 1).write(once, np.random.default_rng(0))
    words = int(Corpus(data, config.places, config.visits).write(many, np.random.default_rng(0)).sum())
    epochs = max(1, round(words / len(data.rows)))

    def ours() -> int:
        lists = read_playlists(home, config.min_playlists)
        word2vec.trained(lists, config, np.random.default_rng(1), workers=workers)
        return words

    def whole() -> int:
        word2vec.fit(read_playlists(home, config.min_playlists), config, np.random.default_rng(1))
        return words

    def gensim() -> int:
        Word2Vec(
            corpus_file=str(once), sg=1, vector_size=config.dim, window=config.window, negative=config.negative,
            ns_exponent=config.ns_exponent, sample=config.sample / len(data.artist_ids), min_count=1, epochs=epochs,
            workers=workers, alpha=config.alpha, min_alpha=config.alpha * 1e-4, seed=1,
        )  # fmt: skip
        return epochs * len(data.rows)

    works: dict[str, Callable[[], int]] = {"word2vec": ours, "gensim": gensim}
    if workers == 1:
        works["word2vec and membership"] = whole
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(pairs):
        for name in list(works) if turn % 2 else list(reversed(works)):
            cpu, wall, done = timed(works[name])
            found[name].append((done / cpu, done / wall))
    rows, ratios = [], {}
    for name, rates in found.items():
        ours_over = [
            [mine[kind] / his[kind] for mine, his in zip(rates, found["gensim"], strict=True)] for kind in range(2)
        ]
        ratios[name] = statistics.median(ours_over[0])
        rows.append({
            "what": name, "words/CPU s": round(statistics.median(rate[0] for rate in rates)),
            "words/s": round(statistics.median(rate[1] for rate in rates)), "of gensim's, CPU": round(ratios[name], 3),
            "from … to": f"{min(ours_over[0]):.3f} – {max(ours_over[0]):.3f}",
            "of gensim's, wall": round(statistics.median(ours_over[1]), 3),
        })  # fmt: skip
    shape = f"{len(data):,} playlists, {len(data.artist_ids):,} artists, {words:,} words"
    title = f"\n{shape}, {workers} worker(s), {pairs} pairs"
    show.rows(rows, tuple(rows[0]), show.Format.table, title=title)
    return int(ratios["word2vec"] < MUST)


if __name__ == "__main__":
    sys.exit(main())
