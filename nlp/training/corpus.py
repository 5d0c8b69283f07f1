"""Reading a Universal Dependencies treebank.

The format is CoNLL-U (https://universaldependencies.org/format.html): ten columns of a word per line, a blank line
after each sentence. Ranges (``1-2``, contractions as written) and empty nodes (``1.1``) are left out: the words that
carry tags are the treebank's tokens, and spaCy's English tokenizer cuts contractions in the same places.
"""

from dataclasses import dataclass
from pathlib import Path

from db.errors import InputError

COLUMNS = 10


@dataclass(frozen=True)
class Word:
    """One syntactic word of the treebank."""

    text: str
    upos: str
    xpos: str
    head: int
    """Index of the head in the sentence, from 0; the root's is -1."""
    relation: str
    space_after: bool


@dataclass(frozen=True)
class Sentence:
    """One sentence and where it stands."""

    words: tuple[Word, ...]
    new_document: bool
    new_paragraph: bool


def read_treebank(path: Path) -> list[Sentence]:
    """All sentences of a CoNLL-U file, in its order.

    Raises:
        InputError: the file is missing, or a line is not CoNLL-U; the message names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot read the treebank {path}: {error}; give a folder with train.conllu and dev.conllu"
        ) from error
    sentences: list[Sentence] = []
    words: list[Word] = []
    document = paragraph = False
    contraction_end, contraction_space = "", True
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.startswith("#"):
            document |= line.startswith("# newdoc")
            paragraph |= line.startswith("# newpar")
        elif line:
            columns = line.split("\t")
            if len(columns) != COLUMNS:
                raise InputError(
                    f"{path}, line {number}: {len(columns)} columns where CoNLL-U has {COLUMNS}: {line[:80]!r}"
                )
            identifier, space_after = columns[0], "SpaceAfter=No" not in columns[9]
            if "-" in identifier:  # the space after a contraction is written on its range
                contraction_end, contraction_space = identifier.split("-")[1], space_after
            elif "." not in identifier:
                if contraction_end:
                    space_after = contraction_space and identifier == contraction_end
                    contraction_end = "" if identifier == contraction_end else contraction_end
                words.append(_word(columns, space_after, f"{path}, line {number}"))
        elif words:
            sentences.append(Sentence(tuple(words), document, paragraph or document))
            words, document, paragraph = [], False, False
    return sentences


def _word(columns: list[str], space_after: bool, where: str) -> Word:
    try:
        head = int(columns[6]) - 1
    except ValueError as error:
        raise InputError(f"{where}: the head {columns[6]!r} is not a number") from error
    return Word(columns[1], columns[3], columns[4], head, columns[7], space_after)
