from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from db.errors import ArtifactDamaged
from db.vectors import Vectors
from ensemble.facts import Facts
from ensemble.features import features
from ensemble.fusion import fuse
from ensemble.labels import labels
from ensemble.ranker import Config, Lesson, Verdict, choose, head_start, lesson, load_ranker, train
from ensemble.related import Config as RelatedConfig
from ensemble.related import Sections, learned, pooled

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ensemble.pools import Pools

N, SCENES = 240, 24
SECTIONS = Sections(related=RelatedConfig(n=10, pool=40))


def planted(seed: int) -> tuple[Pools, Facts, NDArray[np.float32], NDArray[np.int64]]:
    """One model sees the scenes, two see something else: fusion hears all three alike, a ranker need not."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(0, SCENES, N)
    seen = rng.standard_normal((SCENES, 12))[scene] + 0.6 * rng.standard_normal((N, 12))
    ids = np.arange(N, dtype=np.int64)
    models = [Vectors("good", "artist", ids, seen.astype(np.float32))]
    models += [Vectors(f"odd{i}", "artist", ids, rng.standard_normal((N, 12)).astype(np.float32)) for i in range(2)]
    found = pooled(models, ids, SECTIONS)
    return found, Facts.none(N), fuse(found, Facts.none(N), SECTIONS.fusion), scene


def judged_by_scene(scene: NDArray[np.int64], queries: int) -> list[tuple[int, int, float]]:
    return [(a, b, 1.0) for a in range(queries) for b in range(N) if a != b and scene[a] == scene[b]]


def verdict_of(judged: list[tuple[int, int, float]], config: Config, seed: int = 0) -> tuple[Verdict, Lesson]:
    found, facts, fused, _ = planted(seed)
    given = lesson(found, facts, fused, labels(judged, np.arange(N)))
    return choose(given, config, 3), given


def test_a_planted_signal_is_learnt() -> None:
    _, _, _, scene = planted(0)
    verdict, _ = verdict_of(judged_by_scene(scene, 60), Config(rounds=30))
    assert verdict.serves == "ranker"
    assert verdict.queries == 60
    assert verdict.gain is not None
    assert verdict.gain.low > 0.1
    assert "beats fusion" in verdict.why


def test_noise_does_not_beat_fusion() -> None:
    rng = np.random.default_rng(2)
    wins = 0
    for seed in range(3):
        found, facts, fused, _ = planted(seed)
        judged = {}
        for query in range(60):  # liked is who fusion puts first, up to a throw of dice: nothing is left to learn
            begin, end = found.candidates.offsets[query : query + 2]
            noisy = fused[begin:end] + 0.02 * rng.standard_normal(end - begin)
            judged[query] = dict.fromkeys(found.candidates.pool(query)[np.argsort(-noisy)[:5]].tolist(), 1.0)
        wins += choose(lesson(found, facts, fused, judged), Config(rounds=30), 3).serves == "ranker"
    assert wins == 0


def test_too_few_labels_or_switched_off() -> None:
    _, _, _, scene = planted(0)
    verdict, _ = verdict_of(judged_by_scene(scene, 24), Config())
    assert (verdict.serves, verdict.ranker, verdict.gain) == ("fusion", None, None)
    assert "24 labelled artists" in verdict.why
    verdict, _ = verdict_of(judged_by_scene(scene, 60), Config(enabled=False))
    assert "switched off" in verdict.why
    verdict, _ = verdict_of([], Config())
    assert (verdict.serves, verdict.queries) == ("fusion", 0)


def test_more_of_what_speaks_for_a_pair_never_lowers_it() -> None:
    _, _, _, scene = planted(0)
    _, given = verdict_of(judged_by_scene(scene, 60), Config())
    ranker = train(given, Config(rounds=40), 1)
    rows = given.rows
    before = ranker.score(rows)
    for place, direction in enumerate(rows.monotone):
        if direction:
            moved = rows.matrix.copy()
            moved[:, place] += direction * (5 if rows.columns[place].endswith(("rank", "back")) else 0.1)
            assert (ranker.score(type(rows)(rows.columns, rows.monotone, moved)) >= before - 1e-6).all()


def test_the_same_lesson_gives_the_same_ranker_and_the_file_keeps_it(tmp_path: Path) -> None:
    found, facts, fused, scene = planted(0)
    given = lesson(found, facts, fused, labels(judged_by_scene(scene, 30), np.arange(N)))
    one, two = (train(given, Config(rounds=20), 5) for _ in range(2))
    one.save(tmp_path / "one.txt")
    two.save(tmp_path / "two.txt")
    assert (tmp_path / "one.txt").read_bytes() == (tmp_path / "two.txt").read_bytes()
    again = load_ranker(tmp_path / "one.txt", given.rows.columns)
    scores = [learned(found, facts, fused, ranker, given.taught) for ranker in (again, one)]
    np.testing.assert_array_equal(*scores)
    with pytest.raises(ArtifactDamaged, match="good"):
        load_ranker(tmp_path / "one.txt", tuple(c for c in given.rows.columns if c != "good"))


def test_popularity_speaks_only_when_it_may() -> None:
    found, facts, fused, scene = planted(0)
    given = lesson(found, facts, fused, labels(judged_by_scene(scene, 30), np.arange(N)))
    assert "popularity" not in train(given, Config(rounds=5, popularity=False), 1).columns
    ranker = train(given, Config(rounds=5), 1)
    assert "popularity" in ranker.columns
    rows = features(found, facts, fused, np.arange(3))
    assert ranker.score(rows).shape == (len(rows.matrix),)


def test_few_labels_move_little() -> None:
    found, facts, fused, scene = planted(0)
    given = lesson(found, facts, fused, labels(judged_by_scene(scene, 60), np.arange(N)))
    rows = features(found, facts, fused, np.arange(100, 140))

    def moved(queries: int) -> float:
        ranker = train(given.part(np.arange(queries)), Config(), 1)
        assert ranker.booster.num_trees() == queries // 2
        raw = np.log(ranker.score(rows).astype(np.float64) / (1 - ranker.score(rows).astype(np.float64)))
        return float(np.abs(raw - head_start(rows)).mean())

    assert moved(4) < moved(20) < moved(60)
