from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cf.interactions import Interactions, Playlists, Room
from db.errors import BuildError


def plays_of(rows: list[tuple[int, int, float]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds = [("listener_id", pa.int64()), ("artist_id", pa.int64()), ("plays", pa.float64())]
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds, columns, strict=True)})


def entries_of(rows: list[tuple[str, int, int]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds = [("playlist", pa.string()), ("position", pa.int32()), ("artist_id", pa.int64())]
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds, columns, strict=True)})


def test_rows_and_columns_stand_in_canonical_order() -> None:
    table = plays_of([(1, 10, 2.0), (2, 10, 3.0), (2, 20, 5.0), (1, 20, 7.0)])
    data = Interactions.from_plays(table, np.array([2, 1]), np.array([20, 30, 10]))
    assert data.listener_ids.tolist() == [2, 1]
    assert data.artist_ids.tolist() == [20, 10]
    assert data.matrix.toarray().tolist() == [[5, 3], [7, 2]]
    assert data.by_artist.toarray().tolist() == [[5, 7], [3, 2]]
    assert data.matrix.dtype == np.float32


def test_artists_with_few_listeners_and_then_listeners_without_artists_are_left_out() -> None:
    table = plays_of([(0, 0, 1.0), (1, 0, 1.0), (2, 0, 1.0), (3, 1, 1.0)])
    data = Interactions.from_plays(table, np.arange(5), np.arange(2), min_listeners=3)
    assert data.artist_ids.tolist() == [0]
    assert data.listener_ids.tolist() == [0, 1, 2]


def test_the_limit_is_lowered_where_there_are_fewer_listeners() -> None:
    table = plays_of([(0, 0, 1.0), (0, 1, 1.0), (1, 1, 1.0)])
    data = Interactions.from_plays(table, np.arange(9), np.arange(2), min_listeners=3)
    assert data.artist_ids.tolist() == [1]


def test_zero_plays_are_no_play_and_pairs_that_stand_twice_are_summed() -> None:
    table = plays_of([(0, 0, 1.0), (0, 0, 2.0), (0, 1, 0.0)])
    data = Interactions.from_plays(table, np.arange(1), np.arange(2))
    assert data.matrix.toarray().tolist() == [[3]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -1.0, 1e300])
def test_plays_that_cannot_be_are_refused(bad: float) -> None:
    table = plays_of([(0, 0, 1.0), (5, 7, bad)])
    with pytest.raises(BuildError, match=r"listener id 5 has .* plays of artist id 7"):
        Interactions.from_plays(table, np.arange(9), np.arange(9))


def test_an_id_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(BuildError, match="artist id 9, which is not in the catalogue"):
        Interactions.from_plays(plays_of([(0, 9, 1.0)]), np.arange(2), np.arange(2))


def test_no_facts_make_an_empty_matrix() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert Interactions.from_plays(plays_of([]), none, none).matrix.shape == (0, 0)
    playlists = Playlists.from_entries(entries_of([]), none)
    assert len(playlists) == 0
    assert playlists.membership.shape == (0, 0)


def test_artists_of_one_track_share_a_place() -> None:
    table = entries_of([("a", 0, 3), ("a", 1, 1), ("a", 1, 2), ("b", 0, 1), ("b", 0, 3), ("b", 4, 3)])
    data = Playlists.from_entries(table, np.array([3, 2, 1]), min_playlists=1)
    assert data.artist_ids.tolist() == [3, 2, 1]
    assert data.lists.tolist() == [0, 2, 4]
    assert [data.rows[a:b].tolist() for a, b in zip(data.places, data.places[1:], strict=False)] == [
        [0], [1, 2], [0, 2], [0],
    ]  # fmt: skip
    assert data.membership.toarray().tolist() == [[1, 2], [1, 0], [1, 1]]


