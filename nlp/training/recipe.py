"""Train the English pipeline: tags (XPOS), word classes (UPOS) and sentence starts over one shared encoder.

The encoder is spaCy's tok2vec: hash embeddings of a word's lower-cased form, prefix, suffix and shape (Serrà and
Karatzoglou 2017, "Getting deep recommenders fit: Bloom embeddings"; Honnibal and others 2022, "MultiHashEmbed"), then
residual convolutions of window 1 with maxout. Three softmax layers read it. Weights are averaged over the steps
(Ruppert 1988; Polyak 1990). Left out: lemmas, morphological features, the parser and pretrained vectors.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import spacy
from pydantic import Field
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_model_from_config
from thinc.api import Adam, fix_random_seed, warmup_linear

from db.base import Config as BaseConfig
from nlp.training import supplement
from nlp.training.corpus import Sentence

META = {
    "name": "kinsong",
    "version": "0.1.0",
    "description": "Tags, word classes and sentence starts of English, trained on the UD English Web Treebank",
    "license": "CC BY-SA 4.0",
    "spacy_version": ">=3.8.0,<3.9.0",
}
SPACE_TAG, SPACE_CLASS = "_SP", "SPACE"
PARAGRAPH = "\n"
AFFIX = 3
"""Letters of the suffix that the encoder sees; of the beginning it sees one."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Config(BaseConfig):
    """How the pipeline is built and trained."""

    width: int = Field(96, ge=8)
    """Width of a word's vector."""
    depth: int = Field(4, ge=1)
    """Convolutions; each sees one word further to both sides."""
    form_rows: int = Field(5000, ge=100)
    """Rows of the hash table of lower-cased forms."""
    affix_rows: int = Field(2500, ge=100)
    """Rows of each of the hash tables of prefixes, suffixes and shapes."""
    epochs: int = Field(10, ge=1)
    """Passes over the training sentences."""
    batch_words: int = Field(600, ge=1)
    """Words per update."""
    learn_rate: float = Field(0.002, gt=0)
    """Highest step width of Adam; it rises over the first hundredth of the steps and then falls to zero."""
    dropout: float = Field(0.2, ge=0, lt=1)
    """Share of activations dropped while training."""
    lower_share: float = Field(0.06, ge=0, le=1)
    """Share of training texts read in lower case, as much of the web is written."""
    noise_share: float = Field(0.2, ge=0, le=1)
    """Share of rare words whose inner letters are changed, so that tags are learnt from beginnings and ends as well."""
    rare_count: int = Field(3, ge=0)
    """Occurrences in the training part up to which a word is rare."""
    title_share: float = Field(0.02, ge=0, le=1)
    """Share of training texts read with Every Word Capitalised, as headlines are."""
    supplement_sentences: int = Field(2500, ge=0)
    """Sentences about music (`nlp.training.supplement`) that are added to the treebank's."""
    document_sentences: int = Field(8, ge=1)
    """Sentences of one treebank document that are read as one text."""
    seed: int = Field(0, ge=0)
    """Seed of weights, dropout, order and changes of case."""


@dataclass(frozen=True)
class Text:
    """Words of some neighbouring sentences as the pipeline reads them, with their gold annotation."""

    words: list[str]
    spaces: list[bool]
    tags: list[str]
    classes: list[str]
    starts: list[bool | int | None]


def texts(sentences: list[Sentence], config: Config) -> list[Text]:
    """Group sentences of one document into texts; a blank line stands between paragraphs, as it does on the web."""
    found: list[Text] = []
    size = 0
    for sentence in sentences:
        if not found or sentence.new_document or size >= config.document_sentences:
            found.append(Text([], [], [], [], []))
            size = 0
        text = found[-1]
        if sentence.new_paragraph and text.words:
            text.spaces[-1] = False
            _append(text, PARAGRAPH, False, SPACE_TAG, SPACE_CLASS, False)
        for index, word in enumerate(sentence.words):
            _append(text, word.text, word.space_after, word.xpos, word.upos, index == 0)
        size += 1
    return found


def _append(text: Text, word: str, space: bool, tag: str, word_class: str, start: bool) -> None:
    text.words.append(word)
    text.spaces.append(space)
    text.tags.append(tag)
    text.classes.append(word_class)
    text.starts.append(start)


