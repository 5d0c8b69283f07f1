"""An artist's top terms in the documents of some time: their facts, weighed against all that is written.

Frequencies of terms over artists, documents and hosts are those of the whole corpus, so that a weight means the same
in every window; only how often the artist has a term is counted in the window's documents. Tags have no date and are
left out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from db.base import IdVector
from db.columnar import connect
from nlp.usage import KINDS, TAGS, read_usage
from nlp.weights import TERMS, Config, top_terms

_IN_WINDOW = """
select kind, term, cast(sum(least(n, $most)) as double) as n from counts
where artist_id = $artist and document_id in (select document_id from documents) group by kind, term
"""


def window_terms(
    counts: Path | pa.Table, canonical: IdVector, artist_id: int, names: Collection[str], documents: IdVector,
    config: Config,
) -> pa.Table:
    """The table of `nlp.weights.TERMS` for one artist; empty where the window's documents say nothing of it.

    Args:
        counts: counts.parquet, or a table with its columns.
        canonical: ids of all artists, in canonical order.
        artist_id: whose.
        names: the artist's.
        documents: ids of the window's documents.
        config: weights, and what a table may show.
    """
    used = read_usage(counts, TAGS.empty_table(), canonical, config)
    with connect() as duck:
        duck.register("counts", counts if isinstance(counts, pa.Table) else duck.read_parquet(str(counts)))
        duck.register("documents", pa.table({"document_id": pa.array(documents, pa.int64())}))
        rows = duck.sql(_IN_WINDOW, params={"most": config.most_per_document, "artist": artist_id}).fetchall()
    in_window = {(KINDS.index(kind), term): n for kind, term, n in rows}
    n = used.n.copy()
    for row in np.flatnonzero(used.artist_ids == artist_id):
        n[row] = in_window.get((int(used.kinds[row]), used.terms[row]), 0.0)
    table = top_terms(replace(used, n=n).where(n > 0), config, {artist_id: names})
    own = pa.array(table["artist_id"].to_numpy() == artist_id)
    return pa.table(table.filter(own), schema=TERMS)
