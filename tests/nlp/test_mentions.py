import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from nlp.folding import spellings
from nlp.language import blank, clean
from nlp.mentions import Config, Matcher

NAMES = (
    "ABBA", "AC/DC", "Air", "Al Green", "B.B. King", "Björk", "Bob Dylan", "Bob Marley", "Bob Marley & The Wailers",
    "Can", "Celine Dion", "Chicago", "CHVRCHES", "Daft Punk", "Destiny's Child", "Dion", "Earth, Wind & Fire", "Eels",
    "Guns N' Roses", "Heart", "Low", "Low Tide", "March", "Motörhead", "Neil Young", "Neville", "Often", "Paper",
    "Prince", "R.E.M.", "Radiohead", "Smog", "The Band", "The Beatles", "The Engines", "The The", "The Who",
    "Therapy?", "They", "Tindersticks", "Tom Petty & The Heartbreakers", "U2", "Us", "Women", "Yes", "Yes Please",
    "1975", "!!!", "deadmau5", "fun.", "found.",
)  # fmt: skip

SENTENCES = [
    # plain names, however they are written
    ("Radiohead played two nights, and Tindersticks opened.", "Radiohead, Tindersticks"),
    ("We heard tom petty & the heartbreakers live.", "Tom Petty & The Heartbreakers"),
    ("Motorhead and MOTÖRHEAD are one band, and so is Motörhead.", "Motörhead, Motörhead, Motörhead"),
    ("Bjork and Björk are the same singer.", "Björk, Björk"),
    ("the beatles, The Beatles and the BEATLES", "The Beatles, The Beatles"),
    ("Guns ’n’ Roses on tape, Guns N’ Roses on stage", "Guns N' Roses, Guns N' Roses"),
    ("Guns n Roses on air, Guns and Roses on vinyl", "Guns N' Roses, Guns N' Roses"),
    ("BB King taught B. B. King, and B.B. King laughed.", "B.B. King, B.B. King, B.B. King"),
    ("REM, or R.E.M., came from Athens.", "R.E.M., R.E.M."),
    ("AC-DC and AC/DC shook the hall.", "AC/DC, AC/DC"),
    ("Earth, Wind and Fire met Earth Wind & Fire.", "Earth, Wind & Fire, Earth, Wind & Fire"),
    ("I saw U2 in a stadium.", "U2"),
    ("A deadmau5 remix closed the set.", "deadmau5"),
    # possessives
    ("ABBA's songs and ABBA’s costumes", "ABBA, ABBA"),
    ("Destiny's Child and Destinys Child sang.", "Destiny's Child, Destiny's Child"),
    ("Heart's album went gold.", "Heart"),
    ("Neil Young's guitar and Prince's singing.", "Neil Young, Prince"),
    # the longest name wins; X and the Y
    ("Bob Marley and the Wailers recorded it.", "Bob Marley & The Wailers"),
    ("Bob Marley recorded it.", "Bob Marley"),
    ("Tom Petty and Heartbreakers came.", "Tom Petty & The Heartbreakers"),
    ("Tom Petty & the Heartbreakers came.", "Tom Petty & The Heartbreakers"),
    ("Celine Dion sang in Las Vegas.", "Celine Dion"),
    # everyday words that are artists
    ("The French duo Air released a soundtrack.", "Air"),
    ("Radiohead, Air and Tindersticks share a label.", "Radiohead, Air, Tindersticks"),
    ("The Canadian band Women recorded a second album.", "Women"),
    ("A new record by Women came out.", "Women"),
    ("They toured with Radiohead, the Who and the Band in 1974.", "Radiohead, The Who, The Band"),
    ("The songs of The Engines are loud.", "The Engines"),
    ("It was the singer Dion who covered it.", "Dion"),
    ("The group Chicago recorded with a brass section.", "Chicago"),
    ("The record by Low Tide is slow.", "Low Tide"),
    ("We danced to the dance-punk band !!! all night.", "!!!"),
    ("The group Can recorded in a castle.", "Can"),
    ("The band Therapy? played loud guitars.", "Therapy?"),
    ("CHVRCHES sang, and the trio Chvrches sings still.", "CHVRCHES, CHVRCHES"),
    # everyday words that are not
    ("The air in the room was thick with music.", ""),
    ("Air France lost the band's guitars.", ""),
    ("He sang Heart of Gold on stage.", ""),
    ("“Heart” is a song by Neil Young.", "Neil Young"),
    ("Yes, the album is good.", ""),
    ("Women sing these songs at weddings.", ""),
    ("Often the guitars are loud.", ""),
    ("Yes please, more songs like this.", ""),
    ("At low tide the band went home.", ""),
    ("The band played on, and the engines of the bus ran.", ""),
    ("They can play. They said so in March. It is about us.", ""),
    ("It sold well in 1975, in Chicago and in the U.S. charts.", ""),
    ("Paper-thin guitars carry the song.", ""),
    ("What a song!!! Really!!!", ""),
    ("A song was found. It was fun. The music played.", ""),
    ("Prince Charles came to the concert.", ""),
    ("You can't, I don't and they won't sing.", ""),
    ("Aaron Neville is a singer. Neville recorded soul music.", ""),
    ("We read the paper and heard nothing.", ""),
]


