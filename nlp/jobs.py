"""The text steps of a build: documents to facts, facts to tables of terms, facts to vectors."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import bindparam, select, update

from db import listening
from db.artifacts import code_fingerprint, libraries
from db.catalog import Alias, Artist
from db.columnar import lean_memory, write_parquet
from db.faults import reached
from db.names import name_key
from db.read import Kept, Text, canonical_ids, document_ids, kept_documents, texts
from db.web import Document
from nlp import cultural as _cultural
from nlp import quotes as _quotes
from nlp import reader as _reader
from nlp import weights as _weights
from nlp.boilerplate import Keys, keys_of, repeated, without
from nlp.company import Company, company
from nlp.counts import Facts
from nlp.language import Config as LanguageConfig
from nlp.language import blank, for_language, load, tags
from nlp.language import read as read_texts
from nlp.mentions import Matcher
from nlp.newcomers import Config as NewcomersConfig
from nlp.newcomers import Newcomer, Newcomers
from nlp.reader import Catalogue, Reader, read_all
from nlp.reading import Seen, see
from nlp.readings import AT_ONCE, Readings, reading_key, text_key
from nlp.usage import Config as UsageConfig
from nlp.usage import Usage, read_usage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.home import Home
    from db.task import Progress, Task

CulturalConfig = _cultural.Config
ReadConfig = _reader.Config


MOST_TAGS = 10
"""Tags of an artist by which it is told from others of its name."""


class TermsConfig(_weights.Config, _quotes.Config):
    """Tables of top terms."""


def read(task: Task, config: ReadConfig, language: LanguageConfig) -> dict[str, int]:
    """Read what is new of all kept documents: counts.parquet, mentions.parquet, each one's musicality in SQL.

    Raises:
        ConfigError: the language pipeline cannot be used.
    """
    with lean_memory():
        return _read(task, config, language)


def _read(task: Task, config: ReadConfig, language: LanguageConfig) -> dict[str, int]:
    if not tags(load(language)):
        task.progress.say(f"read: {language.model} does not tag words: no noun phrases and no adjectives")
    readings = Readings(_readings_folder(task.home, config, language), task.progress.say)
    with task.home.reading() as session:
        kept = kept_documents(session)
        named = catalogue_names(session)
        catalogue = Catalogue(named, _notes(session), _places(session), _tags_of_homonyms(task.home, named))
        reached("read.catalogue")
        entries = _entries(task, session, kept, readings, Reader(catalogue, config, language))
    rows = _facts(task, kept, readings, entries) if kept else {}
    reached("read.facts")
    readings.collect(entries, catalogue.digest())
    reached("read.collected")
    return rows


def _facts(task: Task, kept: Sequence[Kept], readings: Readings, entries: Sequence[int]) -> dict[str, int]:
    with Facts(task.output) as facts:
        for number, table in enumerate(readings.rows(entries)):
            part = kept[number * AT_ONCE : (number + 1) * AT_ONCE]
            counts, mentions = (table[name].combine_chunks() for name in ("counts", "mentions"))
            reached("read.part")
            facts.add([document.id for document in part], [document.host for document in part], counts, mentions)
            reached("read.counts")
            _store_verdicts(task.home, part, table["musicality"].to_pylist(), table["reasons"].to_pylist())
            reached("read.verdicts")
        made, named = facts.close()
    return {"documents": len(kept), "mentions": named, "counts": made}


def _readings_folder(home: Home, config: ReadConfig, language: LanguageConfig) -> Path:
    """The folder of readings that are made as they would be now; those made otherwise are deleted."""
    what = {
        "read": config.model_dump(mode="json", exclude={"processes"}), "language": language.model_dump(mode="json"),
        "code": [code_fingerprint(package) for package in ("db", "nlp")], "libraries": dict(libraries()),
    }  # fmt: skip
    name = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    for folder in home.readings.iterdir() if home.readings.is_dir() else ():
        if folder.is_dir() and folder.name != name:
            shutil.rmtree(folder)
    return home.readings / name


def _entries(task: Task, session: Session, kept: Sequence[Kept], readings: Readings, reader: Reader) -> list[int]:
    """Where among the readings those of all documents are, after those were read that had none."""
    texts_of = [text_key(document.url, document.sha256, document.language) for document in kept]
    segments = _segments(session, kept, [readings.segments(text) for text in texts_of])
    dropped = repeated([document.host for document in kept], segments, reader.config)
    keys = [reading_key(text, left_out) for text, left_out in zip(texts_of, dropped, strict=True)]

    def texts_at(places: Sequence[int]) -> Iterator[Text]:
        found = texts(session, [kept[place].id for place in places])
        for place, text in zip(places, found, strict=True):
            yield replace(text, body=without(text.body, dropped[place]))

    new = np.array([not readings.find(key) for key in keys], dtype=bool)
    names = np.zeros(len(kept), dtype=np.int64)
    told = new.copy()
    if not readings.fits(reader.catalogue.digest()):
        readings.unfit()
        told[:] = True
        known = np.flatnonzero(~new).tolist()
        for place, text in zip(known, texts_at(known), strict=True):
            names[place] = reader.signature(text)
            new[place] = names[place] not in map(readings.names, readings.find(keys[place]))
    due = np.flatnonzero(new).tolist()
    places = iter(due)
    for batch, read in read_all(reader, task.progress.track(texts_at(due), "documents", len(due)), len(due)):
        at = list(islice(places, len(batch)))
        names[at] = read.column("names").to_numpy()
        readings.add([texts_of[place] for place in at], [keys[p] for p in at], [segments[p] for p in at], read)
    reached("read.documents")
    readings.flush()
    reached("read.flushed")
    return [
        next(entry for entry in readings.find(key) if not of or readings.names(entry) == name)
        for key, of, name in zip(keys, told.tolist(), names.tolist(), strict=True)
    ]


def _segments(session: Session, kept: Sequence[Kept], known: Sequence[Keys | None]) -> list[Keys]:
    """The segments of all documents; only the bodies of those that are not known are looked at."""
    new = texts(session, [document.id for document, keys in zip(kept, known, strict=True) if keys is None])
    return [keys_of(next(new).body) if keys is None else keys for keys in known]


def _store_verdicts(
    home: Home, documents: Sequence[Kept], scores: Sequence[float], reasons: Sequence[str]
) -> None:
    """Write how much each document is about music, and why, where that is new."""
    rows = [
        {"document": document.id, "score": score, "why": why}
        for document, score, why in zip(documents, scores, reasons, strict=True)
        if (document.musicality, document.musicality_reasons) != (score, why)
    ]
    if rows:
        change = update(Document).where(Document.id == bindparam("document"))
        change = change.values(musicality=bindparam("score"), musicality_reasons=bindparam("why"))
        with home.writing() as session:
            session.connection().execute(change, rows)


def terms(task: Task, config: TermsConfig) -> dict[str, int]:
    """terms.parquet: the top terms of every artist, per kind; quotes.parquet and sentences.parquet: where the first
    of them stand."""
    with task.home.reading() as session:
        names = names_by_artist(session)
    table = _weights.top_terms(_usage(task, config), config, names)
    reached("terms.weighed")
    if not len(table):
        return {}
    write_parquet(table, task.output / "terms.parquet")
    reached("terms.written")
    return {"terms": len(table), "quotes": _quote(task, config, table, names)}


def cultural(task: Task, config: CulturalConfig) -> dict[str, int]:
    """Vectors cultural/artist; nothing where no two artists have a term in common."""
    vectors = _cultural.fit(_usage(task, config), config, task.rng("cultural"), _company(task, config))
    if vectors is None:
        return {}
    reached("cultural.fitted")
    vectors.save(task.output)
    return {"artists": len(vectors), "dim": vectors.dim}


def catalogue_names(session: Session) -> list[tuple[str, int]]:
    """(name, artist id) of every artist that facts or lists name, aliases too, in canonical order."""
    artists = select(Artist.key, Artist.disambiguation, Artist.name, Artist.id).where(~Artist.retired)
    aliases = (
        select(Artist.key, Artist.disambiguation, Alias.name, Artist.id)
        .join(Alias, Alias.artist_id == Artist.id)
        .where(~Artist.retired)
    )
    rows = [
        (row.key, row.disambiguation, row.name, row.id)
        for statement in (artists, aliases) for row in session.execute(statement)
    ]  # fmt: skip
    return [(name, artist_id) for _, _, name, artist_id in sorted(rows)]


def names_by_artist(session: Session) -> dict[int, list[str]]:
    """Artist id → its names, aliases too, both in canonical order."""
    names: dict[int, list[str]] = {}
    for name, artist in catalogue_names(session):
        names.setdefault(artist, []).append(name)
    return names


def look(
    home: Home, session: Session, body: str, title: str, code: str, config: ReadConfig, language: LanguageConfig
) -> tuple[Seen, dict[int, str]]:
    """What kinsong sees in one text with the catalogue as it is, and the names of the artists it sees.

    Args:
        code: BCP 47 code of the text's language.

    Raises:
        ConfigError: the language pipeline cannot be used.
    """
    names = names_by_artist(session)
    matcher = _matcher(home, session, config)
    (seen,) = [see(doc, title, matcher, names, config) for doc in read_texts(for_language(code, language), [body])]
    seen_ids = {named.artist_id for named in seen.named}
    shown = select(Artist.id, Artist.name).where(Artist.id.in_(seen_ids))
    return seen, {row.id: row.name for row in session.execute(shown)}


def newcomers(
    home: Home, config: ReadConfig, wanted: NewcomersConfig, progress: Progress
) -> tuple[list[Newcomer], int]:
    """Names that the kept English documents mention as artists and the catalogue lacks, the surest first; and how many
    documents of other languages were left out."""
    with home.reading() as session:
        names = catalogue_names(session)
        matcher = _matcher(home, session, config)
        collected = Newcomers({name_key(name) for name, _ in names})
        waiting: deque[Text] = deque()
        others = 0

        def bodies() -> Iterator[str]:
            nonlocal others
            for text in progress.track(texts(session), "documents", len(document_ids(session))):
                if text.language.split("-")[0].lower() in ("en", "und", ""):
                    waiting.append(text)
                    yield text.body
                else:
                    others += 1

        for doc in read_texts(blank("en"), bodies()):
            text = waiting.popleft()
            collected.add(text, doc.text, matcher.read(doc, text.title))
    return collected.found(wanted), others


def _quote(task: Task, config: TermsConfig, top: pa.Table, names: Mapping[int, Sequence[str]]) -> int:
    """Write quotes.parquet and sentences.parquet; how many quotes there are."""
    counts = _counts(task)
    if counts is None or not config.quoted_terms:
        return 0
    with task.home.reading() as session:
        wanted = _quotes.chosen(counts, top, document_ids(session), config)
        rows: list[tuple[object, ...]] = []
        lines: list[tuple[object, ...]] = []
        for text in task.progress.track((t for t in texts(session) if t.id in wanted), "quoted", len(wanted)):
            shown: dict[int, str] = {}
            for want, place, sentence in _quotes.quoted(text.body, wanted[text.id], names):
                rows.append((want.artist_id, want.kind, want.rank, text.id, place))
                shown.setdefault(place, sentence)
            lines += [(text.id, place, sentence) for place, sentence in sorted(shown.items())]
    reached("terms.quoted")
    for found, schema, name in ((rows, _quotes.QUOTES, "quotes"), (lines, _quotes.SENTENCES, "sentences")):
        columns = list(zip(*found, strict=True)) or [()] * len(schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        write_parquet(pa.table(arrays, schema=schema), task.output / f"{name}.parquet")
    return len(rows)


def _counts(task: Task) -> Path | None:
    artifact = task.inputs.get("read")
    path = artifact.path / "counts.parquet" if artifact else None
    return path if path is not None and path.is_file() else None


def _notes(session: Session) -> dict[int, str]:
    statement = select(Artist.id, Artist.disambiguation).where(Artist.disambiguation != "", ~Artist.retired)
    return {row.id: row.disambiguation for row in session.execute(statement)}


def _matcher(home: Home, session: Session, config: ReadConfig) -> Matcher:
    names = catalogue_names(session)
    return Matcher(names, config, _notes(session), _tags_of_homonyms(home, names))


def _tags_of_homonyms(home: Home, names: Sequence[tuple[str, int]]) -> dict[int, str]:
    """The words of the tags most often given to each artist who shares a name with another."""
    bearers: dict[str, set[int]] = {}
    for name, artist in names:
        bearers.setdefault(name_key(name), set()).add(artist)
    shared = sorted({artist for artists in bearers.values() if len(artists) > 1 for artist in artists})
    if not shared:
        return {}
    tags = listening.tag_counts(home)
    rows = tags.filter(pc.is_in(tags["artist_id"], pa.array(shared, pa.int64()))).to_pylist()
    best: dict[int, list[str]] = {}
    for row in sorted(rows, key=lambda row: (-row["count"], row["tag"])):
        best.setdefault(row["artist_id"], []).append(row["tag"])
    return {artist: " ".join(told[:MOST_TAGS]) for artist, told in best.items()}


def _places(session: Session) -> dict[int, int]:
    return {int(artist): place for place, artist in enumerate(canonical_ids(session))}


def _usage(task: Task, config: UsageConfig) -> Usage:
    tags = listening.tag_counts(task.home)
    with task.home.reading() as session:
        canonical = canonical_ids(session)
    return read_usage(_counts(task), tags, canonical, config, task.output / "spill")


def _company(task: Task, config: CulturalConfig) -> Company | None:
    artifact = task.inputs.get("read")
    mentions = artifact.path / "mentions.parquet" if artifact else None
    if mentions is None or not mentions.is_file():
        return None
    with task.home.reading() as session:
        return company(mentions, canonical_ids(session), config.largest_company)
