"""The made-up world keeps what it promises: counts, who is known from where, mixtures, the same bytes twice."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

from db.names import joint_pieces, name_key
from kinsong.demo.cast import BRIDGES, EVERYWHERE, HOMONYM, SPARSE
from kinsong.demo.listening import FEW, LEAST, LISTENERS, PLAYLISTS
from kinsong.demo.scenes import SCENES
from kinsong.demo.words import COMMON_WORD_NAMES
from kinsong.demo.world import World, make


def test_the_same_seed_gives_the_same_bytes(world: World, tmp_path: Path) -> None:
    again = make()
    assert again == world
    one, two = world.write(tmp_path / "one"), again.write(tmp_path / "two")
    for name in ("plays", "playlists", "artists", "gold", "scenes"):
        assert getattr(one, name).read_bytes() == getattr(two, name).read_bytes()


def test_another_seed_gives_another_world(world: World) -> None:
    other = make(seed=7)
    assert len(other.artists) == len(world.artists)
    assert other.plays != world.plays
    assert other.pages != world.pages


def test_there_are_eight_scenes_of_thirty(world: World) -> None:
    assert set(Counter(artist.scene for artist in world.artists).values()) == {30}
    assert {artist.scene for artist in world.artists} == {scene.name for scene in SCENES}
    assert len({play.listener for play in world.plays}) == LISTENERS
    assert len(world.playlists) == PLAYLISTS
    assert len(world.pages) == 500


def test_no_two_artists_but_the_homonyms_share_a_name(world: World) -> None:
    keys = Counter(name_key(artist.name) for artist in world.artists)
    assert {key for key, count in keys.items() if count > 1} == {name_key(HOMONYM)}
    labels = [name_key(name) for artist in world.artists for name in {artist.label, *artist.aliases}]
    assert len(labels) == len(set(labels))


def test_homonyms_are_of_different_scenes_and_can_be_told_apart(world: World) -> None:
    first, second = (artist for artist in world.artists if artist.name == HOMONYM)
    assert first.scene != second.scene
    assert first.mbid
    assert second.mbid
    assert first.mbid != second.mbid
    assert first.label in first.aliases
    credited = {play.credit for play in world.plays}
    assert {first.label, second.label, HOMONYM} <= credited


def test_every_artist_is_known_from_where_it_says_and_nowhere_else(world: World) -> None:
    played = {label for play in world.plays for label in play.artists}
    listed = {label for playlist in world.playlists for track in playlist.tracks for label in track.artists}
    written = {label for page in world.pages for label in page.mentions}
    for artist in world.artists:
        found = {
            source
            for source, labels in (("plays", played), ("playlists", listed), ("text", written))
            if artist.label in labels
        }
        assert found == artist.known_from, artist.label


def test_who_is_known_from_text_alone_has_pages_and_stands_in_the_artist_list(world: World) -> None:
    pages = Counter(page.artist for page in world.pages)
    text_only = [artist for artist in world.artists if artist.known_from == {"text"}]
    assert len(text_only) == 30
    assert all(pages[artist.label] >= 2 for artist in text_only)
    assert all(artist.mbid for artist in text_only)


def test_a_page_can_name_only_whom_a_list_or_a_credit_makes_known(world: World) -> None:
    known = {artist.label for artist in world.artists if artist.mbid or artist.known_from & {"plays", "playlists"}}
    assert {label for page in world.pages for label in page.mentions} <= known


def test_sparse_artists_have_little_and_nobody_less(world: World) -> None:
    listeners: defaultdict[str, set[str]] = defaultdict(set)
    for play in world.plays:
        for label in play.artists:
            listeners[label].add(play.listener)
    sparse = {artist.label for artist in world.artists if artist.sparse}
    assert len(sparse) == SPARSE
    for artist in world.artists:
        if "plays" in artist.known_from:
            count = len(listeners[artist.label])
            assert FEW <= count <= FEW + 2 if artist.sparse else count >= LEAST


def test_some_artists_stand_between_two_scenes(world: World) -> None:
    bridges = [artist for artist in world.artists if artist.bridge]
    assert len(bridges) == BRIDGES
    assert all(artist.bridge != artist.scene and 0 < artist.lean < 0.5 for artist in bridges)


def test_popularity_follows_a_power_law_without_one_artist_for_all(world: World) -> None:
    counts = sorted(Counter(label for play in world.plays for label in play.artists).values(), reverse=True)
    assert sum(counts[:20]) > 0.2 * sum(counts)
    assert counts[0] < 0.7 * LISTENERS


def test_listeners_and_playlists_mix_scenes(world: World) -> None:
    scene = {artist.label: artist.scene for artist in world.artists}
    tastes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for play in world.plays:
        tastes[play.listener].update(scene[label] for label in play.artists)
    pure = sum(count.most_common(1)[0][1] > 0.9 * count.total() for count in tastes.values()) / LISTENERS
    assert pure < 0.4
    for kind, most in (("pure", 1.0), ("mixed", 0.75), ("union", 0.6), ("hits", 0.5)):
        shares = []
        for playlist in world.playlists:
            if playlist.kind == kind:
                count = Counter(scene[label] for track in playlist.tracks for label in track.artists)
                shares.append(count.most_common(1)[0][1] / count.total())
        assert len(shares) >= 10
        assert sum(shares) / len(shares) < most, kind


def test_names_are_of_all_kinds(world: World) -> None:
    names = {artist.name for artist in world.artists}
    assert set(COMMON_WORD_NAMES) <= names
    assert any("," in name for name in names)
    assert any(" & the " in name for name in names)
    assert any(name.startswith("The ") for name in names)
    assert any(not name.isascii() for name in names)
    keys = {name_key(name) for name in names}
    for name in names:
        parts = [name[start:end] for start, end in joint_pieces(name)]
        assert len(parts) == 1 or not any(name_key(part) in keys for part in parts), name


def test_credits_are_joint_featured_and_spelt_in_many_ways(world: World) -> None:
    credited = {play.credit for play in world.plays}
    tracks = {credit for playlist in world.playlists for track in playlist.tracks for credit in track.credits}
    joint = {credit for credit in credited | tracks if " & " in credit and "feat." not in credit}
    assert any(len(play.artists) == 2 and play.credit in joint for play in world.plays)
    assert any("feat." in credit for credit in credited)
    assert any("feat." in credit for credit in tracks)
    assert any(len(track.credits) == 2 for playlist in world.playlists for track in playlist.tracks)
    names = {artist.name for artist in world.artists}
    assert any(credit.isupper() and credit not in names for credit in credited)


def test_files_are_what_the_importers_read(world: World, tmp_path: Path) -> None:
    files = world.write(tmp_path)
    rows = [line.split("\t") for line in files.plays.read_text("utf-8").splitlines()]
    assert rows[0] == ["listener", "artist", "plays"]
    assert all(len(row) == 3 and int(row[2]) >= 1 for row in rows[1:])
    for line in files.playlists.read_text("utf-8").splitlines():
        playlist = json.loads(line)
        assert playlist["name"]
        assert all(track["title"] and track["artists"] for track in playlist["tracks"])
    artists = [json.loads(line) for line in files.artists.read_text("utf-8").splitlines()]
    assert 60 < len(artists) < 150
    assert all(set(artist) == {"name", "aliases", "mbid", "disambiguation"} for artist in artists)
    assert len(files.gold.read_text("utf-8").splitlines()) == 1 + 240 * 29
    assert len(files.scenes.read_text("utf-8").splitlines()) == 1 + 240


def test_most_artists_are_known_from_everywhere(world: World) -> None:
    assert sum(artist.known_from == EVERYWHERE for artist in world.artists) > 150
