"""`make quality`: nDCG@20 of the listening models on held-out rows of real plays, beside what everybody knows.

A fifth of each listener's artists is held out, five times with five seeds; every artist that the listener has not
played is ranked. ALS and implicit try equally many settings, drawn at random, on a split inside the first split's
training rows. Needs the `bench` extra. Run as `python -m tests.quality.listening PLAYS.tsv`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pc
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from cf import als, vector_exp
from cf.interactions import Interactions
from kinsong import show

K, SEEDS, TRIES, LEAST = 20, 5, 8, 3
DIM, EPOCHS = 64, 15
Scores = NDArray[np.float32]
Model = Callable[[sparse.csr_matrix], Scores]


def read(path: Path) -> sparse.csr_matrix:
    """Plays of artists with at least `LEAST` listeners: CSR float32 (listeners, artists)."""
    table = pc.read_csv(path, parse_options=pc.ParseOptions(delimiter="\t", quote_char=False))
    rows, columns = (
        table[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in table.column_names[:2]
    )
    plays = sparse.csr_matrix((table["plays"].to_numpy().astype(np.float32), (rows, columns)))
    return plays[:, np.flatnonzero(np.bincount(plays.indices) >= LEAST)]


def split(plays: sparse.csr_matrix, seed: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Rows to learn from, and the fifth of each listener's rows that is held out."""
    rng = np.random.default_rng(seed)
    coo = plays.tocoo()
    order = np.lexsort((rng.random(plays.nnz), coo.row))
    place = np.arange(plays.nnz) - plays.indptr[coo.row[order]]
    out = np.zeros(plays.nnz, dtype=bool)
    out[order] = place < np.diff(plays.indptr)[coo.row[order]] // 5
    parts = [sparse.csr_matrix((coo.data[k], (coo.row[k], coo.col[k])), shape=plays.shape) for k in (~out, out)]
    return parts[0], parts[1]


def ndcg(scores: Scores, train: sparse.csr_matrix, test: sparse.csr_matrix) -> NDArray[np.float64]:
    """nDCG@20 of each listener with held-out rows, what was learnt from left out of the ranking."""
    ranked = scores.copy()
    ranked[train.nonzero()] = -np.inf
    top = np.argsort(-ranked, axis=1, kind="stable")[:, :K]
    hits = np.take_along_axis(test.toarray() > 0, top, axis=1)
    gains = 1 / np.log2(np.arange(K) + 2)
    wanted = np.diff(test.indptr)
    best = np.append(0, np.cumsum(gains))[np.minimum(wanted, K)]
    found: NDArray[np.float64] = (hits @ gains)[wanted > 0] / best[wanted > 0]
    return found


def popularity(train: sparse.csr_matrix) -> Scores:
    return np.tile(np.bincount(train.indices, minlength=train.shape[1]).astype(np.float32), (train.shape[0], 1))


def item_knn(train: sparse.csr_matrix) -> Scores:
    """Sum of cosines to the listener's artists, on log(1 + plays), each artist's 100 nearest."""
    logs = train.copy()
    logs.data = np.log1p(logs.data)
    lengths = np.sqrt(np.asarray(logs.power(2).sum(axis=0)).ravel())
    unit = (logs @ sparse.diags(1 / np.maximum(lengths, 1e-9))).tocsr()
    cosine = (unit.T @ unit).toarray()
    np.fill_diagonal(cosine, 0)
    cosine[cosine < np.partition(cosine, -100, axis=1)[:, [-100]]] = 0
    return np.asarray(logs @ cosine.T, dtype=np.float32)


