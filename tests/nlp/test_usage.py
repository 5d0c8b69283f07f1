from collections import defaultdict

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.counts import COUNTS
from nlp.usage import FEWEST_FOR_BOILERPLATE, KINDS, TAGS, Config, Usage, read_usage

CANONICAL = np.array([7, 3, 9], dtype=np.int64)
NO_TAGS = TAGS.empty_table()


def table(rows) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(COUNTS)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, COUNTS, strict=True)], schema=COUNTS)


def rows_of(used: Usage) -> list[tuple[object, ...]]:
    return [
        (int(a), KINDS[k], t, float(n), int(f), int(d), int(h))
        for a, k, t, n, f, d, h in zip(
            used.artist_ids, used.kinds, used.terms, used.n, used.artists, used.documents, used.hosts, strict=True
        )
    ]


def slowly(rows, most: int) -> list[tuple[object, ...]]:
    n, artists, documents, hosts = defaultdict(float), defaultdict(set), defaultdict(set), defaultdict(set)
    for document, host, artist, kind, term, count in rows:
        n[artist, kind, term] += min(count, most)
        artists[kind, term].add(artist)
        documents[kind, term].add(document)
        hosts[kind, term].add(host)
    order = sorted(n, key=lambda key: (CANONICAL.tolist().index(key[0]), KINDS.index(key[1]), key[2]))
    return [
        (a, k, t, n[a, k, t], len(artists[k, t]), len(documents[k, t]), len(hosts[k, t])) for a, k, t in order
    ]


FACTS = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from([3, 7, 9]), st.sampled_from(["n1", "np"]), st.sampled_from("abé"),
        st.integers(1, 9),
    ),
    max_size=25, unique_by=lambda row: row[:4],
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(FACTS, st.integers(1, 9))
def test_usage_is_what_the_slow_definition_says(facts, most):
    rows = [(document, f"host{document % 2}", *rest) for document, *rest in facts]
    used = read_usage(table(rows), NO_TAGS, CANONICAL, Config(most_per_document=most))
    assert rows_of(used) == slowly(rows, most)


def test_tags_are_one_more_kind():
    tags = pa.table({"artist_id": [3, 7], "tag": ["soul", "soul"], "count": [4, 2]}, schema=TAGS)
    used = read_usage(table([(1, "a", 7, "adj", "warm", 2)]), tags, CANONICAL, Config())
    assert rows_of(used) == [
        (7, "adj", "warm", 2, 1, 1, 1), (7, "tag", "soul", 2, 2, 0, 0), (3, "tag", "soul", 4, 2, 0, 0),
    ]  # fmt: skip
    assert used.of_kind.tolist() == [0, 0, 0, 1, 2]


def test_what_stands_on_most_pages_of_a_host_is_boilerplate_there():
    size = FEWEST_FOR_BOILERPLATE
    rows = [(i, "big", 7, "n2", "all rights", 1) for i in range(size)]
    rows += [(i, "big", 7, "n1", "song", 1) for i in range(size // 2)]
    rows += [(100, "small", 3, "n2", "all rights", 1)]
    used = read_usage(table(rows), NO_TAGS, CANONICAL, Config())
    assert rows_of(used) == [(7, "n1", "song", size // 2, 1, size // 2, 1), (3, "n2", "all rights", 1, 1, 1, 1)]
    assert len(read_usage(table(rows), NO_TAGS, CANONICAL, Config(boilerplate=1))) == 3
    assert len(read_usage(table(rows[1:size]), NO_TAGS, CANONICAL, Config())) == 1  # too small a host to tell


def test_hosts_count_that_hold_a_twentieth_of_the_documents():
    rows = [(i, "big", 7, "n1", f"w{i}", 1) for i in range(39)] + [(99, "tiny", 7, "n1", "x", 1)]
    assert read_usage(table(rows), NO_TAGS, CANONICAL, Config()).corpus == (40, 1)
    assert read_usage(table(rows[30:]), NO_TAGS, CANONICAL, Config()).corpus == (10, 2)


def test_facts_of_unknown_artists_are_left_out():
    assert len(read_usage(table([(1, "a", 5, "n1", "x", 1)]), NO_TAGS, CANONICAL, Config())) == 0


def test_no_facts_at_all():
    assert len(read_usage(None, NO_TAGS, CANONICAL, Config())) == 0
