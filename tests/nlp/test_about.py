import pytest

from nlp.about import About, Config, about
from nlp.language import blank
from nlp.mentions import Mention

TEXT = "Abba sang . They danced . \n Bjork sang . Abba met Bjork . Rain fell . Then snow fell . A B C D played ."
ABBA, BJORK = 1, 2


@pytest.fixture
def doc():
    doc = blank("en").make_doc(TEXT)
    for i, token in enumerate(doc):
        token.is_sent_start = i == 0 or doc[i - 1].text in (".", "\n") or (doc[i - 1].is_space and i > 1)
    return doc


def mention(doc, name: str, artist: int, which: int = 0) -> Mention:
    start = [token.i for token in doc if token.text == name][which]
    return Mention(start, start + 1, artist, 0.9)


def texts(doc, parts) -> list[str]:
    return [doc[start:end].text for start, end in parts]


def all_mentions(doc) -> list[Mention]:
    listed = [mention(doc, name, 10 + i) for i, name in enumerate("ABCD")]
    return [
        mention(doc, "Abba", ABBA), mention(doc, "Bjork", BJORK), mention(doc, "Abba", ABBA, 1),
        mention(doc, "Bjork", BJORK, 1), *listed,
    ]  # fmt: skip


def test_several_artists_have_the_sentences_around_their_mentions(doc):
    whose = about(doc, all_mentions(doc), {}, Config())
    assert whose.main is None
    assert texts(doc, whose.sentences[ABBA]) == ["Abba sang .", "They danced .", "Abba met Bjork .", "Rain fell ."]
    assert texts(doc, whose.sentences[BJORK]) == ["Bjork sang .", "Abba met Bjork .", "Rain fell ."]


def test_a_list_of_names_gives_no_sentence(doc):
    whose = about(doc, all_mentions(doc), {}, Config())
    assert texts(doc, whose.lists) == ["A B C D played ."]
    assert not {10, 11, 12, 13} & set(whose.sentences)
    assert about(doc, all_mentions(doc), {}, Config(list_length=5)).lists == []


def test_the_artist_of_the_title_has_the_whole_page(doc):
    whose = about(doc, all_mentions(doc), {BJORK: 0.9}, Config())
    assert whose.main == BJORK
    assert BJORK not in whose.sentences
    assert texts(doc, whose.sentences[ABBA]) == ["Abba sang .", "They danced .", "Abba met Bjork .", "Rain fell ."]


def test_two_artists_of_a_title_share_the_page(doc):
    whose = about(doc, all_mentions(doc), {BJORK: 0.9, ABBA: 0.9}, Config())
    assert whose.main is None
    assert {ABBA, BJORK} <= set(whose.sentences)


def test_the_artist_with_most_mentions_has_the_whole_page(doc):
    mentions = [mention(doc, "Abba", ABBA), mention(doc, "Bjork", ABBA), mention(doc, "Abba", ABBA, 1)]
    assert about(doc, mentions, {}, Config()).main == ABBA
    assert about(doc, mentions[:2], {}, Config()).main is None
    mixed = [*mentions, mention(doc, "Bjork", BJORK, 1)]
    assert about(doc, mixed, {}, Config()).main == ABBA
    assert about(doc, mixed, {}, Config(main_share=0.8)).main is None


def test_a_page_of_nobody():
    doc = blank("en")("Rain fell. Snow fell.")
    assert about(doc, [], {}, Config()) == About(None, {}, [])
    assert about(blank("en")(""), [], {}, Config()) == About(None, {}, [])
