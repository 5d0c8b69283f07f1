from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from ensemble.discover import Config, Factors, Lists, Question, Source, discover, weighted_means
from ensemble.discover_lists import Before, Catalogue, table
from ensemble.discover_reasons import Relations
from ensemble.discover_walk import walk

LISTENERS, ITEMS, ARTISTS = 12, 40, 15


def csr(dense: NDArray[np.generic]) -> sparse.csr_matrix:
    return sparse.csr_matrix(dense)


def plays(
    rng: np.random.Generator, shape: tuple[int, int] = (LISTENERS, ITEMS), part: float = 0.2
) -> sparse.csr_matrix:
    return csr((rng.integers(1, 50, shape) * (rng.random(shape) < part)).astype(np.float32))


def relations(rng: np.random.Generator, n: int, k: int = 6, shown: int = 3) -> Relations:
    related = np.stack([rng.permutation(np.delete(np.arange(n), a))[:k] for a in range(n)]).astype(np.int32)
    score = -np.sort(-rng.random((n, k)).astype(np.float32), axis=1) + np.float32(0.01)
    return Relations(np.arange(n + 1, dtype=np.int64) * k, related.ravel(), score.ravel(), shown)


def of_artists(heard: sparse.csr_matrix) -> Question:
    n = heard.shape[1]
    nothing = csr(np.zeros(heard.shape, dtype=bool))
    return Question(heard, np.arange(n, dtype=np.int32), heard, False, np.zeros(n, dtype=bool), nothing)


def sources(rng: np.random.Generator, heard: sparse.csr_matrix) -> list[Source]:
    listeners, items = (rng.standard_normal((n, 4)).astype(np.float32) for n in heard.shape)
    items[3] = 0  # an item that the model does not know
    return [Factors("als", listeners, items), walk(heard, 10, 0.4)]


def slow_scores(question: Question, given: list[Source], config: Config) -> NDArray[np.float64]:
    """The equation of `ensemble.discover`, pair by pair."""
    n_listeners, n_items = question.plays.shape
    heard = question.plays.toarray()
    total = np.zeros((n_listeners, n_items))
    for source in given:
        for u in range(n_listeners):
            if isinstance(source, Factors):
                known = source.items.any(axis=1)
                s = source.items.astype(np.float64) @ source.listeners[u]
                s = np.where(known, s - s[known].mean(), 0)
            else:
                s = np.zeros(n_items)
                for i in np.flatnonzero(heard[u]):
                    for j, w in zip(source.rows[i], source.weights[i], strict=True):
                        s[j] += np.log1p(heard[u, i]) * w * (j >= 0)
            best = np.sort(s[heard[u] == 0])[::-1][: config.n]
            mean = best.sum() / config.n
            if mean > 0:
                total[u] += config.weights.get(source.name, 1.0) * s / mean
    return np.where(heard > 0, -np.inf, total)


def test_lists_are_the_best_of_the_equation() -> None:
    rng = np.random.default_rng(1)
    question = of_artists(plays(rng))
    given = sources(rng, question.plays)
    config = Config(n=5, spare=2, unexplained=1.0, weights={"als": 0.7})
    found = discover(question, given, relations(rng, ITEMS), config)
    slow = slow_scores(question, given, config)
    for u in range(LISTENERS):
        best = [i for i in np.argsort(-slow[u], kind="stable") if slow[u, i] != 0 and np.isfinite(slow[u, i])][:7]
        assert found.items[u].tolist() == best + [-1] * (7 - len(best))
        assert np.allclose(found.scores[u, : len(best)], slow[u, best], rtol=1e-4)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.integers(1, 12))
