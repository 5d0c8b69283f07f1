"""Text and names cut and folded in one way, so that a name is found however it is written.

A text becomes pieces: words without case and accents ("Motörhead" → motorhead, "B.B." → bb, "&" and "+" → and) and
marks. Hyphens, slashes, dots and apostrophes inside words only part them ("AC/DC" → ac dc, "O'Jays" → o jays).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from db.names import name_key
from nlp.everyday import is_everyday
from nlp.language import clean
from nlp.terms import STOP_WORDS

_PIECE = re.compile(
    r" ?([^\W_]++(?!\.)|[^\w\s'./-]|\n"
    r"|(?:[^\W\d_]\.){2,}|[^\W\d_]\.(?=[ -]?\w)|\b(?:[dm]r|mrs|ms|st|[js]r|ft|vs)\.(?= \w)"
    r"|[^\W_]+|(?<!\w)[./-]|[./-](?!\w))",
    re.IGNORECASE,
)
"""One piece and a space before it. What is common comes first: a word that no dot follows, and a mark;
then initials and what is cut short ("B.B.", "M. Ward", "St. Vincent")."""
_PLAIN = re.compile(r"[A-Za-z0-9 ]+")
_JOINED = re.compile(r"(?<=\w)'(?=\w)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}")
_SINGLE_LETTERS = re.compile(r"\b(?:[^\W\d_] ){1,}[^\W\d_]\b")
_AND_THE = re.compile(r"\band the\b")
_BARE_N = re.compile(r"(?<=\w )n(?= \w)")
_MARKS = re.compile(r"[^\w\s]+")


class Pieces(NamedTuple):
    """A text in pieces: parallel lists. A mark stands for itself; its text has no letter or digit."""

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]


@lru_cache(maxsize=1 << 13)
def fold(piece: str) -> str:
    """The word that a piece of text stands for; a mark gives itself."""
    if piece in ("&", "+"):
        return "and"
    bare = piece.replace(".", "") or piece
    if len(bare) > 1 and bare != piece and bare.lower() in STOP_WORDS:
        return piece.lower()  # "U.S." is not "us"
    return bare.lower() if bare.isascii() else name_key(bare).replace(" ", "") or bare.casefold()


def pieces(text: str) -> Pieces:
    """The pieces of a text that `nlp.language.clean` made fit."""
    found = list(_PIECE.finditer(text))
    return Pieces(text, [fold(m[1]) for m in found], [m.start(1) for m in found], [m.end() for m in found])


def is_mark(word: str) -> bool:
    """Whether a folded piece is a mark and no word."""
    return not word[0].isalnum()


def name_words(name: str) -> list[str]:
    """The words of a name, folded, without marks."""
    return [word for word in pieces(clean(name)).words if not is_mark(word)]


def spellings(name: str) -> set[str]:
    """The ways in which a text may write a name, each as folded pieces with single spaces between.

    With and without marks, "and the" or "and", apostrophes that part words or do not, initials apart or together. A
    leading "the" is left out where the rest is a name by itself, and kept in "The Band"; "The White Stripes" are found
    with and without. Empty for a name of marks.
    """
    if _PLAIN.fullmatch(name):
        found = {" ".join(name.lower().split())}
    else:
        name = clean(name)
        found = {" ".join(pieces(form).words) for form in {name, _JOINED.sub("", name), _initials_apart(name)}}
        found |= {" ".join(_MARKS.sub(" ", form).split()) for form in found}
    found |= {_AND_THE.sub("and", form) for form in found}
    found |= {_BARE_N.sub("and", form) for form in found}
    found |= {_SINGLE_LETTERS.sub(_together, form) for form in found}
    found = {form for form in map(_trimmed, found) if form}
    return found | {form[len("the ") :] for form in found if form.startswith("the ") and form.count(" ") > 1}


def _initials_apart(name: str) -> str:
    return _INITIALS.sub(lambda match: " ".join(match[0].replace(".", " ").split()), name)


def _together(match: re.Match[str]) -> str:
    return match[0].replace(" ", "")


def _trimmed(form: str) -> str:
    """Without marks at the edges, and without "the" before a name that stands by itself."""
    words = form.split()
    while words and is_mark(words[0]):
        del words[0]
    while words and is_mark(words[-1]):
        del words[-1]
    if len(words) > 1 and words[0] == "the" and not all(is_everyday(word) or is_mark(word) for word in words[1:]):
        del words[0]
    return " ".join(words)
