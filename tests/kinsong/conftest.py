"""A micro-world, imported, read and built for real, once for all tests that only look at results."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from db.base import now
from db.home import Home
from db.imports import import_files
from db.web import Document, Page, Source
from kinsong import config, show
from kinsong import home as homes
from kinsong.build import build
from kinsong.cli import main

SCENES = {
    "harbour": ("slide guitar", "smoky", "river ballad", "fiddle", "rustic"),
    "neon": ("analog synth", "icy", "midnight pulse", "sequencer", "glossy"),
}
PER_SCENE = 24


def artist_name(scene: str, n: int) -> str:
    """The n-th artist of a scene."""
    return f"{scene.title()} Player {chr(65 + n)}"


def write_micro_world(folder: Path, seed: int = 3) -> dict[str, Path]:
    """Plays, playlists and an artist list of two scenes that mix a little."""
    rng = np.random.default_rng(seed)
    names = {scene: [artist_name(scene, n) for n in range(PER_SCENE)] for scene in SCENES}
    every = [name for group in names.values() for name in group]

    def draw(scene: str, n: int) -> list[str]:
        return [str(rng.choice(names[scene] if rng.random() < 0.85 else every)) for _ in range(n)]

    scenes = list(SCENES)
    rows = ["listener\tartist\tplays"]
    for listener in range(80):
        for artist in sorted(set(draw(scenes[listener % 2], 14))):
            rows.append(f"listener{listener}\t{artist}\t{int(rng.integers(1, 60))}")
    lists = [
        {
            "name": f"list {n}",
            "tracks": [{"title": f"song {k}", "artists": [a]} for k, a in enumerate(draw(scenes[n % 2], 12))],
        }
        for n in range(40)
    ]
    paths = {
        kind: folder / name
        for kind, name in (("plays", "plays.tsv"), ("playlists", "lists.jsonl"), ("artists", "artists.jsonl"))
    }
    paths["plays"].write_text("\n".join(rows) + "\n")
    paths["playlists"].write_text("".join(json.dumps(one) + "\n" for one in lists))
    paths["artists"].write_text("".join(json.dumps({"name": name}) + "\n" for name in [*every, "Quiet Newcomer"]))
    return paths


def documents(seed: int = 3) -> Iterator[tuple[str, str, str, str]]:
    """Three pages about every artist: URL, host, title, body."""
    rng = np.random.default_rng(seed)
    for scene, words in SCENES.items():
        for n in range(PER_SCENE):
            name = artist_name(scene, n)
            for part in range(3):
                picked = [str(w) for w in rng.permutation(words)]
                body = (
                    f"{name} released a new album of {picked[0]} music this spring. The songs of {name} are full of "
                    f"{picked[1]} sounds, {picked[2]} and {picked[3]} arrangements. On stage the band plays "
                    f"{picked[4]} tunes for a {scene} crowd, and listeners hear a {picked[0]} in every chorus."
                )
                yield f"http://host{part}.test/{scene}/{n}", f"host{part}.test", f"{name}: a review", body


def add_documents(home: Home, *, reverse: bool = False) -> None:
    """The pages, stored as a crawl would have left them."""
    pages = list(documents())
    with home.writing() as session:
        source = Source(url="http://example.test/", kind="site", added_at=now())
        session.add(source)
        session.flush()
        for url, host, title, body in reversed(pages) if reverse else pages:
            page = Page(url=url, host=host, source_id=source.id, state="done", due_at=now())
            session.add(page)
            session.flush()
            session.add(Document(
                page_id=page.id, url=url, host=host, title=title, language="en", body=body, signature=b"",
                sha256=hashlib.sha256(f"{title}\n{body}".encode()).hexdigest(), fetched_at=now(),
                published=f"201{host[4]}-05-01",
            ))  # fmt: skip


def fill(home: Home, folder: Path, *, reverse: bool = False) -> None:
    """Import the micro-world and store its pages, in one order or the other."""
    paths = list(write_micro_world(folder).items())
    if reverse:
        add_documents(home, reverse=True)
    for kind, path in reversed(paths) if reverse else paths:
        import_files(home, kind, [path])
    if not reverse:
        add_documents(home)


class Fill(Protocol):
    """Fills a home with the micro-world."""

    def __call__(self, home: Home, folder: Path, *, reverse: bool = False) -> None:
        """Import it and store its pages."""
        ...


@pytest.fixture
def micro_world() -> Fill:
    """What fills a home of the test's own."""
    return fill


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A built home; tests must not change it."""
    folder = tmp_path_factory.mktemp("built")
    home, _ = homes.create(folder / "home")
    fill(home, folder)
    build(home, config.load(home))
    yield home
    home.engine.dispose()


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


class Kinsong(Protocol):
    """Runs the command line in this process."""

    def __call__(self, *arguments: object, home: Path | None = None) -> Ran:
        """Run `kinsong [--home HOME] ARGUMENTS`."""
        ...


@pytest.fixture
def kinsong(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kinsong:
    """The command line, run in this process, by default on a home of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(show.out, "width", 200)

    def run(*arguments: object, home: Path | None = None) -> Ran:
        words = ["kinsong", "--home", str(home or tmp_path / "home"), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
