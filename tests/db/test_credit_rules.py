"""Who is who, rule by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from db.credit_rules import Catalogue, Known, ListedArtist, derive, merge_listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ONE = "00000000-0000-4000-8000-000000000001"
TWO = "00000000-0000-4000-8000-000000000002"


def led(counts: Mapping[str, int], listed: Sequence[ListedArtist] = ()) -> dict[str, list[str]]:
    """Credit → names (with disambiguation) of those it leads to."""
    catalogue = derive(counts, merge_listed(listed))
    return {credit: [_label(catalogue, n) for n in artists] for credit, artists in catalogue.leads.items()}


def _label(catalogue: Catalogue, n: int) -> str:
    artist = catalogue.artists[n]
    return f"{artist.name} ({artist.disambiguation})" if artist.disambiguation else artist.name


def test_spellings_of_one_key_are_one_artist_under_the_most_used() -> None:
    assert led({"Beatles": 1, "The Beatles": 5, "THE BEATLES": 5}) == {
        "Beatles": ["THE BEATLES"], "The Beatles": ["THE BEATLES"], "THE BEATLES": ["THE BEATLES"],
    }  # fmt: skip


def test_a_featured_credit_is_no_artist_of_its_own() -> None:
    catalogue = derive({"Nas (feat. AZ)": 3}, [])
    assert [a.name for a in catalogue.artists] == ["AZ", "Nas"]
    assert led({"Nas (feat. AZ)": 3})["Nas (feat. AZ)"] == ["Nas", "AZ"]


def test_a_joint_credit_leads_to_itself_and_to_pieces_that_are_known() -> None:
    leads = led({"Eno & Byrne": 3, "Eno": 9, "Byrne": 3, "Eno & Stranger": 1})
    assert leads["Eno & Byrne"] == ["Eno & Byrne", "Eno", "Byrne"]
    assert leads["Eno & Stranger"] == ["Eno & Stranger"]


def test_a_duo_stays_whole_where_its_pieces_are_rarer() -> None:
    leads = led({"Simon & Garfunkel": 50, "Simon": 2, "Garfunkel": 60})
    assert leads["Simon & Garfunkel"] == ["Simon & Garfunkel"]


def test_a_word_with_the_is_not_the_word_without() -> None:
    leads = led({"Jam & Spoon": 2, "The Jam": 90, "Spoon": 80, "Weller with The Jam": 1, "Weller": 5})
    assert leads["Jam & Spoon"] == ["Jam & Spoon"]
    assert leads["Weller with The Jam"] == ["Weller with The Jam", "Weller", "The Jam"]


def test_known_duos_stay_together_inside_a_longer_credit() -> None:
    leads = led({"Simon & Garfunkel, Bob Dylan": 1, "Simon & Garfunkel": 9, "Bob Dylan": 9})
    assert leads["Simon & Garfunkel, Bob Dylan"] == ["Simon & Garfunkel, Bob Dylan", "Simon & Garfunkel", "Bob Dylan"]


def test_a_comma_in_a_name_does_not_part_it() -> None:
    leads = led({"Tyler, The Creator": 40, "Tyler": 3, "Earth, Wind & Fire": 44, "Earth": 11, "Wind & Fire": 12})
    assert leads["Tyler, The Creator"] == ["Tyler, The Creator"]
    assert leads["Earth, Wind & Fire"] == ["Earth, Wind & Fire"]


def test_a_listed_artist_keeps_its_name_and_is_never_taken_apart() -> None:
    leads = led({"eno & byrne": 1, "Eno": 5, "Byrne": 5}, [ListedArtist("Eno & Byrne")])
    assert leads["eno & byrne"] == ["Eno & Byrne"]


def test_an_alias_leads_to_its_artist_and_makes_none_of_its_own() -> None:
    catalogue = derive({"Puff Daddy": 7}, merge_listed([ListedArtist("Diddy", ("Puff Daddy", "P. Diddy"))]))
    assert [a.name for a in catalogue.artists] == ["Diddy"]
    assert catalogue.leads == {"Puff Daddy": [0]}


def test_a_name_goes_before_an_alias() -> None:
    assert led({"Prince": 1}, [ListedArtist("Prince"), ListedArtist("Other", ("Prince",))])["Prince"] == ["Prince"]


def test_homonyms_need_more_than_their_name() -> None:
    listed = [ListedArtist("Ash Harbour", (), ONE, "DE"), ListedArtist("Ash Harbour", ("AH Berlin",), TWO, "UK")]
    leads = led({"ash harbour": 9, "Ash Harbour (DE)": 2, "AH Berlin": 1, "Ash Harbour & Kay": 1, "Kay": 4}, listed)
    assert leads["ash harbour"] == []
    assert leads["Ash Harbour (DE)"] == ["Ash Harbour (DE)"]
    assert leads["AH Berlin"] == ["Ash Harbour (UK)"]
    assert leads["Ash Harbour & Kay"] == ["Ash Harbour & Kay", "Kay"]


def test_a_homonym_written_exactly_as_one_of_them_is_that_one() -> None:
    listed = [ListedArtist("Yes", disambiguation="band"), ListedArtist("YES", disambiguation="rapper")]
    leads = led({"Yes": 4, "YES": 1, "yes": 1}, listed)
    assert leads == {"Yes": ["Yes (band)"], "YES": ["YES (rapper)"], "yes": []}


def test_homonyms_without_a_disambiguation_are_told_apart_by_their_id() -> None:
    merged = merge_listed([ListedArtist("Air", mbid=TWO), ListedArtist("Air", mbid=ONE)])
    assert [(a.key, a.disambiguation) for a in merged] == [("air", ONE), ("air", TWO)]


def test_lines_about_one_artist_are_merged() -> None:
    lines = [
        ListedArtist("Diddy", ("Puff Daddy",), ONE), ListedArtist("Puff Daddy", ("Diddy",), ONE),
        ListedArtist("Diddy", ("Sean Combs",)),
    ]  # fmt: skip
    assert merge_listed(lines) == [
        Known("Diddy", "diddy", "", ONE, curated=True, aliases=("Puff Daddy", "Sean Combs"))
    ]  # fmt: skip


NAMES = st.sampled_from(["A", "a", "The A", "B", "A & B", "A feat. B", "B, A & C", "C", "!!!", "D (x)", "D", "A vs. D"])
LISTED = st.builds(
    ListedArtist, NAMES, st.lists(NAMES, max_size=2).map(tuple), st.sampled_from([None, ONE, TWO]),
    st.sampled_from(["", "x"]),
)  # fmt: skip


@given(st.dictionaries(NAMES, st.integers(1, 9)), st.lists(LISTED, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_what_is_there_never_matters(counts: dict[str, int], listed: list[ListedArtist], rng) -> None:
    shuffled = list(counts.items())
    rng.shuffle(shuffled)
    again = list(listed)
    rng.shuffle(again)
    assert derive(counts, merge_listed(listed)) == derive(dict(shuffled), merge_listed(again))


@given(st.dictionaries(NAMES, st.integers(1, 9)), st.lists(LISTED, max_size=5))
def test_canonical_keys_are_unique_and_every_lead_is_an_artist(
    counts: dict[str, int], listed: list[ListedArtist]
) -> None:
    catalogue = derive(counts, merge_listed(listed))
    keys = [(a.key, a.disambiguation) for a in catalogue.artists]
    assert keys == sorted(set(keys))
    assert catalogue.leads.keys() == counts.keys()
    for lead in catalogue.leads.values():
        assert len(lead) == len(set(lead))
        assert all(0 <= n < len(keys) for n in lead)
