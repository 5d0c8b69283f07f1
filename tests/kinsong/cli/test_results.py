from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from db.catalog import Artist
from db.home import Home


def test_related_in_every_format(kinsong, built: Home) -> None:
    table = kinsong("related", "harbour player a", home=built.path)
    assert table.code == 0
    assert "Harbour Player" in table.out
    rows = json.loads(kinsong("related", "Harbour Player A", "--format", "json", home=built.path).out)
    assert [row["rank"] for row in rows] == list(range(1, 21))
    assert all(row["reason"] and 0 < row["confidence"] <= 1 for row in rows)
    assert "confidence" in table.out
    listed = list(
        csv.DictReader(io.StringIO(kinsong("related", "Harbour Player A", "--format", "csv", home=built.path).out))
    )
    assert [row["related"] for row in listed] == [row["related"] for row in rows]


def test_related_by_id_and_any_number(kinsong, built: Home) -> None:
    with built.reading() as session:
        artist_id = session.scalars(select(Artist.id).where(Artist.name == "Neon Player B")).one()
    rows = json.loads(kinsong("related", "--id", artist_id, "-n", 30, "--format", "json", home=built.path).out)
    assert len(rows) == 30


def test_most_related_artists_are_of_the_same_scene(kinsong, built: Home) -> None:
    rows = json.loads(kinsong("related", "Neon Player B", "-n", 10, "--format", "json", home=built.path).out)
    assert sum(row["related"].startswith("Neon") for row in rows) >= 9


def test_why_shows_every_model_and_the_terms(kinsong, built: Home) -> None:
    told = kinsong("related", "Neon Player B", "-n", 3, "--why", home=built.path)
    assert told.code == 0
    for word in ("models:", "als", "cultural", "playlist", "shared terms:"):
        assert word in told.out
    rows = json.loads(kinsong("related", "Neon Player B", "-n", 3, "--why", "--format", "json", home=built.path).out)
    assert {"model", "term"} <= {row["kind"] for row in rows}


def test_terms_side_by_side_and_as_rows(kinsong, built: Home) -> None:
    table = kinsong("terms", "Harbour Player C", home=built.path)
    assert "slide guitar" in table.out
    rows = json.loads(kinsong("terms", "Harbour Player C", "--kind", "adj", "--format", "json", home=built.path).out)
    assert {row["kind"] for row in rows} == {"adj"}
    assert {row["term"] for row in rows} & {"rustic", "smoky"}


def test_status_and_lists(kinsong, built: Home) -> None:
    facts = {
        row["what"]: row["value"] for row in json.loads(kinsong("status", "--format", "json", home=built.path).out)
    }
    assert facts["documents"] == 144
    assert "fusion" in facts["served by"]
    assert json.loads(kinsong("source", "list", "--format", "json", home=built.path).out)[0]["documents"] == 144
    assert len(json.loads(kinsong("import", "list", "--format", "json", home=built.path).out)) == 3


def test_doctor_finds_a_sound_home_sound(kinsong, built: Home) -> None:
    ran = kinsong("doctor", "--format", "json", home=built.path)
    assert ran.code == 0
    assert {row["state"] for row in json.loads(ran.out)} == {"fine", "note"}


def test_exports_agree_with_the_view(kinsong, built: Home, tmp_path: Path) -> None:
    lines = kinsong("export", "related", home=built.path).out.splitlines()
    assert kinsong("export", "related", "--format", "csv", "-o", tmp_path / "r.csv", home=built.path).code == 0
    assert kinsong("export", "related", "--format", "parquet", "-o", tmp_path / "r.parquet", home=built.path).code == 0
    with (tmp_path / "r.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    table = pq.read_table(tmp_path / "r.parquet").to_pylist()
    plain = [json.loads(line) for line in lines]
    assert plain == table
    assert [(r["artist"], r["related"]) for r in plain] == [(r["artist"], r["related"]) for r in rows]
    assert len(rows) == 48 * 20


def test_duckdb_joins_results_with_plays(kinsong, built: Home) -> None:
    query = (
        "SELECT r.related, count(DISTINCT p.listener) AS listeners "
        "FROM related r JOIN plays p ON p.artist_id = r.related_id "
        "WHERE r.artist = 'Neon Player B' GROUP BY r.related ORDER BY 2 DESC"
    )
    rows = json.loads(kinsong("sql", query, "--engine", "duckdb", "--format", "json", home=built.path).out)
    assert len(rows) == 20
    assert rows[0]["listeners"] > 5
    for bad in ("COPY (SELECT 1) TO 'x'", "CREATE TABLE t (x int)", "SELECT 1; SELECT 2", "SELEC"):
        assert kinsong("sql", bad, "--engine", "duckdb", home=built.path).code == 2


def test_evaluate_scores_models_and_fusion_side_by_side(kinsong, built: Home, tmp_path: Path) -> None:
    gold = tmp_path / "gold.tsv"
    names = [f"Neon Player {chr(65 + n)}" for n in range(24)]
    gold.write_text(
        "artist\tsimilar\n" + "".join(f"{a}\t{b}\n" for a in names for b in names if a != b) + "Nobody\tNo one\n"
    )
    drawn = tmp_path / "board.html"
    ran = kinsong("evaluate", "--gold", gold, "-k", 10, "--format", "json", "--html", drawn, home=built.path)
    assert ran.code == 0, ran.err
    assert "Nobody" in ran.err
    rows = json.loads(ran.out)
    assert {"als", "cultural", "playlist", "fusion", "item-kNN cosine", "EASE"} <= {row["model"] for row in rows}
    assert "item-kNN cosine" in drawn.read_text(encoding="utf-8")


def test_parquet_may_go_to_a_pipe_but_not_to_a_terminal(built: Home, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from kinsong.cli import main; main()",
        "--home",
        str(built.path),
        "export",
        "related",
    ]
    command += ["--format", "parquet"]
    ran = subprocess.run(command, capture_output=True, check=True)
    assert pq.read_table(pa.BufferReader(ran.stdout)).num_rows == 48 * 20
    inside, outside = pty.openpty()
    with os.fdopen(inside), os.fdopen(outside, "w") as terminal:
        ran = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 2
    assert b"--output" in ran.stderr


def test_an_export_follows_links_and_never_replaces_a_device(kinsong, built: Home, tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "real.jsonl")
    assert kinsong("export", "related", "-o", link, home=built.path).code == 0
    assert link.is_symlink()
    assert len((tmp_path / "real.jsonl").read_text().splitlines()) == 48 * 20
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["wc", "-l", str(tmp_path / "pipe")], stdout=subprocess.PIPE, text=True)
    assert kinsong("export", "related", "-o", tmp_path / "pipe", home=built.path).code == 0
    counted, _ = reader.communicate(timeout=30)
    assert counted.split()[0] == str(48 * 20)
    assert (tmp_path / "pipe").is_fifo()
