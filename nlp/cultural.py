"""Cultural vectors: what is written about artists, as a matrix artist × term of all kinds, cut to its main directions.

Each kind is weighed (`nlp.weights`), an artist's terms of a kind brought to length 1 and multiplied by the kind's
share; the artists named beside it (`nlp.company`) are one more kind; the whole row is brought to length 1. Then a
truncated singular value decomposition X ≈ U·S·Vᵀ (Halko, Martinsson and Tropp 2011, by scikit-learn): an artist's
vector is its row of U·S, in which the main directions count whole and further ones less. So two artists are alike by
what their words have to do with each other (Deerwester and others 1990, "Indexing by latent semantic analysis"), and a
little by the words themselves, as in the mixtures of Hofmann (1999), "Probabilistic latent semantic indexing".
Of a direction and its opposite the one is taken whose largest entry in V is positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from scipy import sparse
from threadpoolctl import threadpool_limits

from db.base import IdVector
from db.vectors import Vectors
from nlp.company import Company
from nlp.usage import KINDS, Usage
from nlp.weights import Weighting, weights

ITERATIONS = 7
FEWEST_DIMS = 8
"""Length of a vector that even few artists have, as far as there are so many."""


class Config(Weighting):
    """The cultural vectors."""

    dim: PositiveInt = 128
    """Main directions at most."""
    artists_per_dim: PositiveInt = 16
    """Artists that each main direction must rest on: with fewer artists than dim times this, there are fewer."""
    further: NonNegativeInt = 128
    """Further directions at most; they hold what is particular to few artists."""
    further_weight: float = Field(0.3, ge=0, le=1)
    """What a further direction counts, beside 1 for a main one."""
    idf_floor: NonNegativeFloat = 0.5
    """For tfidf: what is added to ln((N + 1) / a), so that terms of many artists keep some weight."""
    most_per_document: PositiveInt = 20
    """How often a term counts at most in one document for one artist."""
    min_artists: int = Field(2, ge=1)
    """Artists that must have a term for it to count."""
    n1: NonNegativeFloat = 1.0
    """Share of single words; 0 leaves them out."""
    n2: NonNegativeFloat = 1.0
    """Share of word pairs."""
    np: NonNegativeFloat = 0.5
    """Share of noun phrases: most of them are words and pairs as well."""
    adj: NonNegativeFloat = 0.5
    """Share of adjectives, which are words as well."""
    tag: NonNegativeFloat = 1.0
    """Share of imported tags."""
    company: NonNegativeFloat = 0.2
    """Share of the artists who are named in the same documents."""
    largest_company: PositiveInt = 50
    """A document that names more artists than this is a catalogue: it counts only for artists named nowhere else."""

    def share(self, kind: str) -> float:
        """The share of a kind."""
        return float(getattr(self, kind))


def fit(used: Usage, config: Config, rng: np.random.Generator, beside: Company | None = None) -> Vectors | None:
    """A vector for each artist that has terms or company in common with others, in canonical order; None without any.

    Args:
        used: who has which terms.
        config: weights, shares and length.
        rng: gives the start of the decomposition; any start leads to nearly the same vectors.
        beside: who is named beside whom.
    """
    ids, matrix = term_matrix(used, config)
    if beside is not None and config.company > 0:
        ids, matrix = with_company(ids, matrix, beside, config.company)
    most = min(len(ids) - 1, matrix.shape[1] - 1)
    main = min(config.dim, max(FEWEST_DIMS, len(ids) // config.artists_per_dim), most)
    if main < 1:
        return None
    from sklearn.decomposition import TruncatedSVD

    further = config.further if config.further_weight > 0 else 0
    dim, seed = min(main + further, most), int(rng.integers(2**31))
    svd = TruncatedSVD(dim, algorithm="randomized", n_iter=ITERATIONS, random_state=seed)
    with threadpool_limits(1):
        rows = svd.fit_transform(matrix)
    scale = fixed_signs(svd.components_)
    scale[main:] *= config.further_weight
    return Vectors("cultural", "artist", ids, (rows * scale).astype(np.float32))


def term_matrix(used: Usage, config: Config) -> tuple[IdVector, sparse.csr_matrix]:
    """Artist ids in canonical order, and their rows: float64 (artists, terms), each of length 1."""
    shares = np.array([config.share(kind) for kind in KINDS])
    used = used.where((used.artists >= config.min_artists) & (shares[used.kinds] > 0))
    weight = weights(used, config)
    starts = np.flatnonzero(np.append(True, np.diff(used.artist_ids) != 0)) if len(used) else np.empty(0, dtype=int)
    ids = used.artist_ids[starts]
    row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(used))))
    blocks = []
    for place, kind in enumerate(KINDS):
        mine = used.kinds == place
        if mine.any():
            _, column = np.unique(used.terms[mine].astype(str), return_inverse=True)
            block = sparse.csr_matrix((weight[mine], (row[mine], column)), shape=(len(ids), column.max() + 1))
            blocks.append(_normalized(block) * config.share(kind))
    return _rows_of_length_one(ids, blocks)


def with_company(
    ids: IdVector, matrix: sparse.csr_matrix, beside: Company, share: float
) -> tuple[IdVector, sparse.csr_matrix]:
    """The term matrix with one more block of columns, the company of each artist multiplied by `share`.

    An artist who has company but no terms gets a row too.
    """
    place = {artist: n for n, artist in enumerate(beside.ids.tolist())}
    row = np.array([place[artist] for artist in ids.tolist()], dtype=np.int64)
    spread = sparse.csr_matrix((np.ones(len(row)), (row, np.arange(len(row)))), shape=(len(place), len(row)))
    return _rows_of_length_one(beside.ids, [spread @ matrix, _normalized(beside.weights) * share])


def _rows_of_length_one(ids: IdVector, blocks: list[sparse.csr_matrix]) -> tuple[IdVector, sparse.csr_matrix]:
    """The blocks side by side, without the artists who have nothing."""
    if not blocks:
        return ids[:0], sparse.csr_matrix((0, 0))
    matrix = _normalized(sparse.csr_matrix(sparse.hstack(blocks)))
    filled = np.diff(matrix.indptr) > 0
    return ids[filled], matrix[filled]


def fixed_signs(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each row 1 or −1, so that its entry of largest magnitude (the first of equals) becomes positive. (rows,)."""
    largest = np.abs(components).argmax(axis=1)
    return np.where(components[np.arange(len(components)), largest] < 0, -1.0, 1.0)


def _normalized(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows scaled to length 1; a zero row stays zero."""
    from sklearn.preprocessing import normalize

    return normalize(rows)