def ease(train: sparse.csr_matrix, reg: float = 200.0) -> Scores:
    """Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019), on whether there are plays."""
    binary = train.copy()
    binary.data = np.ones_like(binary.data)
    inverse = np.linalg.inv((binary.T @ binary).toarray().astype(np.float64) + reg * np.eye(train.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return np.asarray(binary @ weights, dtype=np.float32)


def ours(**settings: Any) -> Model:
    def scores(train: sparse.csr_matrix) -> Scores:
        config = als.Config.model_validate({"dim": DIM, "epochs": EPOCHS, **settings})
        rows, columns = (np.arange(n) for n in train.shape)
        fitted = als.fit(Interactions(rows, columns, train), config, np.random.default_rng(0))
        x, y = (fitted.vectors[entity].matrix for entity in ("listener", "artist"))
        result: Scores = x @ y.T + fitted.arrays.get("bias", np.float32(0))
        return result

    return scores


def softmax(train: sparse.csr_matrix) -> Scores:
    """Vector-Exp with its defaults."""
    data = Interactions(*(np.arange(n) for n in train.shape), train)
    fitted = vector_exp.fit(data, vector_exp.Config(dim=DIM), np.random.default_rng(0))
    x, y = (fitted.vectors[entity].matrix for entity in ("listener", "artist"))
    result: Scores = x @ y.T + fitted.arrays["bias"]
    return result


def peer(confidence: str, alpha: float, reg: float) -> Model:
    def scores(train: sparse.csr_matrix) -> Scores:
        from implicit.cpu.als import AlternatingLeastSquares

        weighted = train.copy()
        weighted.data = 1 + alpha * (np.log1p(train.data) if confidence == "log" else train.data)
        model = AlternatingLeastSquares(
            DIM, regularization=reg, alpha=1.0, iterations=EPOCHS, num_threads=1, random_state=0
        )
        model.fit(weighted, show_progress=False)
        result: Scores = model.user_factors @ model.item_factors.T
        return result

    return scores


def tuned(make: Callable[..., Model], train: sparse.csr_matrix, most_reg: float) -> tuple[Model, dict[str, Any]]:
    """The best of `TRIES` random settings on a split of the training rows."""
    rng = np.random.default_rng(0)
    inner, held_out = split(train, 100)
    best: tuple[float, dict[str, Any]] = (-1.0, {})
    for _ in range(TRIES):
        settings = {
            "confidence": str(rng.choice(["linear", "log"], p=[0.25, 0.75])),
            "alpha": float(np.exp(rng.uniform(np.log(0.1), np.log(10)))),
            "reg": float(np.exp(rng.uniform(np.log(most_reg / 100), np.log(most_reg)))),
        }
        best = max(best, (float(ndcg(make(**settings)(inner), inner, held_out).mean()), settings), key=lambda b: b[0])
    return make(**best[1]), best[1]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plays", type=Path)
    plays = read(parser.parse_args().plays)
    splits = [split(plays, seed) for seed in range(SEEDS)]
    with threadpool_limits(1):
        best, best_settings = tuned(ours, splits[0][0], 20.0)
        theirs, their_settings = tuned(peer, splits[0][0], 200.0)
        models: dict[str, Model] = {
            "popularity": popularity, "item-kNN cosine": item_knn, "EASE": ease, "implicit, tuned": theirs,
            "ALS, defaults": ours(), "ALS with biases": ours(biases=True), "ALS, tuned": best,
            "Vector-Exp, defaults": softmax,
        }  # fmt: skip
        found = {
            name: np.concatenate([ndcg(model(train), train, test) for train, test in splits])
            for name, model in models.items()
        }
    show.say(f"ALS {best_settings}\nimplicit {their_settings}")
    rows = []
    for name, values in found.items():
        # the same listener in five splits is one draw: the interval goes over listeners
        less = (values - found["implicit, tuned"]).reshape(SEEDS, -1).mean(axis=0)
        margin = 1.96 * less.std(ddof=1) / np.sqrt(len(less))
        rows.append({"model": name, "nDCG@20": round(float(values.mean()), 4),
                     "less implicit": f"{less.mean():+.4f} ± {margin:.4f}"})  # fmt: skip
    title = f"\n{plays.shape[0]} listeners, {plays.shape[1]} artists, {SEEDS} seeds"
    show.rows(rows, ("model", "nDCG@20", "less implicit"), show.Format.table, title=title)
    return 0


if __name__ == "__main__":
    sys.exit(main())
