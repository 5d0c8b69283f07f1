from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from db.errors import InputError
from db.home import Home
from kinsong import exports


@pytest.mark.parametrize("view", ["related", "top_terms"])
def test_parts_of_any_size_make_the_same_files(
    built: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    whole = exports.export(built, view, "jsonl", tmp_path / "whole.jsonl")
    monkeypatch.setattr(exports, "AT_ONCE", 7)
    counts = {form: exports.export(built, view, form, tmp_path / form) for form in ("jsonl", "csv", "parquet")}
    assert set(counts.values()) == {whole}
    assert (tmp_path / "jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    rows = [json.loads(line) for line in (tmp_path / "jsonl").read_text(encoding="utf-8").splitlines()]
    assert pq.read_table(tmp_path / "parquet").to_pylist() == rows
    with (tmp_path / "csv").open(newline="", encoding="utf-8") as stream:
        assert [row["artist"] for row in csv.DictReader(stream)] == [row["artist"] for row in rows]
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_folder_that_is_not_there_is_named(built: Home, tmp_path: Path, form: str) -> None:
    with pytest.raises(InputError, match="nowhere"):
        exports.export(built, "related", form, tmp_path / "nowhere" / "file")
