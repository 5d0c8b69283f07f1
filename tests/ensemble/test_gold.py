from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.errors import InputError
from ensemble.gold import read_gold

if TYPE_CHECKING:
    from pathlib import Path

IDS = {"Air": 1, '"Weird Al" Yankovic': 2, "Tyler, The Creator": 3}


def written(tmp_path: Path, content: str | bytes, name: str = "gold.tsv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_names_become_ids_and_unknown_ones_are_listed(tmp_path: Path) -> None:
    text = (
        'artist\tsimilar\nAir\t"Weird Al" Yankovic\nAir\tNobody\nNobody\tAir\nAir\tAir\n\nTyler, The Creator\tAir\r\n'
    )
    found = read_gold(written(tmp_path, text), IDS.get)
    assert found.gold == {1: {2: 1.0}, 3: {1: 1.0}}
    assert found.unknown == ("Nobody",)
    assert (found.pairs, found.dropped) == (5, 3)


def test_grades_and_commas(tmp_path: Path) -> None:
    text = 'grade,similar,artist\n2.5,"Tyler, The Creator",Air\n0,"""Weird Al"" Yankovic",Air\n'
    assert read_gold(written(tmp_path, text, "gold.csv"), IDS.get).gold == {1: {3: 2.5}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column 'artist'"),
        ("artist\tother\nAir\tAir\n", "no column 'similar'"),
        ("artist\tsimilar\n", "nothing below"),
        ("artist\tsimilar\nAir\n", "line 2 has 1 columns"),
        ("artist\tsimilar\tgrade\nAir\tAir\tmuch\n", "'much' is not a number"),
        ("artist\tsimilar\tgrade\nAir\tAir\t-1\n", "from 0 up"),
        ("artist\tsimilar\tgrade\nAir\tAir\tnan\n", "from 0 up"),
        ("artist\tsimilar\nMot\u00f6rhead\tAir\n".encode("latin-1"), "not a UTF-8 table"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_gold(written(tmp_path, content), IDS.get)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_gold(tmp_path / "none.tsv", IDS.get)
