import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.usage import KINDS, Usage
from nlp.weights import TERMS, Config, readable, top_terms, weights


def usage(rows, corpus=(10, 3)) -> Usage:
    """From (artist, kind, term, n, artists, documents, hosts), sorted."""
    a, k, t, n, f, d, h = zip(*rows, strict=True) if rows else [()] * 7
    kinds = np.array([KINDS.index(kind) for kind in k], dtype=np.int8)
    ids = np.array(a, dtype=np.int64)
    of_kind = np.array([len(set(ids[kinds == i])) for i in range(len(KINDS))], dtype=np.int64)
    return Usage(
        ids, kinds, np.array(t, dtype=object), np.array(n, dtype=np.float64), np.array(f, dtype=np.int64),
        np.array(d, dtype=np.int64), np.array(h, dtype=np.int64), of_kind, corpus,
    )  # fmt: skip


ROWS = [
    (1, "n1", "common", 9, 3, 9, 3), (1, "n1", "own", 4, 1, 4, 2), (1, "adj", "warm", 2, 2, 5, 3),
    (2, "n1", "common", 1, 3, 9, 3), (2, "n1", "rare", 1, 1, 1, 1), (3, "n1", "common", 5, 3, 9, 3),
    (3, "adj", "warm", 1, 2, 5, 3), (3, "tag", "soul", 7, 1, 0, 0),
]  # fmt: skip


def test_tfidf_by_hand():
    expected = [
        (1 + math.log(9)) * math.log(4 / 3), (1 + math.log(4)) * math.log(4 / 1), (1 + math.log(2)) * math.log(3 / 2),
        math.log(4 / 3), math.log(4 / 1), (1 + math.log(5)) * math.log(4 / 3), math.log(3 / 2),
        (1 + math.log(7)) * math.log(2),
    ]  # fmt: skip
    assert weights(usage(ROWS), Config()) == pytest.approx(expected)


def test_gaussian_by_hand():
    config = Config(weighting="gaussian", mu=math.log(2), sigma=0.5)
    one, three = (math.exp(-((math.log(f) - math.log(2)) ** 2) / (2 * 0.25)) for f in (1, 3))
    assert weights(usage(ROWS), config) == pytest.approx([9 * three, 4 * one, 2, three, one, 5 * three, 1, 7 * one])


def test_contrast_by_hand():
    rows = [
        (1, "n1", "common", 9, 2, 9, 3), (1, "n1", "own", 3, 1, 4, 1), (2, "n1", "common", 6, 2, 9, 3),
        (2, "tag", "soul", 2, 1, 0, 0), (3, "tag", "funk", 2, 1, 0, 0),
    ]  # fmt: skip
    spread = 9 / 10 * 3 / 4
    expected = [
        0, math.log(3 * 18 / (12 * 3)) * 3 / 4 * 4 / 5 * 1 / 2, math.log(6 * 18 / (6 * 15)) * 6 / 7 * spread,
        math.log(2) * 2 / 3 * 1 / 2, math.log(2) * 2 / 3 * 1 / 2,
    ]  # fmt: skip
    assert weights(usage(rows), Config(weighting="contrast")) == pytest.approx(expected)
    assert len(weights(usage([]), Config(weighting="contrast"))) == 0


def test_contrast_prefers_what_is_spread_and_repeated():
    rows = [(a, "n1", t, n, 1, d, h) for a, t, n, d, h in [
        (1, "everywhere", 4, 8, 3), (1, "here", 4, 8, 1), (1, "once", 4, 1, 1), (2, "other", 12, 8, 3),
    ]]  # fmt: skip
    everywhere, here, once, _ = weights(usage(rows), Config(weighting="contrast"))
    assert everywhere > here > once > 0


