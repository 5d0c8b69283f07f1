from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from db import listening
from db.home import Home
from db.imports import import_files
from db.task import Silent
from kinsong import config, held_out
from kinsong import home as homes
from kinsong.build import build
from kinsong.evaluate import held_out as evaluate

Spied = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Spied:
    """What the models, the facts and the judge are handed; they work on."""
    seen: Spied = {}

    def spy(of: Any, name: str, label: str) -> None:
        real: Callable[..., Any] = getattr(of, name)

        def passed(*arguments: Any) -> Any:
            seen.setdefault(label, []).append(arguments)
            return real(*arguments)

        monkeypatch.setattr(of, name, passed)

    spy(held_out.als, "fit", "als")
    spy(held_out.word2vec, "fit", "playlist")
    spy(held_out, "facts_of", "facts")
    spy(held_out, "judge", "judge")
    return seen


def hidden_of(seen: Spied) -> set[tuple[int, int]]:
    """Held-out (group, artist id), the group by its number."""
    inputs, asked, *_ = seen["judge"][0]
    assert all(item < len(inputs.artists) for items in asked.hidden.values() for item in items)
    return {(group, int(inputs.artists[item])) for group, items in asked.hidden.items() for item in items}


def test_no_held_out_play_reaches_a_model(built: Home, handed: Spied) -> None:
    board = evaluate(built, config.load(built), "plays", 10, Silent())
    hidden = hidden_of(handed)
    with built.reading() as session:
        ids = [row.id for row in session.execute(text("SELECT id FROM listener ORDER BY name"))]
    number = {listener: n for n, listener in enumerate(ids)}
    whole = {(number[row["listener_id"]], row["artist_id"]) for row in listening.play_totals(built).to_pylist()}
    assert hidden < whole
    plays = handed["als"][0][0]
    row, column = plays.matrix.nonzero()
    fitted = {(number[one], artist) for one, artist in zip(
        plays.listener_ids[row].tolist(), plays.artist_ids[column].tolist(), strict=True
    )}  # fmt: skip
    assert fitted == whole - hidden
    told = {(number[row["listener_id"]], row["artist_id"]) for row in handed["facts"][0][4].to_pylist()}
    assert told == whole - hidden
    inputs, asked, *_ = handed["judge"][0]
    row, column = asked.kept.nonzero()
    assert {(n, int(inputs.artists[item])) for item, n in zip(row.tolist(), column.tolist(), strict=True)} == told
    kept = inputs.facts.listeners
    whose = np.repeat(np.arange(len(inputs.artists)), kept.degree)
    assert {(int(n), int(inputs.artists[item])) for item, n in zip(whose, kept.things, strict=True)} == told
    assert "playlist" not in handed
    assert {row["model"] for row in board.rows} >= {"als", "cultural", "playlist", "fusion", "EASE", "popularity"}


def test_no_held_out_entry_reaches_a_model(built: Home, handed: Spied) -> None:
    evaluate(built, config.load(built), "playlists", 10, Silent())
    hidden = hidden_of(handed)
    entries = listening.playlist_entries(built)
    names = sorted(set(entries["playlist"].to_pylist()))
    number = {name: n for n, name in enumerate(names)}
    whole = {(number[row["playlist"]], row["artist_id"]) for row in entries.to_pylist()}
    assert hidden < whole
    told = {(number[row["playlist"]], row["artist_id"]) for row in handed["facts"][0][5].to_pylist()}
    assert told == whole - hidden
    lists = handed["playlist"][0][0]
    artist, place = lists.membership.nonzero()
    fitted = {(n, int(lists.artist_ids[one])) for one, n in zip(artist.tolist(), place.tolist(), strict=True)}
    assert fitted == whole - hidden
    assert "als" not in handed


