"""extend and the view radio on a home of twelve playlists of two scenes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.home import Home
from db.imports import import_file
from kinsong import config, playlist_file
from kinsong import home as homes
from kinsong.build import build
from kinsong.playlist_file import Entry
from kinsong.sql import ask, ask_duckdb

SCENES = (("Ash Harbour", "Blue Finch", "Coral Day"), ("Dune Owls", "Elm & Iron", "Far - Away"))


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("listed")
    lines = []
    for one in range(12):
        scene = SCENES[one % 2]
        tracks = [{"artists": [scene[(one + n) % 3]], "title": f"Song {(one * 2 + n * 3) % 7}"} for n in range(6)]
        lines.append(json.dumps({"name": f"list {one}", "tracks": tracks}))
    (folder / "lists.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "tracks.tsv").write_text("artist\ttitle\nBlue Finch\tNever Listed\nNobody Else\tAlone\n")
    home, _ = homes.create(folder / "home")
    import_file(home, "playlists", folder / "lists.jsonl")
    import_file(home, "tracks", folder / "tracks.tsv")
    settings = config.load(home)
    quick = settings.track_playlist.model_copy(update={"visits": 20})
    build(home, settings.model_copy(update={"track_playlist": quick}))
    yield home
    home.engine.dispose()


def m3u(path: Path, *lines: str) -> Path:
    path.write_text("#EXTM3U\n" + "".join(f"#EXTINF:1,{line}\nx.mp3\n" for line in lines), encoding="utf-8")
    return path


def extended(kinsong, home: Home, path: Path, *options: object) -> list[dict[str, object]]:
    ran = kinsong("extend", path, "--format", "json", *options, home=home.path)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_what_fits_is_of_the_scene_and_no_track_of_the_list(kinsong, listed: Home, tmp_path: Path) -> None:
    path = m3u(tmp_path / "mine.m3u", "Ash Harbour - Song 0", "blue finch - SONG 3 (2011 Remaster)")
    found = extended(kinsong, listed, path, "-n", 5)
    assert [row["rank"] for row in found] == [1, 2, 3, 4, 5]
    assert {row["artist"] for row in found} <= set(SCENES[0])
    assert not {("Ash Harbour", "Song 0"), ("Blue Finch", "Song 3")} & {(row["artist"], row["title"]) for row in found}
    assert all(row["reason"] for row in found)
    assert "2 of 2 tracks" in kinsong("extend", path, home=listed.path).err


@pytest.mark.parametrize("name", ["out.m3u", "out.m3u8", "out.xspf", "out.jspf", "out.json"])
def test_what_is_written_is_read_back(kinsong, listed: Home, tmp_path: Path, name: str) -> None:
    path, output = m3u(tmp_path / "mine.m3u", "Dune Owls - Song 1"), tmp_path / name
    found = extended(kinsong, listed, path, "-n", 8)
    assert kinsong("extend", path, "-n", 8, "--output", output, "--whole", home=listed.path).code == 0
    back = playlist_file.read(output)
    assert back.name == "mine"
    assert not back.unusable
    dash = {"Far - Away": "Far-Away"} if name.startswith("out.m3u") else {}
    wanted = [("Dune Owls", "Song 1"), *((dash.get(str(r["artist"]), r["artist"]), r["title"]) for r in found)]
    assert [(credit[0], title) for credit, title in back.entries] == wanted
    ran = kinsong("extend", output, "-n", 3, home=listed.path)
    assert "9 of 9 tracks" in ran.err


def test_odd_names_survive_every_format(tmp_path: Path) -> None:
    entries = [Entry("A\tB", "C\nD"), Entry("#1 <&> \x07", "[x] \u202e - y"), Entry("é", "“q”"), Entry("𝔸", "-")]
    for form, suffix in (("m3u", "m3u"), ("xspf", "xspf"), ("jspf", "jspf")):
        path = tmp_path / f"odd.{suffix}"
        path.write_text(playlist_file.written("odd", entries, form), encoding="utf-8")
        assert len(playlist_file.read(path).entries) == len(entries)


def test_a_song_that_stands_in_no_list_is_extended_by_its_artist(kinsong, listed: Home, tmp_path: Path) -> None:
    found = extended(kinsong, listed, m3u(tmp_path / "one.m3u", "Blue Finch - Never Listed"), "-n", 3)
    assert {row["artist"] for row in found} == {"Blue Finch"}
    assert {row["reason"] for row in found} == {"the list has 1 track of Blue Finch"}
    lonely = extended(kinsong, listed, m3u(tmp_path / "two.m3u", "Nobody Else - Alone"), "-n", 3)
    assert {row["reason"] for row in lonely} == {"nothing joins it to these tracks; it is among the best known"}


@pytest.mark.parametrize(("lines", "said"), [
    ((), "holds no track that can be read"), (("no dash here",), "holds no track that can be read (1 lines"),
    (("Somebody - Unknown", "Ash Harbour - No Such Song"), "none of the 2 tracks"),
])  # fmt: skip
def test_an_empty_or_unknown_playlist_is_told_apart_with_code_1(
    kinsong, listed: Home, tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    ran = kinsong("extend", m3u(tmp_path / "odd.m3u", *lines), home=listed.path)
    assert ran.code == 1
    assert said in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_a_playlist_of_one_artist_and_one_of_10_000_lines(kinsong, listed: Home, tmp_path: Path) -> None:
    one = m3u(tmp_path / "one.m3u", *(f"Coral Day - Song {n}" for n in range(7)))
    assert {row["artist"] for row in extended(kinsong, listed, one, "-n", 4)} <= set(SCENES[0])
    many = m3u(tmp_path / "many.m3u", *(f"{SCENES[n % 2][n % 3]} - Song {n % 9}" for n in range(10_000)))
    found = kinsong("extend", many, "-n", 50, home=listed.path)
    assert found.code == 0
    assert "other tracks, not 50" in found.err


def test_mistakes_name_the_file_and_the_way_out(kinsong, listed: Home, tmp_path: Path) -> None:
    path = m3u(tmp_path / "mine.m3u", "Dune Owls - Song 1")
    ran = kinsong("extend", path, "--output", tmp_path / "x.pls", home=listed.path)
    assert ran.code == 2
    assert ".xspf" in ran.err
    assert kinsong("extend", tmp_path / "gone.m3u", home=listed.path).code == 2
    two = tmp_path / "two.jsonl"
    two.write_text('{"name": "a", "tracks": []}\n{"name": "b", "tracks": []}\n')
    assert "several playlists" in kinsong("extend", two, home=listed.path).err
    assert kinsong("init", home=tmp_path / "fresh").code == 0
    assert "kinsong build" in kinsong("extend", path, home=tmp_path / "fresh").err


def test_the_view_radio_says_what_can_be_counted_on_both_engines(listed: Home) -> None:
    query = (
        "SELECT track_id, next_id, rank, next_artist, score, playlists, reason FROM radio "
        "WHERE artist = 'Blue Finch' ORDER BY track_id, rank"
    )
    (columns, rows), (same, others) = ask(listed, query), ask_duckdb(listed, query)
    assert columns == same
    assert rows == others
    never = [row for row in rows if row["playlists"] == 0]
    assert never
    assert all(row["reason"] for row in rows)
    assert any("by the same artist" in row["reason"] for row in rows)
    for row in rows:
        assert ("in common" in row["reason"]) == (row["playlists"] > 0)


def test_a_station_goes_out_from_songs_artists_and_playlists(kinsong, listed: Home, tmp_path: Path) -> None:
    path = m3u(tmp_path / "mine.m3u", "Dune Owls - Song 1")
    for seed, scene in (
        ("Ash Harbour - Song 0", SCENES[0]), ("Coral Day", SCENES[0]), ("list 1", SCENES[1]), (str(path), SCENES[1]),
    ):  # fmt: skip
        for words in (("radio", seed), ("radio", "show", seed)):
            ran = kinsong(*words, "-n", 4, "--format", "json", home=listed.path)
            assert ran.code == 0, ran.err
            rows = json.loads(ran.out)
            assert [row["rank"] for row in rows] == [1, 2, 3, 4]
            assert {row["artist"] for row in rows} <= set(scene)
            assert all(row["reason"] for row in rows)


def test_a_station_of_a_song_in_no_list_is_that_of_its_artist(kinsong, listed: Home) -> None:
    rows = json.loads(kinsong("radio", "Blue Finch - Never Listed", "-n", 3, "--format", "json", home=listed.path).out)
    assert {row["artist"] for row in rows} == {"Blue Finch"}
    assert {row["reason"] for row in rows} == {"by the same artist"}
    alone = kinsong("radio", "Nobody Else - Alone", "-n", 3, "--format", "json", home=listed.path)
    assert {row["reason"] for row in json.loads(alone.out)} == {
        "nothing joins it to these tracks; it is among the best known"
    }


def test_a_station_of_nothing_says_why(kinsong, listed: Home, tmp_path: Path) -> None:
    ran = kinsong("radio", "No Such Thing", home=listed.path)
    assert ran.code == 2
    assert "no song, artist or playlist" in ran.err
    empty = kinsong("radio", m3u(tmp_path / "none.m3u"), home=listed.path)
    assert empty.code == 1
    assert "holds no track" in empty.err
