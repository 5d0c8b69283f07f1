"""How well a pipeline and the term rules read a treebank.

The treebank has no noun phrases, so they are defined here from its trees. The gold phrase of a word that is a noun or
a name (UPOS ``NOUN``, ``PROPN``; not an address, XPOS ``ADD``), unless it is itself part of another's phrase, is the
longest run of words around it that depend on it, directly or through one another, by the relations in `LEFT` from
before it or by those in `RIGHT` after it. The run ends at a mark (hyphens apart), a conjunction, a preposition, a
possessive and a pronoun. Then words are taken off its beginning that are no adjective, noun, name or verb or that are
stop words, and stop words off its end; of more than five words (hyphenated compounds count as one) the last five are
kept; a phrase that is one letter or number is none.

Adjectives are compared with those that the same rules find with the treebank's own tags, so their score says what
tagging costs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from nlp.terms import CONTENT, LETTER, LONGEST_PHRASE, adjectives, judge, noun_phrases
from nlp.training.corpus import Sentence, Word
from nlp.training.recipe import SPACE_TAG, Config, Text, texts

_LEFT = "amod compound nummod flat goeswith det advmod nmod nmod:desc nmod:unmarked obl:unmarked punct"
LEFT = frozenset(_LEFT.split())
RIGHT = frozenset(["flat", "goeswith", "compound"])
BREAKS = frozenset(["ADP", "CCONJ", "PART", "PRON", "SCONJ", "SYM", "AUX"])
BEGINNINGS = frozenset(["ADJ", "NOUN", "PROPN", "VERB"])


@dataclass(frozen=True)
class Match:
    """Precision, recall and F1, from 0 to 1."""

    precision: float
    recall: float
    f: float


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1, over the treebank's own tokens."""

    xpos: float
    upos: float
    sentence_starts: Match
    """The first word of a text, a start by definition, does not count."""
    noun_phrases: Match
    """Exact spans."""
    adjectives: Match


def evaluate(language: Language, sentences: list[Sentence]) -> Scores:
    """Read ``sentences``, grouped into texts as in training, and compare with their gold annotation."""
    corpus = texts(sentences, Config())
    words = tags = classes = 0
    starts, gold_starts = set[tuple[int, int]](), set[tuple[int, int]]()
    phrases, adjective_spans, gold_adjectives = set[tuple[int, int]](), set[tuple[int, int]](), set[tuple[int, int]]()
    position = 0
    for number, (text, doc) in enumerate(zip(corpus, language.pipe(_docs(language, corpus)), strict=True)):
        places = _places(text, position)
        position = places[-1]
        phrases |= _spans(noun_phrases(doc), places)
        adjective_spans |= _spans(adjectives(doc), places)
        gold_adjectives |= _spans(adjectives(_gold(language, text)), places)
        for token, tag, word_class, start in zip(doc, text.tags, text.classes, text.starts, strict=True):
            if tag != SPACE_TAG:
                words += 1
                tags += token.tag_ == tag
                classes += token.pos_ == word_class
                if token.i and token.is_sent_start:
                    starts.add((number, token.i))
                if token.i and start:
                    gold_starts.add((number, token.i))
    return Scores(
        tags / words,
        classes / words,
        match(starts, gold_starts),
        match(phrases, set(_gold_positions(sentences))),
        match(adjective_spans, gold_adjectives),
    )


def match(found: set[tuple[int, int]], gold: set[tuple[int, int]]) -> Match:
    """Precision, recall and F1 of ``found`` against ``gold``; 0 where there is nothing to divide by."""
    agreed = len(found & gold)
    return Match(
        agreed / max(1, len(found)), agreed / max(1, len(gold)), 2 * agreed / max(1, len(found) + len(gold))
    )


def gold_noun_phrases(sentence: Sentence) -> list[tuple[int, int]]:
    """The noun phrases of a tree, by the rule in this module's header: first word, one past the last."""
    words = sentence.words
    covered: set[int] = set()
    spans = []
    heads = [index for index, word in enumerate(words) if word.upos in ("NOUN", "PROPN") and word.xpos != "ADD"]
    for head in sorted(heads, key=lambda index: _depth(words, index)):
        if head not in covered:
            start, end = _around(words, head)
            covered.update(range(start, end))
            spans.append(_trimmed(words, start, end))
    return sorted(span for span in spans if span[0] < span[1])


def _depth(words: tuple[Word, ...], index: int) -> int:
    depth = 0
    while words[index].head >= 0:
        index, depth = words[index].head, depth + 1
    return depth


def _around(words: tuple[Word, ...], head: int) -> tuple[int, int]:
    start, end = head, head + 1
    while start > 0 and _belongs(words, start - 1, head, LEFT):
        start -= 1
    while end < len(words) and _belongs(words, end, head, RIGHT):
        end += 1
    return start, end


def _belongs(words: tuple[Word, ...], index: int, head: int, relations: frozenset[str]) -> bool:
    """Whether the word at ``index`` hangs on ``head`` by ``relations`` and does not break a phrase."""
    hyphen = words[index].xpos == "HYPH"
    if words[index].upos in BREAKS or (words[index].upos == "PUNCT" and not hyphen):
        return False
    while index != head:
        if index < 0 or words[index].relation not in relations:
            return hyphen and index >= 0
        index = words[index].head
    return True


def _trimmed(words: tuple[Word, ...], start: int, end: int) -> tuple[int, int]:
    while start < end and judge(words[end - 1].text)[1] < LETTER:
        end -= 1
    units = [index for index in range(start, end) if index == start or not _joined(words, index)]
    start = units[-LONGEST_PHRASE] if len(units) > LONGEST_PHRASE else start
    while start < end and (words[start].upos not in BEGINNINGS or judge(words[start].text)[1] < LETTER):
        start += 1
        while start < end and _joined(words, start):
            start += 1
    if end - start == 1 and judge(words[start].text)[1] < CONTENT:
        return start, start
    return start, end


def _joined(words: tuple[Word, ...], index: int) -> bool:
    """Whether the word at ``index`` is a hyphen inside a compound or stands behind one."""
    before = words[index - 1]
    return not before.space_after and "HYPH" in (before.xpos, words[index].xpos)


def _gold_positions(sentences: Iterable[Sentence]) -> Iterator[tuple[int, int]]:
    offset = 0
    for sentence in sentences:
        for start, end in gold_noun_phrases(sentence):
            yield offset + start, offset + end
        offset += len(sentence.words)


def _places(text: Text, position: int) -> list[int]:
    """For each token, and one past the last, its place among the treebank's words, given that of the first."""
    places = [position]
    for tag in text.tags:
        places.append(places[-1] + (tag != SPACE_TAG))
    return places


def _spans(spans: Iterable[Span], places: list[int]) -> set[tuple[int, int]]:
    return {(places[span.start], places[span.end]) for span in spans}


def _docs(language: Language, corpus: list[Text]) -> list[Doc]:
    return [Doc(language.vocab, words=text.words, spaces=text.spaces) for text in corpus]


def _gold(language: Language, text: Text) -> Doc:
    return Doc(
        language.vocab,
        words=text.words,
        spaces=text.spaces,
        tags=text.tags,
        pos=text.classes,
        sent_starts=text.starts,
    )
