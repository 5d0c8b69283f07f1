"""Alternating least squares on plays, after Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback
Datasets" (ICDM 2008), equations 3 to 5.

Every listener u and artist i has a vector; whether u plays i at all (p_ui, 0 or 1) is predicted by x_u·y_i, and
trusted the more the more often u plays i:

    minimise  Σ_ui c_ui (p_ui − x_u·y_i)² + Σ_u λ_u ‖x_u‖² + Σ_i λ_i ‖y_i‖²        over all pairs, played or not

    c_ui = 1 + α · plays  ("linear")    or    1 + α · ln(1 + plays / ε)  ("log")
    λ_u = λ · (n_u + α₀ · n_artists)^ν        λ_i = λ · (n_i + α₀ · n_listeners)^ν

The paper's λ is one number (ν = 0); that λ grows with what a row weighs in the first sum is from Rendle, Krichene,
Zhang and Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (RecSys 2022), and lets one
setting serve small and large data. With one side fixed the other has a closed form, row by row; the two half steps
alternate. Left out: biases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field
from threadpoolctl import ThreadpoolController

from cf import als_kernels
from cf.fitted import Fitted
from cf.interactions import Interactions
from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.errors import BuildError
from db.vectors import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

MODEL = "als"
_LIBRARIES = ThreadpoolController()


class Config(BaseConfig):
    """ALS on plays."""

    dim: Annotated[int, Field(ge=1, le=512)] = 64
    """Numbers per vector."""
    confidence: Literal["linear", "log"] = "log"
    """How trust grows with plays: 1 + alpha·plays, or 1 + alpha·ln(1 + plays / epsilon)."""
    alpha: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """How much faster than an absent play a present one is trusted."""
    epsilon: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """Plays at which the logarithm starts to bend."""
    reg: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 2.0
    """λ, the price of long vectors: more keeps only what many plays agree on, too much leaves all vectors zero."""
    reg_exponent: Annotated[float, Field(ge=0, le=1)] = 0.5
    """ν, how λ grows with the plays and absent plays of a row: 0 not at all, 1 in step."""
    reg_absent: Annotated[float, Field(ge=0, le=1)] = 0.1
    """α₀, what an absent play counts beside a present one in that growth."""
    epochs: Annotated[int, Field(ge=1)] = 15
    """Full iterations at most."""
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 1e-4
    """Stop when an iteration lowers the loss by less than this part of it; 0 runs all epochs."""
    solver: Literal["cg", "cholesky"] = "cg"
    """Conjugate gradient (fast) or Cholesky (each half step exact)."""
    cg_steps: Annotated[int, Field(ge=1, le=100)] = 3
    """Conjugate gradient steps per row and half step."""
    min_listeners: Annotated[int, Field(ge=1)] = 3
    """Artists with fewer listeners get no vector; lowered to the number of listeners where there are fewer."""


@dataclass(frozen=True, eq=False)
class Confidences:
    """A CSR matrix of c_ui, and its rows cut into chunks of about equal work, in the types the kernels expect.

    Attributes:
        bounds: int64 (chunks + 1,), first row of each chunk.
        indptr: int64 (n_rows + 1,).
        indices: int32 (nnz,).
        values: float32 (nnz,).
        reg: float32 (n_rows,), λ of each row.
    """

    bounds: NDArray[np.int64]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    values: NDArray[np.float32]
    reg: NDArray[np.float32]

    @classmethod
    def of(cls, plays: sparse.csr_matrix, config: Config) -> Confidences:
        """The confidences of a matrix of plays (n_rows, n_columns).

        Raises:
            BuildError: plays are negative or not finite, or a confidence is not finite.
        """
        raw = plays.data.astype(np.float64)
        if not (np.isfinite(raw) & (raw >= 0)).all():
            raise BuildError("plays must be finite and not negative; undo the import that brought others")
        growth = raw if config.confidence == "linear" else np.log1p(raw / config.epsilon)
        with np.errstate(over="ignore"):
            values = (1.0 + config.alpha * growth).astype(np.float32)
        if not np.isfinite(values).all():
            raise BuildError(f"[als] alpha = {config.alpha} overflows at {raw.max()} plays: lower it")
        indptr = plays.indptr.astype(np.int64)
        work = indptr + config.dim * np.arange(len(indptr), dtype=np.int64)
        shares = np.linspace(0, work[-1], min(als_kernels.CHUNKS, max(1, len(indptr) - 1)) + 1)
        bounds = np.searchsorted(work, shares, side="left").astype(np.int64)
        size = np.diff(indptr) + config.reg_absent * plays.shape[1]
        reg = (config.reg * size**config.reg_exponent).astype(np.float32)
        return cls(bounds, indptr, plays.indices.astype(np.int32), values, reg)

    @property
    def csr(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """The first arguments of every kernel."""
        return self.bounds, self.indptr, self.indices, self.values


def fit(data: Interactions, config: Config, rng: np.random.Generator, start: Fitted | None = None) -> Fitted:
    """Factors of listeners and artists.

    The same for any number of threads.

    Args:
        data: plays.
        config: settings; `min_listeners` has been applied by `Interactions`.
        rng: where the first factors come from.
        start: an earlier fit of the same dim; who is in it starts from there.

    Returns:
        Vectors "listener" and "artist", float32 (n, dim); array "loss", float64 (epochs run + 1,), the loss before the
        first and after each iteration.

    Raises:
        BuildError: numbers ran out of range, or `start` has another dim.
    """
    listeners = _first(data.listener_ids, "listener", config, rng, start)
    artists = _first(data.artist_ids, "artist", config, rng, start)
    by_listener, by_artist = Confidences.of(data.matrix, config), Confidences.of(data.by_artist, config)
    losses = [loss(by_listener, by_artist, listeners, artists)]
    for _ in range(config.epochs):
        half_step(by_listener, artists, config, listeners)
        half_step(by_artist, listeners, config, artists)
        losses.append(loss(by_listener, by_artist, listeners, artists))
        if not np.isfinite(losses[-1]):
            raise BuildError(f"[als] the loss became {losses[-1]}: lower alpha = {config.alpha} or use the log")
        if losses[-2] - losses[-1] < config.tolerance * losses[-2]:
            break
    vectors = {
        "listener": Vectors(MODEL, "listener", data.listener_ids, listeners).check(),
        "artist": Vectors(MODEL, "artist", data.artist_ids, artists).check(),
    }
    return Fitted(vectors, {"loss": np.array(losses)})


def half_step(confidences: Confidences, fixed: FloatMatrix, config: Config, solved: FloatMatrix) -> None:
    """Solve one side from the other.

    Args:
        confidences: (n_rows, n_columns).
        fixed: float32 (n_columns, dim).
        config: solver, cg_steps and reg are read.
        solved: float32 (n_rows, dim), changed in place; conjugate gradient starts from what it holds.
    """
    if config.solver == "cg":
        als_kernels.half_step_cg(*confidences.csr, fixed, _gram(fixed), confidences.reg, config.cg_steps, solved)
    else:
        als_kernels.half_step_cholesky(*confidences.csr, fixed, _gram(fixed), confidences.reg, solved)


def loss(by_row: Confidences, by_column: Confidences, rows: FloatMatrix, columns: FloatMatrix) -> float:
    """The loss of the header, over all pairs: those without plays through Σ (x·y)² = ⟨XᵀX, YᵀY⟩.

    Args:
        by_row: (n_rows, n_columns).
        by_column: its transposed; only its λ are read.
        rows: float32 (n_rows, dim).
        columns: float32 (n_columns, dim).
    """
    per_row = np.zeros(len(by_row.reg))
    als_kernels.row_losses(*by_row.csr, rows, columns, per_row)
    all_pairs = (_gram(rows).astype(np.float64) * _gram(columns).astype(np.float64)).sum()
    return float(per_row.sum() + all_pairs + _price(by_row.reg, rows) + _price(by_column.reg, columns))


def _price(reg: NDArray[np.float32], factors: FloatMatrix) -> float:
    """Σ λ_r ‖f_r‖²; not by BLAS, see `_gram`."""
    return float((reg * np.einsum("rk,rk->r", factors, factors, dtype=np.float64)).sum())


def _gram(factors: FloatMatrix) -> FloatMatrix:
    """FᵀF, float32 (dim, dim), by one thread: BLAS sums in another order with two."""
    with _LIBRARIES.limit(limits=1, user_api="blas"):
        gram: FloatMatrix = factors.T @ factors
    return gram


def _first(ids: IdVector, entity: str, config: Config, rng: np.random.Generator, start: Fitted | None) -> FloatMatrix:
    """Where the factors of one side start: small and random, or where `start` has them."""
    factors: Any = (rng.standard_normal((len(ids), config.dim)) * 0.01).astype(np.float32)
    if start is not None:
        known = start.vectors[entity]
        if known.dim != config.dim:
            raise BuildError(f"[als] the fit to start from has dim {known.dim}, not {config.dim}: start afresh")
        rows = known.rows_of(ids)
        factors[rows >= 0] = known.matrix[rows[rows >= 0]]
    result: FloatMatrix = factors
    return result
