import numpy as np
import pytest

from nlp.own_name import holds_own_name
from nlp.usage import KINDS, Usage

NAMES = {
    1: ["Air"], 2: ["Motörhead"], 3: ["The Police"], 4: ["Guns N' Roses", "GNR"], 5: ["AC/DC"], 6: ["The The"],
    7: ["Sigur Rós"], 8: ["Yes"],
}  # fmt: skip


def held(artist: int, *terms: str) -> list[bool]:
    n = np.ones(len(terms))
    ids, count = np.full(len(terms), artist, dtype=np.int64), n.astype(np.int64)
    used = Usage(
        ids, np.zeros(len(terms), dtype=np.int8), np.array(terms, dtype=object), n, count, count, count,
        np.ones(len(KINDS), dtype=np.int64), (1, 1),
    )  # fmt: skip
    return holds_own_name(used, NAMES).tolist()


@pytest.mark.parametrize(
    ("artist", "holding", "others"),
    [
        (1, ["air", "fresh air", "air guitar", "air-conditioned room"], ["airy", "aircraft", "repair", "hot aire"]),
        (2, ["motorhead", "motörhead", "old motörhead records"], ["motor head", "motor"]),
        (3, ["police", "police sirens"], ["policeman"]),
        (4, ["guns n' roses", "guns and roses", "gnr"], ["guns", "roses", "guns roses"]),
        (5, ["ac/dc", "ac dc riffs"], ["ac", "dc"]),
        (6, [], ["theme"]),
        (7, ["sigur rós", "sigur ros"], ["sigur"]),
        (9, [], ["air", "police"]),
    ],
)
def test_a_name_is_found_as_whole_words_in_any_spelling(artist, holding, others):
    assert held(artist, *holding, *others) == [True] * len(holding) + [False] * len(others)


def test_nothing_holds_nothing():
    assert held(1) == []