def test_listeners_with_dates_are_asked_for_what_they_met_last(tmp_path: Path, handed: Spied) -> None:
    home, _ = homes.create(tmp_path / "home")
    rows = ["listener\tartist\ttrack\ttime"]
    rows += [f"listener{n}\tartist{k:02}\tsong\t2020-01-{1 + k:02}T00:00:00Z" for n in range(6) for k in range(15)]
    rows += [f"listener{n}\tartist00\tsong\t2020-02-01T00:00:00Z" for n in range(6)]
    (tmp_path / "plays.tsv").write_text("\n".join(rows) + "\n")
    import_files(home, "plays", [tmp_path / "plays.tsv"])
    (home.path / "kinsong.toml").write_text("[als]\nhalf_life = 2000.0\n")
    settings = config.load(home)
    build(home, settings)
    with home.reading() as session:
        name = {row.id: row.name for row in session.execute(text("SELECT id, name FROM artist"))}
    inputs_artists = sorted(name, key=lambda one: name[one])
    evaluate(home, settings, "plays", 5, Silent())
    inputs, asked, *_ = handed["judge"][0]
    newest = {"artist12", "artist13", "artist14"}  # who nobody then knows any more
    fitted = handed["als"][-1][0]  # the build's own fit came first
    assert fitted.matrix.nnz == 6 * 12
    assert 0.9 < fitted.matrix.data.min() < 1  # old plays count less
    outside = {name[inputs_artists[item - len(inputs.artists)]] for item in asked.hidden[0]}
    assert outside == newest
    assert all(len(items) == 3 for items in asked.hidden.values())
    home.engine.dispose()


def test_on_the_command_line(kinsong, built: Home, tmp_path: Path) -> None:
    page = tmp_path / "board.html"
    ran = kinsong("evaluate", "--held-out", "plays", "--format", "json", "--html", page, home=built.path)
    assert ran.code == 0, ran.err
    rows = {row["model"]: row for row in json.loads(ran.out)}
    assert rows["fusion"]["nDCG@10"] > 0
    assert "condensed@10" not in rows["fusion"]
    assert rows["fusion"]["nDCG@10 low"] <= rows["fusion"]["nDCG@10"] <= rows["fusion"]["nDCG@10 high"]
    assert "fusion against EASE, ndcg@10" in ran.err
    assert "80 listeners judged" in ran.err
    assert "unjudged" not in page.read_text(encoding="utf-8")
    for wrong in ((), ("--gold", "x", "--held-out", "plays"), ("--held-out", "plays", "--without")):
        assert kinsong("evaluate", *wrong, home=built.path).code == 2


def test_nothing_to_hold_out(kinsong, tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "home")
    (tmp_path / "plays.tsv").write_text("listener\tartist\tplays\n" + "".join(
        f"listener{n}\tartist{k}\t3\n" for n in range(5) for k in range(4)
    ))  # fmt: skip
    import_files(home, "plays", [tmp_path / "plays.tsv"])
    build(home, config.load(home))
    home.engine.dispose()
    few = kinsong("evaluate", "--held-out", "plays", home=tmp_path / "home")
    assert few.code == 1
    assert "nothing can be held out" in few.err
    none = kinsong("evaluate", "--held-out", "playlists", home=tmp_path / "home")
    assert none.code == 1
    assert "no playlists to hold out" in none.err


def test_sessions_of_held_out_plays_reach_no_model(tmp_path: Path, handed: Spied) -> None:
    home, _ = homes.create(tmp_path / "timed")
    listens = [
        f"u{n}\ta{(n + k) % 9}\tt\t2024-01-{1 + k // 3:02}T10:{k % 3:02}:00Z" for n in range(8) for k in range(9)
    ]
    file = tmp_path / "listens.tsv"
    file.write_text("user\tartist\ttrack\ttime\n" + "\n".join(listens) + "\n", encoding="utf-8")
    import_files(home, "plays", [file])
    settings = config.load(home)
    build(home, settings)
    handed.clear()
    board = evaluate(home, settings, "plays", 10, Silent())
    assert "playlist" not in handed
    assert any("als and vector_exp and playlist fitted without them" in note for note in board.notes)
