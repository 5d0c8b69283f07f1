import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from nlp.language import LONGEST_TEXT, blank, clean, load, read
from nlp.terms import _JUDGED, KINDS, LONGEST_PHRASE, STOP_WORDS, adjectives, extract, judge, noun_phrases

GOLD = Path(__file__).parent / "gold_sentences.txt"
CLASSES = {
    "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "JJ": "ADJ", "JJR": "ADJ", "JJS": "ADJ", "RB": "ADV", "WRB": "ADV",
    "VB": "VERB", "VBD": "VERB", "VBG": "VERB", "VBN": "VERB", "VBP": "VERB", "VBZ": "VERB", "MD": "AUX", "DT": "DET",
    "IN": "ADP", "PRP": "PRON", "PRP$": "PRON", "WP": "PRON", "CC": "CCONJ", "CD": "NUM", "TO": "PART", "POS": "PART",
    ".": "PUNCT", ",": "PUNCT",
}  # fmt: skip
# Below what the shipped model reached on these sentences. Raising them is free, lowering one is a decision.
FLOORS = {"xpos": 0.955, "upos": 0.965, "noun phrases": 0.95, "adjectives": 0.95}


@pytest.fixture(scope="module")
def language() -> Language:
    return load()


def tagged(language: Language, sentence: str) -> tuple[Doc, set[tuple[int, int]]]:
    """A doc with the gold tags of one line of the gold file, and its noun phrases as token ranges."""
    words, tags, classes, phrases, opened = [], [], [], set(), 0
    for item in sentence.split():
        start, end = item.startswith("["), item.endswith("]")
        word, tag, *rest = item.strip("[]").split("/")
        opened = len(words) if start else opened
        words.append(word)
        tags.append(tag)
        classes.append(rest[0] if rest else CLASSES[tag])
        if end:
            phrases.add((opened, len(words)))
    return Doc(language.vocab, words=words, tags=tags, pos=classes), phrases


def gold(language: Language) -> list[tuple[Doc, set[tuple[int, int]]]]:
    lines = GOLD.read_text(encoding="utf-8").splitlines()
    return [tagged(language, line) for line in lines if line and not line.startswith("#")]


def f1(found: list[set], wanted: list[set]) -> float:
    agreed = sum(len(a & b) for a, b in zip(found, wanted, strict=True))
    return 2 * agreed / sum(len(a) + len(b) for a, b in zip(found, wanted, strict=True))


def spans(found) -> set[tuple[int, int]]:
    return {(span.start, span.end) for span in found}


def terms(text: str, kind: str) -> set[str]:
    (found,) = [extract(doc) for doc in read(load(), [text])]
    return {term for term_kind, term in found if term_kind == kind}


def test_quality_does_not_fall(language):
    sentences = gold(language)
    docs = [doc for doc, _ in sentences]
    read_again = list(language.pipe([Doc(language.vocab, words=[token.text for token in doc]) for doc in docs]))
    pairs = [(a, b) for one, two in zip(docs, read_again, strict=True) for a, b in zip(one, two, strict=True)]
    reached = {
        "xpos": sum(a.tag_ == b.tag_ for a, b in pairs) / len(pairs),
        "upos": sum(a.pos_ == b.pos_ for a, b in pairs) / len(pairs),
        "noun phrases": f1([spans(noun_phrases(doc)) for doc in read_again], [phrases for _, phrases in sentences]),
        "adjectives": f1([spans(adjectives(doc)) for doc in read_again], [spans(adjectives(doc)) for doc in docs]),
    }
    assert len(docs) >= 40
    assert {name: reached[name] for name, floor in FLOORS.items() if reached[name] < floor} == {}, reached


def test_the_chunker_finds_the_phrases_of_gold_tags(language):
    for doc, phrases in gold(language):
        assert spans(noun_phrases(doc)) == phrases, doc.text


@pytest.mark.parametrize(
    ("token", "word"),
    [
        ("Band", "band"), ("BJÖRK", "björk"), ("1980s", "1980s"), ("80s", "80s"), ("R&B", "r&b"), ("U.S.", "u.s"),
        ("Dr.", "dr"), ("rock’n’roll", "rock'n'roll"), ("rockin'", "rockin"), ("Straße", "strasse"), ("2pac", "2pac"),
        ("ビョーク", "ビョーク"), ("नमस्ते", "नमस्ते"),
    ],
)  # fmt: skip
def test_what_is_a_term_by_itself(token, word):
    term = Counter({("n1", word): 1})
    assert {key: n for key, n in extract(Doc(blank("xx").vocab, words=[token])).items() if key[0] == "n1"} == term


@pytest.mark.parametrize(
    "token",
    [
        "'s", "n't", "’ll", "s", "x", "the", "The", "other", "first", "1984", "1,000", "20th", "10pm", "!!!", "🎸", "-",
        "http://a.com/b", "www.a.com", "a.com", "me@a.org", "#tag", "@name", "a_b", "", "\n", " ", "x" * 41, "½",
        "\u0301",
    ],
)  # fmt: skip
def test_what_is_never_a_term(token):
    assert not extract(Doc(blank("xx").vocab, words=[token] if token else []))


def test_kinds_of_one_sentence():
    text = "The Swedish band’s perky songs topped the charts in the 1970s."
    assert terms(text, "n1") == {"swedish", "band", "perky", "songs", "topped", "charts", "1970s"}
    assert terms(text, "n2") == {"swedish band", "perky songs", "songs topped"}
    assert terms(text, "np") == {"swedish band", "perky songs", "charts", "1970s"}
    assert terms(text, "adj") == {"swedish", "perky"}


def test_pairs_do_not_cross_marks_sentences_or_stop_words():
    assert terms("Guitars, drums. Synths and vocals\nstrings", "n2") == set()


