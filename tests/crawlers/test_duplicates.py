"""Near-duplicates against exact Jaccard similarity, and marks that do not depend on who was crawled first."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from crawlers.duplicates import groups, mark, signature
from crawlers.pipelines import sha256_of
from db.web import Document, Page, Source

if TYPE_CHECKING:
    from db.home import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = [f"word{i}" for i in range(2000)]


def text(seed: int, length: int = 300) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def changed(original: str, words: int, seed: int = 7) -> str:
    parts = original.split()
    for at in random.Random(seed).sample(range(len(parts)), words):
        parts[at] = f"other{at}"
    return " ".join(parts)


def jaccard(a: str, b: str) -> float:
    def shingles(t: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", t.lower())
        return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}

    return len(shingles(a) & shingles(b)) / len(shingles(a) | shingles(b))


def agreement(a: str, b: str) -> float:
    left, right = (np.frombuffer(signature(t), dtype="<u4") for t in (a, b))
    return float((left == right).mean())


@pytest.mark.parametrize("words", [0, 5, 20, 60, 200])
def test_signatures_estimate_jaccard_similarity(words: int) -> None:
    pairs = [(text(seed), changed(text(seed), words, seed)) for seed in range(6)]
    error = np.mean([agreement(a, b) - jaccard(a, b) for a, b in pairs])
    assert abs(error) < 0.06


def test_a_signature_is_128_numbers_whatever_the_text() -> None:
    for body in ("", "one", "one two three", "♪ ♫", text(1)):
        assert len(signature(body)) == 512
    assert signature("One, two. THREE four") == signature("one two three four")
    assert signature("one two") != signature("two one")


def test_groups_hold_what_is_alike_and_nothing_else() -> None:
    texts = [text(n) for n in range(40)] + [changed(text(3), 3), changed(text(3), 2, 9), text(5), changed(text(6), 150)]
    matrix = np.array([np.frombuffer(signature(t), dtype="<u4") for t in texts])
    labels = groups(matrix)
    assert labels[3] == labels[40] == labels[41]
    assert labels[5] == labels[42]
    assert len(set(labels.tolist())) == 41
    order = np.random.default_rng(1).permutation(len(texts))
    shuffled = groups(matrix[order])
    assert {tuple(np.flatnonzero(labels[order] == g)) for g in set(labels)} == {
        tuple(np.flatnonzero(shuffled == g)) for g in set(shuffled)
    }


def test_a_thousand_copies_of_a_template_are_one_group() -> None:
    template = text(1, 600)
    matrix = np.array([np.frombuffer(signature(f"{template} page {n}"), dtype="<u4") for n in range(1000)])
    assert len(set(groups(matrix).tolist())) == 1


def put(home: Home, rows: list[tuple[str, str | None, str]]) -> None:
    with home.writing() as session:
        session.add(Source(id=1, url="http://a.example/", kind="site", added_at=NOW))
        session.flush()
        for n, (url, published, body) in enumerate(rows, start=1):
            session.add(Page(id=n, url=url, host="a.example", source_id=1, due_at=NOW))
            session.flush()
            session.add(
                Document(
                    id=n, page_id=n, url=url, host="a.example", published=published, body=body, fetched_at=NOW,
                    sha256=sha256_of("", body), signature=signature(body),
                )
            )  # fmt: skip


def kept(home: Home) -> dict[str, str | None]:
    with home.reading() as session:
        found = {d.id: d for d in session.query(Document)}
        return {d.url: found[d.duplicate_of].url if d.duplicate_of else None for d in found.values()}


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_the_earliest_published_is_kept_then_the_first_by_url(home: Home, turn: int) -> None:
    same, other = text(1), text(2)
    rows = [("http://a.example/z", "2019-01-01", same), ("http://a.example/a", None, changed(same, 2)),
            ("http://a.example/m", "2020-01-01", same), ("http://a.example/q", None, other),
            ("http://a.example/p", None, other)]  # fmt: skip
    put(home, rows[turn:] + rows[:turn])
    assert mark(home) == 3
    expected = {"http://a.example/z": None, "http://a.example/a": "http://a.example/z",
                "http://a.example/m": "http://a.example/z", "http://a.example/q": "http://a.example/p",
                "http://a.example/p": None}  # fmt: skip
    assert kept(home) == expected
    assert mark(home) == 3
    with home.writing() as session:
        session.delete(session.query(Document).filter_by(url="http://a.example/z").one())
    assert mark(home) == 2
    assert kept(home)["http://a.example/a"] == "http://a.example/m"


def test_no_documents_no_groups(home: Home) -> None:
    assert mark(home) == 0
