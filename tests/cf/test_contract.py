"""What every model of this package promises, said once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from cf import als, vector_exp, word2vec
from cf.fitted import Fitted
from cf.interactions import Interactions, Playlists

N_ARTISTS = 16  # two scenes of eight, see conftest


@dataclass(frozen=True)
class Case:
    """A model, its settings, a table of the small world (fixture name) and how to read it."""

    name: str
    fit: Callable[..., Fitted]
    config: Any
    table: str
    read: Callable[[pa.Table, NDArray[np.int64]], Any]
    dim: int = 4


def read_plays(table: pa.Table, artists: NDArray[np.int64]) -> Interactions:
    return Interactions.from_plays(table, np.arange(100), artists)


CASES = [
    Case("als cg", als.fit, als.Config(dim=4), "plays_table", read_plays),
    Case("als cholesky", als.fit, als.Config(dim=4, solver="cholesky"), "plays_table", read_plays),
    Case("vector_exp", vector_exp.fit, vector_exp.Config(dim=4), "plays_table", read_plays),
    Case("word2vec", word2vec.fit, word2vec.Config(dim=8, sample=0), "playlists_table", Playlists.from_entries, 32),
]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def table(case: Case, request: pytest.FixtureRequest) -> pa.Table:
    return request.getfixturevalue(case.table)


def fitted_artists(case: Case, data: Any, seed: int = 0) -> NDArray[np.float32]:
    return case.fit(data, case.config, np.random.default_rng(seed)).vectors["artist"].matrix


def test_vectors_are_finite_float32_in_canonical_order(case: Case, table: pa.Table) -> None:
    data = case.read(table, np.arange(N_ARTISTS))
    vectors = case.fit(data, case.config, np.random.default_rng(0)).vectors["artist"].check()
    assert vectors.ids.tolist() == list(range(N_ARTISTS))
    assert vectors.matrix.dtype == np.float32
    assert vectors.dim == case.dim


def test_scenes_are_told_apart(case: Case, table: pa.Table) -> None:
    matrix = fitted_artists(case, case.read(table, np.arange(N_ARTISTS)))
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -1)
    first = np.argsort(-alike, axis=1)[:, :7]
    assert ((first < 8) == (np.arange(N_ARTISTS) < 8)[:, None]).mean() > 0.95


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(case: Case, table: pa.Table) -> None:
    data = case.read(table, np.arange(N_ARTISTS))
    assert fitted_artists(case, data, 1).tobytes() == fitted_artists(case, data, 1).tobytes()
    assert fitted_artists(case, data, 1).tobytes() != fitted_artists(case, data, 2).tobytes()


def test_how_ids_were_dealt_changes_nothing(case: Case, table: pa.Table) -> None:
    dealt = np.random.default_rng(3).permutation(N_ARTISTS) + 1000
    ids = dealt[table.column("artist_id").to_numpy()]
    other = table.set_column(table.column_names.index("artist_id"), "artist_id", pa.array(ids))
    before = fitted_artists(case, case.read(table, np.arange(N_ARTISTS)))
    after = fitted_artists(case, case.read(other, dealt))
    assert before.tobytes() == after.tobytes()


def test_no_data_gives_no_vectors(case: Case, table: pa.Table) -> None:
    vectors = case.fit(
        case.read(table.slice(0, 0), np.arange(N_ARTISTS)), case.config, np.random.default_rng(0)
    ).vectors["artist"]
    assert len(vectors) == 0


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_next_to_no_data_gives_finite_vectors(case: Case, table: pa.Table, rows: int) -> None:
    data = case.read(table.slice(0, rows), np.arange(N_ARTISTS))
    assert np.isfinite(fitted_artists(case, data)).all()


def test_data_is_not_changed(case: Case, table: pa.Table) -> None:
    data = case.read(table, np.arange(N_ARTISTS))
    before = {name: np.array(getattr(value, "data", value)) for name, value in vars(data).items()}
    fitted_artists(case, data)
    for name, value in before.items():
        np.testing.assert_array_equal(np.array(getattr(vars(data)[name], "data", vars(data)[name])), value)
