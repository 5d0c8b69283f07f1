from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest

from db.errors import InputError
from ensemble.evaluate import Row, Scoreboard
from ensemble.metrics import Interval
from kinsong.board import bars, page, tenths, write
from kinsong.evaluate import Board

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<script>alert("1")</script>&\x1b'


def made(n_rows: int) -> Board:
    rng = np.random.default_rng(n_rows)
    rows = []
    for number in range(n_rows):
        low, mean, high = np.sort(rng.random(3)).tolist()
        one = Interval(mean, low, high)
        rows.append(Row(f"{HOSTILE} {number}", one, one, one, one, one, 0.5, 1.0, 0.2, 0.7, tuple(rng.random(10))))
    shown = ("model", "recall@10")
    listed = [dict(zip(shown, (row.name, row.recall.mean), strict=True)) for row in rows]
    return Board(shown, shown, listed, [f"unknown: {HOSTILE}"], Scoreboard(10, tuple(rows), (), 5, 0, 0))


@pytest.mark.parametrize("n_rows", [0, 1, 12])
def test_a_page_stands_alone_and_nothing_of_a_name_is_markup(n_rows: int) -> None:
    board = made(n_rows)
    text = page(board, HOSTILE)
    assert "<script" not in text
    assert "\x1b" not in text
    assert not re.search(r"(src|href|url)\s*[=(]", text)
    assert text.count("&lt;script&gt;") >= 5 * n_rows + 2
    for drawn in (bars(board.scores.rows, lambda row: row.recall), tenths(board.scores.rows)):
        ElementTree.fromstring(drawn)  # noqa: S314  our own text
    assert len(re.findall("<rect ", text)) == 3 * n_rows
    assert len(re.findall("<polyline ", text)) == n_rows


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none"):
        write(made(1), tmp_path / "none" / "page.html", "title")