def test_hyphenated_compounds_are_one_word():
    text = "Their lo-fi recordings made the guitar-driven, well-known post-punk band famous."
    assert {"lo-fi", "guitar-driven", "well-known", "post-punk"} <= terms(text, "adj")
    assert {"lo-fi recordings", "post-punk band"} <= terms(text, "n2")
    assert not {"lo", "fi", "post", "driven"} & terms(text, "n1")


def test_long_hyphenated_chains_are_read_word_by_word():
    assert terms("punk-rock-jazz-soul-funk", "n1") == {"punk", "rock", "jazz", "soul", "funk"}


def test_stop_like_adjectives_are_no_terms():
    assert terms("Many other bands had the same old sound.", "adj") == {"old"}


def test_terms_are_counted(language):
    with language.memory_zone():
        found = extract(language("Loud guitars. Very loud guitars! LOUD GUITARS"))
        assert found["n2", "loud guitars"] == 3


def test_skipped_tokens_are_in_no_term(language):
    doc = language("The new Dancing Queen single sounds fresh.")
    whole, apart = extract(doc), extract(doc, skip=[2, 3])
    assert ("n2", "dancing queen") in whole
    assert not [term for _, term in apart if "dancing" in term or "queen" in term]
    assert ("n2", "new single") not in apart
    assert ("n1", "single") in apart


def test_a_span_gives_the_terms_of_its_part(language):
    doc = language("Soft drums open the record. Warm strings close it.")
    first, second = doc.sents
    assert extract(first) + extract(second) == extract(doc)
    assert set(extract(second, skip=[second.start + 1])) == {("n1", "warm"), ("n1", "close"), ("adj", "warm")}
    assert [span.text for span in noun_phrases(second)] == ["Warm strings"]
    assert [span.text for span in adjectives(second)] == ["Warm"]


def test_phrases_keep_the_last_words(language):
    doc = Doc(language.vocab, words=["red"] * 9 + ["guitar"], tags=["JJ"] * 9 + ["NN"], pos=["ADJ"] * 9 + ["NOUN"])
    assert [len(span) for span in noun_phrases(doc)] == [LONGEST_PHRASE]


def test_without_tags_there_are_words_and_pairs():
    (found,) = [extract(doc) for doc in read(blank("de"), ["Die neue Platte klingt schön."])]
    assert ("n2", "neue platte") in found
    assert {kind for kind, _ in found} == {"n1", "n2"}


def test_the_same_text_gives_the_same_terms():
    text = "Björk's early records mixed icy electronics with brass and choirs. " * 3
    one, two = ([extract(doc) for doc in read(load(), [text, "Other words first.", text])] for _ in range(2))
    assert one == two
    assert one[0] == one[2]


def test_what_is_remembered_of_words_is_bounded_and_changes_nothing(monkeypatch):
    text = "Lo-fi, guitar-driven songs with post-punk drums and old-school synths."
    before = [extract(doc) for doc in read(load(), [text])]
    monkeypatch.setattr("nlp.terms._MOST_JUDGED", 1)
    _JUDGED.clear()
    assert [extract(doc) for doc in read(load(), [text])] == before
    assert len(_JUDGED) == 1


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            ["the", "The", "'s", "n't", "-", "lo", "fi", "band", "Loud", "’", "'", "\u200b", "\u202e", "\x00", "\ud800",
             "🎸",
             "👩‍🎤", "\n", "\t", "http://x.com/?q=a-b", "a@b.org", "שלום", "مرحبا", "12", "1980s", ".", "...", "&",
             "e\u0301", "\u0301", "ﬁ", "İ", "ŉ", "ß", "\ufeff", "\u00ad", "co-op-er-a-tive-ly", "x" * 500]
        ),
        max_size=40,
    ).map(" ".join),
    st.lists(st.sampled_from(["a-b", "-", "'", "’s", "n't", "\u200d", "é", "9", "/", "@"]), max_size=60).map("".join),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(HOSTILE, min_size=1, max_size=4))
def test_hostile_text_gives_clean_terms(texts):
    for doc in read(load(), texts):
        for (kind, term), count in extract(doc).items():
            assert_fit(kind, term)
            assert count > 0


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.text(max_size=12).map(lambda word: word.encode("utf-8", "ignore").decode()), max_size=12))
def test_uncleaned_tokens_give_clean_terms(words):
    for kind, term in extract(Doc(blank("xx").vocab, words=[word for word in words if word])):
        assert_fit(kind, term)


def assert_fit(kind: str, term: str) -> None:
    words = term.split(" ")
    assert kind in KINDS
    assert not [character for character in term if unicodedata.category(character)[0] in "CZ" and character != " "]
    assert words[0] not in STOP_WORDS
    assert words[-1] not in STOP_WORDS
    assert not re.match(r"'|n't", words[0])
    assert not re.search(r"^'|n't$", words[-1])
    assert 1 <= len(words) <= LONGEST_PHRASE
    assert len(words) == {"n1": 1, "n2": 2, "adj": 1}.get(kind, len(words))
    assert any(map(str.isalpha, term))


@pytest.mark.parametrize("text", ["x" * 1_000_000, "é" * 1_000_000, "🎸" * 1_000_000, "a-" * 500_000, "'" * 1_000_000])
def test_a_million_characters_without_a_space(text):
    for doc in read(load(), [text]):
        assert sum(extract(doc).values()) < 100_000
    assert len(clean(text)) <= LONGEST_TEXT


@given(st.text(max_size=30))
def test_a_judged_word_is_folded(text):
    word, level = judge(text)
    assert word == "" or (word[0].isalnum() and "’" not in word)
    assert (level == 0) == (word == "")
