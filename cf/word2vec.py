"""word2vec on playlists, beside the lists themselves.

Skip-gram with negative sampling, after Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed Representations of
Words and Phrases and their Compositionality" (NIPS 2013), equation 4. A playlist is the sentence, an artist the word:

    maximise  Σ over pairs (a, b) that share a window of   log σ(v'_b·v_a) + Σ_k E[ log σ(−v'_k·v_a) ]

with k negatives drawn by frequency to the power of `ns_exponent`. `cf.corpus` says what stands in a sentence. What
all artists have in common tells none apart, so the mean is taken off, after Mu and Viswanath, "All-but-the-Top" (ICLR
2018); v and v' stand side by side, for both have learnt from every pair.

64 numbers cannot hold which of some hundred lists an artist is in, and the lists hold nothing of who is like whom in
other lists: each knows what the other does not. So the vector is both, each part of unit length before it is weighed:

    [ √share · (v_a | v'_a) ;  √(1 − share) · m_a ]      cosine = share · cos(word2vec) + (1 − share) · cos(membership)

where m_a is `cf.membership`'s. Trained by gensim with one worker: with more, results differ from run to run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cf import membership
from cf.corpus import LONGEST, Corpus
from cf.fitted import Fitted
from db.base import Config as BaseConfig
from db.errors import BuildError
from db.faults import reached
from db.vectors import Vectors

if TYPE_CHECKING:
    from cf.interactions import Playlists
    from db.base import FloatMatrix

MODEL = "playlist"


class Config(BaseConfig):
    """word2vec on lists of anything."""

    dim: Annotated[int, Field(ge=1, le=512)] = 64
    """Numbers of word2vec's input vectors, and of its context vectors, which stand beside them."""
    share: Annotated[float, Field(ge=0, le=1)] = 0.4
    """Part of a cosine that is word2vec's; the rest is that of membership. 1: word2vec alone, 0: membership."""
    membership: Annotated[int, Field(ge=1, le=1024)] = 256
    """Numbers that say in which lists an artist is; where there are up to twice as many lists, all lists are kept."""
    window: Annotated[int, Field(ge=1)] = 10
    """Artists to each side, in the order of a pass, that count as sharing a context."""
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
    places: Annotated[int, Field(ge=2, le=LONGEST)] = 500
    """Places drawn from one playlist in one pass, at most; the first pass takes all."""
    min_playlists: Annotated[int, Field(ge=1)] = 3
    """Artists in fewer playlists get no vector; lowered to the number of playlists where there are fewer."""


class SessionConfig(Config):
    """word2vec on playlists."""

    session_gap: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 30.0
    """Minutes without a listen that end a session; the timed listens of a session are a playlist too. 0: none is."""


def fit(data: Playlists, config: Config, rng: np.random.Generator, start: Fitted | None = None) -> Fitted:
    """Vectors of the artists in playlists.

    Args:
        data: playlists.
        config: settings; `min_playlists` has been applied to `data`.
        rng: where the order of every pass, gensim's seed and the start of the membership's directions come from.
        start: an earlier fit of the same dim; word2vec begins from it where it knows an artist.

    Returns:
        Vectors "artist", float32 (n_artists, 2 · dim + numbers of the membership), of unit length; array "input",
        float32 (n_artists, dim), word2vec's own vectors, mean and all.

    Raises:
        BuildError: `start` has another dim, or the training ran out of range.
    """
    n_artists = len(data.artist_ids)
    if not n_artists:
        nothing = np.zeros((0, 2 * config.dim), np.float32)
        return Fitted({"artist": Vectors(MODEL, "artist", data.artist_ids, nothing)})
    parts: list[FloatMatrix] = []
    arrays = {}
    if config.share > 0:
        arrays["input"], context = trained(data, config, rng, start)
        both = np.hstack([arrays["input"], context])
        parts.append(_unit(both - both.mean(axis=0)) * np.float32(np.sqrt(config.share)))
    if config.share < 1:
        parts.append(membership.vectors(data, config.membership, rng) * np.float32(np.sqrt(1 - config.share)))
    matrix = np.ascontiguousarray(np.hstack(parts), dtype=np.float32)
    return Fitted({"artist": Vectors(MODEL, "artist", data.artist_ids, matrix).check()}, arrays)


def trained(
    data: Playlists, config: Config, rng: np.random.Generator, start: Fitted | None = None, workers: int = 1
) -> tuple[FloatMatrix, FloatMatrix]:
    """word2vec's input and context vectors, float32 (n_artists, dim) each; arguments as of `fit`.

    Raises:
        BuildError: `start` has another dim.
    """
    seed = int(rng.integers(1, 2**31))
    with tempfile.TemporaryDirectory(prefix="kinsong-") as folder:
        corpus = Path(folder) / "playlists.txt"
        counts = Corpus(data, config.places, config.visits).write(corpus, rng)
        reached("playlist.written")
        model = _prepared(config, counts, seed, workers)
        if start is not None:
            _take_over(model, data, start)
        model.train(corpus_file=str(corpus), total_words=int(counts.sum()), epochs=1)
        reached("playlist.trained")
    rows = _rows(model)
    found = np.zeros((2, len(counts), config.dim), dtype=np.float32)
    found[0, rows], found[1, rows] = model.wv.vectors, model.syn1neg
    return found[0], found[1]


def _prepared(config: Config, counts: NDArray[np.int64], seed: int, workers: int) -> Any:
    """A gensim model with its vocabulary, which need not be counted again, and its first, random vectors."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        sg=1, hs=0, vector_size=config.dim, window=config.window, negative=config.negative,
        ns_exponent=config.ns_exponent, sample=min(config.sample / len(counts), 1.0), min_count=1, epochs=1,
        workers=workers, alpha=config.alpha, min_alpha=config.alpha * 1e-4, seed=seed,
    )  # fmt: skip
    model.build_vocab_from_freq({str(row): int(count) for row, count in enumerate(counts)})
    return model


def _rows(model: Any) -> NDArray[np.int64]:
    """The data's row of each of gensim's rows."""
    rows: NDArray[np.int64] = np.array([int(word) for word in model.wv.index_to_key], dtype=np.int64)
    return rows


def _take_over(model: Any, data: Playlists, start: Fitted) -> None:
    known = start.arrays["input"]
    dim, wanted = known.shape[1], model.vector_size
    if dim != wanted:
        raise BuildError(f"[playlist] the fit to start from has dim {dim}, not {wanted}: start afresh")
    found = start.vectors["artist"].rows_of(data.artist_ids[_rows(model)])
    model.wv.vectors[found >= 0] = known[found[found >= 0]]


def _unit(matrix: FloatMatrix) -> FloatMatrix:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    made: FloatMatrix = (matrix / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return made
