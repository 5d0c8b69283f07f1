"""`make quality-continuation`: playlists continued from their first few tracks, beside what everybody could do.

Playlists are put into groups of near-duplicates (one holds four fifths of the other, or both share half of all they
hold; so a list that is the union of others joins them all), and groups into five folds. From each list of a fold 1, 5,
10 and 25 tracks drawn at random are kept, where at least five more are left, and 500 answers are asked for, out of all
tracks, from what the other four folds hold. Metrics are those of the RecSys Challenge 2018: R-precision with a quarter
for each artist found, nDCG (binary, ideal over all hidden tracks), and clicks (tens of answers to go through until the
first hit; 51 where there is none).

The others: popularity; item-kNN by cosine, whose exponent, shrinkage and weight of long playlists are chosen, for each
fold anew, on one of its training folds; ALS on playlists, a list's vector folded in; word2vec, the mean of the tracks'
unit vectors. Where they say nothing of a track, popularity orders. Related artists are not fitted anew for each fold,
so the guess `around` of ours is silent here. `--alike`: groups only of lists that share half of all they hold, so that
unions may be learnt from. Run as `python -m tests.quality.continuation DATA [--folds N] [--processes N] [--alike]`.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cf import tracks
from cf.fold_in import fold_in
from cf.interactions import Interactions
from db.base import IdVector
from db.imports import import_file
from ensemble.continuation import Shelf, continued
from ensemble.metrics import bootstrap
from ensemble.tracks import read_tracks
from kinsong import home as homes
from kinsong import show

FOLDS, SIZES, ANSWERS, LEAST, MISSED = 5, (1, 5, 10, 25), 500, 5, 51
METRICS = ("r_precision", "ndcg", "clicks")
Scores = Callable[[IdVector], NDArray[np.floating]]
"""From seeds to a score for every track."""
INNER = 30
"""Playlists that settings are chosen on."""
GRID = tuple(itertools.product((0.25, 0.5, 0.75), (0.0, 2.0, 10.0), (0.0, 0.5, 1.0)))
"""item-kNN: power of a track's number of lists, shrinkage, power of a list's length."""


@dataclass(frozen=True)
class World:
    """CSR (n_lists, n_tracks) of ones, and the artist of each track."""

    table: sparse.csr_matrix
    artist: IdVector
    n_artists: int


def read(data: Path) -> World:
    with tempfile.TemporaryDirectory() as folder:
        home, _ = homes.create(Path(folder) / "home")
        import_file(home, "playlists", data / "playlists" / "playlists.jsonl")
        known = read_tracks(home, {}, 1)
        home.engine.dispose()
    starts, members = known.members
    shape = len(starts) - 1, len(known)
    table = sparse.csr_matrix((np.ones(len(members)), members, starts), shape)
    return World(table, known.artist, len(known.artist_ids))


def folds(world: World, *, unions: bool) -> NDArray[np.int64]:
    """The fold of each playlist; near-duplicates share theirs, the largest groups are dealt first."""
    shared = (world.table @ world.table.T).toarray()
    sizes = np.diff(world.table.indptr)
    near = shared >= 0.5 * (sizes[:, None] + sizes - shared)
    if unions:
        near |= shared >= 0.8 * np.minimum.outer(sizes, sizes)
    group = connected_components(near, directed=False)[1]
    counts = np.bincount(group)
    order = np.lexsort((np.random.default_rng(0).random(len(counts)), -counts))
    load, fold = np.zeros(FOLDS), np.empty(len(counts), dtype=np.int64)
    for one in order:
        fold[one] = np.argmin(load)
        load[fold[one]] += counts[one]
    return fold[group]


def asked(world: World, lists: IdVector) -> Iterator[tuple[int, int, IdVector, IdVector]]:
    """(list, how many seeds, seeds, hidden tracks)."""
    for one in lists.tolist():
        held = world.table.indices[world.table.indptr[one] : world.table.indptr[one + 1]].astype(np.int64)
        drawn = np.random.default_rng([1, one]).permutation(held)
        for size in SIZES:
            if len(drawn) >= size + LEAST:
                yield one, size, np.sort(drawn[:size]), drawn[size:]


def judge(answers: IdVector, hidden: IdVector, artist: IdVector) -> tuple[float, float, float]:
    """R-precision, nDCG and clicks of one list of answers."""
    hit = np.isin(answers, hidden)
    first = answers[: len(hidden)]
    artists = len(set(artist[first].tolist()) & set(artist[hidden].tolist()))
    gains = 1 / np.log2(np.arange(2, ANSWERS + 2))
    found = np.flatnonzero(hit)
    return (
        float((hit[: len(hidden)].sum() + 0.25 * artists) / len(hidden)),
        float((hit * gains[: len(hit)]).sum() / gains[: len(hidden)].sum()),
        float(found[0] // 10 if len(found) else MISSED),
    )


def best(scores: NDArray[np.floating], seeds: IdVector, degree: NDArray[np.floating]) -> IdVector:
    """The 500 tracks of the best scores, of equal ones the most popular first."""
    scores = np.array(scores, dtype=np.float64)
    scores[seeds] = -np.inf
    bound = -np.partition(-scores, ANSWERS - 1)[ANSWERS - 1]
    likely = np.flatnonzero(scores >= bound)
    return likely[np.lexsort((likely, -degree[likely], -scores[likely]))][:ANSWERS]


def popularity(degree: NDArray[np.floating]) -> Scores:
    return lambda _: degree


def item_knn(train: sparse.csr_matrix, power: float, shrink: float, damp: float) -> Scores:
    degree = np.maximum(np.asarray(train.sum(axis=0)).ravel(), 1)
    by_track, voice = train.T.tocsr(), np.maximum(np.diff(train.indptr), 1.0) ** -damp
    scale = degree**-power

    def scores(seeds: IdVector) -> NDArray[np.floating]:
        beside = by_track[seeds]
        cosine = (by_track @ (voice * (beside.T @ scale[seeds]))) * scale
        if not shrink:
            return cosine
        together = by_track @ np.asarray(beside.sum(axis=0)).ravel()
        return cosine * together / (together + shrink)

    return scores


def tuned_knn(world: World, fold: NDArray[np.int64], held: int) -> Scores:
    """item-kNN with the settings of the best nDCG where one training fold is continued from the other three."""
    inner = (held + 1) % FOLDS
    train = world.table[(fold != held) & (fold != inner)]
    degree = np.asarray(train.sum(axis=0)).ravel()
    some = np.flatnonzero(fold == inner)[:INNER]
    tried = {
        setting: np.mean([judge(best(one(seeds), seeds, degree), hidden, world.artist)[1]
                          for _, _, seeds, hidden in asked(world, some)])
        for setting, one in ((setting, item_knn(train, *setting)) for setting in GRID)
    }  # fmt: skip
    chosen = max(tried, key=lambda setting: tried[setting])
    show.say(f"fold {held}: item-kNN with power {chosen[0]}, shrinkage {chosen[1]}, damping {chosen[2]}")
    return item_knn(world.table[fold != held], *chosen)


def als_alone(train: sparse.csr_matrix) -> Scores:
    data = Interactions(np.arange(train.shape[0]), np.arange(train.shape[1]), train.astype(np.float32))
    config = tracks.ListConfig()
    fitted = tracks.fit_lists(data, config, np.random.default_rng(1)).vectors["track"]

    def scores(seeds: IdVector) -> NDArray[np.floating]:
        row = sparse.csr_matrix((np.ones(len(seeds), np.float32), seeds, [0, len(seeds)]), shape=(1, train.shape[1]))
        return fitted.matrix @ fold_in(row, fitted, config)[0]

    return scores


def word2vec_alone(train: sparse.csr_matrix) -> Scores:
    import pyarrow as pa

    config = tracks.WordConfig()
    lists = np.repeat(np.arange(train.shape[0]), np.diff(train.indptr))
    entries = pa.table({
        "playlist": pa.array([f"{one:06}" for one in lists.tolist()]),
        "position": np.arange(train.nnz), "track_id": train.indices.astype(np.int64),
    })  # fmt: skip
    everything = np.arange(train.shape[1], dtype=np.int64)
    data = tracks.playlists(entries, everything, config.min_playlists)
    vectors = tracks.fit_playlists(data, config, np.random.default_rng(1)).vectors["track"]
    unit, rows = vectors.unit(), vectors.rows_of(everything)

    def scores(seeds: IdVector) -> NDArray[np.floating]:
        known = rows[seeds][rows[seeds] >= 0]
        found = np.full(len(rows), -1.0)
        if len(known):
            found[vectors.ids] = unit @ unit[known].mean(axis=0)
        return found

    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--alike", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    world = read(given.data)
    fold = folds(world, unions=not given.alike)
    n_lists, n_tracks = world.table.shape
    show.say(f"{n_lists} playlists of {n_tracks} tracks, folds of {np.bincount(fold).tolist()}")
    helds = range(FOLDS - given.folds, FOLDS)
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        judged = [one for part in pool.map(partial(judged_fold, world, fold), helds) for one in part]
    values = {name: np.array([one.values[name] for one in judged]) for name in judged[0].values}
    sys.exit(_report(values, np.array([one.size for one in judged]), np.array([one.playlist for one in judged])))


@dataclass(frozen=True)
class Judged:
    """One playlist continued from so many seeds: the metrics of each model."""

    playlist: int
    size: int
    values: dict[str, tuple[float, float, float]]


def judged_fold(world: World, fold: NDArray[np.int64], held: int) -> list[Judged]:
    """All playlists of one fold, by what the others hold."""
    train = world.table[fold != held]
    degree = np.asarray(train.sum(axis=0)).ravel()
    shelf = Shelf(train, world.artist, np.full((world.n_artists, 1), -1, dtype=np.int32))
    others: dict[str, Scores] = {
        "popularity": popularity(degree), "item-kNN": tuned_knn(world, fold, held),
        "ALS": als_alone(train), "word2vec": word2vec_alone(train),
    }  # fmt: skip
    found = []
    for one, size, seeds, hidden in asked(world, np.flatnonzero(fold == held)):
        answers = {name: best(scores(seeds), seeds, degree) for name, scores in others.items()}
        answers["kinsong"] = continued(shelf, seeds, ANSWERS).tracks
        values = {name: judge(answer, hidden, world.artist) for name, answer in answers.items()}
        found.append(Judged(one, size, values))
    show.say(f"fold {held} done")
    return found


def _report(table: dict[str, NDArray[np.float64]], sizes: IdVector, whose: IdVector) -> int:
    """Print means by number of seeds and paired differences; 0 where ours is better in everything, else 1."""
    rows = []
    for size in (*SIZES, 0):
        part = sizes == size if size else np.ones(len(sizes), dtype=bool)
        rows += [
            {"seeds": size or "all", "model": name, "lists": int(part.sum()),
             **dict(zip(METRICS, found[part].mean(axis=0).round(4).tolist(), strict=True))}
            for name, found in table.items()
        ]  # fmt: skip
    show.rows(rows, ("seeds", "model", "lists", *METRICS), show.Format.table, title="RecSys Challenge 2018")
    short = 0
    compared = []
    for name, size in itertools.product([name for name in table if name != "kinsong"], (*SIZES, 0)):
        part = sizes == size if size else np.ones(len(sizes), dtype=bool)
        gains = (table["kinsong"] - table[name]) * (1, 1, -1)
        lists = np.unique(whose[part])
        row: dict[str, object] = {"against": name, "seeds": size or "all"}
        for column, metric in enumerate(METRICS):
            each = np.array([gains[part & (whose == one), column].mean() for one in lists])
            found = bootstrap(each, np.random.default_rng(0))
            row[metric] = f"{found.mean:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
            short += int(found.low <= 0)
        compared.append(row)
    show.rows(compared, ("against", "seeds", *METRICS), show.Format.table, title="ours is better by (paired, 95 %)")
    show.say("better in everything" if not short else f"{short} differences are not above 0")
    return int(short > 0)


if __name__ == "__main__":
    main()
