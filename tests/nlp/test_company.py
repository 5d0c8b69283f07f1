from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from nlp.company import company
from nlp.counts import MENTIONS

CANONICAL = np.array([40, 10, 30, 20, 50], dtype=np.int64)
PAIRS = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(CANONICAL.tolist())), unique=True, max_size=25)


def table(pairs: list[tuple[int, int]]) -> pa.Table:
    rows = [{"document_id": d, "artist_id": a, "mentions": 1, "confidence": 1.0} for d, a in pairs]
    return pa.Table.from_pylist(rows, schema=MENTIONS)


def slow(pairs: list[tuple[int, int]], largest: int) -> dict[tuple[int, int], float]:
    """The definition, read out loud."""
    documents: dict[int, set[int]] = defaultdict(set)
    for document, artist in pairs:
        documents[document].add(artist)
    small = {a for artists in documents.values() if len(artists) <= largest for a in artists}
    n: dict[tuple[int, int], int] = defaultdict(int)
    for artists in documents.values():
        for a in artists:
            if len(artists) <= largest or a not in small:
                for b in artists:
                    n[a, b] += 1
    named = {a for a, _ in n}
    having = {b: sum((a, b) in n for a in named) for _, b in n}
    return {(a, b): (1 + math.log(count)) * math.log((len(named) + 1) / having[b]) for (a, b), count in n.items()}


@given(PAIRS, st.integers(1, 5))
def test_company_is_what_its_definition_says(pairs: list[tuple[int, int]], largest: int) -> None:
    found = company(table(pairs), CANONICAL, largest)
    dense = found.weights.toarray()
    wanted = np.zeros((5, 5))
    for (a, b), weight in slow(pairs, largest).items():
        wanted[CANONICAL.tolist().index(a), CANONICAL.tolist().index(b)] = weight
    assert found.ids.tolist() == CANONICAL.tolist()
    np.testing.assert_allclose(dense, wanted, atol=1e-12)


def test_artists_that_are_not_in_the_catalogue_are_left_out() -> None:
    found = company(table([(1, 10), (1, 99), (1, 20)]), CANONICAL, 5)
    assert found.weights.nnz == 4
