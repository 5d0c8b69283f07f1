"""Alternating least squares on plays, after Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback
Datasets" (ICDM 2008), equations 3 to 5.

Every listener u and artist i has a vector; whether u plays i at all (p_ui, 0 or 1) is predicted by x_u·y_i, and
trusted the more the more often u plays i:

    minimise  Σ_ui c_ui (p_ui − x_u·y_i − β_u − β_i)² + Σ_u λ_u ‖x_u‖² + Σ_i λ_i ‖y_i‖²    over all pairs, played or not

    c_ui = 1 + α · plays  ("linear")    or    1 + α · ln(1 + plays / ε)  ("log")    or any growing table  ("custom")
    λ_u = λ · (n_u + α₀ · n_artists)^ν        λ_i = λ · (n_i + α₀ · n_listeners)^ν

The paper's λ is one number (ν = 0); that λ grows with what a row weighs in the first sum is from Rendle, Krichene,
Zhang and Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (RecSys 2022), and lets one
setting serve small and large data. The biases β are 0 unless they are asked for; (x_u, β_u, 1) and (y_i, 1, β_i) are
then the vectors, of each of which the 1 is frozen. With one side fixed the other has a closed form, row by row; the two
half steps alternate.

Where memory is bounded, plays and factors lie in mapped files. A half step then goes over blocks of rows, and each
block brings along the rows of the other side that it plays, so that every row is solved from the same numbers in the
same order as in memory, and comes out the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator
from scipy import sparse
from threadpoolctl import ThreadpoolController

from cf import als_kernels
from cf.fitted import Fitted
from cf.interactions import Interactions, Room
from cf.lanes import WIDTH
from cf.mapped import let_go, pieces, spans, taken
from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.errors import BuildError
from db.faults import reached
from db.vectors import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL = "als"
BIASES = {"listener": "listener_bias", "artist": "bias"}
"""The array that holds the biases of each entity."""
_LIBRARIES = ThreadpoolController()
_PIECE = 1 << 20  # plays that are looked at at once
_ROWS = 1 << 12  # rows of factors that are looked at at once
_PER_PLAY, _PER_ROW = 28, 48  # bytes in memory for a play of a block, and for every row of either side
_LEAST = 1 << 22  # bytes of a block, however little is asked for
_SHARE = 0.5  # of the memory that is asked for; the rest is left to the libraries


Plays = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Trust = Annotated[float, Field(ge=1, le=1e9)]


class Config(BaseConfig):
    """ALS on plays."""

    dim: Annotated[int, Field(ge=1, le=512)] = 64
    """Numbers per vector."""
    confidence: Literal["linear", "log", "custom"] = "log"
    """How trust grows with plays: 1 + alpha·plays, 1 + alpha·ln(1 + plays / epsilon), or as confidence_at says."""
    confidence_at: Annotated[tuple[tuple[Plays, Trust], ...], Field(validate_default=True)] = ()
    """Trust of your own: pairs of plays and trust, such as [[1, 2], [10, 6], [100, 9]]; straight lines over the
    logarithm of plays between them, the first and the last trust beyond them; alpha is not used."""
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
    biases: bool = False
    """Give each listener and artist a number β of its own, so that vectors need not say how much is played at all."""
    half_life: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Days in which a listen loses half its weight, back from the newest; 0: never. Plays without a time keep all."""
    epochs: Annotated[int, Field(ge=1)] = 15
    """Full iterations at most."""
    warm_start: bool = False
    """Begin from the factors of the published run instead of small random ones: fewer iterations, but what comes out
    then depends on the runs before."""
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 1e-4
    """Stop when an iteration lowers the loss by less than this part of it; 0 runs all epochs."""
    solver: Literal["cg", "cholesky"] = "cg"
    """Conjugate gradient (fast) or Cholesky (each half step exact)."""
    cg_steps: Annotated[int, Field(ge=1, le=100)] = 3
    """Conjugate gradient steps per row and half step."""
    min_listeners: Annotated[int, Field(ge=1)] = 3
    """Artists with fewer listeners get no vector; lowered to the number of listeners where there are fewer."""
    memory: Annotated[str, Field(pattern=r"^$|^[1-9][0-9]* ?[KMG]iB$")] = ""
    """How much memory to take beyond the program's own, such as 256MiB; the rest goes to disk. Empty: all in memory."""

    @field_validator("confidence_at")
    @classmethod
    def _is_a_table(cls, points: tuple[tuple[float, float], ...], info: ValidationInfo) -> Any:
        plays = [point[0] for point in points]
        if info.data.get("confidence") == "custom" and not plays:
            raise ValueError('confidence = "custom" needs some, such as [[1, 2], [10, 6], [100, 9]]')
        if plays != sorted(set(plays)):
            raise ValueError("its plays must grow from pair to pair")
        return points

    @property
    def most_bytes(self) -> int | None:
        """`memory` as a number; None where there is no bound."""
        if not self.memory:
            return None
        return int(self.memory[:-3]) * {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[self.memory[-3]]


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
    def of(cls, plays: sparse.csr_matrix, config: Config, reg: NDArray[np.float32] | None = None) -> Confidences:
        """The confidences of a matrix of plays (n_rows, n_columns), and λ of its rows unless it is given.

        Raises:
            BuildError: plays are negative or not finite, or a confidence is not finite.
        """
        values = np.empty(plays.nnz, dtype=np.float32)
        for piece in pieces(plays.nnz, _PIECE):
            values[piece] = _confidence(plays.data[piece], config)
        return cls._cut(plays.indptr, plays.indices, values, row_prices(plays, config) if reg is None else reg, config)

    @classmethod
    def _cut(
        cls, indptr: NDArray[np.signedinteger], indices: NDArray[np.int32], values: NDArray[np.float32],
        reg: NDArray[np.float32], config: Config,
    ) -> Confidences:  # fmt: skip
        indptr = indptr.astype(np.int64)
        work = indptr + config.dim * np.arange(len(indptr), dtype=np.int64)
        shares = np.linspace(0, work[-1], min(als_kernels.CHUNKS, max(1, len(indptr) - 1)) + 1)
        bounds = np.searchsorted(work, shares, side="left").astype(np.int64)
        return cls(bounds, indptr, indices.astype(np.int32, copy=False), values, reg)

    def turned(self, n_columns: int, config: Config) -> Confidences:
        """The transposed."""
        shape = (len(self.reg), n_columns)
        across = sparse.csr_matrix((self.values, self.indices, self.indptr.astype(np.int32)), shape=shape).T.tocsr()
        return self._cut(across.indptr, across.indices, across.data, row_prices(across, config), config)

    @property
    def csr(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """The first arguments of every kernel."""
        return self.bounds, self.indptr, self.indices, self.values


def row_prices(plays: sparse.csr_matrix, config: Config) -> NDArray[np.float32]:
    """λ of each row. float32 (n_rows,)."""
    size = np.diff(plays.indptr) + config.reg_absent * plays.shape[1]
    prices: NDArray[np.float32] = (config.reg * size**config.reg_exponent).astype(np.float32)
    return prices


def _confidence(plays: NDArray[np.float32], config: Config) -> NDArray[np.float32]:
    """c of some plays.

    Raises:
        BuildError: plays are negative or not finite, or a confidence is not finite.
    """
    raw = plays.astype(np.float64)
    if not (np.isfinite(raw) & (raw >= 0)).all():
        raise BuildError("plays must be finite and not negative; undo the import that brought others")
    if config.confidence == "custom":
        at, trust = np.array(config.confidence_at).T
        found: NDArray[np.float32] = np.interp(np.log(np.maximum(raw, at[0])), np.log(at), trust).astype(np.float32)
        return found
    growth = raw if config.confidence == "linear" else np.log1p(raw / config.epsilon)
    with np.errstate(over="ignore"):
        values: NDArray[np.float32] = (1.0 + config.alpha * growth).astype(np.float32)
    if not np.isfinite(values).all():
        raise BuildError(f"[als] alpha = {config.alpha} overflows at {raw.max()} plays: lower it")
    return values


@dataclass(frozen=True, eq=False)
class _Side:
    """The rows of one side while they are fitted.

    Attributes:
        reg: float32 (n,), λ of each row.
        factors: float32 (n, width), in memory or mapped.
        free: which number is this side's bias; -1 for none.
        frozen: which number stays 1; -1 for none.
        held: all confidences, where they are in memory.
        plays: the plays, where they are not.
    """

    reg: NDArray[np.float32]
    factors: FloatMatrix
    free: int
    frozen: int
    held: Confidences | None
    plays: sparse.csr_matrix | None

    def parts(
        self, fixed: FloatMatrix, config: Config, most: int
    ) -> Iterator[tuple[int, Confidences, FloatMatrix, FloatMatrix]]:
        """Blocks of rows: the first row, its confidences, the rows of the other side that they speak of, and its own
        rows, which are kept as they are left."""
        if self.held is not None:
            yield 0, self.held, fixed, self.factors
        if self.plays is None:
            return
        plays = self.plays
        ends = plays.indptr.astype(np.int64)
        for first, last in spans(_weights(ends, fixed, most), most):
            piece = slice(ends[first], ends[last])
            needed = np.zeros(len(fixed), dtype=bool)
            needed[plays.indices[piece]] = True
            number = (np.cumsum(needed) - 1).astype(np.int32)
            shape = (last - first, int(needed.sum()))
            block = sparse.csr_matrix(
                (plays.data[piece], number[plays.indices[piece]], ends[first : last + 1] - ends[first]), shape=shape
            )
            confidences = Confidences.of(block, config, self.reg[first:last])
            del block
            let_go(plays.data, plays.indices)
            rows = np.array(self.factors[first:last])
            yield first, confidences, taken(fixed, np.flatnonzero(needed)), rows
            self.factors[first:last] = rows
            let_go(self.factors)
            del confidences, rows  # or this block would be there until the next one is


def _weights(ends: NDArray[np.int64], fixed: FloatMatrix, most: int) -> NDArray[np.int64]:
    """Bytes that each row adds to a block: its plays and factors, and the factors it plays unless all fit anyway."""
    per_factor = fixed.shape[1] * fixed.itemsize
    per_play = _PER_PLAY if fixed.nbytes <= most // 2 else _PER_PLAY + per_factor
    share = most / max(1, most - fixed.nbytes) if per_play == _PER_PLAY else 1.0
    weights: NDArray[np.int64] = ((np.diff(ends) * per_play + per_factor) * share).astype(np.int64)
    return weights


def fit(data: Interactions, config: Config, rng: np.random.Generator, start: Fitted | None = None) -> Fitted:
    """Factors of listeners and artists.

    The same for any number of threads and any amount of memory.

    Args:
        data: plays.
        config: settings; `min_listeners` and `half_life` have been applied to `data`.
        rng: where the first factors come from.
        start: an earlier fit of the same dim; who is in it starts from there.

    Returns:
        Vectors "listener" and "artist", float32 (n, dim), mapped where memory is bounded; array "loss", float64
        (epochs run + 1,), the loss before the first and after each iteration; with biases, arrays "listener_bias" and
        "bias" (of the artists), float32 (n,).

    Raises:
        BuildError: numbers ran out of range, or `start` has another dim.
    """
    with ExitStack() as stack:
        room = data.room
        if room is None and config.most_bytes is not None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kinsong-als-"))
            room = Room(Path(folder), config.most_bytes)
            data = replace(data, room=room)
        return _fit(data, config, rng, start)


def _fit(data: Interactions, config: Config, rng: np.random.Generator, start: Fitted | None) -> Fitted:
    room = data.room
    listener_factors = _first(data.listener_ids, "listener", config, rng, start, room)
    artist_factors = _first(data.artist_ids, "artist", config, rng, start, room)
    first, second = (config.dim, config.dim + 1) if config.biases else (-1, -1)
    if room is None:
        listeners, artists = (
            _Side(held.reg, factors, *numbers, held, None)
            for held, factors, numbers in zip(
                _both(data, config), (listener_factors, artist_factors), ((first, second), (second, first)), strict=True
            )
        )
        most = 0
    else:
        orders = data.matrix, data.by_artist
        prices = [row_prices(plays, config) for plays in orders]
        listeners = _Side(prices[0], listener_factors, first, second, None, orders[0])
        artists = _Side(prices[1], artist_factors, second, first, None, orders[1])
        most = max(_LEAST, int(room.size * _SHARE) - _PER_ROW * (len(prices[0]) + len(prices[1])))
    arrays: dict[str, NDArray[Any]] = {"loss": np.array(_descend(listeners, artists, config, most))}
    del listeners, artists
    vectors = {}
    for entity, ids, factors, free in (
        ("listener", data.listener_ids, listener_factors, first), ("artist", data.artist_ids, artist_factors, second),
    ):  # fmt: skip
        vectors[entity] = Vectors(MODEL, entity, ids, _cropped(factors, config.dim)).check()
        let_go(factors)
        if config.biases:
            arrays[BIASES[entity]] = np.array(factors[:, free])
    return Fitted(vectors, arrays)


def _both(data: Interactions, config: Config) -> tuple[Confidences, Confidences]:
    """Confidences in both orders, the second out of the first: plays are held in one order alone."""
    by_listener = Confidences.of(data.matrix, config)
    return by_listener, by_listener.turned(len(data.artist_ids), config)


def _descend(listeners: _Side, artists: _Side, config: Config, most: int) -> list[float]:
    """Alternate until nothing is left to gain; the losses."""
    gram = _gram(artists.factors)
    lost = _pass(listeners, artists.factors, gram, config, most, solve=False)
    losses = [_loss(lost, _gram(listeners.factors), gram, (listeners, artists), config.dim)]
    for _ in range(config.epochs):
        _pass(listeners, artists.factors, gram, config, most, solve=True)
        other = _gram(listeners.factors)
        lost = _pass(artists, listeners.factors, other, config, most, solve=True)
        gram = _gram(artists.factors)
        reached("als.epoch")
        losses.append(_loss(lost, other, gram, (listeners, artists), config.dim))
        if not np.isfinite(losses[-1]):
            raise BuildError(f"[als] the loss became {losses[-1]}: lower alpha = {config.alpha} or use the log")
        if losses[-2] - losses[-1] < config.tolerance * losses[-2]:
            break
    return losses


def _pass(side: _Side, fixed: FloatMatrix, gram: FloatMatrix, config: Config, most: int, *, solve: bool) -> float:
    """Solve one side from the other if asked to; what the plays then add to the loss."""
    per_row = np.zeros(len(side.reg))
    for first, confidences, columns, rows in side.parts(fixed, config, most):
        if solve:
            _solve(confidences, columns, gram, config, side.free, side.frozen, rows)
        als_kernels.row_losses(*confidences.csr, rows, columns, per_row[first : first + len(rows)])
        del confidences, columns, rows
    return float(per_row.sum())


def _solve(
    confidences: Confidences, fixed: FloatMatrix, gram: FloatMatrix, config: Config, free: int, frozen: int,
    solved: FloatMatrix,
) -> None:  # fmt: skip
    price = np.ones(fixed.shape[1], dtype=np.float32)
    if free >= 0:
        price[free] = 0
    if config.solver == "cg":
        als_kernels.half_step_cg(
            *confidences.csr, fixed, gram, confidences.reg, price, frozen, config.cg_steps, solved
        )  # fmt: skip
    else:
        als_kernels.half_step_cholesky(*confidences.csr, fixed, gram, confidences.reg, price, frozen, solved)


def half_step(
    confidences: Confidences, fixed: FloatMatrix, config: Config, solved: FloatMatrix, *, free: int = -1,
    frozen: int = -1,
) -> None:  # fmt: skip
    """Solve one side from the other.

    Args:
        confidences: (n_rows, n_columns).
        fixed: float32 (n_columns, dim).
        config: solver, cg_steps and reg are read.
        solved: float32 (n_rows, dim), changed in place; conjugate gradient starts from what it holds.
        free: which number of a row is a bias, for which there is no λ; -1 for none.
        frozen: which number of a row stays as it is, 1; -1 for none.
    """
    whole, wide = _filled_up(fixed), _filled_up(solved)
    _solve(confidences, whole, _gram(whole), config, free, frozen, wide)
    if wide is not solved:
        solved[:] = wide[:, : solved.shape[1]]


def loss(by_row: Confidences, by_column: Confidences, rows: FloatMatrix, columns: FloatMatrix) -> float:
    """The loss of the header without biases, over all pairs.

    Args:
        by_row: (n_rows, n_columns).
        by_column: its transposed; only its λ are read.
        rows: float32 (n_rows, dim).
        columns: float32 (n_columns, dim).
    """
    rows, columns = _filled_up(rows), _filled_up(columns)
    per_row = np.zeros(len(by_row.reg))
    als_kernels.row_losses(*by_row.csr, rows, columns, per_row)
    sides = _Side(by_row.reg, rows, -1, -1, None, None), _Side(by_column.reg, columns, -1, -1, None, None)
    return _loss(float(per_row.sum()), _gram(rows), _gram(columns), sides, rows.shape[1])


def _loss(plays: float, gram: FloatMatrix, other: FloatMatrix, sides: tuple[_Side, _Side], dim: int) -> float:
    """Pairs without plays come in through Σ (x·y)² = ⟨XᵀX, YᵀY⟩."""
    all_pairs = float((gram.astype(np.float64) * other.astype(np.float64)).sum())
    return plays + all_pairs + sum(_price(side.reg, side.factors, dim) for side in sides)


def _price(reg: NDArray[np.float32], factors: FloatMatrix, dim: int) -> float:
    """Σ λ_r ‖f_r‖² without the biases; not by BLAS, see `_gram`."""
    found = 0.0
    for piece in pieces(len(factors), _ROWS):
        part = factors[piece, :dim].astype(np.float64)
        found += float((reg[piece] * np.einsum("rk,rk->r", part, part)).sum())
        let_go(factors)
    return found


def _gram(factors: FloatMatrix) -> FloatMatrix:
    """FᵀF, float32 (width, width), by one thread: BLAS sums in another order with two."""
    found = np.zeros((factors.shape[1], factors.shape[1]))
    with _LIBRARIES.limit(limits=1, user_api="blas"):
        for piece in pieces(len(factors), _ROWS):
            part = factors[piece]
            found += part.T @ part
            let_go(factors)
    return found.astype(np.float32)


def _filled_up(factors: FloatMatrix) -> FloatMatrix:
    """With zeros at the end of each row, to a multiple of what the kernels take at once; as it is where it is one."""
    rest = -factors.shape[1] % WIDTH
    return np.pad(factors, ((0, 0), (0, rest))) if rest else factors


def _cropped(factors: FloatMatrix, dim: int) -> FloatMatrix:
    return factors if factors.shape[1] == dim else np.ascontiguousarray(factors[:, :dim])


def _first(
    ids: IdVector, entity: str, config: Config, rng: np.random.Generator, start: Fitted | None, room: Room | None
) -> FloatMatrix:
    """Where the factors of one side start: small and random, or where `start` has them."""
    biased = 2 if config.biases else 0
    shape = (len(ids), (config.dim + biased + WIDTH - 1) // WIDTH * WIDTH)
    factors: FloatMatrix
    if room is None or not len(ids):
        factors = np.zeros(shape, dtype=np.float32)
    else:
        factors = np.memmap(room.folder / f"factors.{entity}", np.float32, "w+", shape=shape)
    known = None if start is None else start.vectors[entity]
    if known is not None and known.dim != config.dim:
        raise BuildError(f"[als] the fit to start from has dim {known.dim}, not {config.dim}: start afresh")
    rows = np.full(len(ids), -1) if known is None else known.rows_of(ids)
    bias = None if start is None else start.arrays.get(BIASES[entity])
    own, other = (config.dim, config.dim + 1) if entity == "listener" else (config.dim + 1, config.dim)
    for piece in pieces(len(ids), _ROWS):
        part, there = factors[piece], rows[piece]
        part[:, : config.dim] = rng.standard_normal((len(part), config.dim)) * 0.01
        if known is not None:
            part[there >= 0, : config.dim] = known.matrix[there[there >= 0]]
        if config.biases:
            part[:, other] = 1
            part[there >= 0, own] = 0 if bias is None else bias[there[there >= 0]]
        let_go(factors)
    return factors
