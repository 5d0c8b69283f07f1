"""Where a term comes from: for the first terms of an artist a few documents, and in each the sentence that shows it.

Of the documents that hold the term for the artist, those of different hosts go first, then those that hold it most
often, then the order of URLs. In a document the sentence is taken that names the artist; without one, the sentence
after one that does; else the first with the term. Sentences are cut and compared by their letters, not by the language
pipeline, which has read the document once already.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pydantic import Field, PositiveInt

from db.base import Config as BaseConfig
from db.base import IdVector
from db.columnar import connect
from nlp.folding import pieces, spellings
from nlp.language import clean

QUOTES = pa.schema(
    [("artist_id", pa.int64()), ("kind", pa.string()), ("rank", pa.int32()), ("document_id", pa.int64()),
     ("place", pa.int32())]
)  # fmt: skip
"""Columns of quotes.parquet: a term of an artist stands in this sentence of this document."""
SENTENCES = pa.schema([("document_id", pa.int64()), ("place", pa.int32()), ("sentence", pa.string())])
"""Columns of sentences.parquet: each quoted sentence once; `place` counts the document's sentences from 0."""
LONGEST = 400
"""Characters of a quoted sentence; a longer one is taken in parts."""


class Config(BaseConfig):
    """What is kept to show where terms come from."""

    quoted_terms: int = Field(10, ge=0)
    """Terms of each kind, from the first, that documents and sentences are kept for; 0 keeps none."""
    quoted_documents: PositiveInt = 3
    """Documents kept for such a term."""


class Wanted(NamedTuple):
    """A term of an artist that is to be found in a document."""

    artist_id: int
    kind: str
    rank: int
    term: str


def chosen(
    counts: Path | pa.Table, top: pa.Table, documents: IdVector, config: Config
) -> dict[int, list[Wanted]]:
    """Document id → the terms that it is to show, documents in the order given, terms in that of `top`.

    Args:
        counts: counts.parquet, or a table with its columns.
        top: top terms, as `nlp.weights.top_terms` gives them.
        documents: ids of the kept documents in the order of their URLs; others are left out.
        config: how many.
    """
    place = pa.array(range(len(documents)), pa.int64())
    with connect() as duck:
        duck.register("counts", counts if isinstance(counts, pa.Table) else duck.read_parquet(str(counts)))
        duck.register("top", top.append_column("row", pa.array(range(len(top)), pa.int64())))
        duck.register("documents", pa.table({"document_id": pa.array(documents, pa.int64()), "place": place}))
        rows = duck.sql(_CHOSEN, params={"terms": config.quoted_terms, "most": config.quoted_documents}).fetchall()
    found: dict[int, list[Wanted]] = {}
    for document_id, *wanted in rows:
        found.setdefault(document_id, []).append(Wanted(*wanted))
    return found


_CHOSEN = """
with held as (
    select c.document_id, d.place, c.host, c.n, t.row, t.artist_id, t.kind, t.rank, t.term
    from top t join counts c on c.artist_id = t.artist_id and c.kind = t.kind and c.term = t.term
    join documents d on d.document_id = c.document_id
    where t.rank <= $terms
),
turned as (select *, row_number() over (partition by row, host order by n desc, place) as turn from held),
best as (select *, row_number() over (partition by row order by turn, n desc, place) as nth from turned)
select document_id, artist_id, kind, rank, term from best where nth <= $most order by place, row
"""


class Quoted(NamedTuple):
    """A term and the sentence that shows it, as its place in the document and its text."""

    wanted: Wanted
    place: int
    sentence: str


def quoted(body: str, wanted: Iterable[Wanted], names: Mapping[int, Collection[str]]) -> Iterator[Quoted]:
    """The sentence of a document for each term; a term that no sentence shows is left out.

    Args:
        body: the document's text.
        wanted: what is looked for.
        names: artist id → its names.
    """
    text = sentences(clean(body))
    words = [_words(sentence) for sentence in text]
    folded = [f" {' '.join(pieces(sentence).words)} " for sentence in text]
    naming: dict[int, list[bool]] = {}
    for want in wanted:
        if want.artist_id not in naming:
            forms = [f" {form} " for name in names.get(want.artist_id, ()) for form in sorted(spellings(name))]
            naming[want.artist_id] = [any(form in line for form in forms) for line in folded]
        places = _holding(words, want.term)
        if places:
            place = _nearest(naming[want.artist_id], places)
            yield Quoted(want, place, text[place])


def _holding(words: Sequence[str], term: str) -> list[int]:
    """Which sentences hold a term; where words are written without spaces, whatever stands between its parts."""
    sought = f" {term} "
    places = [place for place, line in enumerate(words) if sought in line]
    if places or term.isascii():
        return places
    bare = term.replace(" ", "")
    return [place for place, line in enumerate(words) if bare in line.replace(" ", "")]


def _nearest(named: Sequence[bool], places: Iterable[int]) -> int:
    """The first place that names the artist, else the first right after one that does, else the first."""

    def distance(place: int) -> int:
        return 0 if named[place] else 1 if place and named[place - 1] else 2

    return min(places, key=lambda place: (distance(place), place))


_WORD_OR_MARK = re.compile(r"[^\W_]+(?:['&.-][^\W_]+)*|[^\w\s]")
_CLITIC = re.compile(r"'s(?= )")
_INITIALS = re.compile(r"\b((?:[^\W\d_]\.)+[^\W\d_])\.")


def _words(sentence: str) -> str:
    """A sentence as its folded words and marks with spaces around each."""
    line = " ".join(_WORD_OR_MARK.findall(_INITIALS.sub(r"\1", sentence.casefold())))
    return _CLITIC.sub(" 's", f" {line} ")


_END = re.compile(r"[.!?…]+[\"'”»)\]]*\s+|[。！？]+|\n")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'])(?:[^\W\d_]|[dm]r|mrs|ms|st|[js]r|ft|feat|vs|no|vol|prof|etc|cf)\.$", re.IGNORECASE
)
_LONG = re.compile(rf"\S.{{0,{LONGEST - 1}}}(?=\s|$)|\S{{{LONGEST}}}", re.DOTALL)


def sentences(text: str) -> list[str]:
    """The sentences of a clean text, cut after full stops that no small letter follows, and at line breaks.

    A sentence longer than `LONGEST` is cut at spaces.
    """
    found, start = [], 0
    for match in _END.finditer(text):
        end = match.end()
        if match[0] != "\n" and match[0][-1].isspace():
            goes_on = end < len(text) and text[end].islower()
            if goes_on or _ABBREVIATED.search(text[max(start, match.start() - 6) : match.start() + 1]):
                continue
        found.append(text[start:end].strip())
        start = end
    found.append(text[start:].strip())
    return [part.strip() for sentence in found for part in _LONG.findall(sentence)]

