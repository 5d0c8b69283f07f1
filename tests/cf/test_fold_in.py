from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from cf import als
from cf.als import Confidences, Config
from cf.fold_in import fold_in
from cf.interactions import Interactions
from db.errors import BuildError


def test_a_known_row_folds_in_as_a_half_step_solves_it(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=6)
    artists = als.fit(plays, config, rng).vectors["artist"]
    exact = config.model_copy(update={"solver": "cholesky"})
    solved = np.zeros((len(plays.listener_ids), 6), dtype=np.float32)
    als.half_step(Confidences.of(plays.matrix, exact), artists.matrix, exact, solved)
    assert fold_in(plays.matrix, artists, config).tobytes() == solved.tobytes()


def test_fully_fitted_factors_are_a_fixed_point(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=3, epochs=300, tolerance=0, solver="cholesky")
    vectors = als.fit(plays, config, rng).vectors
    folded = fold_in(plays.by_artist, vectors["listener"], config)
    np.testing.assert_allclose(folded, vectors["artist"].matrix, atol=1e-3)


def test_a_newcomer_lands_in_the_scene_they_play(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=4)
    artists = als.fit(plays, config, rng).vectors["artist"]
    row = np.zeros((1, len(artists)), dtype=np.float32)
    row[0, [8, 9, 10]] = 30
    scores = (fold_in(sparse.csr_matrix(row), artists, config) @ artists.matrix.T)[0]
    assert scores[8:].min() > scores[:8].max()


def test_a_read_only_matrix_will_do(plays: Interactions, rng: np.random.Generator) -> None:
    artists = als.fit(plays, Config(dim=2), rng).vectors["artist"]
    artists.matrix.flags.writeable = False
    assert fold_in(plays.matrix, artists, Config(dim=2)).shape == (len(plays.listener_ids), 2)


def test_what_does_not_fit_is_refused(plays: Interactions, rng: np.random.Generator) -> None:
    artists = als.fit(plays, Config(dim=2), rng).vectors["artist"]
    with pytest.raises(BuildError, match="do not fit"):
        fold_in(plays.matrix[:, :3], artists, Config(dim=2))
    with pytest.raises(BuildError, match="finite and not negative"):
        fold_in(sparse.csr_matrix(np.full((1, len(artists)), np.nan, np.float32)), artists, Config(dim=2))


def test_biases_of_the_fit_are_part_of_it(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=4, epochs=60, tolerance=0, solver="cholesky", biases=True)
    fitted = als.fit(plays, config, rng)
    folded = fold_in(plays.by_artist, fitted.vectors["listener"], config, fitted.arrays["listener_bias"])
    np.testing.assert_allclose(folded, fitted.vectors["artist"].matrix, atol=2e-3)
    with pytest.raises(BuildError, match="has none: run"):
        fold_in(plays.by_artist, fitted.vectors["listener"], config)
