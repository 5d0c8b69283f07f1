"""What is turned away before the rules are asked changes no reading."""

from __future__ import annotations

import pytest

from nlp import mentions
from nlp.everyday import WORDS
from nlp.evidence import Spot, sort_of
from nlp.folding import pieces
from nlp.language import blank
from nlp.mentions import Config, Matcher
from nlp.openings import to_weigh
from nlp.page import Page
from tests.nlp.test_mention_quality import BLIND, SEEN, catalogue, sentences


def weighed(text: str, least: float = 0.0, titled: tuple[int, ...] = ()) -> list[str]:
    """The everyday words with a capital that are weighed."""
    page = Page(pieces(text))
    at = [i for i, word in enumerate(page.words) if word in WORDS and page.capital(i)]
    spots = [Spot(i, i + 1, page.words[i], (i,), sort_of(page.words[i])) for i in at]
    return [spot.key for spot in to_weigh(page, spots, {"ladder": "LadDer"}, titled, least)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Window over the door.", []),
        ("Window played a show.", ["window"]),
        ("Window and Garden.", ["window", "garden"]),
        ("Some over the door.", []),
        ("Window over the door. We heard Window.", ["window", "window"]),
        ("Ladder over the door.", ["ladder"]),
    ],
)
def test_openings_that_nothing_speaks_for_are_left_out(text, keys):
    assert weighed(text) == keys


def test_a_title_or_a_low_mark_lets_all_be_weighed():
    assert weighed("Window over the door.", titled=(0,)) == ["window"]
    assert weighed("Window over the door.", least=-9.0) == ["window"]


@pytest.mark.parametrize("threshold", [0.5, 0.2, 0.0])
def test_readings_are_those_of_all_spots(monkeypatch, threshold):
    everyday = [word.title() for word in sorted(WORDS) if len(word) > 2]
    names = [*catalogue(SEEN), *catalogue(BLIND), *everyday]
    matcher = Matcher([(name, i) for i, name in enumerate(names)], Config(threshold=threshold))
    texts = [sentence.text for path in (SEEN, BLIND) for sentence in sentences(path)]
    docs = [blank("en")(" ".join(texts[i : i + 6])) for i in range(0, len(texts), 12)]
    fast = [matcher.find(doc, doc[:5].text) for doc in docs]
    monkeypatch.setattr(mentions, "to_weigh", lambda *given: given[1])
    monkeypatch.setattr(Matcher, "_hopeful", lambda *given: given[2])
    assert fast == [matcher.find(doc, doc[:5].text) for doc in docs]
