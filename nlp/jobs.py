"""The text steps of a build: documents to facts, facts to tables of terms, facts to vectors."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import func, select, update

from db import listening
from db.catalog import Alias, Artist
from db.columnar import write_parquet
from db.names import name_key
from db.read import Text, canonical_ids, document_ids, texts
from db.web import Document
from nlp import cultural as _cultural
from nlp import quotes as _quotes
from nlp import weights as _weights
from nlp.about import Config as AboutConfig
from nlp.about import about
from nlp.company import Company, company
from nlp.counts import Facts, mention_counts, terms_by_artist
from nlp.folding import name_words
from nlp.language import Config as LanguageConfig
from nlp.language import blank, for_language, load, tags
from nlp.language import read as read_texts
from nlp.mentions import Config as MentionsConfig
from nlp.mentions import Matcher, Reading
from nlp.newcomers import Config as NewcomersConfig
from nlp.newcomers import Newcomer, Newcomers
from nlp.reading import Seen, see
from nlp.terms import STOP_WORDS
from nlp.usage import Config as UsageConfig
from nlp.usage import Usage, read_usage

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from sqlalchemy.orm import Session

    from db.home import Home
    from db.task import Progress, Task

CulturalConfig = _cultural.Config


class ReadConfig(MentionsConfig, AboutConfig):
    """Reading documents."""


class TermsConfig(_weights.Config, _quotes.Config):
    """Tables of top terms."""


def read(task: Task, config: ReadConfig, language: LanguageConfig) -> dict[str, int]:
    """Read all kept documents: counts.parquet, mentions.parquet, and each document's musicality in SQL.

    Raises:
        ConfigError: the language pipeline cannot be used.
    """
    with task.home.reading() as session:
        total = session.scalar(select(func.count()).select_from(Document).where(Document.duplicate_of.is_(None)))
        if not total:
            return {}
        names = catalogue_names(session)
        matcher = Matcher(names, config, _notes(session))
        own = _OwnWords(names)
        places = {int(artist): place for place, artist in enumerate(canonical_ids(session))}
        if not tags(load(language)):
            task.progress.say(f"read: {language.model} does not tag words: no noun phrases and no adjectives")
        musicality: list[dict[str, object]] = []
        with Facts(task.output, places) as facts:
            kept = task.progress.track(texts(session), "documents", total)
            for text, doc in read_in_languages(kept, language):
                reading = matcher.read(doc, text.title)
                verdict = {"musicality": reading.musicality, "musicality_reasons": _told(reading)}
                musicality.append({"id": text.id, **verdict})
                if reading.mentions or reading.titled:
                    whose = about(doc, reading.mentions, reading.titled, config)
                    facts.add(text, mention_counts(reading), terms_by_artist(doc, reading, whose, own))
            counts, mentions = facts.close()
    with task.home.writing() as session:
        session.execute(update(Document), musicality)
    return {"documents": len(musicality), "mentions": mentions, "counts": counts}


def _told(reading: Reading) -> str:
    return json.dumps([(word, round(share, 3)) for word, share in reading.reasons], ensure_ascii=False)


def terms(task: Task, config: TermsConfig) -> dict[str, int]:
    """terms.parquet: the top terms of every artist, per kind; quotes.parquet and sentences.parquet: where the first
    of them stand."""
    used = _usage(task, config)
    table = _weights.top_terms(used, config)
    if not len(table):
        return {}
    write_parquet(table, task.output / "terms.parquet")
    return {"terms": len(table), "quotes": _quote(task, config, table)}


def cultural(task: Task, config: CulturalConfig) -> dict[str, int]:
    """Vectors cultural/artist; nothing where no two artists have a term in common."""
    vectors = _cultural.fit(_usage(task, config), config, task.rng("cultural"), _company(task, config))
    if vectors is None:
        return {}
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


def look(
    session: Session, body: str, title: str, code: str, config: ReadConfig, language: LanguageConfig
) -> tuple[Seen, dict[int, str]]:
    """What kinsong sees in one text with the catalogue as it is, and the names of the artists it sees.

    Args:
        code: BCP 47 code of the text's language.

    Raises:
        ConfigError: the language pipeline cannot be used.
    """
    names: dict[int, list[str]] = {}
    for name, artist in catalogue_names(session):
        names.setdefault(artist, []).append(name)
    matcher = Matcher(catalogue_names(session), config, _notes(session))
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
        matcher = Matcher(names, config, _notes(session))
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


def read_in_languages(kept: Iterable[Text], config: LanguageConfig) -> Iterator[tuple[Text, Doc]]:
    """Each text with its doc, English and unknown languages by the trained pipeline, others by a blank one.

    A doc is valid until the next is asked for.
    """
    for code, run in groupby(kept, key=lambda text: _code(text.language)):
        yield from _read_run(load(config) if code == "en" else blank(code), run)


def _code(language: str) -> str:
    """The pipeline's code for a BCP 47 language; "und" is taken for English."""
    code = language.split("-")[0].lower()
    return "en" if code in ("en", "und", "") else code


def _read_run(pipeline: Language, run: Iterable[Text]) -> Iterator[tuple[Text, Doc]]:
    waiting: deque[Text] = deque()

    def bodies() -> Iterator[str]:
        for text in run:
            waiting.append(text)
            yield text.body

    for doc in read_texts(pipeline, bodies()):
        yield waiting.popleft(), doc


class _OwnWords:
    """The folded words of an artist's names, but for stop words; made when asked for."""

    def __init__(self, names: list[tuple[str, int]]) -> None:
        self._names: dict[int, list[str]] = {}
        for name, artist in names:
            self._names.setdefault(artist, []).append(name)
        self._words: dict[int, frozenset[str]] = {}

    def __call__(self, artist: int) -> frozenset[str]:
        if artist not in self._words:
            words = {word for name in self._names[artist] for word in name_words(name)}
            self._words[artist] = frozenset(words - STOP_WORDS)
        return self._words[artist]


def _quote(task: Task, config: TermsConfig, top: pa.Table) -> int:
    """Write quotes.parquet and sentences.parquet; how many quotes there are."""
    counts = _counts(task)
    if counts is None or not config.quoted_terms:
        return 0
    with task.home.reading() as session:
        wanted = _quotes.chosen(counts, top, document_ids(session), config)
        names: dict[int, list[str]] = {}
        for name, artist in catalogue_names(session):
            names.setdefault(artist, []).append(name)
        rows: list[tuple[object, ...]] = []
        lines: list[tuple[object, ...]] = []
        for text in task.progress.track((t for t in texts(session) if t.id in wanted), "quoted", len(wanted)):
            shown: dict[int, str] = {}
            for want, place, sentence in _quotes.quoted(text.body, wanted[text.id], names):
                rows.append((want.artist_id, want.kind, want.rank, text.id, place))
                shown.setdefault(place, sentence)
            lines += [(text.id, place, sentence) for place, sentence in sorted(shown.items())]
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
