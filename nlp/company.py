"""Company: who is named beside whom. What lists such as "for fans of A, B and C" tell, when no term is taken from them.

With n the documents that name both artists, a the artists that have b in their company and N the artists that are
named at all, b weighs (1 + ln n) · ln((N + 1) / a) in the company of an artist; everyone is in their own company.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from db.base import IdVector


class Company(NamedTuple):
    """Who is named beside whom.

    Attributes:
        ids: int64 (n,), all artists in canonical order.
        weights: float64 (n, n), sparse; the row of an artist whom no document names is empty.
    """

    ids: IdVector
    weights: sparse.csr_matrix


def company(mentions: Path | pa.Table, canonical: IdVector, largest: int) -> Company:
    """The company of every artist.

    Args:
        mentions: mentions.parquet, or a table with its columns.
        canonical: all artist ids in canonical order; mentions of other artists are left out.
        largest: a document that names more artists is a catalogue: it counts only for artists named nowhere else.
    """
    named = _incidence(mentions, canonical)
    sizes = np.asarray(named.sum(axis=1)).ravel()
    close = named[sizes <= largest]
    seen, seen_closely = (np.asarray(matrix.sum(axis=0)).ravel() > 0 for matrix in (named, close))
    lonely = sparse.diags_array((seen & ~seen_closely).astype(np.float64))
    return Company(canonical, _weighed(sparse.csr_matrix(close.T @ close + lonely @ (named.T @ named))))


def _incidence(mentions: Path | pa.Table, canonical: IdVector) -> sparse.csr_matrix:
    """Which document names which artist: float64 (documents, artists) of 0 and 1."""
    table = mentions if isinstance(mentions, pa.Table) else pq.read_table(mentions)
    found = table["artist_id"].to_numpy()
    kept = np.isin(found, canonical)
    order = np.argsort(canonical, kind="stable")
    column = order[np.searchsorted(canonical, found[kept], sorter=order)]
    documents, row = np.unique(table["document_id"].to_numpy()[kept], return_inverse=True)
    return sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(documents), len(canonical)))


def _weighed(together: sparse.csr_matrix) -> sparse.csr_matrix:
    having = np.bincount(together.indices, minlength=together.shape[1])
    named = np.count_nonzero(np.diff(together.indptr))
    idf = np.log((named + 1) / np.maximum(having, 1))
    together.data = (1 + np.log(together.data)) * idf[together.indices]
    return together
