from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.boilerplate import FEWEST, SHARE, Config, keys_of, repeated, segments, without


def cut(body: str) -> list[str]:
    return [body[segment.start : segment.end] for segment in segments(body)]


def test_lines_separators_and_sentences_part_segments():
    body = "Home | About us · Contact\n\nThey sang all night long. Read more of it here. Ok.\n12.05.\nSt. James fell."
    assert cut(body) == [
        "Home", "About us", "Contact", "They sang all night long.", "Read more of it here.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [("12 comments", "3 Comments:"), ("Share  this", "» SHARE THIS «"), ("Posted 12.05.2019", "posted 1.1.2020")],
)
def test_spellings_of_one_segment(one, other):
    assert keys_of(one).tolist() == keys_of(other).tolist() != []


def test_other_words_are_other_segments():
    assert keys_of("Share this").tolist() != keys_of("Share that").tolist()


PAGES = st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 6), max_size=5, unique=True)), max_size=40)


@given(PAGES, st.integers(FEWEST, 12))
def test_what_is_repeated_is_what_the_slow_definition_says(pages, most):
    hosts = [host for host, _ in pages]
    keys = [np.array(sorted(own), dtype=np.int64) for _, own in pages]
    sizes = Counter(hosts)
    often = Counter((host, key) for host, own in pages for key in own)
    expected = [
        [key for key in sorted(own) if often[host, key] >= max(FEWEST, min(most, -(-sizes[host] // SHARE)))]
        for host, own in pages
    ]
    assert [found.tolist() for found in repeated(hosts, keys, Config(boilerplate_pages=most))] == expected


def test_a_body_without_its_boilerplate():
    body = "Home | News\nRadiohead sang well tonight. Read all our other reviews.\nShare this"
    left = without(body, keys_of("home\nREAD ALL OUR OTHER REVIEWS!\nshare this"))
    assert left.split() == ["|", "News", "Radiohead", "sang", "well", "tonight."]
    assert left.index("\n") < left.index("Radiohead")  # what stood apart does not run together
    assert without(body, np.empty(0, dtype=np.int64)) == body


@given(st.text(alphabet="ab. |\n·!A1", max_size=60))
def test_segments_lie_apart_and_in_order(body):
    ends = [0, *(end for segment in segments(body) for end in (segment.start, segment.end))]
    assert ends == sorted(ends)
    assert all(segment.start < segment.end for segment in segments(body))
