"""The demo as a user runs it, held to what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kinsong import home as homes
from kinsong.demo import judge
from kinsong.demo.world import World, make

N = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that was run in a process of its own."""
    path = tmp_path_factory.mktemp("demo") / "here"
    command = [sys.executable, "-c", "from kinsong.cli import main; main()", "demo", "--into", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
    assert ran.returncode == 0, ran.stderr
    for words in ("related artists", "top terms", "fusion", "Where to look next"):
        assert words in ran.stdout
    return path


@pytest.fixture(scope="module")
def world() -> World:
    return make()


@pytest.fixture(scope="module")
def related(folder: Path, world: World) -> Iterator[dict[str, list[str]]]:
    home = homes.open_home(folder / "home", read_only=True)
    query = "SELECT artist_id, related_id FROM related ORDER BY artist_id, rank"
    names = {artist.mbid: artist.label for artist in world.artists if artist.mbid}
    with home.reading() as session:
        label = {
            row.id: names.get(row.mbid, row.name) for row in session.execute(text("SELECT id, name, mbid FROM artist"))
        }
        found: dict[str, list[str]] = {}
        for row in session.execute(text(query)):
            found.setdefault(label[row.artist_id], []).append(label[row.related_id])
    yield found
    home.engine.dispose()


def test_every_artist_of_the_world_has_twenty(related: dict[str, list[str]], world: World) -> None:
    lacking = [artist.label for artist in world.artists if len(related.get(artist.label, ())) < N]
    assert lacking == []


def test_fusion_finds_the_true_scenes(related: dict[str, list[str]], world: World) -> None:
    assert judge.precision(related, world, N) >= 0.90


def test_artists_known_from_text_alone_are_placed_too(related: dict[str, list[str]], world: World) -> None:
    only = [artist.label for artist in world.artists if artist.known_from == {"text"}]
    assert len(only) == 30
    assert judge.precision(related, world, N, only) >= 0.80


def test_it_may_be_run_again_but_replaces_nothing_else(folder: Path, tmp_path: Path) -> None:
    from db.errors import HomeError
    from kinsong.demo.run import fresh

    assert (folder / "this-is-a-demo").exists()
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(HomeError, match="--into"):
        fresh(tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_fusion_is_above_every_single_model(kinsong, folder: Path) -> None:
    gold = folder / "data" / "gold.tsv"
    ran = kinsong("evaluate", "--gold", gold, "-k", N, "--format", "json", home=folder / "home")
    precision = {row["model"]: row[f"precision@{N}"] for row in json.loads(ran.out)}
    fused = precision.pop("fusion")
    assert set(precision) == {
        "popularity", "item-kNN cosine", "co-counts", "EASE", "als", "cultural", "playlist", "reciprocal ranks"
    }  # fmt: skip
    assert fused > max(precision.values())
