"""`make quality-discover`: Discover's published lists on held-out rows of real plays, beside what everybody knows.

A fifth of each listener's artists is held out, five times with five seeds. What is left is imported into a fresh home
and built, and the lists are read from the view `discover`: nothing here ranks by itself. Every artist of the catalogue
that a listener has not played may stand in a list; a held-out artist whom nobody else plays counts as not found.
Settings of the others are chosen on a split inside the first split's training rows, as many of each as there are tries.
Needs the `bench` extra. Run as `python -m tests.quality.discover PLAYS.tsv [--playlists FILE] [--inner]`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.csv as pc
from numpy.typing import NDArray
from scipy import sparse
from sqlalchemy import text
from threadpoolctl import threadpool_limits

from db.imports import import_files
from kinsong import config, show
from kinsong import home as homes
from kinsong.build import build
from kinsong.sql import ask_duckdb
from tests.quality.listening import TRIES, ease, peer, popularity, split

K, SEEDS, LEAST = 30, 5, 2
Lists = NDArray[np.int64]
"""(n_listeners, K), columns of the plays, -1 for none."""
Scores = Callable[[sparse.csr_matrix], NDArray[np.float32]]

PROOF = """
    SELECT count(*) AS entries,
           count(*) FILTER (EXISTS (SELECT 1 FROM plays p
                                    WHERE p.listener = d.listener AND p.artist_id = d.artist_id)) AS heard,
           count(*) FILTER (EXISTS (SELECT 1 FROM related r WHERE r.artist_id = d.because_id
                                    AND r.related_id = d.artist_id AND r.rank = d.because_rank)
                        AND d.because_plays = (SELECT sum(p.plays) FROM plays p
                                    WHERE p.listener = d.listener AND p.artist_id = d.because_id)) AS true_reasons
    FROM discover d"""


@dataclass(frozen=True)
class Plays:
    """Names and CSR float32 (n_listeners, n_artists)."""

    listeners: Sequence[str]
    artists: Sequence[str]
    matrix: sparse.csr_matrix


def read(path: Path) -> Plays:
    table = pc.read_csv(path, parse_options=pc.ParseOptions(delimiter="\t", quote_char=False))
    coded = [table[name].cast("string").combine_chunks().dictionary_encode() for name in table.column_names[:2]]
    rows, columns = (one.indices.to_numpy() for one in coded)
    matrix = sparse.csr_matrix((table["plays"].to_numpy().astype(np.float32), (rows, columns)))
    return Plays(coded[0].dictionary.to_pylist(), coded[1].dictionary.to_pylist(), matrix)


def served(plays: Plays, train: sparse.csr_matrix, folder: Path, others: Sequence[tuple[str, Path]], settings: str
           ) -> tuple[Lists, dict[str, int]]:  # fmt: skip
    """What a home that was made of the training rows publishes, and what DuckDB counts of it."""
    file = folder / "plays.tsv"
    coo = train.tocoo()
    rows = zip(coo.row, coo.col, coo.data, strict=True)
    lines = (f"{plays.listeners[u]}\t{plays.artists[i]}\t{n:.0f}\n" for u, i, n in rows)
    file.write_text("listener\tartist\tplays\n" + "".join(lines), encoding="utf-8")
    home, _ = homes.create(folder / "home")
    (home.path / "kinsong.toml").write_text(settings, encoding="utf-8")
    for kind, path in (("plays", file), *others):
        import_files(home, kind, [path])
    build(home, config.load(home))
    names = {name: place for place, name in enumerate(plays.listeners)}
    with home.reading() as session:
        leads = dict(session.execute(text(
            "SELECT c.text, m.artist_id FROM credit c JOIN credit_artist m ON m.credit_id = c.id "
            "ORDER BY m.position DESC"
        )).all())  # fmt: skip
        listed = session.execute(text("SELECT listener, rank, artist_id FROM discover ORDER BY listener, rank")).all()
    # of several credits that lead to one artist ("A", "A & B") that of most listeners stands for it
    rising = np.argsort(np.bincount(plays.matrix.indices, minlength=len(plays.artists)), kind="stable").tolist()
    place: dict[int, int] = {leads[plays.artists[n]]: n for n in rising if plays.artists[n] in leads}
    lists = np.full((len(names), K), -1, dtype=np.int64)
    for listener, rank, artist in listed:
        lists[names[listener], rank - 1] = place.get(artist, -1)
    proof = ask_duckdb(home, PROOF)[1][0]
    home.engine.dispose()
    return lists, proof


def ranked(scores: NDArray[np.float32], train: sparse.csr_matrix) -> Lists:
    open_ = scores.astype(np.float32)
    open_[train.nonzero()] = -np.inf
    return np.argsort(-open_, axis=1, kind="stable")[:, :K]


def judged(lists: Lists, test: sparse.csr_matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """nDCG@30 and recall@30 of each listener with held-out rows."""
    wanted = np.diff(test.indptr)
    hits = np.take_along_axis(test.toarray() > 0, np.maximum(lists, 0), axis=1) & (lists >= 0)
    gains = 1 / np.log2(np.arange(K) + 2)
    best = np.append(0, np.cumsum(gains))[np.minimum(wanted, K)]
    there = wanted > 0
    return (hits @ gains)[there] / best[there], hits.sum(axis=1)[there] / wanted[there]


def knn(train: sparse.csr_matrix, shrink: float, k: int) -> NDArray[np.float32]:
    """Sum of shrunk cosines of log(1 + plays) to the listener's artists, each artist's k nearest."""
    logs = train.copy()
    logs.data = np.log1p(train.data)
    lengths = np.sqrt(np.asarray(logs.power(2).sum(axis=0)).ravel())
    unit = (logs @ sparse.diags(1 / np.maximum(lengths, 1e-9))).tocsr()
    binary = train.astype(bool).astype(np.float32)
    together = (binary.T @ binary).toarray()
    cosine = (unit.T @ unit).toarray() * together / (together + max(shrink, 1e-9))
    np.fill_diagonal(cosine, 0)
    cosine[cosine < np.partition(cosine, -k, axis=1)[:, [-k]]] = 0
    return np.asarray(logs @ cosine.T, dtype=np.float32)


def contenders(rng: np.random.Generator) -> dict[str, list[Scores]]:
    """As many settings of each as there are tries."""
    ease_regs, shrinks = np.geomspace(25, 1600, TRIES), np.linspace(0, 14, TRIES)
    peers = [
        (str(rng.choice(["linear", "log"], p=[0.25, 0.75])), float(np.exp(rng.uniform(np.log(0.1), np.log(10)))),
         float(np.exp(rng.uniform(np.log(2), np.log(200)))))
        for _ in range(TRIES)
    ]  # fmt: skip
    return {
        "popularity": [popularity],
        "item-kNN cosine": [lambda t, s=s: knn(t, s, 100) for s in shrinks],
        "implicit ALS": [peer(*one) for one in peers],
        "EASE": [lambda t, r=r: ease(t, r) for r in ease_regs],
    }


def narrowed(model: Scores) -> Callable[[sparse.csr_matrix], Lists]:
    """A model of the artists whom at least `LEAST` listeners play in its training rows: of others it has nothing to
    learn. Who is in no list has -1."""

    def lists(train: sparse.csr_matrix) -> Lists:
        kept = np.flatnonzero(np.bincount(train.indices, minlength=train.shape[1]) >= LEAST)
        some = train[:, kept]
        return kept[ranked(model(some), some)]

    return lists


def chosen(models: Sequence[Scores], train: sparse.csr_matrix) -> Callable[[sparse.csr_matrix], Lists]:
    """The setting with the best nDCG on a split of the training rows."""
    inner, out = split(train, 100)
    scores = [judged(narrowed(model)(inner), out)[0].mean() for model in models] if len(models) > 1 else [0.0]
    return narrowed(models[int(np.argmax(scores))])


def main() -> int:
    """Print the table; 1 where a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plays", type=Path)
    parser.add_argument("--playlists", type=Path)
    parser.add_argument("--inner", action="store_true", help="lists alone, on the split that settings are chosen on")
    parser.add_argument("--settings", default="", help="lines of kinsong.toml")
    asked = parser.parse_args()
    plays = read(asked.plays)
    others = [("playlists", asked.playlists)] if asked.playlists else []
    splits = [split(plays.matrix, seed) for seed in range(SEEDS)]
    if asked.inner:
        splits = [split(splits[0][0], 100)]
    found: dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = {}
    with threadpool_limits(1):
        for train, test in splits:
            with tempfile.TemporaryDirectory() as folder:
                lists, proof = served(plays, train, Path(folder), others, asked.settings.replace("\\n", "\n"))
            show.say(f"{proof}; {int((lists < 0).any(axis=1).sum())} lists are shorter")
            found.setdefault("Discover", []).append(judged(lists, test))
        best = {} if asked.inner else contenders(np.random.default_rng(0))
        for name, models in best.items():
            model = chosen(models, splits[0][0])
            found[name] = [judged(model(train), test) for train, test in splits]
    return report(found)


def report(found: dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64]]]]) -> int:
    """A row for each, with paired 95 % intervals of what Discover has more: the same listener in five splits is one
    draw, so they go over listeners."""
    rows, failed = [], 0
    ours = found["Discover"]
    for name, values in found.items():
        row: dict[str, object] = {"model": name}
        for place, metric in enumerate(("nDCG@30", "recall@30")):
            row[metric] = round(float(np.mean([one[place].mean() for one in values])), 4)
            more = np.mean([mine[place] - one[place] for mine, one in zip(ours, values, strict=True)], axis=0)
            margin = 1.96 * more.std(ddof=1) / np.sqrt(len(more))
            row[f"Discover's {metric} more"] = f"{more.mean():+.4f} ± {margin:.4f}"
            failed |= name != "Discover" and more.mean() < 0
        rows.append(row)
    show.rows(rows, tuple(rows[0]), show.Format.table)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
