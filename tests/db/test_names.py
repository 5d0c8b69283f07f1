"""Names: keys that all spellings share, credits that come apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.names import featured_parts, joint_pieces, name_key

LETTERS = "thenand&+ 'éñßøÅжйλςΣIıİ½ﬁ.!-x(がカ゛हिन्दी"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Beatles", "beatles"), ("BEATLES!", "The Beatles"), ("Björk", "bjork"), ("Mø", "MO"),
        ("Guns N' Roses", "Guns and Roses"), ("Guns n’ Roses", "GUNS & ROSES"), ("Florence + the Machine",
        "Florence and The Machine"), ("AC/DC", "ac dc"), ("Sigur Rós", "Sigur Ros"), ("Æther", "aether"),
        ("Motörhead ", "Motorhead"), ("Ёлка", "елка"),
    ],
)  # fmt: skip
def test_spellings_meet(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("The The", "The"), ("!!!", "!"), ("ガガガSP", "カカカSP"), ("Air", "Aire"), ("+", "-"), ("The Band", "The")],
)
def test_names_stay_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(min_size=1, max_size=12) | st.text(st.sampled_from(LETTERS), min_size=1, max_size=14))
@example("a -n- b")
@example("Ǣ")
@example("the the band")
def test_a_key_is_its_own_key(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key
    assert key or not any(c.isalnum() for c in name)


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=14))
def test_case_and_composition_do_not_matter(name: str) -> None:
    assert name_key(name.casefold()) == name_key(name)
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(name)
    assert name_key(f"  {name}  ") == name_key(name)


@given(st.text(st.characters(categories=("Ll", "Lu", "Nd")), min_size=1, max_size=12))
def test_the_in_front_does_not_matter(name: str) -> None:
    if name_key(name) not in ("the", "and"):
        assert name_key(f"The {name}") == name_key(name)


@pytest.mark.parametrize(
    ("credit", "parts"),
    [
        ("Nas (featuring AZ)", ["Nas", "AZ"]),
        ("Eminem ft. Nate Dogg, Dr. Dre", ["Eminem", "Nate Dogg", "Dr. Dre"]),
        ("Seether [Feat. Amy Lee]", ["Seether", "Amy Lee"]),
        ("Ivan & Feenix feat. Kay", ["Ivan & Feenix", "Kay"]),
        ("Chloe x Halle", ["Chloe x Halle"]),
        ("House vs. Hurricane", ["House vs. Hurricane"]),
        ("Daft Punk", ["Daft Punk"]),
        ("feat. Nobody", ["feat. Nobody"]),
        ("Left", ["Left"]),
    ],
)
def test_featured_artists_come_apart(credit: str, parts: list[str]) -> None:
    assert featured_parts(credit) == parts


@pytest.mark.parametrize(
    ("credit", "parts"),
    [
        ("Simon & Garfunkel", ["Simon", "Garfunkel"]), ("Chloe x Halle", ["Chloe", "Halle"]),
        ("Bear vs. Shark", ["Bear", "Shark"]), ("A, B and C", ["A", "B", "C"]), ("Sex Pistols", ["Sex Pistols"]),
        ("Andy", ["Andy"]), ("Drake;Lil Wayne", ["Drake", "Lil Wayne"]),
    ],
)  # fmt: skip
def test_joint_credits_come_apart(credit: str, parts: list[str]) -> None:
    assert [credit[start:end].strip() for start, end in joint_pieces(credit)] == parts


@given(st.text(st.sampled_from("ab,&; x"), min_size=1, max_size=12))
def test_pieces_stand_in_order_and_come_apart_no_further(credit: str) -> None:
    bounds = [edge for piece in joint_pieces(credit) for edge in piece]
    assert bounds == sorted(bounds)
    for start, end in joint_pieces(credit):
        assert credit[start:end].strip()
        assert len(joint_pieces(credit[start:end])) == 1
