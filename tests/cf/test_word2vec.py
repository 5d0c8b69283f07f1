from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_the_first_pass_takes_all_and_the_others_a_part(tmp_path: Path, rng: np.random.Generator) -> None:
    data = Playlists(
        np.arange(9), np.array([0, 7, 9]), np.array([0, 2, *range(3, 11)]), np.arange(10, dtype=np.int32) % 9
    )
    path = tmp_path / "corpus"
    word2vec.write_corpus(data, Config(visits=2, places=3), rng, path)
    lines = [line.split() for line in path.read_text().splitlines()]
    assert sorted(lines[0]) == [str(artist) for artist in range(8)]
    assert [len(line) for line in lines[1::2]] == [2, 2, 2]
    assert all(3 <= len(line) <= 4 for line in lines[2::2])
    for line in lines[::2]:
        if "0" in line:
            assert line[line.index("0") + 1] == "1"  # artists of one track stay side by side


def test_a_playlist_longer_than_gensim_reads_is_kept_whole(tmp_path: Path, rng: np.random.Generator) -> None:
    n = 25_000
    data = Playlists(np.arange(n), np.array([0, n]), np.arange(n + 1), np.arange(n, dtype=np.int32))
    path = tmp_path / "corpus"
    word2vec.write_corpus(data, Config(visits=1), rng, path)
    lines = [line.split() for line in path.read_text().splitlines()]
    assert max(map(len, lines)) <= 10_000
    assert len({word for line in lines for word in line}) == n


def test_a_warm_start_needs_the_same_dim(playlists: Playlists, rng: np.random.Generator) -> None:
    first = word2vec.fit(playlists, Config(dim=4, visits=30), rng)
    still = Config(dim=4, visits=1, alpha=1e-12)
    again = word2vec.fit(playlists, still, rng, start=first).vectors["artist"].matrix
    np.testing.assert_allclose(again, first.vectors["artist"].matrix, atol=1e-5)
    with pytest.raises(BuildError, match="dim 4, not 5"):
        word2vec.fit(playlists, Config(dim=5), rng, start=first)
