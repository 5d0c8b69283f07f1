"""Vectors for listeners or artists who came after an ALS fit: one exact half step from the factors of the other side.

This is equation 4 of Hu, Koren and Volinsky (2008), as in `cf.als`; nobody else's vector changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cf.als import BIASES, Confidences, Config, half_step
from db.errors import BuildError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from db.base import FloatMatrix
    from db.vectors import Vectors


def fold_in(
    plays: sparse.csr_matrix, fixed: Vectors, config: Config, bias: NDArray[np.float32] | None = None
) -> FloatMatrix:
    """The vectors that a Cholesky half step gives these rows.

    Args:
        plays: CSR (n_new, len(fixed)): plays of each newcomer; columns are the rows of `fixed`.
        fixed: artists (for new listeners) or listeners (for new artists) of a fit.
        config: the settings of that fit.
        bias: float32 (len(fixed),), the biases of a fit that has them.

    Returns:
        float32 (n_new, dim); a row without plays is zero.

    Raises:
        BuildError: shapes do not fit, plays are negative or not finite, or the biases of the fit are missing.
    """
    if plays.shape[1] != len(fixed):
        raise BuildError(f"plays of {plays.shape[1]} {fixed.entity}s do not fit {len(fixed)} fixed vectors")
    if config.biases and bias is None:
        raise BuildError(f"the fit of these {fixed.entity}s has biases: fold in with its {BIASES[fixed.entity]}.npy")
    exact = config.model_copy(update={"solver": "cholesky", "dim": fixed.dim})
    # a memory-mapped matrix is read-only, for which the kernels would be compiled again
    factors = np.require(fixed.matrix, np.float32, ["C", "W"])
    free = frozen = -1
    if bias is not None:
        ones = np.ones((len(bias), 1), dtype=np.float32)
        factors, (free, frozen) = np.hstack([factors, ones, bias[:, None]]), (fixed.dim, fixed.dim + 1)
    solved: FloatMatrix = np.zeros((plays.shape[0], factors.shape[1]), dtype=np.float32)
    if frozen >= 0:
        solved[:, frozen] = 1
    half_step(Confidences.of(plays, exact), factors, exact, solved, free=free, frozen=frozen)
    solved = np.ascontiguousarray(solved[:, : fixed.dim])
    if not np.isfinite(solved).all():
        raise BuildError(f"folding in {plays.shape[0]} rows ran out of range: lower [als] alpha = {config.alpha}")
    return solved
