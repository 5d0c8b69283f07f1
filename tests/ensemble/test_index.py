from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from db.artifacts import Artifact, building, open_artifact
from db.errors import ArtifactDamaged
from db.vectors import Vectors
from ensemble.candidates import Config as CandidatesConfig
from ensemble.candidates import nearest
from ensemble.index import CONTENTS, FEWEST_NODES, RECALL_AT, Config, annoy_top_k, build_indexes, open_index
from ensemble.spaces import space

if TYPE_CHECKING:
    from pathlib import Path


def random_vectors(n: int, dim: int, seed: int = 0, model: str = "model") -> Vectors:
    rng = np.random.default_rng(seed)
    return Vectors(model, "artist", np.arange(n, dtype=np.int64), rng.standard_normal((n, dim)).astype(np.float32))


def sealed(folder: Path, *models: Vectors, config: Config | None = None) -> Artifact:
    with building(folder, "index", "a" * 64, {}) as output:
        build_indexes(models, config or Config(), 5, output)
    artifact = open_artifact(folder, "index", "a" * 64)
    assert artifact is not None
    return artifact


def recall(folder: Path, vectors: Vectors, config: Config) -> tuple[float, int]:
    """Of queries that nothing was tuned on; and the nodes looked at."""
    index = open_index(sealed(folder, vectors, config=config), vectors)
    assert index is not None
    rows = np.random.default_rng(8).choice(len(vectors), 300, replace=False)
    exact = nearest(space(vectors, vectors.ids), RECALL_AT, CandidatesConfig(search="exact"), index)[rows]
    annoy = annoy_top_k(index, rows, RECALL_AT)
    hits = [len(set(a) & set(b)) / RECALL_AT for a, b in zip(exact.tolist(), annoy.tolist(), strict=True)]
    return float(np.mean(hits)), index.search_k


def test_an_index_is_tuned_to_the_recall_that_is_asked_for(tmp_path: Path) -> None:
    vectors = random_vectors(3000, 40)
    some, few_nodes = recall(tmp_path / "some", vectors, Config(recall=0.95))
    most, many_nodes = recall(tmp_path / "most", vectors, Config(recall=0.995))
    assert 0.94 < some < 0.97
    assert most > 0.99
    assert few_nodes < many_nodes


def test_the_recall_that_was_reached_is_written_down(tmp_path: Path) -> None:
    artifact = sealed(tmp_path, random_vectors(3000, 40), config=Config(recall=0.97))
    entry = json.loads(artifact.file(CONTENTS).read_bytes())["model"]
    assert 0.97 <= entry["recall"] < 0.99


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_vectors_that_are_all_alike_are_found_at_once(tmp_path: Path, value: float) -> None:
    alike = Vectors("model", "artist", np.arange(300), np.full((300, 4), value, np.float32))
    entry = json.loads(sealed(tmp_path, alike).file(CONTENTS).read_bytes())["model"]
    assert entry["recall"] >= 0.95
    assert entry["search_k"] == FEWEST_NODES


def test_annoy_serves_catalogue_positions(tmp_path: Path) -> None:
    vectors = random_vectors(150, 6)
    index = open_index(sealed(tmp_path, vectors), vectors)
    model = space(vectors, np.append(np.arange(1000, 1010), vectors.ids[::-1]))  # another order, and strangers
    exact = nearest(model, 10, CandidatesConfig(search="exact"), index)
    np.testing.assert_array_equal(nearest(model, 10, CandidatesConfig(search="annoy"), index), exact)


def test_auto_searches_small_models_exactly(tmp_path: Path) -> None:
    vectors = random_vectors(200, 8)
    index = open_index(sealed(tmp_path, vectors), vectors)
    model = space(vectors, vectors.ids)
    exact = nearest(model, 10, CandidatesConfig(search="exact"))
    np.testing.assert_array_equal(nearest(model, 10, CandidatesConfig(), index), exact)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    vectors = random_vectors(500, 16)
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert build_indexes([vectors], Config(), 9, tmp_path / name) == {"model": 500}
        files.append((tmp_path / name / "model.ann").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize("n", [1, 2, 21])
def test_few_items(tmp_path: Path, n: int) -> None:
    vectors = random_vectors(n, 4)
    index = open_index(sealed(tmp_path, vectors), vectors)
    assert index is not None
    found = annoy_top_k(index, np.arange(n), 20)
    for row in range(n):
        assert sorted(item for item in found[row] if item >= 0) == [other for other in range(n) if other != row][:20]


def test_refuses_an_index_over_other_vectors(tmp_path: Path) -> None:
    artifact = sealed(tmp_path, random_vectors(50, 8))
    with pytest.raises(ArtifactDamaged, match="index model"):
        open_index(artifact, random_vectors(51, 8))
    with pytest.raises(ArtifactDamaged, match="index model"):
        open_index(artifact, random_vectors(50, 9))


def test_refuses_a_file_of_another_length_than_written_down(tmp_path: Path) -> None:
    artifact = sealed(tmp_path, random_vectors(50, 8))
    path = artifact.path / CONTENTS
    contents = json.loads(path.read_text(encoding="utf-8"))
    contents["model"]["items"] = 40
    path.write_text(json.dumps(contents), encoding="utf-8")
    with pytest.raises(ArtifactDamaged, match="not one over 40 vectors of 8"):
        open_index(artifact, random_vectors(40, 8))


def test_a_model_without_index_has_none(tmp_path: Path) -> None:
    artifact = sealed(tmp_path, random_vectors(5, 3))
    assert open_index(artifact, random_vectors(5, 3, model="other")) is None
