from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from cf.corpus import Corpus
from cf.interactions import Playlists

TWO = Playlists(np.arange(9), np.array([0, 7, 9]), np.array([0, 2, *range(3, 11)]), np.arange(10, dtype=np.int32) % 9)
"""A list of seven places, two artists at its first, and one of two places."""


def lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()]


def test_the_first_pass_takes_all_and_the_others_a_part(tmp_path: Path, rng: np.random.Generator) -> None:
    Corpus(TWO, places=3, visits=4).write(tmp_path / "corpus", rng)
    found = lines(tmp_path / "corpus")
    assert sorted(found[0]) == [str(artist) for artist in range(8)]
    assert {len(line) for line in found[1::2]} == {2}
    assert {len(line) for line in found[2::2]} == {3, 4}
    assert all(line[line.index("0") + 1] == "1" for line in found[::2] if "0" in line)  # artists of one track


def test_every_second_pass_takes_a_stretch_as_it_stands(tmp_path: Path, rng: np.random.Generator) -> None:
    Corpus(TWO, places=3, visits=40).write(tmp_path / "corpus", rng)
    stretches = {tuple(map(int, line)) for line in lines(tmp_path / "corpus")[2::4]}
    assert stretches == {(0, 1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 6), (5, 6, 7)}
    assert {tuple(line) for line in lines(tmp_path / "corpus")[3::4]} == {("8", "0")}


def test_what_was_written_is_counted(tmp_path: Path, rng: np.random.Generator) -> None:
    counts = Corpus(TWO, places=2, visits=7).write(tmp_path / "corpus", rng)
    words = Counter(word for line in lines(tmp_path / "corpus") for word in line)
    assert {str(row): count for row, count in enumerate(counts.tolist())} == words


def test_a_playlist_longer_than_gensim_reads_is_kept_whole(tmp_path: Path, rng: np.random.Generator) -> None:
    n = 25_000
    data = Playlists(np.arange(n), np.array([0, n]), np.arange(n + 1), np.arange(n, dtype=np.int32))
    Corpus(data, places=500, visits=1).write(tmp_path / "corpus", rng)
    found = lines(tmp_path / "corpus")
    assert max(map(len, found)) <= 10_000
    assert len({word for line in found for word in line}) == n
