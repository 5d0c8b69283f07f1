from __future__ import annotations

from itertools import pairwise

import pytest

from ensemble.sentences import LONGEST, Sentence, places, quotes, sentences

NAMES = {4: ["Blue Finch"], 2: ["The Owls", "Owls"], 9: ["Air"]}


def test_sentences_that_name_two_and_nothing_else() -> None:
    body = (
        "Blue Finch played first. Then The Owls met Blue Finch on stage! “They sound like Air,” said one.\n"
        "Owls and Air share a label."
    )
    assert sentences(body, NAMES) == [
        Sentence((2, 4), "Then The Owls met Blue Finch on stage!"), Sentence((2, 9), "Owls and Air share a label."),
    ]  # fmt: skip


def test_two_who_are_named_apart_have_no_sentence() -> None:
    assert sentences("Blue Finch sang. Air played.", NAMES) == []
    told = sentences("Blue Finch sang. Air played. Owls and Air left.", NAMES)
    assert [one.artists for one in told] == [(2, 9)]


def test_quotes_are_a_table_of_who_is_named_where() -> None:
    found = quotes(5, [(7, Sentence((0, 3), "one")), (7, Sentence((1, 3, 4), "two")), (9, Sentence((0, 3), "three"))])
    assert found.texts == ("one", "two", "three")
    assert found.pages == (7, 7, 9)
    assert [found.table.things[a:b].tolist() for a, b in pairwise(found.table.starts.tolist())] == [
        [0, 2], [1], [], [0, 1, 2], [1],
    ]  # fmt: skip
    assert quotes(5, []).table.n_things == 0


@pytest.mark.parametrize(
    ("body", "name", "found"),
    [("Airs Air. Air", "Air", [5, 10]), ("air", "Air", []), ("", "Air", []), ("xAir Air2", "Air", []), ("a", "", [])],
)
def test_a_name_is_a_word_of_its_own_as_it_is_written(body: str, name: str, found: list[int]) -> None:
    assert places(body, name) == found


def test_a_long_sentence_is_cut_around_the_names() -> None:
    body = "word " * 200 + "Owls with Air " + "word " * 200
    (told,) = sentences(body, NAMES)
    assert "Owls with Air" in told.text
    assert len(told.text) <= LONGEST + 2
    assert told.text.startswith("…")
    assert told.text.endswith("…")
