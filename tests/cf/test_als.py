from __future__ import annotations

import subprocess
import sys

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy import sparse

from cf import als
from cf.als import Confidences, Config
from cf.interactions import Interactions
from db.errors import BuildError

Dense = NDArray[np.float64]


def random_plays(rng: np.random.Generator, rows: int, columns: int, density: float = 0.3) -> Interactions:
    """Listeners and artists with random plays; the first row is empty, the last is full."""
    plays = np.ceil(rng.exponential(20, (rows, columns))) * (rng.random((rows, columns)) < density)
    plays[0], plays[-1] = 0, 1
    matrix = sparse.csr_matrix(plays.astype(np.float32))
    return Interactions(np.arange(rows), np.arange(columns), matrix)


def dense_confidence(plays: Dense, config: Config) -> Dense:
    growth = plays if config.confidence == "linear" else np.log(1 + plays / config.epsilon)
    return 1 + config.alpha * growth


def dense_reg(plays: Dense, config: Config) -> Dense:
    size = (plays > 0).sum(1) + config.reg_absent * plays.shape[1]
    return np.asarray(config.reg * size**config.reg_exponent)


def dense_half_step(plays: Dense, fixed: Dense, config: Config) -> Dense:
    """The paper's equation 4, with every matrix written out."""
    solved = np.zeros((len(plays), fixed.shape[1]))
    reg = dense_reg(plays, config)
    for u, confidence in enumerate(dense_confidence(plays, config)):
        c = np.diag(confidence)
        a = fixed.T @ c @ fixed + reg[u] * np.eye(fixed.shape[1])
        solved[u] = np.linalg.solve(a, fixed.T @ c @ (plays[u] > 0))
    return solved


def dense_loss(plays: Dense, x: Dense, y: Dense, config: Config) -> float:
    missed = (plays > 0) - x @ y.T
    prices = (dense_reg(plays, config) * (x**2).sum(1)).sum() + (dense_reg(plays.T, config) * (y**2).sum(1)).sum()
    return float((dense_confidence(plays, config) * missed**2).sum() + prices)


SOLVERS = {"cholesky": {"solver": "cholesky"}, "cg": {"solver": "cg", "cg_steps": 60}}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("confidence", ["linear", "log"])
@pytest.mark.parametrize("dim", [1, 3, 16, 37])
def test_half_step_solves_the_normal_equations(
    rng: np.random.Generator, solver: str, confidence: str, dim: int
) -> None:
    config = Config.model_validate({"dim": dim, "confidence": confidence, "alpha": 0.3, **SOLVERS[solver]})
    data = random_plays(rng, 21, 30)
    fixed = rng.standard_normal((30, dim)).astype(np.float32)
    solved = np.zeros((21, dim), dtype=np.float32)
    als.half_step(Confidences.of(data.matrix, config), fixed, config, solved)
    expected = dense_half_step(data.matrix.toarray().astype(float), fixed.astype(float), config)
    np.testing.assert_allclose(solved, expected, rtol=2e-3, atol=2e-4)
    assert not solved[0].any()


