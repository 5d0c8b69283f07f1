"""Which names need no weighing: everyday words that open a sentence where nothing speaks for an artist.

"Some of them", "Early demos": the capital says nothing, and what could raise such a spot stands right after it (a
verb, "'s", a word of music, a partner after "and" or a comma) or elsewhere: the title, or a spot of the same name that
counts. Where all of these are absent, the most that sentence and text can add leaves it below every mark, so that no
rule has to be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from nlp.clauses import ACTIONS, BAND_VERBS
from nlp.evidence import AFTER, BASE, BREATH, MOST_AROUND, MUSIC_AFTER, SURE, Sort, Spot
from nlp.page import Page
from nlp.subjects import finite

_OF_GRAMMAR = BAND_VERBS | BREATH | {"s"}
_OF_OTHERS = AFTER | ACTIONS | BREATH | {"s"}
_MOST = {sort: BASE[sort] + MOST_AROUND + (MUSIC_AFTER if sort is Sort.GRAMMAR else 0) for sort in Sort}
"""Points of such a spot, at most."""


def to_weigh(
    page: Page, spots: list[Spot], unusual: Mapping[str, str], titled: Collection[int], least: float
) -> list[Spot]:
    """The spots of a text that can count, or change what others count, in their order.

    Args:
        page: the text.
        spots: all its spots.
        unusual: folded name → how the catalogue writes it, where that is unusual.
        titled: artists that the title names.
        least: fewest points that make a mention.
    """
    idle = [
        spot.end - spot.start == 1
        and spot.sort not in SURE
        and _MOST[spot.sort] < least
        and not _tells(page.words[spot.end] if spot.end < len(page.words) else "", spot.sort is Sort.GRAMMAR)
        and page.opens_sentence(spot.start)
        and spot.key.isalnum()
        and spot.key not in unusual
        and not any(artist in titled for artist in spot.artists)
        for spot in spots
    ]
    others = {spot.key for spot, is_idle in zip(spots, idle, strict=True) if not is_idle}
    return [spot for spot, is_idle in zip(spots, idle, strict=True) if not is_idle or spot.key in others]


@lru_cache(maxsize=1 << 13)
def _tells(word: str, of_grammar: bool) -> bool:
    """Whether a word right after a name can speak for it; what ends in "s" may be a verb."""
    if of_grammar:
        return word in _OF_GRAMMAR
    return word in _OF_OTHERS or finite(word) or word.endswith("s")
