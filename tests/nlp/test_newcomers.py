from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.names import name_key
from db.read import Text
from nlp.folding import pieces
from nlp.language import blank, clean, read
from nlp.mentions import Matcher
from nlp.newcomers import Config, Newcomer, Newcomers, candidates
from nlp.page import Page

KNOWN = ["Radiohead", "Björk", "Calexico", "Neutral Milk Hotel"]
MATCHER = Matcher([(name, number) for number, name in enumerate(KNOWN, 1)])
MUSIC = " The album has loud guitars, a chorus and a singer; fans of the band bought the single and the songs."

ARTISTS = {
    "Xiu Morenda": [
        "Radiohead, Xiu Morenda and Björk shared a stage.", "Xiu Morenda's new album is a slow record.",
        "A song by Xiu Morenda closed the night.",
    ],
    "Copper Lanternfish": [
        "The band Copper Lanternfish released a single.", "Copper Lanternfish are a noisy duo from Leeds.",
        "Like Copper Lanternfish, Calexico play with horns.",
    ],
    "Hendra Quill & the Parallels": [
        "Fans of Hendra Quill & the Parallels will nod.", "Björk and Hendra Quill & the Parallels toured.",
    ],
    "Seven Harmattans": [
        "The trio Seven Harmattans recorded an EP.", "In the set of Seven Harmattans was one hit song.",
    ],
    "Zarathe": [
        "The singer Zarathe left.", "She toured with Calexico, Zarathe and Björk.", "The songs of Zarathe glow.",
    ],
}  # fmt: skip
OTHERS = {
    "Pomona Rooms": ["Calexico played at Pomona Rooms.", "A night in Pomona Rooms with Björk ended late."],
    "Cellar Stem Records": ["It came out on Cellar Stem Records.", "Cellar Stem Records signed Calexico."],
    "Marrow Song": ["Björk sang “Marrow Song” twice.", "The single “Marrow Song” by Björk charted."],
    "Light for a Keel": ["Calexico released Light for a Keel in spring.", "Light for a Keel (1997) was a debut album."],
    "Jane Gravesend": ["By Jane Gravesend\nThe record is slow.", "The critic Jane Gravesend heard Radiohead."],
    "Felix Durays": ["It was produced by Felix Durays.", "Felix Durays engineered the record of Björk."],
    "New York": ["The band New York, they said.", "Songs of New York were sung."],
    "Offbeat Courier": ["The Offbeat Courier\n", "The Offbeat Courier\n"],
    "Radiohead": ["Radiohead are a band.", "The band Radiohead released a single."],
    "Quincewood": ["They come from Quincewood.", "In Quincewood the band played."],
}  # fmt: skip


def found(texts: list[tuple[str, str]], config: Config | None = None) -> list[Newcomer]:
    collected = Newcomers({name_key(name) for name in KNOWN})
    bodies = [body for _, body in texts]
    for number, doc in enumerate(read(blank("en"), bodies)):
        title, body = texts[number]
        text = Text(number, f"http://h{number % 2}/{number}", f"h{number % 2}", title, body, "en", "")
        collected.add(text, doc.text, MATCHER.read(doc, title))
    return collected.found(config or Config())


ALL = [("", sentence + MUSIC) for group in (*ARTISTS.values(), *OTHERS.values()) for sentence in group]


def test_names_that_are_used_like_artists_are_found_and_no_others():
    names = {newcomer.name for newcomer in found(ALL)}
    assert names == set(ARTISTS)


@pytest.mark.parametrize("name", ARTISTS)
def test_what_is_told_of_a_newcomer(name):
    (one,) = found([("", sentence + MUSIC) for sentence in ARTISTS[name]])
    assert one.name == name
    assert one.documents == one.mentions == len(ARTISTS[name])
    assert one.hosts == ("h0", "h1")
    assert 0.5 <= one.confidence <= 1
    assert one.examples[0].url == "http://h0/0"
    assert all(name in example.sentence for example in one.examples)


def test_thresholds_are_settings():
    texts = [("", sentence + MUSIC) for sentence in ARTISTS["Xiu Morenda"]]
    assert found(texts, Config(min_documents=4)) == []
    assert found(texts, Config(min_hosts=3)) == []
    assert found(texts[:1]) == []
    assert found(texts, Config(threshold=1.0)) == []


def test_the_title_speaks_for_a_name_that_it_sets_apart():
    body = "Ingrith Ostrowe started out in a shed." + MUSIC
    assert [one.name for one in found([("Ingrith Ostrowe: live", body), ("A talk with Ingrith Ostrowe", body)])] == [
        "Ingrith Ostrowe"
    ]
    assert found([("Other news", body), ("More of it", body)]) == []


def test_what_is_not_about_music_is_not_looked_at():
    assert found([("", "The duo Xiu Morenda left. Nothing else happened in that long and rainy winter.")] * 3) == []


def runs(text: str) -> list[str]:
    page = Page(pieces(clean(text)))
    return [
        page.pieces.text[page.pieces.starts[start] : page.pieces.ends[end - 1]]
        for start, end in candidates(page, frozenset())
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Then Ana de la Cruz and Bob Marrow sang.", ["Ana de la Cruz", "Bob Marrow"]),
        ("Singer Noor Achterberg came. But Xiu left.", ["Noor Achterberg"]),
        ("the Birds of Norrland, J. Colewood", ["Birds of Norrland", "J. Colewood"]),
        ("in New York on Monday", []),
        ("ALL OF THIS IS SHOUTED HERE TODAY", []),
        ("Achterberg's records by Zarathe", ["Achterberg", "Zarathe"]),
    ],
)
def test_runs_of_capitals(text, names):
    assert [name for name in runs(text) if name not in ("Xiu",)] == names


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("Aa Bb&.,-'\n\"(é文🎸19 of the"), max_size=200))
def test_any_text_gives_runs_that_do_not_overlap(text):
    page = Page(pieces(clean(text)))
    spans = list(candidates(page, frozenset()))
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    found([(text[:80], text + MUSIC)] * 2)