@pytest.mark.parametrize("solver", SOLVERS)
def test_rows_longer_than_a_block_are_solved_too(rng: np.random.Generator, solver: str) -> None:
    config = Config.model_validate({"dim": 5, **SOLVERS[solver]})
    data = random_plays(rng, 3, 5001)
    fixed = rng.standard_normal((5001, 5)).astype(np.float32)
    solved = np.zeros((3, 5), dtype=np.float32)
    als.half_step(Confidences.of(data.matrix, config), fixed, config, solved)
    confidence, p = (dense_confidence(data.matrix[2].toarray()[0], config), 1.0)
    a = (fixed.T * confidence) @ fixed + dense_reg(data.matrix.toarray(), config)[2] * np.eye(5)
    np.testing.assert_allclose(solved[2], np.linalg.solve(a, (fixed.T * confidence).sum(1) * p), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dim", [3, 8, 15])
def test_half_step_with_biases_solves_the_normal_equations(rng: np.random.Generator, solver: str, dim: int) -> None:
    config = Config.model_validate({"dim": dim, "alpha": 0.3, **SOLVERS[solver]})
    data = random_plays(rng, 21, 30)
    plays = data.matrix.toarray().astype(float)
    fixed = rng.standard_normal((30, dim + 2)).astype(np.float32)
    fixed[:, dim] = 1
    solved = np.zeros((21, dim + 2), dtype=np.float32)
    solved[:, dim + 1] = 1
    als.half_step(Confidences.of(data.matrix, config), fixed, config, solved, free=dim, frozen=dim + 1)
    y, beta = fixed[:, : dim + 1].astype(float), fixed[:, dim + 1].astype(float)
    reg = dense_reg(plays, config)
    for u, confidence in enumerate(dense_confidence(plays, config)):
        if plays[u].any():
            a = (y.T * confidence) @ y + reg[u] * np.diag([1.0] * dim + [0.0])
            expected = np.linalg.solve(a, (y.T * confidence) @ ((plays[u] > 0) - beta))
            np.testing.assert_allclose(solved[u, : dim + 1], expected, rtol=2e-3, atol=5e-4)
    assert (solved[:, dim + 1] == 1).all()


def test_biases_lower_the_loss_and_come_with_the_vectors(rng: np.random.Generator) -> None:
    data = random_plays(rng, 60, 40)
    settings = {"dim": 4, "solver": "cholesky", "tolerance": 0, "epochs": 30}
    plain = als.fit(data, Config.model_validate(settings), rng)
    biased = als.fit(data, Config.model_validate({**settings, "biases": True}), rng)
    losses = biased.arrays["loss"]
    assert (np.diff(losses) <= 1e-6 * losses[:-1]).all()
    assert losses[-1] < plain.arrays["loss"][-1]
    x, y = (biased.vectors[entity].matrix.astype(float) for entity in ("listener", "artist"))
    of_listeners, of_artists = (biased.arrays[name].astype(float) for name in ("listener_bias", "bias"))
    config, plays = Config.model_validate(settings), data.matrix.toarray().astype(float)
    missed = (plays > 0) - x @ y.T - of_listeners[:, None] - of_artists
    prices = (dense_reg(plays, config) * (x**2).sum(1)).sum() + (dense_reg(plays.T, config) * (y**2).sum(1)).sum()
    # the empty row of the made-up plays keeps no bias; no such row comes out of a table
    expected = (dense_confidence(plays, config) * missed**2).sum() + prices
    assert losses[-1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("settings", [{}, {"solver": "cholesky"}, {"biases": True}, {"dim": 200, "epochs": 2}])
@pytest.mark.parametrize("memory", ["1KiB", "3MiB"])
def test_bounded_memory_changes_no_vector(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], memory: str
) -> None:
    monkeypatch.setattr(als, "_LEAST", 1 << 14)  # blocks of a few rows
    data = random_plays(rng, 90, 60, 0.15)
    config = Config.model_validate({"dim": 17, "epochs": 3, **settings})
    bounded = Config.model_validate({"dim": 17, "epochs": 3, "memory": memory, **settings})
    fits = [als.fit(data, one, np.random.default_rng(3)) for one in (config, bounded)]
    for entity in ("artist", "listener"):
        assert fits[0].vectors[entity].matrix.tobytes() == fits[1].vectors[entity].matrix.tobytes()


@pytest.mark.parametrize(("memory", "expected"), [("", None), ("256MiB", 2**28), ("2 GiB", 2**31), ("8KiB", 8192)])
def test_memory_is_read_as_it_is_written(memory: str, expected: int | None) -> None:
    assert Config(memory=memory).most_bytes == expected


@pytest.mark.parametrize("memory", ["256", "256MB", "-1GiB", "0MiB", "lots"])
def test_memory_that_says_nothing_is_refused(memory: str) -> None:
    with pytest.raises(ValueError, match="memory"):
        Config(memory=memory)


def test_loss_is_that_of_all_pairs(rng: np.random.Generator) -> None:
    config = Config(dim=4)
    data = random_plays(rng, 12, 9)
    x, y = (rng.standard_normal((n, 4)).astype(np.float32) for n in (12, 9))
    found = als.loss(Confidences.of(data.matrix, config), Confidences.of(data.by_artist, config), x, y)
    expected = dense_loss(data.matrix.toarray().astype(float), x.astype(float), y.astype(float), config)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("confidence", ["linear", "log"])
def test_exact_half_steps_never_raise_the_loss(rng: np.random.Generator, confidence: str) -> None:
    config = Config.model_validate({"dim": 8, "solver": "cholesky", "confidence": confidence, "tolerance": 0})
    losses = als.fit(random_plays(rng, 60, 40), config, rng).arrays["loss"]
    assert len(losses) == config.epochs + 1
    assert (np.diff(losses) <= 1e-6 * losses[:-1]).all()


def test_conjugate_gradient_comes_to_the_same_loss(rng: np.random.Generator) -> None:
    data = random_plays(rng, 60, 40)
    settings = {"dim": 8, "epochs": 40, "tolerance": 0}
    losses = [
        als.fit(data, Config.model_validate({"solver": solver, **settings}), np.random.default_rng(1)).arrays["loss"]
        for solver in ("cg", "cholesky")
    ]
    assert losses[0][-1] == pytest.approx(losses[1][-1], rel=1e-3)


def test_fitting_stops_when_little_is_left_to_gain(rng: np.random.Generator) -> None:
    losses = als.fit(random_plays(rng, 60, 40), Config(dim=8, epochs=500, tolerance=1e-3), rng).arrays["loss"]
    gains = -np.diff(losses) / losses[:-1]
    assert len(losses) < 200
    assert gains[-1] < 1e-3
    assert (gains[:-1] >= 1e-3).all()


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_factors_do_not_depend_on_the_number_of_threads(rng: np.random.Generator, solver: str) -> None:
    data = random_plays(rng, 300, 200, 0.05)
    config = Config.model_validate({"dim": 17, "epochs": 3, "solver": solver})
    before = numba.get_num_threads()
    fits = []
    try:
        for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
            numba.set_num_threads(threads)
            fits.append(als.fit(data, config, np.random.default_rng(3)))
    finally:
        numba.set_num_threads(before)
    for entity in ("artist", "listener"):
        assert fits[0].vectors[entity].matrix.tobytes() == fits[1].vectors[entity].matrix.tobytes()
    assert fits[0].arrays["loss"].tolist() == fits[1].arrays["loss"].tolist()


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
@pytest.mark.parametrize(("rows", "columns"), [(2, 1), (2, 9), (9, 1), (3, 4)])
def test_more_factors_than_data_and_no_regularisation_stay_finite(
    rng: np.random.Generator, solver: str, rows: int, columns: int
) -> None:
    config = Config.model_validate({"dim": 40, "reg": 0, "solver": solver, "confidence": "linear"})
    fitted = als.fit(random_plays(rng, rows, columns), config, rng)
    assert all(np.isfinite(vectors.matrix).all() for vectors in fitted.vectors.values())


def test_absurd_but_finite_plays_give_an_error_or_finite_vectors(rng: np.random.Generator) -> None:
    matrix = sparse.csr_matrix(np.array([[1, 3e38], [2, 1]], dtype=np.float32))
    data = Interactions(np.arange(2), np.arange(2), matrix)
    with pytest.raises(BuildError, match="alpha"):
        als.fit(data, Config(confidence="linear", alpha=1e3), rng)
    assert np.isfinite(als.fit(data, Config(), rng).vectors["artist"].matrix).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_plays_that_cannot_be_are_refused(rng: np.random.Generator, bad: float) -> None:
    matrix = sparse.csr_matrix(np.array([[1, bad], [2, 1]], dtype=np.float32))
    with pytest.raises(BuildError, match="finite and not negative"):
        als.fit(Interactions(np.arange(2), np.arange(2), matrix), Config(), rng)


def test_one_listener_with_a_million_artists(rng: np.random.Generator) -> None:
    matrix = sparse.csr_matrix(np.ones((1, 1_000_000), np.float32))
    data = Interactions(np.arange(1), np.arange(1_000_000), matrix)
    vectors = als.fit(data, Config(dim=8, epochs=1), rng).vectors
    assert np.isfinite(vectors["listener"].matrix).all()
    assert np.isfinite(vectors["artist"].matrix).all()


def test_a_warm_start_begins_where_the_other_fit_ended(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=6, epochs=8, tolerance=0)
    first = als.fit(plays, config, rng)
    second = als.fit(plays, config, rng, start=first)
    assert second.arrays["loss"][0] == pytest.approx(first.arrays["loss"][-1])


def test_a_second_process_compiles_nothing() -> None:
    code = (
        "import numpy as np; from scipy import sparse; from cf import als, als_kernels; "
        "from cf.interactions import Interactions; "
        "data = Interactions(np.arange(2), np.arange(2), sparse.csr_matrix(np.ones((2, 2), np.float32))); "
        "als.fit(data, als.Config(dim=2), np.random.default_rng(0)); "
        "print(sum(als_kernels.half_step_cg.stats.cache_misses.values()))"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[1].stdout.strip() == "0"


def test_confidence_of_ones_own_is_straight_over_the_logarithm() -> None:
    config = Config(confidence="custom", confidence_at=((1, 2), (100, 10)))
    plays = sparse.csr_matrix(np.array([[0.5, 1, 10, 100, 5000]], dtype=np.float32))
    np.testing.assert_allclose(Confidences.of(plays, config).values, [2, 2, 6, 10, 10], rtol=1e-6)


@pytest.mark.parametrize("points", [(), ((10, 2), (1, 3)), ((1, 2), (1, 3)), ((1, 0.5),), ((0, 2),), ((1, np.nan),)])
def test_confidence_of_ones_own_is_refused_where_it_says_nothing(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValidationError, match="confidence_at"):
        Config(confidence="custom", confidence_at=points)
