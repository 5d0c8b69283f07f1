"""The base fact of all text models: how often a term stands in what a document says about an artist.

One row per document, artist, kind and term. Everything else (frequencies, weights, vectors) is derived from such rows,
so that parts of a corpus add up and a page can be taken back exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
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

    from db.read import Text

COUNTS = pa.schema(
    [("document_id", pa.int64()), ("host", pa.string()), ("artist_id", pa.int64()), ("kind", pa.string()),
     ("term", pa.string()), ("n", pa.int32())]
)  # fmt: skip
"""Columns of counts.parquet."""
MENTIONS = pa.schema(
    [("document_id", pa.int64()), ("artist_id", pa.int64()), ("mentions", pa.int32()), ("confidence", pa.float32())]
)
"""Columns of mentions.parquet."""
ROWS_AT_ONCE = 100_000

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


class Facts:
    """Writes counts.parquet and mentions.parquet as documents come; rows in the order of documents, then of artists.

    Args:
        folder: where the two files go; a reader sees them whole once `close` has returned.
        places: artist id → place in canonical order, which sorts the artists of a document.
    """

    def __init__(self, folder: Path, places: Mapping[int, int]) -> None:
        self._places = places
        self._counts = _Rows(folder / "counts.parquet", COUNTS)
        self._mentions = _Rows(folder / "mentions.parquet", MENTIONS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, text: Text, mentioned: Mapping[int, tuple[int, float]], terms: Mapping[int, Terms]) -> None:
        """The facts of one document."""
        for artist in sorted(mentioned, key=self._places.__getitem__):
            n, sure = mentioned[artist]
            self._mentions.add([text.id], [artist], [n], [sure])
            counted = sorted(terms.get(artist, {}).items(), key=_by_kind_and_term)
            size = len(counted)
            self._counts.add(
                [text.id] * size, [text.host] * size, [artist] * size, [kind for (kind, _), _ in counted],
                [term for (_, term), _ in counted], [n for _, n in counted],
            )  # fmt: skip

    def close(self) -> tuple[int, int]:
        """Finish both files; how many counts and how many mentions they hold."""
        return self._counts.close(), self._mentions.close()


def _by_kind_and_term(item: tuple[tuple[str, str], int]) -> tuple[int, str]:
    (kind, term), _ = item
    return KINDS.index(kind), term


class _Rows:
    """Columns that grow and go to a Parquet file a part at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._columns: list[list[object]] = [[] for _ in schema]
        self._written = 0
        self._open = True

    def add(self, *columns: list[object]) -> None:
        for column, more in zip(self._columns, columns, strict=True):
            column.extend(more)
        if len(self._columns[0]) >= ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        arrays = [pa.array(c, field.type) for c, field in zip(self._columns, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._written += len(self._columns[0])
        self._columns = [[] for _ in self._schema]

    def close(self) -> int:
        if self._open:
            self._flush()
            self._writer.close()
            self._open = False
        return self._written
