"""The floor under the quality of mentions: sentences of our own, read one by one, with one catalogue of traps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from spacy.language import Language

from nlp.language import blank, clean
from nlp.mentions import Matcher

SENTENCES = Path(__file__).with_name("mention_sentences.txt")
MARKED = re.compile(r"\[([^\]|]*)(?:\|([^\]]*))?\]")
HELD_OUT = 3
"""Every third sentence was not looked at while the rules were made."""


class Sentence(NamedTuple):
    """A sentence and what it means: (text, name in the catalogue) of each mention."""

    text: str
    meant: Counter[tuple[str, str]]
    ambiguous: bool


class Score(NamedTuple):
    """Micro-averaged over mentions."""

    precision: float
    recall: float
    sentences: int


def catalogue() -> list[str]:
    """The names, in the file's order."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [name for line in lines if line.startswith("= ") for name in line[2:].split("; ")]


def sentences() -> list[Sentence]:
    """All sentences, templates filled."""
    found = []
    section, names = "", [""]
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            section, names = line[3:], [""]
        elif line.startswith("names "):
            _, section, rest = line.split(" ", 2)
            names = rest.split("; ")
        elif line and not line.startswith(("#", "= ")):
            found += [parsed(written, section == "ambiguous") for written in filled(line, names)]
    return found


def filled(line: str, names: list[str]) -> Iterator[str]:
    """A template once with each name: a mention, unless the line starts with "-"."""
    for name in names:
        yield line[1:].replace("*", name) if line.startswith("-") else line.replace("*", f"[{name}]")


def parsed(line: str, ambiguous: bool) -> Sentence:
    """A line of the file without its brackets, and what they say."""
    meant = Counter((clean(text), name or text) for text, name in MARKED.findall(line))
    return Sentence(clean(MARKED.sub(r"\1", line)), meant, ambiguous)


def wrong(found: Counter[tuple[str, str]], meant: Counter[tuple[str, str]]) -> tuple[int, int, int]:
    """Mentions that are right, that are none, and that were missed; "Pixies" and "The Pixies" are one."""
    found, meant = (Counter({(bare(t), n): k for (t, n), k in c.items()}) for c in (found, meant))
    return (found & meant).total(), (found - meant).total(), (meant - found).total()


def bare(text: str) -> str:
    """A name without its article."""
    return re.sub(r"^the ", "", text.lower())


def score(read: list[tuple[Sentence, Counter[tuple[str, str]]]]) -> Score:
    """Precision and recall over sentences and what was found in them."""
    sums = [sum(column) for column in zip(*(wrong(found, sentence.meant) for sentence, found in read), strict=True)]
    right, extra, missed = sums
    return Score(right / max(right + extra, 1), right / max(right + missed, 1), len(read))


@pytest.fixture(scope="module")
def language() -> Language:
    return blank("en")


@pytest.fixture(scope="module")
def read(language) -> list[tuple[Sentence, Counter[tuple[str, str]]]]:
    names = catalogue()
    matcher = Matcher([(name, i) for i, name in enumerate(names)])
    rows = []
    for sentence in sentences():
        doc = language(sentence.text)
        found = Counter((doc[m.start : m.end].text, names[m.artist_id]) for m in matcher.find(doc))
        rows.append((sentence, found))
    return rows


def test_the_set_is_what_it_says(read):
    names = set(catalogue())
    assert len(names) == len(catalogue())
    assert {name for sentence, _ in read for _, name in sentence.meant} <= names
    assert len({sentence.text for sentence, _ in read}) == len(read) >= 600
    assert sum(sentence.ambiguous for sentence, _ in read) >= 120
    assert sum(not sentence.meant for sentence, _ in read) >= 200


def test_all_sentences(read):
    found = score(read)
    assert found.precision >= 0.96, found
    assert found.recall >= 0.88, found


def test_ambiguous_names(read):
    found = score([row for row in read if row[0].ambiguous])
    assert found.precision >= 0.92, found


def test_sentences_that_were_held_out(read):
    found = score(read[HELD_OUT - 1 :: HELD_OUT])
    assert found.precision >= 0.95, found
    assert found.recall >= 0.88, found
