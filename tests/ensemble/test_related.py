from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from db.vectors import Vectors
from ensemble.facts import Facts, Incidence
from ensemble.fusion import fuse
from ensemble.labels import labels
from ensemble.ranker import Config as RankerConfig
from ensemble.ranker import lesson, train
from ensemble.reasons import KINDS, common, evidence, lines, vocabulary
from ensemble.related import Config, Related, Sections, learned, learned_shares, pooled, select
from ensemble.sentences import Sentence, quotes
from ensemble.spaces import catalogue

if TYPE_CHECKING:
    from ensemble.pools import Pools
    from tests.ensemble.conftest import World

SECTIONS = Sections(related=Config(n=5, pool=20))


def related_of(models: tuple[Vectors, ...], canonical: np.ndarray, pool: int = 20) -> tuple[np.ndarray, Pools, Related]:
    artists = catalogue(models, canonical)
    found = pooled(models, artists, SECTIONS)
    fused = fuse(found, Facts.none(len(artists)), SECTIONS.fusion)
    return artists, found, select(found, fused, fused, pool)


def test_every_artist_gets_its_pool_best_first(world: World) -> None:
    artists, _, ranked = related_of(world.models, world.ids)
    for artist in range(len(artists)):
        mine = ranked.artist == artist
        assert ranked.rank[mine].tolist() == list(range(1, 21))
        assert (np.diff(ranked.score[mine]) <= 0).all()
        assert artist not in ranked.related[mine]
        assert len(set(ranked.related[mine].tolist())) == 20


def test_both_models_find_scenes_better_than_one(world: World) -> None:
    def precision(models: tuple[Vectors, ...]) -> float:
        artists, _, ranked = related_of(models, world.ids, 10)
        scene = world.scene[np.searchsorted(world.ids, artists)]
        return float((scene[ranked.artist] == scene[ranked.related]).mean())

    assert precision(world.models) > max(precision((one,)) for one in world.models)


def test_ids_as_dealt_change_nothing(world: World) -> None:
    artists, _, ranked = related_of(world.models, world.ids)
    dealt = np.random.default_rng(4).permutation(10_000)[: len(world.ids)].astype(np.int64)
    renamed = dict(zip(world.ids.tolist(), dealt.tolist(), strict=True))
    models = tuple(replace(m, ids=np.array([renamed[i] for i in m.ids.tolist()])) for m in world.models)
    others, _, again = related_of(models, dealt)
    assert others.tolist() == [renamed[i] for i in artists.tolist()]
    np.testing.assert_array_equal(ranked.related, again.related)
    np.testing.assert_array_equal(ranked.score, again.score)


@pytest.mark.parametrize("n", [1, 2, 21])
def test_small_catalogues(n: int) -> None:
    rng = np.random.default_rng(n)
    model = Vectors("only", "artist", np.arange(n), rng.standard_normal((n, 4)).astype(np.float32))
    _, _, ranked = related_of((model,), np.arange(n))
    assert np.bincount(ranked.artist, minlength=n).tolist() == [min(20, n - 1)] * n


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_vectors_that_are_all_alike(value: float) -> None:
    model = Vectors("only", "artist", np.arange(30), np.full((30, 4), value, np.float32))
    _, _, ranked = related_of((model,), np.arange(30))
    if value:
        assert ranked.related[ranked.artist == 3].tolist() == [i for i in range(21) if i != 3]
    else:
        assert not len(ranked.artist)


def test_one_model_alone_ranks_as_its_cosines_do() -> None:
    rng = np.random.default_rng(0)
    model = Vectors("only", "artist", np.arange(50), rng.standard_normal((50, 6)).astype(np.float32))
    found = pooled((model,), np.arange(50), SECTIONS)
    config = SECTIONS.fusion.model_copy(update={"circle": 0.0, "trust": 0.0})
    fused = fuse(found, Facts.none(50), config)
    ranked = select(found, fused, fused, 20)
    unit = model.unit()
    for artist in range(50):
        cosine = unit @ unit[artist]
        cosine[artist] = -2
        assert ranked.related[ranked.artist == artist].tolist() == np.argsort(-cosine)[:20].tolist()


def test_a_pool_smaller_than_n_is_refused() -> None:
    with pytest.raises(ValidationError, match="raise pool"):
        Config(n=30, pool=20)


@pytest.fixture
def facts() -> Facts:
    """Three artists; 0 and 1 share much, 2 shares nothing."""

    def table(*pairs: tuple[int, int]) -> Incidence:
        artist, thing = np.array(pairs).T
        return Incidence.of(3, artist, thing)

    terms = Incidence.of(
        3, np.array([0, 0, 0, 1, 1, 2]), np.array([0, 1, 2, 0, 1, 3]), np.array([0.6, 0.5, 0.3, 0.5, 0.7, 0.4])
    )
    return Facts(
        table((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 3)), table((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 2)),
        table((0, 0), (1, 0), (2, 1)), terms, ("wide", "narrow", "other"), ("http://a/", "http://b/"),
        ("dub", "ska", "soul", "polka"),
    )  # fmt: skip


