from __future__ import annotations

import numpy as np
import pytest

from cf import als, tuning, vector_exp, word2vec
from cf.interactions import Interactions, Playlists

CONFIGS = {"als": als.Config(), "vector_exp": vector_exp.Config(), "playlist": word2vec.Config()}


def test_a_split_holds_out_a_fifth_and_loses_nothing(plays: Interactions, rng: np.random.Generator) -> None:
    split = tuning.split_plays(plays, rng)
    assert ((split.known + split.held_out) != plays.matrix[split.rows]).nnz == 0
    assert (split.known.multiply(split.held_out)).nnz == 0
    np.testing.assert_array_equal(np.diff(split.held_out.indptr), np.diff(plays.matrix.indptr)[split.rows] // 5)


def test_held_out_artists_stand_nowhere_in_what_is_left_of_a_playlist(
    playlists: Playlists, rng: np.random.Generator
) -> None:
    split = tuning.split_playlists(playlists, rng)
    assert len(split.data) == len(playlists)
    left = split.data.membership.T.tocsr()
    assert left.multiply(split.held_out > 0).nnz == 0
    assert (left + split.held_out != playlists.membership.T.tocsr()).nnz == 0


def test_ndcg_against_a_slow_definition(plays: Interactions, rng: np.random.Generator) -> None:
    split = tuning.split_plays(plays, rng)
    profiles, artists = rng.standard_normal((len(split.rows), 3)), rng.standard_normal((16, 3))
    expected = []
    for row in range(len(profiles)):
        known, wanted = set(split.known[row].indices.tolist()), set(split.held_out[row].indices.tolist())
        ranked = sorted(set(range(16)) - known, key=lambda i: -float(profiles[row] @ artists[i]))[: tuning.K]
        found = sum(1 / np.log2(place + 2) for place, i in enumerate(ranked) if i in wanted)
        expected.append(found / sum(1 / np.log2(place + 2) for place in range(min(len(wanted), tuning.K))))
    got = tuning.ndcg(profiles.astype(np.float32), artists.astype(np.float32), split)
    np.testing.assert_allclose(got, expected, atol=1e-9)


@pytest.mark.parametrize("model", sorted(tuning.SPACES))
def test_a_trial_depends_on_its_number_alone_and_fits_the_settings(model: str) -> None:
    config = CONFIGS[model]
    drawn = [tuning.settings_of(model, config, 0, trial) for trial in range(30)]
    assert drawn == [tuning.settings_of(model, config, 0, trial) for trial in range(30)]
    assert drawn[0] == {name: getattr(config, name) for name in tuning.SPACES[model]}
    assert len({repr(one) for one in drawn}) == 30
    for one in drawn:
        config.model_validate({**config.model_dump(), **one})