@pytest.fixture(scope="module")
def language() -> Language:
    return blank("en")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher([(name, i) for i, name in enumerate(NAMES)])


def found(matcher: Matcher, doc: Doc, title: str = "") -> list[str]:
    return [NAMES[mention.artist_id] for mention in matcher.find(doc, title)]


@pytest.mark.parametrize(("sentence", "names"), SENTENCES, ids=[sentence[:40] for sentence, _ in SENTENCES])
def test_sentences(language, matcher, sentence, names):
    expected = names.replace("Earth, Wind", "Earth; Wind").split(", ") if names else []
    assert found(matcher, language(clean(sentence))) == [name.replace(";", ",") for name in expected]


def test_tokens_of_a_mention_leave_the_possessive_out(language, matcher):
    doc = language(clean("I like ABBA’s songs, B.B. King and AC/DC."))
    assert [doc[m.start : m.end].text for m in matcher.find(doc)] == ["ABBA", "B.B. King", "AC/DC"]


MUSIC = "The band recorded an album of songs, and the guitars and drums are loud. "


@pytest.mark.parametrize(
    ("title", "body", "names"),
    [
        ("Women", "Women are back. " + MUSIC, {"Women"}),
        ("Women: Public Strain", "Women are back. " + MUSIC, {"Women"}),
        ("Review: Women, “Public Strain”", "Women are back. " + MUSIC, {"Women"}),
        ("Women, work and music", "Women are back. " + MUSIC, set()),
        ("Women", "Women are paid less than men.", set()),
        ("Women in music", "Women are back. " + MUSIC, set()),
        ("Chicago", "Chicago formed in the sixties. " + MUSIC, {"Chicago"}),
        ("Chicago: gigs this week", "Chicago has many clubs. " + MUSIC, set()),
        ("Yes at the Corn Exchange", "Somebody said: Yes. " + MUSIC, set()),
    ],
)
def test_titles(language, matcher, title, body, names):
    reading = matcher.read(language(clean(body)), title)
    assert {NAMES[artist] for artist in reading.titled} == names
    assert {NAMES[mention.artist_id] for mention in reading.mentions} == names


def test_what_is_sure_once_counts_throughout_the_text(language, matcher):
    text = "The duo Air came back. Nobody expected it of Air, and the air was cold."
    assert found(matcher, language(text)) == ["Air", "Air"]


def test_all_capitals_and_all_small_letters_are_read(language, matcher):
    loud, small = "RADIOHEAD AND BOB DYLAN TOUR WITH DAFT PUNK", "i love radiohead and tindersticks, also women and air"
    assert found(matcher, language(loud)) == ["Radiohead", "Bob Dylan", "Daft Punk"]
    assert found(matcher, language(small)) == ["Radiohead", "Tindersticks"]


