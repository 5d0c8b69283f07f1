"""Vectors for listeners or artists who came after an ALS fit: one exact half step from the factors of the other side.

This is equation 4 of Hu, Koren and Volinsky (2008), as in `cf.als`; nobody else's vector changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cf.als import Confidences, Config, half_step
from db.errors import BuildError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from db.base import FloatMatrix
    from db.vectors import Vectors


def fold_in(
    plays: sparse.csr_matrix, fixed: Vectors, config: Config, biases: NDArray[np.float32] | None = None
) -> FloatMatrix:
    """The vectors alone of `fold_in_biased`."""
    return fold_in_biased(plays, fixed, config, biases)[0]


def fold_in_biased(
    plays: sparse.csr_matrix, fixed: Vectors, config: Config, biases: NDArray[np.float32] | None
) -> tuple[FloatMatrix, NDArray[np.float32] | None]:
    """The vectors, and the biases where the fit has any, that a Cholesky half step gives these rows.

    Args:
        plays: CSR (n_new, len(fixed)): plays of each newcomer; columns are the rows of `fixed`.
        fixed: artists (for new listeners) or listeners (for new artists) of a fit.
        config: the settings of that fit.
        biases: float32 (len(fixed),), of `fixed`, where the fit has them.

    Returns:
        float32 (n_new, dim) and (n_new,); a row without plays is zero.

    Raises:
        BuildError: shapes do not fit, plays are negative or not finite, or the fit has no biases but should.
    """
    if plays.shape[1] != len(fixed):
        raise BuildError(f"plays of {plays.shape[1]} {fixed.entity}s do not fit {len(fixed)} fixed vectors")
    check_biases(fixed, config, biases)
    exact = config.model_copy(update={"solver": "cholesky", "dim": fixed.dim})
    # a memory-mapped matrix is read-only, for which the kernels would be compiled again
    factors = np.require(fixed.matrix, np.float32, ["C", "W"])
    free = frozen = -1
    if biases is not None:
        ones = np.ones((len(biases), 1), dtype=np.float32)
        factors, (free, frozen) = np.hstack([factors, ones, biases[:, None]]), (fixed.dim, fixed.dim + 1)
    solved: FloatMatrix = np.zeros((plays.shape[0], factors.shape[1]), dtype=np.float32)
    if frozen >= 0:
        solved[:, frozen] = 1
    half_step(Confidences.of(plays, exact), factors, exact, solved, free=free, frozen=frozen)
    if not np.isfinite(solved).all():
        raise BuildError(f"folding in {plays.shape[0]} rows ran out of range: lower [als] alpha = {config.alpha}")
    found = None if biases is None else solved[:, free].copy()
    return np.ascontiguousarray(solved[:, : fixed.dim]), found


def check_biases(fixed: Vectors, config: Config, biases: NDArray[np.float32] | None) -> None:
    """Refuse a fit without the biases that the settings ask for, or with those of others.

    Raises:
        BuildError: so it is.
    """
    if config.biases and biases is None:
        raise BuildError(f"[als] biases is on, but the fit of these {fixed.entity}s has none: run `kinsong build`")
    if biases is not None and len(biases) != len(fixed):
        raise BuildError(f"{len(biases)} biases do not fit {len(fixed)} {fixed.entity}s")
