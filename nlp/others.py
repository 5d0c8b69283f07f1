"""A name that is written as an artist's and means somebody or something else: what stands right beside it says so."""

from __future__ import annotations

from nlp.evidence import AFTER, Sort, Spot
from nlp.musicality import LEXICON
from nlp.page import Page
from nlp.subjects import finite
from nlp.terms import STOP_WORDS

DEFINED = -4.0
""""Lulu is an opera", "Styx is the river that …", "James, her brother, …"."""
GROUND = -4.0
""""the Yazoo river"."""
APPOSED = -3.5
""""the goddess Isis"."""
ARTICLE = -2.5
""""across the Styx", "The Queen gave": only a plural, a noun after it ("the Metallica fan") or the artist's own name,
as the catalogue has it, puts an article there."""
INITIALS = -3.5
""""REM sleep" for R.E.M.: letters without their dots, and a word that is not about music."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORKS = _set(
    "opera operas film films movie novel book play poem painting musical series ballet song album single character "
    "hero heroine goddess god saint river lake mountain hill city town village suburb county island dog cat horse "
    "ship boat street square planet moon comet constellation disease drug virus plant tree flower animal bird fish "
    "fruit spice word name term brand company magazine newspaper club restaurant hotel language dialect month day"
)
_WHOSE = _set("my his her our their your")
_KIN = _set(
    "brother sister mother father son daughter husband wife uncle aunt cousin nephew niece friend neighbour neighbor "
    "boss teacher dog cat horse parrot boyfriend girlfriend grandmother grandfather grandson colleague roommate"
)
_NO_ARTISTS = _set(
    "goddess god saint river lake planet moon comet king president senator judge actor actress author novelist "
    "painter footballer boxer film movie novel ship drug virus bacterium disease spacecraft satellite hurricane storm "
    "company brand character hero heroine dog cat horse village county province"
)
_GROUNDS = _set(
    "river valley lake mountain mountains island islands street road avenue square park bay coast peninsula district "
    "county province desert forest bridge station airport university college hospital hotel virus disease syndrome "
    "magazine newspaper journal fm"
)
_WORDS_TO_THING = 4


def other_points(page: Page, spot: Spot, written: str | None, *, articled: bool) -> float:
    """Points against a name from what stands beside it.

    Args:
        page: the text.
        spot: the place.
        written: how the catalogue writes the name, where that is unusual.
        articled: whether the catalogue has it with "The".
    """
    words, end = page.words, spot.end
    if spot.sort in (Sort.DISTINCTIVE, Sort.PHRASE) or end - spot.start > 1:
        return _initials(page, spot, written)
    if end < len(words) and words[end] in _GROUNDS and page.gap(end) == " " and not page.capital(end):
        return GROUND
    if spot.start and words[spot.start - 1] in _NO_ARTISTS and not page.capital(spot.start - 1):
        return APPOSED
    if _is_defined(words[end : end + 1 + _WORDS_TO_THING]):
        return DEFINED
    if not articled and _has_article(page, spot):
        return ARTICLE
    return _initials(page, spot, written)


def _is_defined(after: list[str]) -> bool:
    if after[:1] == ["and"]:
        after = after[2:]
    if after[:1] == [","] and len(after) > 1 and after[1] in _WHOSE:
        return not _KIN.isdisjoint(after[2:])
    if len(after) < 3 or after[0] not in ("is", "was") or after[1] not in ("a", "an", "the"):
        return False
    return next((word in _WORKS for word in after[2:] if word in _WORKS or word in LEXICON), False)


def _has_article(page: Page, spot: Spot) -> bool:
    before = page.words[spot.start - 1] if spot.start else ""
    if before not in ("the", "a", "an") or spot.key.endswith("s"):
        return False
    if spot.end >= len(page.words):
        return True
    after = page.words[spot.end]
    return not after[0].isalnum() or finite(after) or (after in STOP_WORDS and not page.capital(spot.end))


def _initials(page: Page, spot: Spot, written: str | None) -> float:
    """A name of initials with dots, written without them before a word in small letters that says nothing of music."""
    if written is None or written.count(".") < 2 or spot.end >= len(page.words):
        return 0.0
    after = page.words[spot.end]
    form = page.pieces.text[page.pieces.starts[spot.start] : page.pieces.ends[spot.end - 1]]
    plain = "." not in form and after.isalpha() and not page.capital(spot.end)
    told = finite(after) or after in LEXICON or after in AFTER or after in STOP_WORDS
    return INITIALS if plain and not told else 0.0
