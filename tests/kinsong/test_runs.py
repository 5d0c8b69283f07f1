from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from db.base import now
from db.catalog import Artist
from db.errors import ArtifactGone, Busy, UsageError
from db.home import Home
from db.lease import holding
from db.publish import point_at
from db.results import RelatedArtist, Run, StepReport
from kinsong.runs import diff, go_back, listing

if TYPE_CHECKING:
    from tests.kinsong.conftest import Kinsong

Lists = dict[str, list[str]]


def put(home: Home, lists: Lists) -> int:
    with home.writing() as session:
        names = {name for artist, related in lists.items() for name in (artist, *related)}
        there = {artist.key: artist.id for artist in session.query(Artist)}
        for name in sorted(names - there.keys()):
            artist = Artist(name=name, key=name)
            session.add(artist)
            session.flush()
            there[name] = artist.id
        run = Run(started_at=now(), finished_at=now(), served_by="fusion")
        session.add(run)
        session.flush()
        for artist_name, related in lists.items():
            for rank, name in enumerate(related, start=1):
                session.add(RelatedArtist(
                    run_id=run.id, artist_id=there[artist_name], rank=rank, related_id=there[name], score=1.0,
                ))  # fmt: skip
        return run.id


def test_what_changed_is_told_artist_by_artist(any_home: Home) -> None:
    before = put(any_home, {"a": ["b", "c"], "b": ["a", "c"], "c": ["a"], "d": ["a", "b"]})
    after = put(any_home, {"a": ["b", "c"], "b": ["c", "a"], "d": ["a", "e"], "e": ["d"]})
    with any_home.reading() as session:
        found = diff(session, before, after, 20)
    assert (found.artists, found.same, found.reordered) == (5, 1, 1)
    changes = {c.artist: (c.entered, c.left, c.overlap) for c in found.changes}
    assert changes == {"c": ((), ("a",), 0.0), "e": (("d",), (), 0.0), "d": (("e",), ("b",), 1 / 3)}
    assert [c.artist for c in found.changes] == ["c", "e", "d"]


def test_it_agrees_with_the_obvious_definition(home: Home) -> None:
    rng = random.Random(3)
    names = [f"n{i:02}" for i in range(20)]
    one, other = (
        {a: rng.sample([b for b in names if b != a], rng.randint(1, 6)) for a in names if rng.random() < 0.8}
        for _ in range(2)
    )
    first, second = put(home, one), put(home, other)
    with home.reading() as session:
        found = diff(session, first, second, 4)
    tops = [{a: lists.get(a, [])[:4] for a in names} for lists in (one, other)]
    assert found.artists == len(one.keys() | other.keys())
    assert found.same == sum(tops[0][a] == tops[1][a] != [] for a in names)
    assert {c.artist for c in found.changes} == {a for a in names if set(tops[0][a]) != set(tops[1][a])}


def test_going_back_is_one_flip(any_home: Home) -> None:
    first, second = put(any_home, {"a": ["b"]}), put(any_home, {"a": ["c"]})
    point_at(any_home, second, 20)
    assert go_back(any_home, first) == second
    with any_home.reading() as session:
        assert [(row["run"], row["published"]) for row in listing(session)] == [(second, ""), (first, "yes")]
    with pytest.raises(UsageError, match=r"no run 9; kept are 1, 2"):
        go_back(any_home, 9)


def test_a_run_whose_artefacts_are_gone_is_not_gone_back_to(any_home: Home) -> None:
    first, second = put(any_home, {"a": ["b"]}), put(any_home, {"a": ["c"]})
    point_at(any_home, second, 20)
    with any_home.writing() as session:
        session.add(StepReport(
            run_id=first, step="als", fingerprint="a" * 64, reused=False, seconds=1, peak_mib=1, rows="{}",
        ))  # fmt: skip
    with pytest.raises(ArtifactGone, match=f"run {first} cannot be gone back to: its artefact als-a"):
        go_back(any_home, first)
    with holding(any_home, "build"), pytest.raises(Busy):
        go_back(any_home, first)
    with any_home.reading() as session:
        assert [row["published"] for row in listing(session)] == ["yes", ""]


def test_the_commands(kinsong: Kinsong, built: Home) -> None:
    ran = kinsong("runs", "--digest", "--format", "json", home=built.path)
    assert ran.code == 0
    (row,) = json.loads(ran.out)
    assert row["published"] == "yes"
    assert len(row["digest"]) == 64
    assert "related" in kinsong("runs", row["run"], home=built.path).out
    assert kinsong("runs", 99, home=built.path).code == 2
    same = kinsong("diff", row["run"], row["run"], home=built.path)
    assert same.code == 0
    assert " 0 with others" in same.err
    assert kinsong("diff", row["run"], 99, home=built.path).code == 2
    assert "already" in kinsong("publish", row["run"], home=built.path).err


def test_a_home_without_runs_says_so(kinsong: Kinsong) -> None:
    assert kinsong("init").code == 0
    assert "kinsong build" in kinsong("runs").err
    assert kinsong("runs", "--format", "json").out.strip() == "[]"
    assert kinsong("publish", 1).code == 2
