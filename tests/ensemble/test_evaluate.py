from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse

from db.errors import InputError
from ensemble.evaluate import evaluate
from ensemble.facts import Facts, Incidence
from ensemble.fusion import fuse
from ensemble.gold import GoldFile
from ensemble.inputs import Inputs
from ensemble.labels import labels
from ensemble.ranker import Config as RankerConfig
from ensemble.ranker import lesson, train
from ensemble.related import Config as RelatedConfig
from ensemble.related import Sections, pooled
from ensemble.spaces import catalogue

if TYPE_CHECKING:
    from tests.ensemble.conftest import World

SECTIONS = Sections(related=RelatedConfig(n=5, pool=30), ranker=RankerConfig(rounds=20))


@pytest.fixture
def inputs(world: World) -> Inputs:
    artists = catalogue(world.models, world.ids)
    return Inputs(world.models, artists, Facts.none(len(artists)), ())


@pytest.fixture
def gold(world: World) -> GoldFile:
    scene = dict(zip(world.ids.tolist(), world.scene.tolist(), strict=True))
    same = {a: {b: 1.0 for b in scene if a != b and scene[a] == scene[b]} for a in scene}
    return GoldFile(same, ("Nobody",), 100, 1)


def test_rows_stand_side_by_side(inputs: Inputs, gold: GoldFile, world: World) -> None:
    board = evaluate(inputs, gold, 10, 0, SECTIONS)
    rows = {row.name: row for row in board.rows}
    assert list(rows) == ["model0", "model1", "reciprocal ranks", "fusion"]
    assert "no plays" in board.notes[0]
    assert board.queries == len(inputs.artists)
    assert board.outside == len(world.ids) - len(inputs.artists)
    assert board.unknown == ("Nobody",)
    fusion = rows["fusion"]
    assert fusion.precision.mean > max(rows["model0"].precision.mean, rows["model1"].precision.mean)
    assert fusion.precision.low < fusion.precision.mean < fusion.precision.high
    assert fusion.answered == 1
    assert rows["model0"].answered == pytest.approx(len(world.models[0]) / len(inputs.artists))
    assert fusion.recall == fusion.condensed  # the gold file judges everyone
    assert {c.metric for c in board.comparisons} == {"recall", "condensed", "ndcg"}
    assert all(c.better == "fusion" and c.difference.low > 0 for c in board.comparisons)


def test_a_single_model_is_judged_as_it_ranks(inputs: Inputs, gold: GoldFile, world: World) -> None:
    board = evaluate(inputs, gold, 10, 0, SECTIONS)
    model = world.models[1]
    unit, hits = model.unit(), []
    for row, artist in enumerate(model.ids.tolist()):
        cosine = unit @ unit[row]
        cosine[row] = -2
        hits.append(np.mean([int(i) in gold.gold[artist] for i in model.ids[np.argsort(-cosine)[:10]]]))
    expected = sum(hits) / len(inputs.artists)
    assert next(row for row in board.rows if row.name == "model1").precision.mean == pytest.approx(expected)


def test_unjudged_artists_are_taken_out_of_condensed_lists(inputs: Inputs, gold: GoldFile) -> None:
    few = {a: dict.fromkeys(list(row)[:4], 1.0) for a, row in list(gold.gold.items())[:30]}
    board = evaluate(inputs, replace(gold, gold=few), 10, 0, SECTIONS)
    for row in board.rows:
        assert row.condensed.mean > row.recall.mean


def test_labelled_artists_are_not_judged(inputs: Inputs, gold: GoldFile) -> None:
    half = inputs.artists[::2].tolist()
    judged = tuple((a, b, g) for a in half for b, g in gold.gold[a].items())
    known = replace(inputs, judged=judged)
    pools = pooled(inputs.vectors, inputs.artists, SECTIONS)
    fused = fuse(pools, inputs.facts, SECTIONS.fusion)
    ranker = train(lesson(pools, inputs.facts, fused, labels(judged, inputs.artists)), SECTIONS.ranker, 1)
    board = evaluate(known, gold, 10, 0, SECTIONS, ranker)
    assert board.labelled == len(half)
    assert board.queries == len(inputs.artists) - len(half)
    assert board.rows[-1].name == "ranker"
    less = evaluate(known, gold, 10, 0, SECTIONS, ranker, without=True)
    assert [row.name for row in less.rows[-4:]] == [
        "fusion without model0", "ranker without model0", "fusion without model1", "ranker without model1",
    ]  # fmt: skip
    assert ("ranker", "ranker without model1") in {(c.better, c.worse) for c in less.comparisons}
    assert [(c.better, c.worse) for c in board.comparisons if c.metric == "ndcg"][-1] == ("ranker", "fusion")


def test_baselines_stand_beside_and_exposure_is_told(inputs: Inputs, gold: GoldFile, world: World) -> None:
    rng = np.random.default_rng(0)
    scene = dict(zip(world.ids.tolist(), world.scene.tolist(), strict=True))
    own = np.array([scene[int(i)] for i in inputs.artists])
    chance = np.where(own[:, None] == np.arange(60) % 6, 0.5, 0.05)
    plays = sparse.csr_matrix((rng.random(chance.shape) < chance) * 9.0)
    facts = replace(inputs.facts, listeners=Incidence.of(len(own), *plays.nonzero()))
    rows = {row.name: row for row in evaluate(replace(inputs, facts=facts), gold, 10, 0, SECTIONS, plays=plays).rows}
    assert list(rows)[:4] == ["popularity", "item-kNN cosine", "co-counts", "EASE"]
    assert rows["item-kNN cosine"].precision.mean > 0.7 > 0.4 > rows["popularity"].precision.mean
    assert rows["popularity"].gini > 0.8 > rows["fusion"].gini
    assert rows["popularity"].popularity > 0.9 > rows["fusion"].popularity
    assert np.mean(rows["fusion"].deciles) == pytest.approx(rows["fusion"].recall.mean, abs=0.02)


def test_nobody_left_to_judge(inputs: Inputs, gold: GoldFile) -> None:
    with pytest.raises(InputError, match="leaves no artist to judge"):
        evaluate(inputs, replace(gold, gold={}), 10, 0, SECTIONS)
