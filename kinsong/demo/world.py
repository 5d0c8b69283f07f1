"""The demo world: invented artists, what people play, what playlists hold, what the web writes; all from a seed.

Each part draws from a random stream of its own, so that a change to one leaves the others as they were.

It is meant to be neither trivial nor hopeless, and its noise was tuned to that end: how far tastes reach beyond a
scene (`kinsong.demo.listening`), how much texts keep to a scene's words (`kinsong.demo.grammar.Leaning`,
`Artist.typical`), how many artists stand between two scenes. Measured when it was tuned, by the whole job with default
settings, precision at 20 against the true scenes, for seeds 1949 and 6: each model over the artists it knows, als .85
and .86, playlist .82 and .91, cultural .87 and .91; their fusion over all artists .93 and .95, over those known from
text alone .89 and .91, over bridges .85 and .86. These say how well kinsong reads this world, not how well it reads the
real one, where scenes have no borders and nobody knows the truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from kinsong.demo import listening
from kinsong.demo import pages as articles
from kinsong.demo.cast import Artist, cast
from kinsong.demo.listening import Play, Playlist
from kinsong.demo.pages import Page

SEED = 1949


@dataclass(frozen=True)
class Files:
    """Where `World.write` put what."""

    plays: Path
    """TSV with a header: listener, artist, plays."""
    playlists: Path
    """JSON lines: {"name", "tracks": [{"title", "artists": […]}]}."""
    artists: Path
    """JSON lines: {"name", "aliases", "mbid", "disambiguation"}, for some of the artists only."""
    gold: Path
    """TSV with a header: artist, similar; every ordered pair of one scene."""
    scenes: Path
    """TSV with a header: artist, scene, known_from."""


@dataclass(frozen=True)
class World:
    """A whole made-up world of music."""

    artists: tuple[Artist, ...]
    """By label."""
    plays: tuple[Play, ...]
    playlists: tuple[Playlist, ...]
    pages: tuple[Page, ...]

    @cached_property
    def by_label(self) -> dict[str, Artist]:
        """Label → artist."""
        return {artist.label: artist for artist in self.artists}

    def write(self, folder: Path) -> Files:
        """Write all but the pages, which `kinsong.demo.site` serves, into ``folder``; it is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        names = ("plays.tsv", "playlists.jsonl", "artists.jsonl", "gold.tsv", "scenes.tsv")
        files = Files(*(folder / name for name in names))
        _write_rows(files.plays, ("listener", "artist", "plays"), ((p.listener, p.credit, p.plays) for p in self.plays))
        _write_json(files.playlists, (_playlist(playlist) for playlist in self.playlists))
        _write_json(files.artists, (_listing(artist) for artist in self.artists if artist.mbid))
        _write_rows(files.gold, ("artist", "similar"), self.pairs())
        known = ((a.label, a.scene, ", ".join(sorted(a.known_from))) for a in self.artists)
        _write_rows(files.scenes, ("artist", "scene", "known_from"), known)
        return files

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every ordered pair of labels of one scene."""
        for artist in self.artists:
            for other in self.artists:
                if other.scene == artist.scene and other is not artist:
                    yield artist.label, other.label


def make(seed: int = SEED) -> World:
    """The world of ``seed``: the same seed, the same world, in well under two seconds."""
    people, players, curators, writers = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(4))
    artists = cast(people)
    return World(
        artists=artists,
        plays=listening.plays(players, artists),
        playlists=listening.playlists(curators, artists),
        pages=articles.pages(writers, artists),
    )


def _playlist(playlist: Playlist) -> dict[str, object]:
    tracks = [{"title": track.title, "artists": list(track.credits)} for track in playlist.tracks]
    return {"name": playlist.name, "tracks": tracks}


def _listing(artist: Artist) -> dict[str, object]:
    aliases = list(artist.aliases)
    return {"name": artist.name, "aliases": aliases, "mbid": artist.mbid, "disambiguation": artist.disambiguation}


def _write_json(path: Path, rows: Iterable[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _write_rows(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    lines = ["\t".join(header), *("\t".join(str(value) for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
