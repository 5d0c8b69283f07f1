"""Names: the normalised key that two spellings share, and how a joint credit comes apart.

The key folds case, accents, punctuation, a leading "the", and & and + to "and", so that "The Beatles", "beatles" and
"BEATLES!" are one. A name that has no letter or digit ("!!!") keeps its marks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PLUS = re.compile(r"[&+]")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_NOT_WORD = re.compile(r"[\W_]+")
_FEATURING = re.compile(r"\s*[(\[]?\s*\b(?:feat|ft|featuring)\b\.?\s+", re.IGNORECASE)
_JOINT = re.compile(r"\s*[,;/]\s*|\s+[&+]\s+|\s+(?:vs|versus|x|×)\.?\s+|\s+(?:and|with|y|und|et)\s+", re.IGNORECASE)
_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i"})
_ACCENTED = 0x0590
"""Scripts below (Latin, Greek, Cyrillic, …) use marks as accents, which are dropped; in those above a mark is part of
the letter (kana, Devanagari, Thai, Arabic, Hebrew)."""


@lru_cache(maxsize=1 << 16)
def name_key(name: str) -> str:
    """The key under which all spellings of a name meet; never empty for a name that has a visible character.

    It is its own key. Source: the folding is NFKC and NFKD of Unicode's annex 15, then the rules of this header.
    """
    text = name.lower() if name.isascii() else _folded(name)
    words = _PLUS.sub(" and ", _APOSTROPHES.sub("", text))
    found = (_NOT_WORD.sub(" ", words) if words.isascii() else _spaced(words)).split()
    if not found or found == ["and"]:
        return " ".join(text.split())
    while found[0] == "the" and found[1:] not in ([], ["the"]):
        found = found[1:]
    return " ".join("and" if word == "n" and 0 < n < len(found) - 1 else word for n, word in enumerate(found))


def _folded(name: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept, base = [], ""
    for character in unicodedata.normalize("NFKD", text.casefold()):
        if not unicodedata.combining(character):
            base = character
        elif not base or ord(base) < _ACCENTED:
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept).translate(_SPECIAL))


def _spaced(text: str) -> str:
    """Everything but letters, digits and the marks on them becomes a space."""
    kept: list[str] = []
    for character in text:
        mark = bool(kept) and kept[-1] != " " and unicodedata.category(character)[0] == "M"
        kept.append(character if mark or character.isalnum() else " ")
    return "".join(kept)


def featured_parts(credit: str) -> list[str]:
    """The artists of a credit that says who is featured; one element when it does not.

    "A feat. B" → A, B. The word never belongs to one artist's name, so the parts stand for the whole. "x" and "vs." do
    ("Chloe x Halle", "House vs. Hurricane"): see `joint_pieces`.
    """
    if _FEATURING.search(credit) is None:
        return [credit]
    head, *rest = _FEATURING.split(credit)
    parts = [head, *(part for featured in rest for part in _JOINT.split(featured))]
    cleaned = [part.strip(" ()[]") for part in parts]
    kept = [part for part in cleaned if _visible(part)]
    return kept if len(kept) > 1 else [credit]


def _visible(text: str) -> bool:
    return any(c.isalnum() or unicodedata.category(c)[0] not in "ZCM" for c in text)


def may_be_joint(credit: str) -> bool:
    """Whether `joint_pieces` may find more than one; much quicker than to look for them."""
    return _JOINT.search(credit) is not None


def joint_pieces(credit: str) -> list[tuple[int, int]]:
    """(start, end) of each piece of "A & B", "A, B and C", "A vs. B"; the outer bounds of several span what they make.

    "Earth, Wind & Fire" comes apart too: the caller keeps the pieces only where each is an artist by itself.
    """
    bounds = [0, *(edge for joint in _JOINT.finditer(credit) for edge in joint.span()), len(credit)]
    pieces = zip(bounds[::2], bounds[1::2], strict=True)
    return [(start, end) for start, end in pieces if credit[start:end].strip()]