def test_reasons_say_what_is_counted(facts: Facts) -> None:
    model = Vectors("als", "artist", np.arange(3), np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    found = pooled((model,), np.arange(3), SECTIONS)
    fused = fuse(found, facts, SECTIONS.fusion)
    shown = select(found, fused, fused, 20)
    said = quotes(3, [(0, Sentence((0, 1), "Both of them.")), (1, Sentence((0, 2), "Him."))])
    shared = common(facts, said, shown)
    told = dict(zip(zip(shown.artist.tolist(), shown.related.tolist(), strict=True), lines(found, facts, shown, shared),
                    strict=True))  # fmt: skip
    assert told[0, 1] == (
        "both “dub”, “ska”; named together in 1 sentence; 2 playlists in common, such as “narrow”; "
        "2 listeners in common"
    )
    assert told[1, 2] == "near by als (rank 2)"  # one playlist of three in common is what chance would give
    rows = evidence(found, facts, shown, shared, said)
    names = vocabulary(found, facts)
    pair = int(np.flatnonzero((shown.artist == 0) & (shown.related == 1))[0])
    mine = range(rows.starts[pair], rows.starts[pair + 1])
    assert [(KINDS[rows.kind[i]], names[rows.name[i]], rows.rank[i], rows.back[i]) for i in mine] == [
        ("model", "als", 1, 1), ("term", "dub", 0, 0), ("term", "ska", 0, 0), ("playlists", "", 0, 0),
        ("playlists", "narrow", 0, 0), ("playlists", "wide", 0, 0), ("listeners", "", 0, 0),
        ("sentences", "", 0, 0), ("sentences", "http://a/", 0, 0),
    ]  # fmt: skip
    np.testing.assert_allclose(rows.value[list(mine)[3:]], [2, 1, 1, 2, 1, 1])
    chances = [rows.chance[i] for i in mine if not np.isnan(rows.chance[i])]
    np.testing.assert_allclose(chances, [4 / 3, 6 / 4, 2 / 2])
    assert [rows.texts[rows.text[i]] for i in mine if rows.text[i] >= 0] == ["Both of them."]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
def test_a_term_is_worth_what_the_cosine_falls_without_it(seed: int, n_terms: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 4, (2, n_terms)).astype(np.float64)
    weights[:, 0] = 1  # something in common
    artist, thing = np.nonzero(weights)
    table = Incidence.of(2, artist, thing, weights[artist, thing])
    pairs = Related(np.array([0]), np.array([1], np.int32), np.array([1]), np.ones(1, np.float32), np.array([0]))
    told = common(Facts(*(Incidence.empty(2),) * 3, table), quotes(2, []), pairs).terms

    def cosine(left: np.ndarray) -> float:
        size = np.linalg.norm(left[0]) * np.linalg.norm(left[1])
        return float(left[0] @ left[1] / size) if size > 0 else 0.0

    falls = {t: cosine(weights) - cosine(np.delete(weights, t, axis=1)) for t in range(n_terms) if weights[:, t].all()}
    best = sorted((fall for fall in falls.values() if fall > 1e-6), reverse=True)[:5]
    chosen = [t for t in told.best[0].tolist() if t >= 0 and falls[t] > 1e-6]
    np.testing.assert_allclose([falls[t] for t in chosen], best, atol=1e-6)
    np.testing.assert_allclose(told.weight[0, : len(chosen)], best, atol=1e-5)


def test_nothing_in_common_names_the_model() -> None:
    model = Vectors("als", "artist", np.arange(3), np.eye(3, dtype=np.float32))
    found = pooled((model,), np.arange(3), SECTIONS)
    fused = fuse(found, Facts.none(3), SECTIONS.fusion)
    shown = select(found, fused, fused, 20)
    assert lines(found, Facts.none(3), shown, common(Facts.none(3), quotes(3, []), shown))[0] == "near by als (rank 1)"


def test_shares_add_up_to_the_rankers_score(world: World) -> None:
    artists = catalogue(world.models, world.ids)
    found = pooled(world.models, artists, SECTIONS)
    facts = Facts.none(len(artists))
    fused = fuse(found, facts, SECTIONS.fusion)
    scene = dict(zip(world.ids.tolist(), world.scene.tolist(), strict=True))
    judged = [(a, b, 1.0) for a in scene for b in scene if a != b and scene[a] == scene[b]]
    given = lesson(found, facts, fused, labels(judged, artists))
    ranker = train(given, RankerConfig(rounds=20), 1)
    shown = select(found, learned(found, facts, fused, ranker, given.taught), fused, 5)
    shares = learned_shares(found, facts, fused, ranker, given.taught, shown)
    assert shares.columns == ranker.columns
    score = shown.score.astype(np.float64)
    np.testing.assert_allclose(shares.matrix.sum(axis=1), np.log(score / (1 - score)), atol=1e-3)
    assert np.abs(shares.matrix[:, :-1]).max() > 0.1
    unsaid = quotes(len(artists), [])
    told = evidence(found, facts, shown, common(facts, unsaid, shown), unsaid, shares)
    kinds = np.array(KINDS)[told.kind]
    total = np.add.reduceat(np.where(kinds == "share", told.value, 0), told.starts[:-1])
    np.testing.assert_allclose(total, np.log(score / (1 - score)), atol=1e-3)


def test_who_is_never_to_be_suggested_makes_room(world: World) -> None:
    artists = catalogue(world.models, world.ids)
    found = pooled(world.models, artists, SECTIONS)
    fused = fuse(found, Facts.none(len(artists)), SECTIONS.fusion)
    never = np.arange(len(artists)) % 3 == 0
    plain, sifted = select(found, fused, fused, 20), select(found, fused, fused, 20, never)
    assert never[plain.related].any()
    assert not never[sifted.related].any()
    assert np.bincount(sifted.artist).tolist() == np.bincount(plain.artist).tolist()
