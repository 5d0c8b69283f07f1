"""The base fact of all text models: how often a term stands in what a document says about an artist.

One row per document, artist, kind and term. Everything else (frequencies, weights, vectors) is derived from such rows,
so that parts of a corpus add up and a page can be taken back exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nlp.about import About
from nlp.mentions import Reading
from nlp.terms import KINDS, extract

if TYPE_CHECKING:
    from spacy.tokens import Doc


MENTION = pa.struct([("artist_id", pa.int64()), ("mentions", pa.int32()), ("confidence", pa.float32())])
"""That a document names an artist."""
COUNT = pa.struct([("artist_id", pa.int64()), ("kind", pa.string()), ("term", pa.string()), ("n", pa.int32())])
"""How often a document has a term for an artist."""
COUNTS = pa.schema([("document_id", pa.int64()), ("host", pa.string()), *COUNT])
"""Columns of counts.parquet."""
MENTIONS = pa.schema([("document_id", pa.int64()), *MENTION])
"""Columns of mentions.parquet."""

Terms = Counter[tuple[str, str]]


def terms_by_artist(
    doc: Doc, reading: Reading, whose: About, own_words: Callable[[int], frozenset[str]]
) -> dict[int, Terms]:
    """The terms that a doc gives each artist that it names.

    No term holds a token of any artist's mention, nor, written with a capital, a word of the name of an artist that
    the doc names: "Neville" says nothing of Aaron Neville. In a language other than English, whose stop words
    `nlp.terms` does not know, none holds one that spaCy lists.

    Args:
        doc: a tagged doc of cleaned text.
        reading: its mentions.
        whose: which part of it is about whom.
        own_words: the folded words of an artist's names.
    """
    names = {token for mention in reading.mentions for token in range(mention.start, mention.end)}
    artists = {mention.artist_id for mention in reading.mentions} | set(reading.titled)
    own = frozenset[str]().union(*map(own_words, artists))
    tokens = reading.tokens
    names.update(int(tokens[i]) for i, word in enumerate(reading.words) if word in own and _capital(doc, tokens[i]))
    if doc.vocab.lang != "en":
        names.update(np.flatnonzero(doc.to_array(["IS_STOP"])).tolist())
    lists = {token for start, end in whose.lists for token in range(start, end)}
    found: dict[int, Terms] = {}
    if whose.main is not None:
        found[whose.main] = extract(doc, names | lists)
    once: dict[tuple[int, int], Terms] = {}
    for artist, parts in whose.sentences.items():
        total: Terms = Counter()
        for start, end in parts:
            if (start, end) not in once:
                once[start, end] = extract(doc[start:end], names)
            total.update(once[start, end])
        found[artist] = total
    return found


def _capital(doc: Doc, token: int) -> bool:
    return doc[int(token)].text[:1].isupper()


def mention_counts(reading: Reading) -> dict[int, tuple[int, float]]:
    """Artist → (mentions in body and title, confidence of the surest)."""
    found = {artist: (1, sure) for artist, sure in reading.titled.items()}
    for mention in reading.mentions:
        n, sure = found.get(mention.artist_id, (0, 0.0))
        found[mention.artist_id] = (n + 1, max(sure, mention.confidence))
    return found


def rows_of_terms(terms: Terms) -> tuple[list[str], list[str], list[int]]:
    """Kinds, terms and counts, in the order of kinds, then of terms."""
    rows = sorted(terms.items(), key=_by_kind_and_term)
    return [kind for (kind, _), _ in rows], [term for (_, term), _ in rows], [n for _, n in rows]


def _by_kind_and_term(item: tuple[tuple[str, str], int]) -> tuple[int, str]:
    (kind, term), _ = item
    return KINDS.index(kind), term


class Facts:
    """Writes counts.parquet and mentions.parquet as documents come; rows in the order of documents, then of artists.

    Args:
        folder: where the two files go; a reader sees them whole once `close` has returned.
    """

    def __init__(self, folder: Path) -> None:
        self._counts = pq.ParquetWriter(folder / "counts.parquet", COUNTS, compression="zstd")
        self._mentions = pq.ParquetWriter(folder / "mentions.parquet", MENTIONS, compression="zstd")
        self._written = [0, 0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, ids: Sequence[int], hosts: Sequence[str], counts: pa.ListArray, mentions: pa.ListArray) -> None:
        """The facts of some documents.

        Args:
            ids: the documents.
            hosts: of each its host.
            counts: of each a list of `COUNT`.
            mentions: of each a list of `MENTION`.
        """
        for number, (writer, lists) in enumerate(((self._counts, counts), (self._mentions, mentions))):
            row = np.repeat(np.arange(len(ids)), lists.value_lengths().to_numpy())
            columns = [pa.array(ids, pa.int64()).take(row)]
            if writer is self._counts:
                columns.append(pa.array(hosts, pa.string()).take(row))
            writer.write_table(pa.Table.from_arrays([*columns, *lists.flatten().flatten()], schema=writer.schema))
            self._written[number] += len(row)

    def close(self) -> tuple[int, int]:
        """Finish both files; how many counts and how many mentions they hold."""
        self._counts.close()
        self._mentions.close()
        return self._written[0], self._written[1]
