"""Names: the normalised key that two spellings share, and how a joint credit comes apart.

The key folds case, accents, punctuation, a leading "the", and & and + to "and", so that "The Beatles", "beatles" and
"BEATLES!" are one. A name that has no letter or digit ("!!!") keeps its marks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_AND = re.compile(r"\s*[&+]\s*|\s+'?n'?\s+(?=\w)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_NOT_WORD = re.compile(r"[\W_]+")
_FEATURING = re.compile(r"\s*[(\[]?\s*\b(?:feat|ft|featuring)\b\.?\s+", re.IGNORECASE)
_VERSUS = re.compile(r"\s+(?:vs|versus|x|×)\.?\s+", re.IGNORECASE)
_JOINT = re.compile(r"\s*[,;/]\s*|\s+[&+]\s+|\s+(?:and|with|y|und|et)\s+", re.IGNORECASE)
_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i"})


@lru_cache(maxsize=1 << 16)
def name_key(name: str) -> str:
    """The key under which all spellings of a name meet; never empty for a name that has a visible character.

    Source: the folding is NFKD of Unicode's annex 15 with marks dropped, then the rules of this module's header.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = _AND.sub(" and ", text)
    text = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    text = "".join(c for c in text if not unicodedata.combining(c))
    words = _NOT_WORD.sub(" ", _APOSTROPHES.sub("", text)).split()
    if not words or words == ["and"]:
        return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    if words[0] == "the" and len(words) > 1:
        words = words[1:]
    return " ".join(words)


def featured_parts(credit: str) -> list[str]:
    """The artists of a credit that says who is featured or versus whom; one element when it says neither.

    "A feat. B" → A, B. These words never belong to one artist's name, so the parts stand for the whole.
    """
    head, *rest = _FEATURING.split(credit)
    parts = _VERSUS.split(head) if _VERSUS.search(head) else [head]
    for featured in rest:
        parts += _JOINT.split(featured)
    cleaned = [part.strip(" ()[]") for part in parts]
    kept = [part for part in cleaned if part]
    return kept if len(kept) > 1 else [credit]


def joint_parts(credit: str) -> list[str]:
    """The pieces of "A & B", "A, B and C"; one element when there is no such joint.

    "Earth, Wind & Fire" comes apart too: the caller keeps the pieces only where each is an artist by itself.
    """
    parts = [part.strip() for part in _JOINT.split(credit)]
    kept = [part for part in parts if part]
    return kept if len(kept) > 1 else [credit]


def joint_pieces(credit: str) -> list[tuple[int, int]]:
    """(start, end) of each piece of `joint_parts` in the credit; their outer bounds span runs of several pieces."""
    bounds = [0, *(edge for joint in _JOINT.finditer(credit) for edge in joint.span()), len(credit)]
    pieces = zip(bounds[::2], bounds[1::2], strict=True)
    return [(start, end) for start, end in pieces if credit[start:end].strip()]
