import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.folding import pieces
from nlp.language import clean
from nlp.musicality import LEXICON, musicality

MUSIC = """The Swedish quartet recorded their second album in a small studio. The songs are built on synthesizers and
drum machines, the singer has a warm voice, and the choruses stay with you. A single is out in May; a tour follows."""
OTHER = """Peel the onions and cut them into rings. Melt the butter in a wide pan and let it foam. Add the lentils, a
bay leaf and some water, put a lid on and wait for half an hour. Salt is last. Serve with bread and a glass of milk."""
TEAM = "The players released their coach after a record defeat, and the fans sang outside the stadium for hours."


def score(text: str, mentions: int = 0) -> float:
    return musicality(pieces(clean(text)).words, mentions).score


def test_music_stands_apart_from_everything_else():
    assert score(MUSIC) > 0.5
    assert score(OTHER) < 0.1
    assert score(OTHER) < score(TEAM) < score(MUSIC)


def test_named_artists_count():
    assert score(OTHER) < score(OTHER, 1) < score(OTHER, 3)


def test_reasons_are_the_words_that_made_the_score():
    score, reasons = musicality(["the", "album", "has", "songs", "songs", "songs", "and", "a", "guitar"], 1)
    assert score > 0
    assert [word for word, _ in reasons] == ["songs", "album", "named artists", "guitar"]
    assert sum(share for _, share in reasons) == pytest.approx(1)


def test_no_single_word_decides():
    assert score("album " * 400) < score(MUSIC)


def test_a_long_text_is_judged_by_its_density():
    assert score(MUSIC * 40) == pytest.approx(score(MUSIC), abs=0.2)
    assert score(OTHER * 40) == pytest.approx(score(OTHER), abs=0.05)


def test_nothing_is_not_about_music():
    assert musicality([]) == (0.0, ())


def test_the_lexicon_is_folded():
    assert all(pieces(word).words == [word] for word in LEXICON)


@given(st.lists(st.sampled_from([*sorted(LEXICON)[:20], "onion", "the", ","]), max_size=200), st.integers(0, 50))
def test_a_score_is_a_share(words, mentions):
    assert 0 <= musicality(words, mentions).score < 1
