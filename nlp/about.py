"""Which part of a text is about which artist.

A page that has one main artist counts whole for it: the one that its title names, or the one that has most of its
mentions. Any other artist has the sentences that name it, and the sentence after one, in the same paragraph, where
that names nobody. A sentence that lists many artists says who is alike, but nothing of any of them.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import Field

from db.base import Config as BaseConfig

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from nlp.mentions import Mention


class Config(BaseConfig):
    """What counts as being about an artist."""

    main_share: float = Field(0.6, gt=0.5, le=1)
    """An artist with this share of a page's mentions, three at least, is what the page is about."""
    list_length: int = Field(4, ge=2)
    """A sentence that names so many artists is a list: no term is taken from it."""


class Sentence(NamedTuple):
    """Tokens `start` to `end`, and the artists named there."""

    start: int
    end: int
    artists: frozenset[int]


class About(NamedTuple):
    """Whose text it is.

    Attributes:
        main: the artist that the whole page counts for, if there is one.
        sentences: for each other artist the sentences that count for it, as (first token, one past the last).
        lists: sentences that no term is taken from.
    """

    main: int | None
    sentences: dict[int, list[tuple[int, int]]]
    lists: list[tuple[int, int]]


FEWEST_MENTIONS = 3


def about(doc: Doc, mentions: list[Mention], titled: dict[int, float], config: Config) -> About:
    """Whose text a doc is."""
    named = sentences_of(doc, mentions)
    main = main_artist(mentions, titled, config)
    parts: dict[int, list[tuple[int, int]]] = {artist: [] for artist in sorted(titled) if artist != main}
    lists = []
    before: frozenset[int] = frozenset()
    for sentence in named:
        if len(sentence.artists) >= config.list_length:
            lists.append((sentence.start, sentence.end))
            before = frozenset()
            continue
        whose = sentence.artists or before
        for artist in sorted(whose - {main}):
            parts.setdefault(artist, []).append((sentence.start, sentence.end))
        before = frozenset() if doc[sentence.end - 1].is_space else sentence.artists
    return About(main, parts, lists)


def main_artist(mentions: list[Mention], titled: dict[int, float], config: Config) -> int | None:
    """The artist that the page is about: the only one in its title, or the one with most of its mentions."""
    if len(titled) == 1:
        return next(iter(titled))
    counted = Counter(mention.artist_id for mention in mentions)
    if titled:
        counted = Counter({artist: n for artist, n in counted.items() if artist in titled})
    for artist, n in counted.items():
        if n >= FEWEST_MENTIONS and n >= config.main_share * counted.total():
            return artist
    return None


def sentences_of(doc: Doc, mentions: list[Mention]) -> list[Sentence]:
    """The sentences of a doc with the artists named in each."""
    found = []
    place = 0
    for start, end in pairwise([*_sentence_starts(doc), len(doc)]):
        artists = set()
        while place < len(mentions) and mentions[place].start < end:
            artists.add(mentions[place].artist_id)
            place += 1
        found.append(Sentence(start, end, frozenset(artists)))
    return found


def _sentence_starts(doc: Doc) -> list[int]:
    """First tokens of the sentences; read from the doc's array, several times as fast as its `sents`."""
    if not len(doc):
        return []
    starts: list[int] = np.flatnonzero(doc.to_array(["SENT_START"]) == 1).tolist()
    return starts if starts and starts[0] == 0 else [0, *starts]
