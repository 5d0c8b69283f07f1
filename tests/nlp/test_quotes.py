from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.counts import COUNTS
from nlp.language import clean, load, read
from nlp.quotes import LONGEST, Config, Wanted, chosen, quoted, sentences
from nlp.terms import extract
from nlp.weights import TERMS

GOLD = (Path(__file__).parent / "gold_sentences.txt").read_text(encoding="utf-8")


def table(rows, schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


TOP = table([(7, "n2", 1, "dusty horns", 0.9), (7, "n2", 2, "slow waltz", 0.5), (3, "adj", 1, "icy", 1.0)], TERMS)


def test_documents_of_different_hosts_go_first_then_those_with_most_then_by_url():
    counts = table(
        [(1, "a", 7, "n2", "dusty horns", 1), (2, "a", 7, "n2", "dusty horns", 3), (3, "a", 7, "n2", "dusty horns", 3),
         (4, "b", 7, "n2", "dusty horns", 1), (5, "c", 3, "n2", "dusty horns", 9), (5, "c", 3, "adj", "icy", 1),
         (6, "a", 7, "n2", "other", 9)],
        COUNTS,
    )  # fmt: skip
    order = np.array([6, 5, 4, 3, 2, 1])
    one = chosen(counts, TOP, order, Config(quoted_documents=1))
    assert one == {5: [Wanted(3, "adj", 1, "icy")], 3: [Wanted(7, "n2", 1, "dusty horns")]}
    assert list(chosen(counts, TOP, order, Config(quoted_documents=2))) == [5, 4, 3]
    assert list(chosen(counts, TOP, order, Config(quoted_documents=3))) == [5, 4, 3, 2]
    assert list(chosen(counts, TOP, order[:-3], Config())) == [5, 4]
    assert chosen(counts, TOP, order, Config(quoted_terms=0)) == {}


def test_only_the_first_terms_are_quoted():
    counts = table([(1, "a", 7, "n2", "slow waltz", 1)], COUNTS)
    assert chosen(counts, TOP, np.array([1]), Config(quoted_terms=1)) == {}
    assert chosen(counts, TOP, np.array([1]), Config(quoted_terms=2)) == {1: [Wanted(7, "n2", 2, "slow waltz")]}


def shown(body: str, term: str, *names: str) -> str | None:
    found = [q.sentence for q in quoted(body, [Wanted(1, "n2", 1, term)], {1: names or ("Calexico",)})]
    return found[0] if found else None


def test_the_sentence_that_names_the_artist_is_taken_then_the_one_after_it():
    body = "Dusty horns abound. Somebody else. Calexico love dusty horns. Dusty horns again."
    assert shown(body, "dusty horns") == "Calexico love dusty horns."
    assert shown(body, "dusty horns", "Abound") == "Dusty horns abound."
    after = "Dusty horns abound. Calexico came. Their dusty horns shone."
    assert shown(after, "dusty horns") == "Their dusty horns shone."
    assert shown("Dusty horns abound. More dusty horns.", "dusty horns") == "Dusty horns abound."
    assert shown("Horns, dusty. The dusty, horns.", "dusty horns") is None


@pytest.mark.parametrize(
    ("body", "term"),
    [
        ("A LO-FI waltz’s end", "lo-fi waltz"), ("the Rock‑steady beat", "rock-steady beat"),
        ("Motörhead’s Größe", "grösse"), ("U.S. tour", "u.s tour"), ("摇滚乐队发行了专辑。", "摇 滚"),
    ],
)  # fmt: skip
def test_terms_are_found_however_they_are_written(body, term):
    assert shown(body, term) == clean(body)


def test_nearly_every_term_that_is_counted_is_shown():
    lines = [line for line in GOLD.splitlines() if "/" in line and not line.startswith("#")]
    texts = [" ".join(word.split("/")[0].lstrip("[") for word in line.split()) for line in lines]
    wanted = found = 0
    for text, doc in zip(texts, read(load(), texts), strict=True):
        terms = [Wanted(1, kind, 1, term) for kind, term in extract(doc)]
        wanted += len(terms)
        found += len(list(quoted(text, terms, {})))
    assert wanted > 300
    assert found >= 0.99 * wanted


def test_sentences_end_where_they_should():
    text = 'He sang for Mr. Jones feat. Dr. John. "Loud!" they said. J. Cole left… and came back.\nNext? Yes!'
    assert sentences(text) == [
        "He sang for Mr. Jones feat. Dr. John.", '"Loud!" they said.', "J. Cole left… and came back.", "Next?", "Yes!",
    ]  # fmt: skip


@settings(max_examples=50)
@given(st.text(max_size=900))
def test_sentences_keep_every_letter_and_are_never_long(text):
    cleaned = clean(text)
    cut = sentences(cleaned)
    assert "".join("".join(cut).split()) == "".join(cleaned.split())
    assert all(0 < len(sentence) <= LONGEST for sentence in cut)
    assert all(q.sentence in cut for q in quoted(text, [Wanted(1, "n1", 1, "a")], {1: ["b"]}))
