"""The language pipeline: loading it, making text fit to be read, reading it in batches.

The pipeline that kinsong ships (``nlp/model``, recipe in ``nlp/training``) gives every token a tag (XPOS, Penn
Treebank) and a word class (UPOS), and sentence starts. Any other spaCy pipeline that does so can stand in its place.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import spacy
from pydantic import Field
from spacy.attrs import IS_STOP, NORM  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from db.base import Config as BaseConfig
from db.errors import ConfigError

OWN_MODEL = "kinsong"
OWN_MODEL_FOLDER = Path(__file__).parent / "model"
UNUSED_COMPONENTS = ["parser", "ner", "entity_linker", "entity_ruler", "lemmatizer", "trainable_lemmatizer"]
SENTENCE_COMPONENTS = ("senter", "sentencizer", "parser")

LONGEST_TEXT = 100_000
"""Characters of one text that are read."""
LONGEST_RUN = 100
"""Characters without a space that are read as they stand."""
WITHOUT_TOKENIZER = frozenset({"ja", "ko", "th", "vi"})
"""Languages whose spaCy tokenizer needs another package; without it, their stop words are known all the same."""
_HIRAGANA = re.compile("[\u3041-\u309f]+")
_SCRIPTS = re.compile("[\u3041-\u309f]+|[\u30a0-\u30ff]+|[\u3400-\u9fff々]+|[^\u3041-\u30ff\u3400-\u9fff々]+")
BATCH_CHARACTERS = 100_000
"""Characters of one batch, which bounds memory whatever the length of the texts."""
ZONES_PER_VOCABULARY = 16
"""Batches after which a pipeline's tables of words are made anew (12 ms)."""
NO_WORDS = ["vectors", "lookups"]
"""What of a vocabulary is left as it is then."""


class Config(BaseConfig):
    """Which pipeline reads the texts."""

    model: str = Field(OWN_MODEL, min_length=1)
    """The pipeline for English: ``kinsong`` for the one that is shipped, or the name or folder of any spaCy pipeline,
    such as en_core_web_sm; one that does not tag words gives no noun phrases and no adjectives."""


def load(config: Config | None = None) -> Language:
    """The pipeline that ``config`` names, the shipped one by default; loaded once per process.

    Raises:
        ConfigError: no such pipeline is installed, or it cannot be read.
    """
    return _load((config or Config()).model)


@lru_cache(maxsize=4)
def _load(model: str) -> Language:
    source = OWN_MODEL_FOLDER if model == OWN_MODEL else model
    try:
        language = spacy.load(source, exclude=UNUSED_COMPONENTS)
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(
            f"[language] model = {model!r} cannot be loaded ({str(error).splitlines()[0]}); install that spaCy "
            f"pipeline where kinsong is installed, or set it to {OWN_MODEL!r}, to the name of an installed one or to "
            "the folder of one"
        ) from error
    if "senter" in language.disabled:
        language.enable_pipe("senter")
    return _with_sentences(language)


@lru_cache(maxsize=8)
def blank(code: str) -> Language:
    """A pipeline without a model for the language ``code`` (ISO 639-1): tokens and sentences, for ``n1`` and ``n2``.

    A language for which spaCy has no tokenizer, or only one that needs another package, is read by the one for any:
    words are what stands between spaces and marks. Japanese then is cut where one script follows on another.
    """
    try:
        return _with_sentences(spacy.blank(code))
    except (ImportError, ValueError):
        language = spacy.blank("xx")
    if code == "ja":
        language.tokenizer = _ByScript(language)
    if code in WITHOUT_TOKENIZER:
        stop_words = spacy.util.get_lang_class(code).Defaults.stop_words
        getters: dict[int, object] = getattr(language.vocab, "lex_attr_getters")  # noqa: B009  not in spaCy's types
        getters[IS_STOP] = lambda word: _is_stop(word, stop_words)
    return _with_sentences(language)


def _is_stop(word: str, stop_words: Collection[str]) -> bool:
    return word in stop_words or word.lower() in stop_words or bool(_HIRAGANA.fullmatch(word))


class _ByScript:
    """A tokenizer that parts Chinese characters, hiragana and katakana from each other and from other letters."""

    def __init__(self, language: Language) -> None:
        self._vocab = language.vocab
        self._tokenizer = language.tokenizer

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        spaces: list[bool] = []
        for token in self._tokenizer(text):
            runs = _SCRIPTS.findall(token.text)
            words += runs
            spaces += [False] * (len(runs) - 1) + [bool(token.whitespace_)]
        return Doc(self._vocab, words=words, spaces=spaces)


def tags(language: Language) -> bool:
    """Whether a pipeline gives tags or word classes, without which there are no noun phrases and no adjectives."""
    given = {what for name in language.pipe_names for what in language.get_pipe_meta(name).assigns}
    return not given.isdisjoint({"token.tag", "token.pos"})


