from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import ensemble.held_out
from ensemble.baselines import baselines
from ensemble.facts import Facts, Incidence
from ensemble.fusion import fuse
from ensemble.held_out import HeldOut, judge, split
from ensemble.inputs import Inputs
from ensemble.metrics import average_precision, ndcg, recall
from ensemble.related import Config as RelatedConfig
from ensemble.related import Sections, pooled
from ensemble.spaces import catalogue

if TYPE_CHECKING:
    from tests.ensemble.conftest import World

SECTIONS = Sections(related=RelatedConfig(n=5, pool=30))
K = 5
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(-1, 9)), max_size=80)


def columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    group, artist, first = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return group, artist, first


@given(rows=ROWS, seed=st.integers(0, 3), dated=st.booleans())
def test_a_fifth_of_each_groups_artists_is_held_out_whole(
    rows: list[tuple[int, int, int]], seed: int, dated: bool
) -> None:
    group, artist, first = columns(rows)
    hidden = split(group, artist, seed, first if dated else None)
    for one in set(group.tolist()):
        its = group == one
        artists, away = set(artist[its].tolist()), set(artist[its & hidden].tolist())
        assert away.isdisjoint(artist[its & ~hidden].tolist())
        assert len(away) == (len(artists) // 5 if len(artists) >= 5 else 0)
        if dated and (first[its] >= 0).all():
            met = {a: first[its & (artist == a)].min() for a in artists}
            assert all(met[a] >= met[b] for a in away for b in artists - away)


@given(rows=ROWS, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int, int]], shuffle: object) -> None:
    group, artist, first = columns(rows)
    order = list(range(len(rows)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    mixed = split(group[order], artist[order], 1, first[order])
    assert mixed.tolist() == split(group, artist, 1, first)[order].tolist()


def test_another_seed_holds_out_others() -> None:
    artist = np.arange(50, dtype=np.int64)
    one, other = (split(np.zeros(50, dtype=np.int64), artist, seed) for seed in (0, 1))
    assert one.sum() == other.sum() == 10
    assert one.tolist() != other.tolist()


@pytest.fixture
def asked(world: World) -> tuple[Inputs, HeldOut]:
    """60 listeners who like one scene each, a fifth of what they play held out; one artist outside the catalogue."""
    artists = catalogue(world.models, world.ids)
    scene = dict(zip(world.ids.tolist(), world.scene.tolist(), strict=True))
    own = np.array([scene[int(one)] for one in artists])
    rng = np.random.default_rng(1)
    chance = np.where(own[:, None] == np.arange(60) % 6, 0.6, 0.05)
    whole = sparse.csr_matrix((rng.random(chance.shape) < chance) * 3.0)
    row, column = whole.nonzero()
    hidden = split(column.astype(np.int64), row.astype(np.int64), 0)
    answers: dict[int, list[int]] = {}
    for artist, listener in zip(row[hidden].tolist(), column[hidden].tolist(), strict=True):
        answers.setdefault(listener, []).append(artist)
    answers[0].append(len(artists) + 3)
    kept = sparse.csr_matrix((np.full((~hidden).sum(), 3.0), (row[~hidden], column[~hidden])), shape=whole.shape)
    none = Incidence.empty(len(artists))
    listeners = Incidence.of(len(artists), *(one.astype(np.int64) for one in kept.nonzero()))
    return Inputs(world.models, artists, Facts(listeners, none, none, none), ()), HeldOut(kept, answers)


def test_lists_are_the_sums_of_what_is_left(asked: tuple[Inputs, HeldOut]) -> None:
    inputs, out = asked
    board = judge(inputs, out, K, 0, SECTIONS, ())
    assert [row.name for row in board.rows] == [
        "popularity", "item-kNN cosine", "co-counts", "EASE", "model0", "model1", "fusion"
    ]  # fmt: skip
    n = len(inputs.artists)
    every = np.arange(n, dtype=np.int64)
    whole = {name: np.array(scores(every), dtype=float) for name, scores in baselines(out.kept)[0].items()}
    pools = pooled(inputs.vectors, inputs.artists, SECTIONS)
    query = np.repeat(every, np.diff(pools.candidates.offsets))
    fused = fuse(pools, inputs.facts, SECTIONS.fusion)
    for name, score in (*zip(pools.models, pools.cosine, strict=True), ("fusion", fused)):
        whole[name] = np.zeros((n, n))
        whole[name][query, pools.candidates.items] = np.maximum(np.nan_to_num(score), 0)
    for row in board.rows:
        found = []
        for listener, relevant in sorted(out.hidden.items()):
            own = np.flatnonzero(out.kept[:, [listener]].toarray())
            total = whole[row.name][own].sum(axis=0)
            order = np.lexsort((every, -total.round(9))).tolist()
            ranked = [one for one in order if one not in own and total[one] > 0]
            wanted = dict.fromkeys(relevant, 1.0)
            found.append([metric(ranked, wanted, K) for metric in (recall, ndcg, average_precision)])
        means = row.recall.mean, row.ndcg.mean, row.average_precision.mean
        assert means == pytest.approx(np.mean(found, axis=0).tolist(), abs=0.01)
        assert row.condensed is None
    assert {(c.better, c.worse) for c in board.comparisons} == {
        ("fusion", row.name) for row in board.rows if row.name != "fusion"
    }
    assert all(c.metric == "ndcg" for c in board.comparisons)
    by_name = {row.name: row for row in board.rows}
    assert by_name["fusion"].ndcg.mean > by_name["popularity"].ndcg.mean
    total = sum(map(len, out.hidden.values()))
    fusion = by_name["fusion"]
    sizes = [len(part) for part in np.array_split(np.arange(total), 10)]
    hits = sum(size * part for size, part in zip(sizes, fusion.deciles, strict=True))
    assert hits == pytest.approx(fusion.precision.mean * K * len(out.hidden))


def test_of_very_many_some_are_judged(asked: tuple[Inputs, HeldOut], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble.held_out, "JUDGED", 25)
    board = judge(*asked, K, 0, SECTIONS, ("first",))
    assert board.queries == 25
    assert board.notes == ("first", "judged are 25 of 60, chosen at random; all of them were held out from")
