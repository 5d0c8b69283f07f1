from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinsong import show
from kinsong.show import Format

ROWS = [{"a": "x, y", "b": 1, "c": None}, {"a": "[red]é", "b": 2.5, "c": "z"}]


def test_json_gives_the_values_back(capsys: pytest.CaptureFixture[str]) -> None:
    show.rows(ROWS, ("a", "b", "c"), Format.json)
    assert json.loads(capsys.readouterr().out) == ROWS


def test_csv_gives_the_values_back(capsys: pytest.CaptureFixture[str]) -> None:
    show.rows(ROWS, ("a", "b"), Format.csv)
    assert list(csv.DictReader(io.StringIO(capsys.readouterr().out))) == [
        {"a": "x, y", "b": "1"},
        {"a": "[red]é", "b": "2.5"},
    ]


def test_a_table_shows_marked_up_text_as_text() -> None:
    drawn = show.table(ROWS, ("a", "b"))
    assert drawn.row_count == 2
    assert str(next(iter(drawn.columns[1].cells))) == "1"


@given(st.text())
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    assert all(c.isprintable() or c == "\n" for c in show.clean(text))


def test_escape_sequences_become_visible() -> None:
    assert show.clean("a\x1b[31mb\u202ec") == "a\\x1b[31mb\\x202ec"
