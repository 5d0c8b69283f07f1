import random
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlp.about import Config as AboutConfig
from nlp.about import about
from nlp.counts import COUNT, COUNTS, MENTION, MENTIONS, Facts, mention_counts, rows_of_terms, terms_by_artist
from nlp.language import blank, load, read
from nlp.mentions import Matcher

NAMES = {1: "Calexico", 2: "Aaron Neville", 3: "Radiohead", 4: "Björk", 5: "Tindersticks", 6: "The Band"}
PAGES = [
    ("Calexico", "Calexico play dusty songs with Radiohead. Their trumpets sound warm."),
    ("", "Radiohead sang icy ballads. Björk sang odd hymns. For fans of Calexico, Radiohead, Björk and Tindersticks."),
    ("Aaron Neville", "Neville sang sweet soul music. The Neville family sings. A neville is no word."),
    ("", "It rained all day, and nobody sang."),
]


def words(artist: int) -> frozenset[str]:
    return frozenset(NAMES[artist].lower().replace("ö", "o").split()) - {"the"}


def found(title: str, body: str):
    matcher = Matcher((name, artist) for artist, name in NAMES.items())
    for doc in read(load(), [body]):
        reading = matcher.read(doc, title)
        whose = about(doc, reading.mentions, reading.titled, AboutConfig())
        return mention_counts(reading), terms_by_artist(doc, reading, whose, words)
    raise AssertionError


def test_a_page_about_one_artist_counts_whole_and_others_have_their_sentences():
    _, terms = found(*PAGES[0])
    assert terms[1]["n2", "dusty songs"] == 1
    assert terms[1]["adj", "warm"] == 1
    assert terms[3]["n2", "dusty songs"] == 1
    assert terms[3]["adj", "warm"] == 1  # the sentence after, which names nobody
    assert not [term for counted in terms.values() for _, term in counted if "calexico" in term or "radiohead" in term]


def test_several_artists_have_their_own_sentences_and_lists_give_none():
    _, terms = found(*PAGES[1])
    assert set(terms) == {3, 4}
    assert ("adj", "icy") in terms[3]
    assert ("adj", "icy") not in terms[4]
    assert not [term for counted in terms.values() for _, term in counted if "fans" in term]


def test_the_words_of_a_name_are_no_terms_of_anyone_there():
    _, terms = found(*PAGES[2])
    assert ("n2", "sweet soul") in terms[2]
    assert terms[2]["n1", "neville"] == 1  # the one without a capital
    assert not [term for _, term in terms[2] if "neville" in term.split() and term != "neville" and "word" not in term]


def test_mentions_are_counted_in_body_and_title():
    mentions, _ = found(*PAGES[0])
    assert {artist: n for artist, (n, _) in mentions.items()} == {1: 2, 3: 1}
    assert all(0.5 <= sure <= 1 for _, sure in mentions.values())


def test_a_page_that_names_nobody_gives_nothing():
    assert found(*PAGES[3]) == ({}, {})


def test_stop_words_of_other_languages_are_left_out():
    matcher = Matcher([("Radiohead", 3)])
    for doc in read(blank("de"), ["Radiohead spielen und singen mit der Gitarre."]):
        reading = matcher.read(doc, "Radiohead")
        terms = terms_by_artist(doc, reading, about(doc, [], reading.titled, AboutConfig()), words)
    assert ("n1", "gitarre") in terms[3]
    assert not {("n1", "und"), ("n1", "der"), ("n1", "mit")} & set(terms[3])


def lists(rows, schema) -> pa.ListArray:
    return pa.array(rows, pa.list_(schema))


def facts(folder, documents) -> pa.Table:
    folder.mkdir()
    with Facts(folder) as writer:
        for document, mentions, terms in documents:
            named = [{"artist_id": a, "mentions": n, "confidence": sure} for a, (n, sure) in mentions.items()]
            counted = [
                {"artist_id": artist, "kind": kind, "term": term, "n": n}
                for artist, found in terms.items() for kind, term, n in zip(*rows_of_terms(found), strict=True)
            ]  # fmt: skip
            writer.add([document], ["a.org"], lists([counted], COUNT), lists([named], MENTION))
        assert writer.close() == writer.close()
    return pq.read_table(folder / "counts.parquet")


@pytest.fixture(scope="module")
def documents():
    return [(i, *found(title, body)) for i, (title, body) in enumerate(PAGES)]


def as_set(table: pa.Table) -> Counter[tuple[object, ...]]:
    return Counter(tuple(row.values()) for row in table.to_pylist())


def test_documents_add_up_in_any_order_and_can_be_taken_back(tmp_path, documents):
    whole = as_set(facts(tmp_path / "whole", documents))
    shuffled = random.Random(4).sample(documents, len(documents))
    assert as_set(facts(tmp_path / "shuffled", shuffled)) == whole
    without = as_set(facts(tmp_path / "without", documents[1:]))
    one = as_set(facts(tmp_path / "one", documents[:1]))
    assert whole - one == without
    assert one + without == whole


def test_files_have_the_columns_that_others_read(tmp_path, documents):
    table = facts(tmp_path / "facts", documents)
    assert table.schema == COUNTS
    assert pq.read_schema(tmp_path / "facts" / "mentions.parquet") == MENTIONS


def test_several_documents_go_out_at_once(tmp_path):
    one, two = {"artist_id": 1, "kind": "n1", "term": "x", "n": 2}, {"artist_id": 2, "kind": "np", "term": "y", "n": 1}
    with Facts(tmp_path) as writer:
        writer.add([7, 8, 9], ["a", "b", "c"], lists([[one], [], [two]], COUNT), lists([[], [], []], MENTION))
        assert writer.close() == (2, 0)
    found = [tuple(row.values()) for row in pq.read_table(tmp_path / "counts.parquet").to_pylist()]
    assert found == [(7, "a", 1, "n1", "x", 2), (9, "c", 2, "np", "y", 1)]


def test_terms_stand_in_the_order_of_kinds():
    terms = Counter({("adj", "b"): 1, ("np", "a"): 2, ("n1", "z"): 1, ("n1", "c"): 3})
    assert rows_of_terms(terms) == (["n1", "n1", "np", "adj"], ["c", "z", "a", "b"], [3, 1, 2, 1])
