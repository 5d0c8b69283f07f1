from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cf.mapped import Growing, let_go, opened, spans, taken


@pytest.mark.parametrize("name", [None, "numbers"])
def test_what_grows_holds_all_that_was_added(tmp_path: Path, name: str | None) -> None:
    growing = Growing(np.int32, None if name is None else tmp_path / name)
    parts = [np.arange(n) for n in (3, 0, 5)]
    for part in parts:
        growing.add(part)
    whole = growing.whole()
    assert whole.dtype == np.int32
    assert whole.tolist() == np.concatenate(parts).tolist()


@pytest.mark.parametrize("name", [None, "numbers"])
def test_nothing_added_is_an_empty_array(tmp_path: Path, name: str | None) -> None:
    assert Growing(np.float32, None if name is None else tmp_path / name).whole().tolist() == []


def test_what_was_let_go_of_is_there_again_and_writes_are_kept(tmp_path: Path) -> None:
    np.arange(12, dtype=np.float32).tofile(tmp_path / "rows")
    rows = opened(tmp_path / "rows", np.float32, 3, "r+")
    rows[1] = 7
    let_go(rows, rows[2:], np.zeros(3))
    assert rows.tolist() == [[0, 1, 2], [7, 7, 7], [6, 7, 8], [9, 10, 11]]
    assert taken(rows, np.array([0, 1, 3])).tolist() == [[0, 1, 2], [7, 7, 7], [9, 10, 11]]
    assert opened(tmp_path / "rows", np.float32).reshape(4, 3)[1].tolist() == [7, 7, 7]


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20))
def test_spans_cover_all_rows_and_are_as_long_as_they_may_be(weights: list[int], most: int) -> None:
    found = list(spans(np.array(weights, dtype=np.int64), most))
    assert [row for first, last in found for row in range(first, last)] == list(range(len(weights)))
    for first, last in found:
        assert sum(weights[first:last]) <= most or last == first + 1
        assert last == len(weights) or sum(weights[first : last + 1]) > most
