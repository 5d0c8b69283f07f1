from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from cf import word2vec
from cf.interactions import Playlists
from cf.word2vec import Config
from db.errors import BuildError

SCRIPT = """
import hashlib
import numpy as np
from cf import word2vec
from cf.interactions import Playlists
rows = np.random.default_rng(5).integers(0, 30, 600).astype(np.int32)
data = Playlists(np.arange(30), np.arange(0, 601, 20), np.arange(601), rows)
fitted = word2vec.fit(data, word2vec.Config(dim=8, visits=60), np.random.default_rng(0))
print(hashlib.sha256(fitted.vectors["artist"].matrix.tobytes()).hexdigest())
"""


def test_the_hash_seed_of_a_process_changes_nothing() -> None:
    digests = set()
    for seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        digests.add(run.stdout)
        assert run.stderr == ""
    assert len(digests) == 1


def test_a_vector_is_word2vec_and_membership_by_their_shares(playlists: Playlists) -> None:
    config = Config(dim=4, visits=30, share=0.25)
    matrix = word2vec.fit(playlists, config, np.random.default_rng(1)).vectors["artist"].matrix
    np.testing.assert_allclose(np.linalg.norm(matrix[:, :8], axis=1) ** 2, 0.25, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(matrix[:, 8:], axis=1) ** 2, 0.75, rtol=1e-5)


@pytest.mark.parametrize(("share", "dim"), [(0.0, 16), (1.0, 8)])
def test_either_part_can_stand_alone(playlists: Playlists, share: float, dim: int) -> None:
    fitted = word2vec.fit(playlists, Config(dim=4, visits=30, share=share), np.random.default_rng(1))
    assert fitted.vectors["artist"].dim == dim
    assert ("input" in fitted.arrays) == (share > 0)


def test_a_warm_start_needs_the_same_dim(playlists: Playlists, rng: np.random.Generator) -> None:
    first = word2vec.fit(playlists, Config(dim=4, visits=30), rng)
    still = Config(dim=4, visits=1, alpha=1e-12)
    again = word2vec.fit(playlists, still, rng, start=first).arrays["input"]
    np.testing.assert_allclose(again, first.arrays["input"], atol=1e-5)
    with pytest.raises(BuildError, match="dim 4, not 5"):
        word2vec.fit(playlists, Config(dim=5), rng, start=first)
