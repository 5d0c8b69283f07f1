"""`kinsong demo`: the whole job on the made-up world, through the same doors that real data take."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from crawlers import jobs as crawling
from db.errors import HomeError
from db.home import Home
from db.imports import import_files
from db.read import find_artist
from db.task import Progress
from ensemble import query
from kinsong import config, evaluate, show
from kinsong import home as homes
from kinsong.build import build
from kinsong.demo.site import serve
from kinsong.demo.world import Files, World, make
from kinsong.evaluate import Board

MARK = "this-is-a-demo"
DELAY = 0.01
"""Seconds between two requests to one host: the hosts are ours."""
K = 20
QUERY = "SELECT artist, related, score FROM related WHERE rank = 1"


@dataclass(frozen=True)
class Demo:
    """What a demo run made."""

    home: Home
    world: World
    files: Files
    board: Board
    seconds: float


def fresh(path: Path) -> Path:
    """An empty folder for the demo; an earlier demo there is replaced, anything else is left alone.

    Raises:
        HomeError: the path holds something that is no demo.
    """
    if path.exists():
        if not (path / MARK).exists():
            raise HomeError(f"{path} is there already and is no demo: name another folder with --into")
        shutil.rmtree(path)
    path.mkdir(parents=True)
    (path / MARK).write_text("made by `kinsong demo`, which replaces this folder when it runs again\n")
    return path


def run(folder: Path, progress: Progress) -> Demo:
    """Make the world, import it, crawl it, build, and judge the result by the true scenes.

    Args:
        folder: where to put the demo's files and home.
        progress: where to say how far it is.
    """
    began = time.monotonic()
    fresh(folder)
    world = make()
    files = world.write(folder / "data")
    home, _ = homes.create(folder / "home")
    settings = config.load(home)
    for kind, path in (("artists", files.artists), ("plays", files.plays), ("playlists", files.playlists)):
        progress.say(f"import {kind} {path.name}")
        import_files(home, kind, [path], progress=progress)
    with serve(world) as hosts:
        for url in hosts:
            crawling.add_source(home, url, kind="site", delay=DELAY, allow_private=True)
        progress.say(f"crawl {len(hosts)} hosts on loopback")
        crawling.crawl(home, settings.crawl, pages=None, seconds=None, progress=progress)
    build(home, settings, progress=progress)
    board = evaluate.evaluate(home, settings, files.gold, K, progress)
    return Demo(home, world, files, board, time.monotonic() - began)


def tell(demo: Demo) -> None:
    """Print related artists with reasons, top terms, the scoreboard, and where to look next."""
    known = sorted(demo.world.artists, key=lambda a: (-a.popularity, a.label))
    complete = next(a for a in known if len(a.known_from) == 3)
    text_only = next(a for a in known if a.known_from == {"text"})
    with demo.home.reading() as session:
        for artist, what in ((complete, "known from everywhere"), (text_only, "known from text alone")):
            found = find_artist(session, artist.label)
            rows = [vars(row) | {"related": row.name} for row in query.related(session, found.id, 10)]
            show.rows(rows, ("rank", "related", "score", "reason"), show.Format.table,
                      title=f"\n{artist.label} ({artist.scene}; {what}): related artists")  # fmt: skip
        terms = query.terms(session, find_artist(session, complete.label).id, 8)
        show.side_by_side([vars(term) for term in terms], f"\n{complete.label}: top terms")
    show.rows(demo.board.rows, demo.board.shown, show.Format.table,
              title=f"\nJudged by the true scenes of the made-up world, at {K}")  # fmt: skip
    show.out.print(_next(demo, complete.label), markup=False, soft_wrap=True)


def _next(demo: Demo, name: str) -> str:
    program = "kinsong" if shutil.which("kinsong") else sys.argv[0]
    kinsong = f"  {program} --home {shlex.quote(str(demo.home.path))}"
    return "\n".join([
        f"\nDone in {demo.seconds:.0f} s. Where to look next:",
        f'{kinsong} related "{name}" --why',
        f'{kinsong} terms "{name}"',
        f'{kinsong} sql "{QUERY}"',
        f"{kinsong} status",
        f"  pages, plays and playlists: {demo.files.plays.parent}; settings: {demo.home.path / 'kinsong.toml'}",
    ])  # fmt: skip