def test_the_hill_stands_at_half_of_all_artists_when_not_set():
    rows = [(i, "n1", "x", 1, f, 9, 3) for i, f in zip(range(16), [1, 4, 16] + [4] * 13, strict=True)]
    found = weights(usage(rows), Config(weighting="gaussian"))
    assert found[1] == pytest.approx(1)
    assert found[0] == pytest.approx(found[2])


def test_tables_show_terms_of_enough_documents_and_hosts():
    used = usage(ROWS)
    assert readable(used, Config()).tolist() == [True, True, True, True, False, True, True, True]
    assert readable(used, Config(min_documents=5)).tolist() == [True, False, True, True, False, True, True, True]
    few = usage(ROWS, corpus=(1, 1))
    assert readable(few, Config()).all()


def test_a_table_by_hand():
    table = top_terms(usage(ROWS), Config(), {}).to_pylist()
    common, own = (1 + math.log(9)) * math.log(4 / 3), (1 + math.log(4)) * math.log(4)
    length = math.hypot(common, own)
    assert [(r["artist_id"], r["kind"], r["rank"], r["term"]) for r in table] == [
        (1, "n1", 1, "own"), (1, "n1", 2, "common"), (1, "adj", 1, "warm"), (2, "n1", 1, "common"),
        (3, "n1", 1, "common"), (3, "adj", 1, "warm"), (3, "tag", 1, "soul"),
    ]  # fmt: skip
    assert [r["weight"] for r in table[:3]] == pytest.approx([own / length, common / length, 1])


def test_only_the_top_is_kept_and_ties_go_by_term():
    rows = [(1, "np", term, 1, 1, 3, 2) for term in "abcde"]
    table = top_terms(usage(rows), Config(top=3), {})
    assert table["term"].to_pylist() == ["a", "b", "c"]
    assert table["rank"].to_pylist() == [1, 2, 3]


def test_an_artists_own_name_is_not_shown_but_counts_in_the_weights_of_others():
    rows = [
        (1, "n1", "air", 2, 2, 9, 3), (1, "n1", "moon", 4, 1, 9, 3), (1, "n1", "sun", 6, 2, 9, 3),
        (2, "n1", "air", 9, 2, 9, 3), (2, "n1", "sun", 1, 2, 9, 3),
    ]  # fmt: skip
    config = Config(weighting="contrast")
    moon, sun = weights(usage(rows), config)[1:3]
    table = top_terms(usage(rows), config, {1: ["Air"], 2: ["Moon"]}).to_pylist()
    shown = {(row["artist_id"], row["term"]): row["weight"] for row in table}
    length = math.hypot(moon, sun)
    assert shown == pytest.approx({(1, "moon"): moon / length, (1, "sun"): sun / length, (2, "air"): 1.0})


def test_no_terms_make_an_empty_table():
    assert top_terms(usage([]), Config(), {}).equals(TERMS.empty_table())


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4), st.sampled_from(["n1", "np", "tag"]), st.text("abc", min_size=1, max_size=3),
            st.integers(1, 50),
        ),
        min_size=1, max_size=60, unique_by=lambda row: row[:3],
    ),
    st.integers(1, 5),
)  # fmt: skip
def test_every_table_is_ranked_and_scaled(facts, top):
    rows = sorted(facts, key=lambda row: (row[0], KINDS.index(row[1]), row[2]))
    spread = {key: len({r[0] for r in facts if r[1:3] == key}) for key in {r[1:3] for r in facts}}
    used = usage([(a, k, t, n, spread[k, t], 9, 3) for a, k, t, n in rows])
    groups: dict[tuple[int, str], list[dict[str, object]]] = {}
    for row in top_terms(used, Config(top=top), {}).to_pylist():
        groups.setdefault((row["artist_id"], row["kind"]), []).append(row)
    for group in groups.values():
        shown = [row["weight"] for row in group]
        assert [row["rank"] for row in group] == list(range(1, len(group) + 1))
        assert shown == sorted(shown, reverse=True)
        assert len(group) <= top
        assert 0 < sum(weight**2 for weight in shown) <= 1 + 1e-5
