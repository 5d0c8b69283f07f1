"""Track titles: what two spellings of one recording share, and what tells its versions apart.

A title is a base and groups behind it: in brackets, or after a spaced dash. Read from the end, a group is

* a credit ("feat. B", "with B"): left out, its artists are reported;
* a note about the issue, not the recording ("2011 Remaster", "Mono", "Album Version", "From the film …"): left out;
* a version ("Live at …", "Acoustic", "B Remix", "Radio Edit" is none): kept as what it is, without its place or date;
* anything else: part of the base, and so is all that stands before it ("(I Can't Get No) Satisfaction",
  "Home - Part 2").

What is left of the base is folded as names are (`db.names.name_key`). A title is never left empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from db.names import featured_parts, name_key

LONGEST = 500
"""Characters; a longer title is no title, and is taken as it is."""
LONGEST_KEY = 300
"""Characters; databases index keys only up to some length."""
_BRACKETS = re.compile(r"^(?P<head>.*\S)\s*[(\[](?P<group>[^()\[\]]*)[)\]]\s*$")
_DASH = re.compile(r"^(?P<head>.*\S)\s+[-–—]\s+(?P<group>\S.*)$")
_FEATURING = re.compile(r"^(?P<head>.*\S)\s+(?P<group>(?:feat|ft|featuring)\b\.?\s+\S.*)$", re.IGNORECASE)
_CREDIT = re.compile(r"^(?:feat|ft|featuring|with)\b\.?\s+(?P<names>\S.*)$", re.IGNORECASE)
_NOBODY = frozenset({
    "you", "u", "me", "us", "her", "him", "them", "it", "or", "without", "my", "your", "the", "a", "love",
})  # fmt: skip
"""Words after "with" that make it part of a title."""

_SAYS_ISSUE = frozenset({
    "remaster", "remastered", "remasterizado", "remastering", "album", "lp", "ep", "single", "original", "mono",
    "stereo", "explicit", "clean", "amended", "edited", "uncensored", "bonus", "deluxe", "expanded", "anniversary",
    "main", "radio", "mixed", "official", "lyric", "lyrics", "hz", "video",
})  # fmt: skip
"""Words that make a group a note about the issue …"""
_ISSUE = _SAYS_ISSUE | frozenset({
    "and", "mix", "in", "inch", "new", "hi", "res", "full", "length", "us", "uk", "audio", "hd", "hq", "digital",
    "digitally", "version", "track", "tracks", "edition", "edit", "soundtrack", "remixed",
})  # fmt: skip
"""… when there are only these beside them, and numbers."""
_ISSUED_FROM = re.compile(r"^(?:(?:original )?(?:song |theme |music )?from |theme from |as heard |as featured )")
_SHORT_FORM = re.compile(r"edit|(?:7|\d{4})(?: inch)? (?:mix|version|edit)")
_LIVE = re.compile(
    r"^(?:recorded )?live(?: (?:at|from|in|on|the|version|sessions?|acoustic|bbc|edit|\d{4})\b|$)|\blive$"
)
_KINDS = (
    ("live", _LIVE),
    ("session", re.compile(r"\bsessions?\b|^recorded at\b|^(?:spotify|apple music|amazon) (?:singles?|originals?)\b")),
    ("karaoke", re.compile(r"\bkaraoke\b|\bbacking track\b")),
    ("instrumental", re.compile(r"\binstrumental\b")),
    ("a cappella", re.compile(r"\ba ?cap+ell?a\b")),
    ("acoustic", re.compile(r"\bacoustic\b|\bunplugged\b|^stripped\b")),
    ("demo", re.compile(r"\bdemo\b")),
    ("new recording", re.compile(r"\bre ?recorded\b|\bre ?recording\b")),
    ("sped up", re.compile(r"\bsped up\b")),
    ("slowed", re.compile(r"\bslowed\b")),
    ("cover", re.compile(r"\bcover\b")),
    ("extended", re.compile(r"^extended(?: (?:mix|version|edit|remix))?$|^12 (?:inch )?(?:mix|version)$")),
)  # fmt: skip
_SHORTENED = re.compile(r"(?<=\S) (?:radio |single )?edit$")
_OF_ITS_OWN = re.compile(r"\b(?:remix|mix|edit|dub|rework|reworked|bootleg|mashup|vip|version|flip|refix)$")


@dataclass(frozen=True)
class Title:
    """A title, read.

    Attributes:
        key: of the base; two spellings of one song share it.
        version: empty for the recording itself, else what kind of other recording it is.
        shown: the title without credits and notes about the issue, version kept as written.
        featured: names of artists that the title credits.
    """

    key: str
    version: str
    shown: str
    featured: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 16)
def read_title(title: str) -> Title:
    """What a title says; the key is empty only where the title has no visible character."""
    head = " ".join(title.split())
    if len(head) > LONGEST:
        return Title(name_key(head)[:LONGEST_KEY], "", head)
    featured: list[str] = []
    versions: list[str] = []
    suffixes: list[str] = []
    while (found := _last_group(head)) is not None:
        before, group, as_written = found
        names = _credited(group)
        words = name_key(group)
        kind = _version(words)
        if names:
            featured = [*names, *featured]
        elif kind:
            versions.insert(0, kind)
            suffixes.insert(0, as_written)
        elif not _about_the_issue(words):
            break
        if not name_key(before):
            break
        head = before
    version = " ".join(dict.fromkeys(versions))
    return Title(name_key(head)[:LONGEST_KEY], version[:LONGEST_KEY], "".join([head, *suffixes]), tuple(featured))


def _last_group(text: str) -> tuple[str, str, str] | None:
    """What stands before the last group, the group, and it as written."""
    for pattern in (_BRACKETS, _DASH, _FEATURING):
        found = pattern.match(text)
        if found:
            return found["head"], found["group"].strip(), text[found.end("head") :]
    return None


def _credited(group: str) -> list[str]:
    found = _CREDIT.match(group)
    if not found:
        return []
    if group[:4].casefold() == "with" and name_key(found["names"]).split(" ")[0] in _NOBODY:
        return []
    return featured_parts(f"_ feat. {found['names']}")[1:]


def _about_the_issue(words: str) -> bool:
    if _ISSUED_FROM.match(words) or _SHORT_FORM.fullmatch(words):
        return True
    kept = [word for word in words.split() if not word.isdigit() and not re.fullmatch(r"\d+(?:st|nd|rd|th|hz)", word)]
    return bool(kept) and _ISSUE.issuperset(kept) and not _SAYS_ISSUE.isdisjoint(kept)


def _version(words: str) -> str:
    """The kind of another recording that a group names; empty where it names none."""
    for kind, pattern in _KINDS:
        if pattern.search(words):
            return kind
    if _OF_ITS_OWN.search(words) and not _about_the_issue(words):
        shorter = _SHORTENED.sub("", words)
        return shorter if _OF_ITS_OWN.search(shorter) else words
    return ""
