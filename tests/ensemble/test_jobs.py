from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.artifacts import building, open_artifact
from db.base import now
from db.catalog import Artist, ImportBatch, Label
from db.columnar import write_parquet
from db.task import Task
from ensemble import jobs
from ensemble.evaluate import scoreboard
from ensemble.index import Config as IndexConfig
from ensemble.related import Config as RelatedConfig
from ensemble.related import Sections

if TYPE_CHECKING:
    from pathlib import Path

    from db.artifacts import Artifact
    from db.home import Home
    from tests.ensemble.conftest import World

SECTIONS = Sections(related=RelatedConfig(n=5, pool=10))


def seal(home: Home, step: str, fill: Any) -> Artifact:
    with building(home.artifacts, step, "f" * 64, {}) as folder:
        fill(folder)
    artifact = open_artifact(home.artifacts, step, "f" * 64)
    assert artifact is not None
    return artifact


def add_artists(home: Home, world: World) -> None:
    with home.writing() as session:
        for place, artist_id in enumerate(world.ids.tolist()):
            session.add(Artist(id=artist_id, name=f"Artist {place:03d}", key=f"artist {place:03d}"))


@pytest.fixture
def inputs(home: Home, world: World) -> dict[str, Artifact]:
    add_artists(home, world)
    made = {one.model: seal(home, one.model, one.save) for one in world.models}

    def index(folder: Path) -> None:
        jobs.index(Task(home, made, folder), IndexConfig())

    terms = pa.table(
        {"artist_id": world.ids, "kind": ["n1"] * len(world.ids), "rank": np.ones(len(world.ids), dtype=np.int32),
         "term": [f"scene {scene}" for scene in world.scene], "weight": np.full(len(world.ids), 0.5, dtype=np.float32)}
    )  # fmt: skip
    made["index"] = seal(home, "index", index)
    made["terms"] = seal(home, "terms", lambda folder: write_parquet(terms, folder / "terms.parquet"))
    return made


def test_related_ranks_every_artist_with_reasons(
    home: Home, inputs: dict[str, Artifact], world: World, tmp_path: Path
) -> None:
    made = jobs.related(Task(home, inputs, tmp_path), SECTIONS)
    rows = pq.read_table(tmp_path / "related.parquet").to_pylist()
    known = {int(i) for one in world.models for i in one.ids}
    assert made["artists"] == len(known)
    assert {row["artist_id"] for row in rows} == known
    scene = dict(zip(world.ids.tolist(), world.scene.tolist(), strict=True))
    for row in rows:
        assert row["artist_id"] != row["related_id"]
        assert bool(row["reason"]) == (row["rank"] <= 5)
        if row["reason"] and scene[row["artist_id"]] == scene[row["related_id"]]:
            assert f"“scene {scene[row['artist_id']]}”" in row["reason"]
    assert all([r["rank"] for r in rows if r["artist_id"] == artist] == list(range(1, 11)) for artist in known)
    hits = np.mean([scene[r["artist_id"]] == scene[r["related_id"]] for r in rows if r["rank"] <= 5])
    assert hits > 0.8
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["serves"] == "fusion"
    assert not (tmp_path / "ranker.txt").exists()


def test_who_one_model_alone_knows_has_as_many_with_less_confidence(
    home: Home, inputs: dict[str, Artifact], world: World, tmp_path: Path
) -> None:
    twenty = Sections(related=RelatedConfig(n=20, pool=20))
    jobs.related(Task(home, inputs, tmp_path), twenty)
    confidence: dict[int, list[float]] = {}
    for row in pq.read_table(tmp_path / "related.parquet").to_pylist():
        confidence.setdefault(row["artist_id"], []).append(row["confidence"])
    first, second = ({int(i) for i in one.ids} for one in world.models)
    assert first ^ second
    assert all(len(confidence[artist]) == 20 for artist in first | second)
    assert all(confidence[artist] == [0.5] * 20 for artist in first ^ second)
    assert all(max(confidence[artist]) == 1 for artist in first & second)


