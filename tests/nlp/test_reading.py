import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.about import Config as AboutConfig
from nlp.evidence import confidence
from nlp.language import for_language, read
from nlp.mentions import Config, Matcher
from nlp.reading import Seen, see

NAMES = {1: ["Calexico"], 2: ["Air"], 3: ["Women"], 4: ["Neutral Milk Hotel"], 5: ["Radiohead"]}
MATCHER = Matcher([(name, artist) for artist, names in NAMES.items() for name in names], Config())


def seen(body: str, title: str = "", language: str = "en") -> Seen:
    (found,) = [see(doc, title, MATCHER, NAMES, AboutConfig()) for doc in read(for_language(language), [body])]
    return found


TEXT = (
    "The French duo Air recorded a dreamy album. Women love the air. Radiohead covered Neutral Milk Hotel. "
    "It was dreamy."
)
WORDS = ["the", "Air", "Women", "of", "Radiohead's", "band", "sang", ",", ".", ";", "and", "'s", "\n", "(", "Milk"]


def test_what_counts_is_what_the_matcher_finds():
    found = seen(TEXT)
    (mentions,) = [MATCHER.find(doc) for doc in read(for_language("en"), [TEXT])]
    assert [(m.artist_id, m.confidence) for m in found.named if m.counted] == [
        (m.artist_id, m.confidence) for m in mentions
    ]
    assert [m.artist_id for m in found.named if m.counted] == [2, 5, 4]
    doubted = [m for m in found.named if not m.counted]
    assert [(m.artist_id, m.name) for m in doubted] == [(3, "Women")]
    assert all(m.confidence < 0.5 for m in doubted)


def test_the_points_of_the_reasons_add_up_to_the_confidence():
    for mention in seen(TEXT, "Calexico live").named:
        if mention.start is None:
            assert (mention.artist_id, mention.why) == (1, ())
        else:
            assert confidence(math.fsum(reason.points for reason in mention.why)) == pytest.approx(
                mention.confidence, abs=0.005
            )
            assert TEXT[mention.start :].startswith(mention.name)
            assert mention.name in mention.around
    air = next(m for m in seen(TEXT).named if m.artist_id == 2)
    assert any(what == "words right beside it" and points > 2 for what, points in air.why)


def test_terms_are_counted_and_say_whom_they_count_for():
    found = seen("Calexico play dusty horns. Dusty horns are dry. " * 2, "Calexico")
    assert found.main == 1
    terms = {(t.kind, t.term): (t.n, t.artists) for t in found.terms}
    assert terms["n2", "dusty horns"] == (4, (1,))
    assert ("adj", "dusty") in terms
    assert not any("calexico" in term for _, term in terms)
    ns = [t.n for t in found.terms if t.kind == "n1"]
    assert ns == sorted(ns, reverse=True)
    assert found.musicality.score > 0.3


def test_other_languages_have_words_and_pairs():
    found = seen("Radiohead spielen traurige Lieder mit lauten Gitarren.", language="de")
    assert {t.kind for t in found.terms} == {"n1", "n2"}
    assert not found.tagged
    assert [m.artist_id for m in found.named if m.counted] == [5]


ODD = ("", " ", "\n\n", "x" * 1_000_000, "🎸" * 500, "AIR WOMEN " * 300, "שלום עולם", "<b>\u200b\x00", "Air")


@pytest.mark.parametrize("body", ODD)
def test_odd_texts(body):
    found = seen(body, body[:100])
    assert 0 <= found.musicality.score <= 1
    assert all(t.term.isprintable() for t in found.terms)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_order_of_words(words):
    found = seen(" ".join(words))
    starts = [m.start for m in found.named if m.start is not None]
    assert starts == sorted(starts)
    assert all(m.confidence >= 0.5 for m in found.named if m.counted)
