from __future__ import annotations

import pytest

from nlp.clauses import clause_points
from nlp.evidence import Spot, sort_of
from nlp.folding import pieces
from nlp.page import Page


def points(text: str, name: str) -> float:
    """Points of the first place where the text has the name."""
    page, words = Page(pieces(text)), name.lower().split()
    start = next(i for i in range(len(page.words)) if page.words[i : i + len(words)] == words)
    key = " ".join(words)
    return clause_points(page, Spot(start, start + len(words), key, (1,), sort_of(key)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We met the singer of Suede.", "Suede"),
        ("We met Ada Lindqvist of Suede.", "Suede"),
        ("In 1988 he left Suede.", "Suede"),
        ("She joined Chicago on drums.", "Chicago"),
        ("She sang in Suede for a year.", "Suede"),
        ("Wild Reeds by Suede is long.", "Suede"),
        ("Boston released their debut.", "Boston"),
        ("Suede sold out the hall.", "Suede"),
        ("America had a hit.", "America"),
        ("Few know that Low are a trio.", "Low"),
        ("We saw the Cure again.", "the Cure"),
    ],
)
def test_what_bands_do_and_have_speaks_for_a_name(text, name):
    assert points(text, name) > 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("In 1988 he left Chicago.", "Chicago"),
        ("She sang in Chicago for a year.", "Chicago"),
        ("Women released the doves.", "Women"),
        ("They have songs.", "They"),
        ("In 1988 he left suede behind.", "suede"),
        ("Radiohead sang.", "Radiohead"),
    ],
)
def test_what_others_do_as_well_says_nothing(text, name):
    assert points(text, name) == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("It is on the album Suede.", "Suede"),
        ("It is a song called Suede.", "Suede"),
        ("He played Spirit in the Dark.", "the Dark"),
    ],
)
def test_titles_of_songs_speak_against_it(text, name):
    assert points(text, name) < 0