def test_evidence_stands_for_shown_pairs_only(home: Home, inputs: dict[str, Artifact], tmp_path: Path) -> None:
    jobs.related(Task(home, inputs, tmp_path), SECTIONS)
    rows = pq.read_table(tmp_path / "related.parquet").to_pylist()
    told = pq.read_table(tmp_path / "evidence.parquet").to_pylist()
    shown = {(r["artist_id"], r["related_id"]) for r in rows if r["rank"] <= 5}
    assert {(r["artist_id"], r["related_id"]) for r in told} == shown
    pieces = [piece for r in told for piece in r["pieces"]]
    assert {piece["kind"] for piece in pieces} == {"model", "term"}
    assert all((piece["rank"] is not None) == (piece["kind"] == "model") for piece in pieces)


def test_the_same_inputs_give_the_same_bytes(home: Home, inputs: dict[str, Artifact], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        jobs.related(Task(home, inputs, tmp_path / name), SECTIONS)
    for file in ("related.parquet", "evidence.parquet", "report.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize("at_once", [1, 7, 119])
def test_parts_of_any_size_give_the_same_rows(
    home: Home, inputs: dict[str, Artifact], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    (tmp_path / "whole").mkdir()
    whole = jobs.related(Task(home, inputs, tmp_path / "whole"), SECTIONS)
    monkeypatch.setattr(jobs, "TOLD", at_once)
    assert jobs.related(Task(home, inputs, tmp_path), SECTIONS) == whole
    for file in ("related.parquet", "evidence.parquet"):
        assert pq.read_table(tmp_path / file).equals(pq.read_table(tmp_path / "whole" / file))


def test_labels_teach_a_ranker_that_the_scoreboard_judges(home: Home, lopsided: World, tmp_path: Path) -> None:
    add_artists(home, lopsided)
    inputs = {one.model: seal(home, one.model, one.save) for one in lopsided.models}
    scene = lopsided.scene.tolist()
    pairs = [(a, b) for a in range(120) for b in range(120) if a != b and scene[a] == scene[b]]
    with home.writing() as session:
        batch = ImportBatch(kind="similar", source="x", sha256="0", format="tsv", rows=1, rejected=0, imported_at=now())
        session.add(batch)
        session.flush()
        session.add_all(
            Label(batch_id=batch.id, artist=f"Artist {a:03d}", similar=f"Artist {b:03d}") for a, b in pairs if a < 60
        )
    gold = tmp_path / "gold.tsv"
    lines = ["artist\tsimilar", *(f"Artist {a:03d}\tArtist {b:03d}" for a, b in pairs), "Artist 001\tNobody"]
    gold.write_text("\n".join(lines), encoding="utf-8")

    def fill(folder: Path) -> None:
        jobs.related(Task(home, inputs, folder), SECTIONS)

    served = seal(home, "related", fill)
    report = json.loads(served.file("report.json").read_text(encoding="utf-8"))
    assert report["serves"] == "ranker"
    board = scoreboard(home, {**inputs, "related": served}, gold, 5, SECTIONS)
    assert [row.name for row in board.rows] == ["model0", "model1", "reciprocal ranks", "fusion", "ranker"]
    assert board.unknown == ("Nobody",)
    assert board.labelled == report["labelled"] == 60 - unknown_of_the_first(60, lopsided)
    ranker, fusion = board.rows[-1], board.rows[-2]
    assert ranker.precision.mean > fusion.precision.mean


def unknown_of_the_first(n: int, world: World) -> int:
    known = {int(i) for one in world.models for i in one.ids}
    return sum(int(i) not in known for i in world.ids[:n])


def test_nothing_to_read_makes_nothing(home: Home, tmp_path: Path) -> None:
    assert jobs.index(Task(home, {}, tmp_path), IndexConfig()) == {}
    assert jobs.related(Task(home, {}, tmp_path), SECTIONS) == {}
    assert list(tmp_path.iterdir()) == [home.path]
