from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.artifacts import building, open_artifact
from db.catalog import Artist
from db.columnar import write_parquet
from db.task import Task
from ensemble import jobs
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


def test_evidence_stands_for_shown_pairs_only(home: Home, inputs: dict[str, Artifact], tmp_path: Path) -> None:
    jobs.related(Task(home, inputs, tmp_path), SECTIONS)
    rows = pq.read_table(tmp_path / "related.parquet").to_pylist()
    told = pq.read_table(tmp_path / "evidence.parquet").to_pylist()
    shown = {(r["artist_id"], r["related_id"]) for r in rows if r["rank"] <= 5}
    assert {(r["artist_id"], r["related_id"]) for r in told} == shown
    assert {r["kind"] for r in told} == {"model", "term"}
    assert all((r["rank"] is not None) == (r["kind"] == "model") for r in told)


def test_nothing_to_read_makes_nothing(home: Home, tmp_path: Path) -> None:
    assert jobs.index(Task(home, {}, tmp_path), IndexConfig()) == {}
    assert jobs.related(Task(home, {}, tmp_path), SECTIONS) == {}
    assert list(tmp_path.iterdir()) == [home.path]
