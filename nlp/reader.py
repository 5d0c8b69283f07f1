"""Documents to readings, in one process or in several.

A reading is all that the text model takes from one document: who is named there, which terms it gives whom, and how
much it is about music. It depends on the document, on the settings and on those names of the catalogue alone that
stand in the document, never on what is read beside it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from hashlib import blake2b
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pydantic import NonNegativeInt

from db.faults import reached
from nlp import boilerplate
from nlp.about import Config as AboutConfig
from nlp.about import about
from nlp.counts import COUNT, MENTION, Terms, mention_counts, rows_of_terms, terms_by_artist
from nlp.folding import name_words, pieces
from nlp.language import BATCH_CHARACTERS, clean, for_language
from nlp.language import Config as LanguageConfig
from nlp.language import read as read_texts
from nlp.mentions import Config as MentionsConfig
from nlp.mentions import Matcher, Reading
from nlp.terms import STOP_WORDS

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from db.read import Text

BATCH = 64
"""Documents that a process is handed at once, at most; fewer where they are long."""
MOST_PROCESSES = 4
"""Processes that are taken without being asked for: each holds the catalogue and the language model."""
WORTH_A_PROCESS = 4
"""Batches for each process below which a further one is not worth its start."""

READING = pa.schema(
    [("names", pa.int64()), ("musicality", pa.float64()), ("reasons", pa.string()),
     ("mentions", pa.list_(MENTION)), ("counts", pa.list_(COUNT))]
)  # fmt: skip
"""Columns of readings, one row per document; `names` is what `Reader.signature` gives, `reasons` JSON. Artists are in
canonical order, their terms in the order of kinds, then of terms."""


class Config(MentionsConfig, AboutConfig, boilerplate.Config):
    """Reading documents."""

    processes: NonNegativeInt = 0
    """Processes that read side by side; 0: one per core, four at most. What is read does not depend on it."""


class Catalogue(NamedTuple):
    """The names that are looked for.

    Attributes:
        names: (name, artist id) in canonical order; an artist may have several names, a name several artists.
        notes: artist id → words that tell it from others of its name.
        places: artist id → place in canonical order.
        tags: artist id → the words of its tags, of those who share a name.
    """

    names: Sequence[tuple[str, int]]
    notes: Mapping[int, str]
    places: Mapping[int, int]
    tags: Mapping[int, str] = {}

    def digest(self) -> str:
        """Hex digest over all of it."""
        digest = blake2b(digest_size=16)
        for name, artist in self.names:
            told = f"{self.notes.get(artist, '')}\0{self.tags.get(artist, '')}"
            digest.update(f"{artist}\0{self.places[artist]}\0{name}\0{told}\n".encode())
        return digest.hexdigest()


class Reader:
    """Reads documents.

    Args:
        catalogue: who may be named.
        config: thresholds.
        language: the pipeline for English.
    """

    def __init__(self, catalogue: Catalogue, config: Config, language: LanguageConfig) -> None:
        self._matcher = Matcher(catalogue.names, config, catalogue.notes, catalogue.tags)
        self.catalogue = catalogue
        self.config = config
        self.language = language
        self._names: dict[int, list[str]] = {}
        for name, artist in catalogue.names:
            self._names.setdefault(artist, []).append(name)
        self._own: dict[int, frozenset[str]] = {}

    def read(self, texts: Sequence[Text]) -> pa.RecordBatch:
        """Their readings, in their order: a batch of `READING`."""
        read: list[_Read | None] = [None] * len(texts)
        order = sorted(range(len(texts)), key=lambda place: _code(texts[place].language))
        for code, group in groupby(order, key=lambda place: _code(texts[place].language)):
            places = list(group)
            pipeline = for_language(code, self.language)
            for place, doc in zip(places, read_texts(pipeline, (texts[place].body for place in places)), strict=True):
                read[place] = self._one(doc, texts[place].title)
        return _batch([one for one in read if one is not None])

    def _one(self, doc: Doc, title: str) -> _Read:
        reading = self._matcher.read(doc, title)
        reached("read.mentions")
        signature = self._signature(doc.text, reading.words, title)
        if not reading.mentions and not reading.titled:
            return _Read(signature, reading.musicality, _told(reading), [], [])
        whose = about(doc, reading.mentions, reading.titled, self.config)
        terms = terms_by_artist(doc, reading, whose, self.own_words)
        reached("read.terms")
        mentioned = mention_counts(reading)
        artists = sorted(mentioned, key=self.catalogue.places.__getitem__)
        return _Read(
            signature, reading.musicality, _told(reading), [(artist, *mentioned[artist]) for artist in artists],
            [(artist, terms[artist]) for artist in artists if terms.get(artist)],
        )  # fmt: skip

    def own_words(self, artist: int) -> frozenset[str]:
        """The folded words of an artist's names, but for stop words; made when asked for."""
        if artist not in self._own:
            words = {word for name in self._names[artist] for word in name_words(name)}
            self._own[artist] = frozenset(words - STOP_WORDS)
        return self._own[artist]

    def signature(self, text: Text) -> int:
        """A number for all of the catalogue that a reading of this text depends on.

        That is every name that stands in it, longest or not, with all other names, notes and the order of the artists
        who have it: as long as the number stays, a change of the catalogue changes nothing in the reading.
        """
        body = clean(text.body)
        return self._signature(body, pieces(body).words, text.title)

    def _signature(self, body: str, words: list[str], title: str) -> int:
        digest = blake2b(digest_size=8)
        head = clean(title)
        named: set[int] = set()
        for key, artists, written in self._matcher.names_in((body, words), (head, pieces(head).words)):
            digest.update(f"{key}\0{written}\0{artists}\n".encode())
            named.update(artists)
        for artist in sorted(named, key=self.catalogue.places.__getitem__):
            told = f"{self.catalogue.notes.get(artist, '')}\0{self.catalogue.tags.get(artist, '')}"
            digest.update(f"{artist}\0{told}\0{self._names[artist]}\n".encode())
        return int.from_bytes(digest.digest(), "little", signed=True)


