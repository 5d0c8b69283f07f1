"""word2vec on playlists: skip-gram with negative sampling, after Mikolov, Sutskever, Chen, Corrado and Dean,
"Distributed Representations of Words and Phrases and their Compositionality" (NIPS 2013), equation 4. A playlist is
the sentence, an artist the word:

    maximise  Σ over pairs (a, b) that share a window of   log σ(v'_b·v_a) + Σ_k E[ log σ(−v'_k·v_a) ]

with k negatives drawn by frequency to the power of `ns_exponent`. What differs from text: the order of a playlist is
mostly accidental (sorted by name, by date added), so every pass draws the places of a playlist in a new random order,
which makes the whole playlist the context; after the first pass, which takes all, a pass takes at most `places` places
of each playlist, so that unions and collections of thousands of tracks do not outweigh all others; the artists of one
track stay side by side. The mean of all vectors is taken off each, after Mu and Viswanath, "All-but-the-Top" (ICLR
2018): what all artists have in common tells none apart.

Trained by gensim with one worker: with more, results differ from run to run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cf.fitted import Fitted
from db.base import Config as BaseConfig
from db.errors import BuildError
from db.faults import reached
from db.vectors import Vectors

if TYPE_CHECKING:
    from cf.interactions import Playlists

MODEL = "playlist"
_LONGEST = 10_000  # words: gensim cuts longer sentences


class Config(BaseConfig):
    """word2vec on playlists."""

    dim: Annotated[int, Field(ge=1, le=512)] = 64
    """Numbers per vector."""
    window: Annotated[int, Field(ge=1)] = 10
    """Artists to each side, in the random order of a pass, that count as sharing a context."""
    negative: Annotated[int, Field(ge=1)] = 5
    """Artists drawn at random against each pair."""
    ns_exponent: Annotated[float, Field(ge=-2, le=2)] = 0.75
    """Power of an artist's frequency at which it is drawn: 1 as it occurs, 0 all alike."""
    sample: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    """Artists this many times as frequent as the average one, or more, are taken less often; 0 takes all."""
    alpha: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.1
    """Learning rate at the start; it falls to a ten-thousandth at the end."""
    visits: Annotated[int, Field(ge=1)] = 300
    """Times that the average artist is trained; how many passes over the playlists that takes follows from it."""
    places: Annotated[int, Field(ge=2, le=_LONGEST)] = 500
    """Places drawn from one playlist in one pass, at most; the first pass takes all."""
    min_playlists: Annotated[int, Field(ge=1)] = 3
    """Artists in fewer playlists get no vector; lowered to the number of playlists where there are fewer."""


def fit(data: Playlists, config: Config, rng: np.random.Generator, start: Fitted | None = None) -> Fitted:
    """Vectors of the artists in playlists.

    Args:
        data: playlists.
        config: settings; `min_playlists` has been applied by `Playlists`.
        rng: where the order of every pass and gensim's seed come from.
        start: an earlier fit of the same dim; artists who are in it start from there.

    Returns:
        Vectors "artist", float32 (n_artists, dim); array "mean", float32 (dim,), what was taken off every vector.

    Raises:
        BuildError: `start` has another dim, or the training ran out of range.
    """
    if not len(data.artist_ids):
        return Fitted({"artist": Vectors(MODEL, "artist", data.artist_ids, np.zeros((0, config.dim), np.float32))})
    seed = int(rng.integers(1, 2**31))
    with tempfile.TemporaryDirectory(prefix="kinsong-") as folder:
        corpus = Path(folder) / "playlists.txt"
        write_corpus(data, config, rng, corpus)
        reached("playlist.written")
        model = _prepared(config, corpus, seed, len(data.artist_ids))
        if start is not None:
            _take_over(model, data, start)
        model.train(corpus_file=str(corpus), total_words=model.corpus_total_words, epochs=1)
        reached("playlist.trained")
    matrix = np.zeros((len(data.artist_ids), config.dim), dtype=np.float32)
    matrix[_rows(model)] = model.wv.vectors
    mean = matrix.mean(axis=0)
    return Fitted({"artist": Vectors(MODEL, "artist", data.artist_ids, matrix - mean).check()}, {"mean": mean})


def write_corpus(data: Playlists, config: Config, rng: np.random.Generator, path: Path) -> None:
    """Write all passes as one text file: a line per playlist and pass, artists as their row numbers."""
    playlists = _words(data)
    with path.open("w", encoding="ascii") as file:
        for turn in range(_passes(data, config)):
            for words in playlists:
                _write_pass(file, words, len(words) if turn == 0 else config.places, rng)


def _passes(data: Playlists, config: Config) -> int:
    """How many passes give the average artist its visits."""
    lengths = np.diff(data.lists)
    drawn = float(np.minimum(lengths, config.places).sum() * len(data.rows) / lengths.sum())
    return max(1, round(config.visits * len(data.artist_ids) / drawn))


def _words(data: Playlists) -> list[NDArray[np.object_]]:
    """For every playlist its places as text: the row numbers of a place's artists, with spaces between."""
    ends = data.places[1:]
    places = np.empty(len(ends), dtype=object)
    for place, (begin, end) in enumerate(zip(data.places[:-1], ends, strict=True)):
        places[place] = " ".join(map(str, data.rows[begin:end]))
    return [places[begin:end] for begin, end in zip(data.lists[:-1], data.lists[1:], strict=True)]


def _write_pass(file: TextIO, words: NDArray[np.object_], most: int, rng: np.random.Generator) -> None:
    drawn = words[rng.permutation(len(words))[:most]]
    for begin in range(0, len(drawn), _LONGEST):
        file.write(" ".join(drawn[begin : begin + _LONGEST]) + "\n")


def _prepared(config: Config, corpus: Path, seed: int, n_artists: int) -> Any:
    """A gensim model with its vocabulary and its first, random vectors."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        sg=1, hs=0, vector_size=config.dim, window=config.window, negative=config.negative,
        ns_exponent=config.ns_exponent, sample=min(config.sample / n_artists, 1.0), min_count=1, epochs=1, workers=1,
        alpha=config.alpha, min_alpha=config.alpha * 1e-4, seed=seed,
    )  # fmt: skip
    model.build_vocab(corpus_file=str(corpus))
    return model


def _rows(model: Any) -> NDArray[np.int64]:
    """The data's row of each of gensim's rows."""
    rows: NDArray[np.int64] = np.array([int(word) for word in model.wv.index_to_key], dtype=np.int64)
    return rows


def _take_over(model: Any, data: Playlists, start: Fitted) -> None:
    known = start.vectors["artist"]
    if known.dim != model.vector_size:
        raise BuildError(f"[playlist] the fit to start from has dim {known.dim}, not {model.vector_size}: start afresh")
    found = known.rows_of(data.artist_ids[_rows(model)])
    model.wv.vectors[found >= 0] = known.matrix[found[found >= 0]] + start.arrays["mean"]
