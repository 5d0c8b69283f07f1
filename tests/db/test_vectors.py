from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from db.errors import ArtifactDamaged, BuildError
from db.vectors import Vectors


def some(n: int = 4, dim: int = 3) -> Vectors:
    rng = np.random.default_rng(0)
    return Vectors("als", "artist", np.arange(n, dtype=np.int64) * 7, rng.normal(size=(n, dim)).astype(np.float32))


def test_save_and_load_give_the_same(tmp_path: Path) -> None:
    vectors = some()
    vectors.save(tmp_path)
    again = Vectors.load(tmp_path, "als", "artist")
    assert np.array_equal(again.ids, vectors.ids)
    assert np.array_equal(again.matrix, vectors.matrix)


@pytest.mark.parametrize(
    ("ids", "matrix"),
    [
        (np.arange(3, dtype=np.int32), np.zeros((3, 2), np.float32)),
        (np.arange(3), np.zeros((3, 2))),
        (np.arange(2), np.zeros((3, 2), np.float32)),
        (np.arange(3), np.zeros(3, np.float32)),
    ],
)
def test_wrong_shapes_and_types_are_refused(ids: np.ndarray, matrix: np.ndarray) -> None:
    with pytest.raises(BuildError, match="als/artist"):
        Vectors("als", "artist", ids, matrix)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    vectors = some()
    vectors.matrix[1, 1] = np.nan
    with pytest.raises(BuildError, match="1 rows are not finite"):
        vectors.save(tmp_path)


def test_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(BuildError, match="twice"):
        Vectors("als", "artist", np.array([1, 1]), np.zeros((2, 2), np.float32)).check()


def test_missing_and_cut_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactDamaged, match="als/artist"):
        Vectors.load(tmp_path, "als", "artist")
    some().save(tmp_path)
    path = tmp_path / "als.artist.npy"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ArtifactDamaged, match="als/artist"):
        Vectors.load(tmp_path, "als", "artist")


@given(st.lists(st.integers(-5, 40), max_size=20))
def test_rows_of_is_a_lookup(asked: list[int]) -> None:
    vectors = some(5)
    place = {int(i): row for row, i in enumerate(vectors.ids)}
    assert vectors.rows_of(np.array(asked, dtype=np.int64)).tolist() == [place.get(i, -1) for i in asked]


@given(hnp.arrays(np.float32, (3, 4), elements=st.floats(-100, 100, width=32)))
def test_unit_rows_have_length_one_or_zero(matrix: np.ndarray) -> None:
    norms = np.linalg.norm(Vectors("m", "artist", np.arange(3), matrix).unit(), axis=1)
    assert all(abs(n - 1) < 1e-3 or n == 0 for n in norms)


def test_files_that_do_not_fit_are_damage(tmp_path: Path) -> None:
    some().save(tmp_path)
    np.save(tmp_path / "als.artist.ids.npy", np.arange(3, dtype=np.int64))
    with pytest.raises(ArtifactDamaged, match="als/artist"):
        Vectors.load(tmp_path, "als", "artist")