def example(language: Language, text: Text, words: list[str] | None = None) -> Example:
    """A text as spaCy trains on it, its words replaced by ``words`` where they are given."""
    words = text.words if words is None else words
    reference = Doc(
        language.vocab, words=words, spaces=text.spaces, tags=text.tags, pos=text.classes, sent_starts=text.starts
    )
    return Example(Doc(language.vocab, words=words, spaces=text.spaces), reference)


def build(config: Config) -> Language:
    """The untrained pipeline."""
    language = spacy.blank("en", meta=dict(META))
    rows = [config.form_rows, config.affix_rows, config.affix_rows, config.affix_rows, 50, 50]
    encoder = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": config.width,
            "attrs": ["LOWER", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
            "rows": rows,
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": config.width,
            "depth": config.depth,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }
    language.add_pipe("tok2vec", config={"model": encoder})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": config.width, "upstream": "tok2vec"}
    reader = {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}
    for name in ("tagger", "morphologizer", "senter"):
        language.add_pipe(name, config={"model": reader})
    return language


def train(sentences: list[Sentence], config: Config, report: Callable[[int, Language], None] | None = None) -> Language:
    """Train the pipeline of ``config`` on a treebank's sentences and the supplement.

    ``report`` is called after each epoch with its number, from 1, and the pipeline with its averaged weights.
    """
    fix_random_seed(config.seed)
    language = build(config)
    corpus = texts([*sentences, *supplement.sentences(config.supplement_sentences, config.seed)], config)
    plain = [example(language, text) for text in corpus]
    language.initialize(lambda: plain)
    reader = _Reader(language, corpus, config)
    steps = config.epochs * sum(len(text.words) for text in corpus) // config.batch_words
    rates = warmup_linear(config.learn_rate, max(1, steps // 100), steps)
    optimizer = Adam(rates, use_averages=True)  # type: ignore[arg-type]  # thinc's own hint forbids its own schedules
    for epoch in range(1, config.epochs + 1):
        for batch in reader.batches():
            language.update(batch, sgd=optimizer, drop=config.dropout)
            optimizer.step_schedules()
        if report is not None:
            with language.use_params(optimizer.averages):
                report(epoch, language)
    with language.use_params(optimizer.averages):
        return stripped(language)


class _Reader:
    """Deals the training texts in a new order each epoch, with changes of case and of rare words."""

    def __init__(self, language: Language, corpus: list[Text], config: Config) -> None:
        self.language, self.corpus, self.config = language, corpus, config
        self.rng = np.random.default_rng(config.seed)
        counts = Counter(word.lower() for text in corpus for word in text.words)
        rare = {word for word, count in counts.items() if count <= config.rare_count}
        self.rare = {word for word in rare if word.isalpha() and len(word) > AFFIX + 1}

    def batches(self) -> Iterator[list[Example]]:
        batch: list[Example] = []
        size = 0
        for index in self.rng.permutation(len(self.corpus)):
            text = self.corpus[index]
            batch.append(example(self.language, text, self._varied(text.words)))
            size += len(text.words)
            if size >= self.config.batch_words:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _varied(self, words: list[str]) -> list[str]:
        draw, noise = self.rng.random(), self.rng.random(len(words))
        words = [
            self._noisy(word) if chance < self.config.noise_share and word.lower() in self.rare else word
            for word, chance in zip(words, noise, strict=True)
        ]
        if draw < self.config.lower_share:
            return [word.lower() for word in words]
        if draw < self.config.lower_share + self.config.title_share:
            return [word[:1].upper() + word[1:] for word in words]
        return words

    def _noisy(self, word: str) -> str:
        inner = "".join(LETTERS[letter] for letter in self.rng.integers(len(LETTERS), size=len(word) - AFFIX - 1))
        return word[0] + (inner.upper() if word.isupper() else inner) + word[-AFFIX:]


def stripped(language: Language) -> Language:
    """The same pipeline with a fresh vocabulary: none of the treebank's words travels with the weights."""
    fresh = load_model_from_config(language.config.copy())
    fresh.from_bytes(language.to_bytes(exclude=["vocab"]), exclude=["vocab"])
    for labels in language.pipe_labels.values():
        for label in labels:
            fresh.vocab.strings.add(label)
    return fresh