@settings(deadline=None, max_examples=40)
def test_the_walk_is_the_sum_over_listeners(seed: int, beta: float, k: int) -> None:
    heard = plays(np.random.default_rng(seed), (6, 9), 0.4)
    r = np.log1p(heard.toarray().astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        forth, back = np.nan_to_num(r / r.sum(axis=1, keepdims=True)), np.nan_to_num((r / r.sum(axis=0)).T)
    weights = back @ forth / np.maximum((r > 0).sum(axis=0), 1) ** beta
    np.fill_diagonal(weights, 0)
    found = walk(heard, k, beta)
    for i in range(9):
        most = np.sort(weights[i][weights[i] > 0])[::-1][:k]
        assert np.allclose(found.weights[i][found.rows[i] >= 0], most, rtol=1e-5)
        assert np.allclose(weights[i][found.rows[i][found.rows[i] >= 0]], most, rtol=1e-5)


@given(st.integers(0, 2**32 - 1), st.booleans(), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=40)
def test_a_list_holds_nothing_that_it_must_not(seed: int, tracks: bool, unexplained: float, familiar: float) -> None:
    rng = np.random.default_rng(seed)
    heard = plays(rng)
    artist = (rng.integers(0, ARTISTS, ITEMS) if tracks else np.arange(ITEMS)).astype(np.int32)
    owner = csr((artist[:, None] == np.arange(ARTISTS if tracks else ITEMS)).astype(np.float32))
    by_artist = (heard @ owner).tocsr()
    never, refused = rng.random(ITEMS) < 0.1, rng.random(heard.shape) < 0.1
    question = Question(heard, artist, by_artist, tracks, never, csr(refused))
    related = relations(rng, by_artist.shape[1])
    config = Config(n=8, spare=3, unexplained=unexplained, familiar=familiar)
    found = discover(question, sources(rng, heard), related, config)
    pools = related.related.reshape(-1, 6)
    for u in range(LISTENERS):
        items = found.items[u][found.items[u] >= 0]
        assert len(set(items.tolist())) == len(items)
        assert not heard.toarray()[u, items].any()
        assert not never[items].any()
        assert not refused[u, items].any()
        assert np.bincount(artist[items], minlength=1).max() <= (2 if tracks else 1)
        own = by_artist.toarray()[u]
        if tracks:
            assert (own[artist[items]] > 0).sum() <= int(familiar * 8)
        for place, item in enumerate(items):
            because, rank = found.because[u, place], found.ranks[u, place]
            if because >= 0:
                assert own[because] > 0
                assert pools[because, rank - 1] == artist[item]
            else:
                assert rank == 0
                assert not any(artist[item] in pools[a] for a in np.flatnonzero(own))


def test_few_entries_lack_a_shown_reason_where_others_are_left() -> None:
    rng = np.random.default_rng(5)
    question = of_artists(plays(rng, (20, 200), 0.1))
    related = relations(rng, 200, k=20, shown=10)
    given = [Factors("als", np.ones((20, 1), np.float32), rng.random((200, 1)).astype(np.float32))]
    for unexplained, most in ((0.0, 0), (0.2, 2)):
        found = discover(question, given, related, Config(n=10, spare=0, unexplained=unexplained))
        lacking = (found.ranks == 0) | (found.ranks > 10)
        assert (lacking.sum(axis=1) <= most).all()
        assert (found.items >= 0).all()
        assert (np.diff(found.scores, axis=1) <= 0).all()
    free = discover(question, given, related, Config(n=10, spare=0, unexplained=1.0))
    assert ((free.ranks == 0) | (free.ranks > 10)).sum(axis=1).max() > 2


def test_where_reasons_run_out_the_list_is_still_full() -> None:
    heard = np.zeros((1, 30), dtype=np.float32)
    heard[0, 0] = 3
    falling = np.arange(30, 0, -1, dtype=np.float32)[:, None]
    given = [Factors("als", np.ones((1, 1), np.float32), falling)]
    starts = np.append(0, np.full(30, 4)).astype(np.int64)
    related = Relations(starts, np.array([5, 6, 7, 8], np.int32), np.array([4, 3, 2, 1], np.float32), shown=2)
    question = of_artists(csr(heard))
    found = discover(question, given, related, Config(n=10, spare=0))
    assert found.items[0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert found.ranks[0].tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 0, 0]
    # those that views do not show come before those that nobody relates
    found = discover(question, given, related, Config(n=5, spare=0, unexplained=0.2))
    assert found.items[0].tolist() == [1, 5, 6, 7, 8]


def test_threads_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    question = of_artists(plays(rng, (60, 50)))
    related, given = relations(rng, 50), sources(rng, question.plays)
    before = numba.get_num_threads()
    found = []
    for threads, cells in ((1, 1 << 22), (min(2, before), 7 * 50), (1, 1)):
        monkeypatch.setattr("ensemble.discover.CELLS", cells)
        numba.set_num_threads(threads)
        found.append(discover(question, given, related, Config(n=6, spare=0)))
    numba.set_num_threads(before)
    for other in found[1:]:
        assert (other.items == found[0].items).all()


def test_who_plays_nothing_and_who_has_heard_all_get_nothing() -> None:
    rng = np.random.default_rng(3)
    dense = plays(rng).toarray()
    dense[0], dense[1] = 0, 1
    question = of_artists(csr(dense))
    found = discover(question, [walk(question.plays, 10, 0.4)], relations(rng, ITEMS), Config(n=5, spare=0))
    assert (found.items[:2] == -1).all()
    assert (found.items[2:, 0] >= 0).all()


def test_without_any_source_or_item_there_is_nothing() -> None:
    empty = of_artists(csr(np.zeros((3, 0), dtype=np.float32)))
    nobody = Relations(np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), 20)
    assert (discover(empty, [], nobody, Config()).items == -1).all()
    question = of_artists(plays(np.random.default_rng(0)))
    assert (discover(question, [], relations(np.random.default_rng(0), ITEMS), Config()).items == -1).all()


