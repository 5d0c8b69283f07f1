"""Every command, each in a process of its own: what one test has imported helps no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.main import get_command

from crawlers.duplicates import signature
from db.home import Home
from db.web import Document
from kinsong import home as homes
from kinsong.cli.app import app
from tests.faults.world import write_files

A, B = "Neon Player A", "Harbour Player B"
SOURCE, DOCUMENT = "http://example.test/", "http://host0.test/harbour/0"
LOOKS = (
    ("status",), ("doctor",), ("related", A, "--why"), ("terms", A, "--why"), ("similar", A, "--model", "als"),
    ("explain", "listener1"), ("discover", "listener1"), ("read", "text.txt"), ("evaluate", "--gold", "gold.tsv"),
    ("export", "related", "-o", "related.csv"), ("runs", "--digest"), ("runs", "1"), ("diff", "1", "1"),
    ("sql", "SELECT * FROM related"), ("sql", "SELECT * FROM related", "--engine", "duckdb"),
    ("artists", "new"), ("source", "list"), ("documents", "list"), ("documents", "search", "fiddle"),
    ("documents", "show", DOCUMENT), ("documents", "removed"), ("import", "list"),
    ("import", "labels"), ("extend", "list.m3u8"), ("radio", "show", A), ("backup", "home.tar"),
)  # fmt: skip
"""What only looks at a home."""
CHANGES = (
    ("init",), ("import", "plays", "plays.jsonl"), ("import", "playlists", "playlists.jsonl"),
    ("import", "tags", "tags.jsonl"), ("import", "similar", "similar.jsonl"), ("import", "artists", "artists.jsonl"),
    ("import", "tracks", "tracks.jsonl"), ("import", "undo", "1"), ("rate", A, B, "up"), ("artists", "never", A),
    ("publish", "1"), ("documents", "remove", DOCUMENT), ("documents", "allow", DOCUMENT),
    ("source", "set", SOURCE, "--every", "2d"), ("source", "remove", SOURCE), ("forget", "listener1"),
)  # fmt: skip
"""What changes a home, in an order that makes sense."""
AFTERWARDS = (("restore", "home.tar"), ("status",))
"""What is done with a backup."""
OF_SESSIONS = ("start", "next", "up", "skip", "down", "favorite", "ban", "steer", "why", "end")
ELSEWHERE = {("demo",), ("build",), ("crawl",), ("replay",), ("schedule",), ("tune",), ("source", "add")}
"""What takes long, and has tests of its own that start it as a process."""


def leaves(command: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    inner = getattr(command, "commands", None)
    return {leaf for name, one in inner.items() for leaf in leaves(one, (*path, name))} if inner else {path}


def run(home: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "kinsong", "--home", str(home), *words]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _refused(home: Path, folder: Path, commands: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """What went wrong, by command."""
    found = {}
    for words in commands:
        ended = run(home, folder, *words)
        if ended.returncode or "Traceback" in ended.stderr:
            found[words] = f"{ended.returncode}: {ended.stderr[-700:]}"
    return found


@pytest.fixture
def folder(built: Home, tmp_path: Path) -> Path:
    """A copy of a built home, and files that commands take."""
    shutil.copytree(built.path, tmp_path / "home")
    write_files(tmp_path)
    home = homes.open_home(tmp_path / "home")
    with home.writing() as session:
        for document in session.scalars(select(Document)):
            document.signature = signature(document.body)
    homes.close(home)
    (tmp_path / "text.txt").write_text(f"{A} plays a smoky slide guitar.")
    (tmp_path / "gold.tsv").write_text(f"artist\tsimilar\n{A}\t{B}\n")
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:100,{A} - song 1\nsong.mp3\n")
    return tmp_path


def test_every_command_has_its_turn() -> None:
    there = leaves(get_command(app))
    given = {leaf for leaf in there if any(words[: len(leaf)] == leaf for words in (*LOOKS, *CHANGES, *AFTERWARDS))}
    assert given | {("radio", word) for word in OF_SESSIONS} | ELSEWHERE == there


def test_what_only_looks(folder: Path) -> None:
    assert _refused(folder / "home", folder, LOOKS) == {}
    assert _refused(folder / "again", folder, AFTERWARDS) == {}


def test_what_changes(folder: Path) -> None:
    assert _refused(folder / "home", folder, CHANGES) == {}


def test_sessions(folder: Path) -> None:
    home = folder / "home"
    more = {"start": (A, "--name", "mine"), "steer": ("mine", "--more", B)}
    commands = [("radio", word, *more.get(word, ("mine",))) for word in OF_SESSIONS]
    assert _refused(home, folder, commands) == {}