def for_language(language: str, config: Config | None = None) -> Language:
    """The pipeline that reads a BCP 47 language: that of ``config`` for English and for "und", a blank one for others.

    Raises:
        ConfigError: the one that ``config`` names cannot be used.
    """
    code = language.split("-")[0].lower()
    return load(config) if code in ("en", "und", "") else blank(code)


def _with_sentences(language: Language) -> Language:
    if not any(name in language.pipe_names for name in SENTENCE_COMPONENTS):
        language.add_pipe("sentencizer")
    return language


def read(language: Language, texts: Iterable[str], batch_size: int = 64) -> Iterator[Doc]:
    """Read each of ``texts``, made fit by `clean`, in their order.

    A doc is valid only until the next is asked for, inside the loop that reads: its strings live in a memory zone that
    is freed after its batch, so that memory does not grow with the number of texts. Take what you need from it, never
    keep it, not even as ``next(read(…))``; and finish one reading of a pipeline before you start the next.
    """
    tables = _TABLES.get(language)
    if tables is None:
        tables = _TABLES[language] = _Tables(language.vocab)
    for batch in _batches(texts, batch_size):
        with language.memory_zone():
            yield from language.pipe(batch, batch_size=batch_size)
        tables.count()


class _Tables:
    """A vocabulary as it was before anything was read, and how many memory zones it has seen since it was so."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._words = vocab.to_bytes(exclude=NO_WORDS)
        self._zones = 0

    def count(self) -> None:
        """One more zone; after `ZONES_PER_VOCABULARY` of them the tables are made anew."""
        self._zones += 1
        if self._zones == ZONES_PER_VOCABULARY:
            self._zones = 0
            _tables_anew(self._vocab, self._words)


_TABLES: WeakKeyDictionary[Language, _Tables] = WeakKeyDictionary()


def _tables_anew(vocab: Vocab, words: bytes) -> None:
    """The vocabulary as it was when it was written to these bytes, in tables of its size.

    A memory zone frees the words but not their places in spaCy's hash tables: a deleted place still counts as filled,
    and a table that is three fifths full doubles.
    """
    getters: dict[int, object] = getattr(vocab, "lex_attr_getters")  # noqa: B009  spaCy's types do not know it
    norm = getters.get(NORM)
    vocab.from_bytes(words, exclude=NO_WORDS)
    if norm is not None:  # it wraps the function once more at each load
        getters[NORM] = norm


def _batches(texts: Iterable[str], batch_size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        cleaned = clean(text)
        if batch and (len(batch) >= batch_size or characters + len(cleaned) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(cleaned)
        characters += len(cleaned)
    if batch:
        yield batch


_FOLDED = {
    **dict.fromkeys("\n\r\v\f\x85", "\n"),
    **dict.fromkeys("’ʼ＇‛`´", "'"),
    **dict.fromkeys("‐‑", "-"),
}
_BY_CATEGORY = {"Cf": "", "Cs": "", "Cc": " ", "Co": " ", "Zs": " ", "Zl": "\n", "Zp": "\n"}


@lru_cache(maxsize=1 << 12)
def _character(character: str) -> str:
    """What stands for ``character`` in a clean text: an ASCII mark or space, nothing, or itself."""
    folded = _FOLDED.get(character)
    return _BY_CATEGORY.get(unicodedata.category(character), character) if folded is None else folded


def _folded(text: str) -> str:
    return text.translate({ord(character): _character(character) for character in set(text)})


_NEWLINES = re.compile(r" *\n[ \n]*")
_SPACES = re.compile(r"  +")
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
_ASCII_RUN = re.compile(rf"([!-~]{{{LONGEST_RUN}}})[!-~]+")
_RUN = re.compile(rf"(\S{{{LONGEST_RUN}}})(?=\S)")



def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """``text`` as a pipeline can read it, at most ``longest`` characters, cut at a space where there is one.

    Composed characters (NFC); invisible and control characters gone; typographic apostrophes and hyphens as in
    ASCII; single spaces; one newline between paragraphs; at most three of the same mark in a row; of a long run
    without a space the first `LONGEST_RUN` characters when it is ASCII (addresses, encoded data), else pieces of
    that length (languages that write no spaces). A second cleaning changes nothing.
    """
    text = unicodedata.normalize("NFC", _folded(text[: 4 * longest]))
    text = _folded(text)  # composing can bring a character back, as U+1FEF becomes a grave accent
    text = _REPEATED.sub(r"\1\1\1", _NEWLINES.sub("\n", _SPACES.sub(" ", text)).strip())
    text = _RUN.sub(r"\1 ", _ASCII_RUN.sub(r"\1", text))
    if len(text) > longest:
        cut = text[:longest]
        end = max(cut.rfind(" "), cut.rfind("\n"))
        text = (cut[:end] if end > 0 else cut).rstrip()
    return text