HOMONYMS = [
    ("Ash Harbour", 1), ("Ash Harbour", 2), ("Ash Harbour (DE)", 2), ("Ash Ensemble", 1), ("Nadja", 3), ("NADJA", 4),
]  # fmt: skip
NOTES = {1: "CA", 2: "DE"}


@pytest.mark.parametrize(
    ("text", "artists"),
    [
        ("The band Ash Harbour recorded an album.", []),
        ("The band Ash Harbour (DE) recorded an album.", [2]),
        ("The band Ash Harbour (CA) recorded an album.", [1]),
        ("The band Ash Harbour, once Ash Ensemble, recorded an album.", [1, 1]),
        ("The album of NADJA is out, and so is the album of Nadja.", [4, 3]),
    ],
)
def test_two_artists_of_one_name_are_told_apart_by_context_or_left_open(language, text, artists):
    matcher = Matcher(HOMONYMS, notes=NOTES)
    assert [mention.artist_id for mention in matcher.find(language(text))] == artists


def test_the_threshold_is_a_setting(language):
    names = [("Air", 1), ("Tindersticks", 2)]
    doc = language("Nobody expected Air to win, yet Tindersticks bought it.")
    both = Matcher(names).find(doc)
    assert [m.artist_id for m in both] == [1, 2]
    assert both[0].confidence < both[1].confidence
    strict = Matcher(names, Config(threshold=(both[0].confidence + both[1].confidence) / 2))
    assert [m.artist_id for m in strict.find(doc)] == [2]


WORDS = ("Xanthor", "Quibble", "Zorvex", "Plimsoll")


def slowly(names: dict[str, int], words: list[str]) -> list[tuple[int, int, int]]:
    """The definition: at each place the longest name that stands there, then on behind it."""
    spans, i = [], 0
    while i < len(words):
        here = [n for n in range(len(words), i, -1) if " ".join(words[i:n]).lower() in names]
        if here:
            spans.append((i, here[0], names[" ".join(words[i : here[0]]).lower()]))
        i = here[0] if here else i + 1
    return spans


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4), min_size=1, max_size=6),
    st.lists(st.sampled_from((*WORDS, "over")), max_size=25),
)
def test_the_dictionary_finds_what_the_slow_definition_finds(names, words):
    known: dict[str, int] = {}
    for name in names:
        known.setdefault(" ".join(name).lower(), len(known))
    matcher = Matcher(known.items())
    doc = Doc(blank("en").vocab, words=words)
    assert [(m.start, m.end, m.artist_id) for m in matcher.find(doc)] == slowly(known, words)


def test_the_order_of_names_does_not_matter(language):
    doc = language("Radiohead, Air and Bob Marley and the Wailers met Al Green.")
    pairs = [(name, i) for i, name in enumerate(NAMES)]
    shuffled = random.Random(3).sample(pairs, len(pairs))
    assert Matcher(pairs).find(doc) == Matcher(shuffled).find(doc)


def test_every_catalogue_name_is_found_in_a_plain_sentence(language):
    names = ["Neutral Milk Hotel", "Sleater-Kinney", "Godspeed You! Black Emperor", "Mötley Crüe", "A$AP Rocky"]
    matcher = Matcher([(name, i) for i, name in enumerate(names)])
    for i, name in enumerate(names):
        doc = language(clean(f"Last night the songs of {name} were played."))
        assert [m.artist_id for m in matcher.find(doc)] == [i], name


ODD = ("", " ", "\n", "é" * 1000, "🎸!!!", "Air " * 2000, "\u0915\u093f ABBA", "(((", "'s", "The")


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(language, matcher, text):
    assert isinstance(matcher.find(language(clean(text)), text[:50]), list)


def test_an_empty_catalogue_finds_nothing(language):
    assert Matcher([]).find(language("ABBA sang.")) == []


def test_aliases_lead_to_one_artist(language):
    matcher = Matcher([("Prince Rogers", 5), ("The Purple Quibble", 5)])
    assert len(matcher) == len(spellings("Prince Rogers")) + len(spellings("The Purple Quibble"))
    assert [m.artist_id for m in matcher.find(language("The Purple Quibble sang with Prince Rogers."))] == [5, 5]