class _Read(NamedTuple):
    """What one document said, artists in canonical order."""

    names: int
    musicality: float
    reasons: str
    mentions: list[tuple[int, int, float]]
    terms: list[tuple[int, Terms]]


def _told(reading: Reading) -> str:
    return json.dumps([(word, round(share, 3)) for word, share in reading.reasons], ensure_ascii=False)


def _code(language: str) -> str:
    """The pipeline's code for a BCP 47 language; "und" is taken for English."""
    code = language.split("-")[0].lower()
    return "en" if code in ("en", "und", "") else code


def _batch(read: Sequence[_Read]) -> pa.RecordBatch:
    mentions = [mention for one in read for mention in one.mentions]
    ids: list[int] = []
    kinds: list[str] = []
    words: list[str] = []
    n: list[int] = []
    ends = [0]
    for one in read:
        for artist, terms in one.terms:
            kinds_of, words_of, n_of = rows_of_terms(terms)
            ids += [artist] * len(n_of)
            kinds += kinds_of
            words += words_of
            n += n_of
        ends.append(len(ids))
    return pa.RecordBatch.from_arrays(
        [
            pa.array([one.names for one in read], pa.int64()),
            pa.array([one.musicality for one in read], pa.float64()),
            pa.array([one.reasons for one in read], pa.string()),
            _lists([0, *accumulate(len(one.mentions) for one in read)], _columns(mentions), MENTION),
            _lists(ends, (ids, kinds, words, n), COUNT),
        ],
        schema=READING,
    )


def _lists(ends: Sequence[int], columns: Sequence[Sequence[object]], row: pa.StructType) -> pa.ListArray:
    """A list of rows for each document; `ends` are where they end in the columns, 0 before."""
    arrays = [pa.array(column, field.type) for column, field in zip(columns, row, strict=True)]
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.StructArray.from_arrays(arrays, fields=list(row)))


def _columns(rows: Sequence[tuple[int, int, float]]) -> tuple[Sequence[float], ...]:
    return tuple(zip(*rows, strict=True)) if rows else ((), (), ())


def read_all(
    reader: Reader, texts: Iterable[Text], total: int
) -> Iterator[tuple[list[Text], pa.RecordBatch]]:
    """All texts with their readings, in batches and in order; the same whatever the number of processes.

    Args:
        reader: how to read them.
        texts: what to read.
        total: how many there are.
    """
    processes = reader.config.processes or min(os.cpu_count() or 1, MOST_PROCESSES)
    processes = min(processes, total // (BATCH * WORTH_A_PROCESS))
    if processes < 2:
        for batch in _batches(texts):
            yield batch, reader.read(batch)
    else:
        yield from _side_by_side(reader, texts, processes)


def _side_by_side(
    reader: Reader, texts: Iterable[Text], processes: int
) -> Iterator[tuple[list[Text], pa.RecordBatch]]:
    """Each process makes a reader of its own. Spawned: a fork after numba or OpenMP kills the child."""
    waiting: deque[tuple[list[Text], Future[bytes]]] = deque()
    with ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), _start, (reader.catalogue, reader.config, reader.language)
    ) as pool:
        for batch in _batches(texts):
            waiting.append((batch, pool.submit(_read, batch)))
            if len(waiting) > 2 * processes:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting: deque[tuple[list[Text], Future[bytes]]]) -> tuple[list[Text], pa.RecordBatch]:
    batch, future = waiting.popleft()
    return batch, pa.ipc.read_record_batch(future.result(), READING)


_READERS: list[Reader] = []
"""The reader of a process that was started to read."""


def _start(catalogue: Catalogue, config: Config, language: LanguageConfig) -> None:
    _READERS.append(Reader(catalogue, config, language))


def _read(texts: list[Text]) -> bytes:
    serialized: bytes = _READERS[0].read(texts).serialize().to_pybytes()
    return serialized


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    batch: list[Text] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) >= BATCH or characters + len(text.body) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text.body)
    if batch:
        yield batch