def test_rare_artists_and_lists_of_one_artist_are_left_out() -> None:
    rows = [(name, place, artist) for name in "abc" for place, artist in enumerate([1, 2])]
    rows += [("a", 5, 7), ("one", 0, 1), ("one", 1, 1)]
    data = Playlists.from_entries(entries_of(sorted(rows)), np.arange(9), min_playlists=3)
    assert data.artist_ids.tolist() == [1, 2]
    assert len(data) == 3


PLAYS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5), st.sampled_from([0.0, 1.0, 2.5, 300.0])), max_size=40)


@settings(deadline=None, max_examples=50)  # files take as long as the disk takes
@given(PLAYS, st.permutations(range(7)), st.permutations(range(6)), st.integers(1, 4), st.integers(1, 3))
def test_plays_in_files_are_those_in_memory_and_those_of_the_table(
    rows: list[tuple[int, int, float]], listeners: list[int], artists: list[int], least: int, n_batches: int
) -> None:
    table = [np.array(column) for column in zip(*rows, strict=True)] or [np.zeros(0, np.int64)] * 2 + [np.zeros(0)]
    batches = list(zip(*(np.array_split(column, n_batches) for column in table), strict=True))
    orders = np.array(listeners), np.array(artists)
    held = Interactions.from_batches(batches, *orders, min_listeners=least)
    sums = np.zeros((7, 6))
    for listener, artist, plays in rows:
        sums[listeners.index(listener), artists.index(artist)] += plays
    kept = (sums > 0).sum(0) >= max(1, min(least, (sums > 0).any(1).sum()))
    some = (sums[:, kept] > 0).any(1)
    assert held.artist_ids.tolist() == orders[1][kept].tolist()
    assert held.listener_ids.tolist() == orders[0][some].tolist()
    assert held.matrix.toarray().tolist() == sums[:, kept][some].tolist()
    with tempfile.TemporaryDirectory() as folder:
        filed = Interactions.from_batches(batches, *orders, min_listeners=least, room=Room(Path(folder), 100))
        for one, other in ((held.matrix, filed.matrix), (held.by_artist, filed.by_artist)):
            assert one.shape == other.shape
            for name in ("indptr", "indices", "data"):
                assert getattr(one, name).tolist() == getattr(other, name).tolist()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from([0.1, 0.2, 0.3, 1 / 3, 0.000001, 16_777_217.7, 9_999_999.999999]), min_size=2),
    st.randoms(use_true_random=False), st.integers(1, 5), st.booleans(),
)  # fmt: skip
def test_a_sum_of_plays_depends_on_no_order_and_is_rounded_once(
    plays: list[float], random: Random, n_batches: int, in_files: bool
) -> None:
    whole = sum(round(one * 1e6) for one in plays)
    random.shuffle(plays)
    zeros = np.zeros(len(plays), np.int64)
    batches = zip(*(np.array_split(column, n_batches) for column in (zeros, zeros, np.array(plays))), strict=True)
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), 100) if in_files else None
        data = Interactions.from_batches(batches, np.arange(1), np.arange(1), room=room)
        assert data.matrix.toarray().tolist() == [[np.float32(whole / 1e6)]]


ENTRIES = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.integers(0, 5)), max_size=30)


@settings(deadline=None)
@given(ENTRIES, st.permutations(range(6)), st.integers(1, 4))
def test_playlists_hold_what_the_table_holds(rows: list[tuple[str, int, int]], order: list[int], least: int) -> None:
    artists_of = {name: {artist for n, _, artist in rows if n == name} for name in "abcd"}
    lists = {name: artists for name, artists in artists_of.items() if len(artists) > 1}
    limit = min(least, len(lists))
    frequent = {a for a in range(6) if sum(a in artists for artists in lists.values()) >= max(1, limit)}
    expected = [kept for name in sorted(lists) if len(kept := lists[name] & frequent) > 1]
    data = Playlists.from_entries(entries_of(sorted(rows)), np.array(order), min_playlists=least)
    found = [set(data.artist_ids[rows_of.indices].tolist()) for rows_of in data.membership.T.tocsr()]
    assert found == expected