def test_a_mean_of_what_is_played_counts_plays_by_their_logarithm() -> None:
    unit = np.eye(3, dtype=np.float32)
    assert np.allclose(weighted_means(csr(np.array([[1.0, 0, 3.0]])), unit), [[np.log(2), 0, np.log(4)]])


def lists_of(items: list[list[int]]) -> Lists:
    array = np.array(items, dtype=np.int32)
    scores = np.where(array >= 0, 1 / (1 + np.arange(array.shape[1])), -np.inf).astype(np.float32)
    return Lists(array, scores, np.full(array.shape, -1, np.int32), np.zeros(array.shape, np.int32))


CATALOGUE = Catalogue(
    np.array([70, 50], dtype=np.int64), np.arange(100, 110, dtype=np.int64), None, np.arange(10, dtype=np.int32)
)  # fmt: skip
NOTHING = np.empty(0, dtype=np.int64)


def test_what_is_new_since_last_week_comes_first() -> None:
    config = Config(n=3, spare=1, new_days=6)
    today = 20_000
    before = Before(np.array([0, 0, 0]), np.array([4, 5, 7]), np.array([today - 30, today - 2, today - 30]))
    lists = lists_of([[4, 5, 6, 7], [9, -1, -1, -1]])
    rows = table(lists, csr(np.zeros((2, 10), np.float32)), CATALOGUE, before, today, config).to_pylist()
    assert [(r["listener_id"], r["rank"], r["artist_id"], r["place"], r["fresh"], r["spare"]) for r in rows] == [
        (70, 1, 105, 2, True, False), (70, 2, 106, 3, True, False), (70, 3, 104, 1, False, False),
        (70, 4, 107, 4, False, True), (50, 1, 109, 1, True, False),
    ]  # fmt: skip
    assert [r["since"] for r in rows] == ["2024-10-02", "2024-10-04", "2024-09-04", "2024-09-04", "2024-10-04"]


def test_a_reason_carries_the_plays_it_speaks_of() -> None:
    heard = np.zeros((2, 10), np.float32)
    heard[0, 2] = 214
    lists = replace(lists_of([[4], [5]]), because=np.array([[2], [-1]], np.int32), ranks=np.array([[3], [0]], np.int32))
    rows = table(lists, csr(heard), CATALOGUE, Before(NOTHING, NOTHING, NOTHING), 1, Config(n=1, spare=0)).to_pylist()
    reasons = [(r["because_id"], r["because_plays"], r["because_rank"]) for r in rows]
    assert reasons == [(102, 214, 3), (None, None, None)]
