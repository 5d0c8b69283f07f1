"""How well a pipeline reads a treebank: the share of right tags, word classes and sentence starts."""

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from nlp.training.corpus import Sentence
from nlp.training.recipe import SPACE_TAG, Config, Text, texts


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1, over the treebank's own tokens."""

    xpos: float
    upos: float
    sentence_f: float
    """F1 of sentence starts; the first word of a text, a start by definition, does not count."""


def tag_scores(language: Language, sentences: list[Sentence]) -> Scores:
    """Read ``sentences``, grouped into texts as in training, and compare with their gold annotation."""
    corpus = texts(sentences, Config())
    words = tags = classes = agreed = found = gold = 0
    for text, doc in zip(corpus, language.pipe(_docs(language, corpus)), strict=True):
        for token, tag, word_class, start in zip(doc, text.tags, text.classes, text.starts, strict=True):
            if tag == SPACE_TAG:
                continue
            words += 1
            tags += token.tag_ == tag
            classes += token.pos_ == word_class
            if token.i:
                is_start = bool(token.is_sent_start)
                agreed += is_start and bool(start)
                found += is_start
                gold += bool(start)
    return Scores(tags / words, classes / words, 2 * agreed / max(1, found + gold))


def _docs(language: Language, corpus: list[Text]) -> list[Doc]:
    return [Doc(language.vocab, words=text.words, spaces=text.spaces) for text in corpus]
