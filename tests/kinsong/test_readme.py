"""The commands of the README, run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.kinsong.conftest import Kinsong, write_micro_world

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PROGRAM = ".venv/bin/kinsong "


def commands() -> list[list[str]]:
    """The words of every command of ours, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith(PROGRAM)]
    return [shlex.split(line.removeprefix(PROGRAM), comments=True) for line in lines]


UNREAD = {"crawl": "set `contact`", "terms": "documents"}
"""What is said where there is nothing to show: tests send no traffic, so nothing was crawled."""


def test_every_command_of_the_readme_does_what_it_says(kinsong: Kinsong, tmp_path: Path) -> None:
    write_micro_world(tmp_path)
    names = {"Some Artist": "Harbour Player A", "Some Listener": "listener1"}
    for words in commands():
        ran = kinsong(*(re.sub("Some (Artist|Listener)", lambda name: names[name[0]], word) for word in words))
        if words[0] in UNREAD:
            assert (ran.code, UNREAD[words[0]] in ran.err) == (1, True), ran.err
        else:
            assert ran.code == 0, (words, ran.err)
    assert "Harbour Player" in ran.out, "the last one asks for related artists"


def test_the_targets_of_the_readme_are_there() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"```sh\nmake (\w+)\nmake (\w+)\n```", README)
    assert targets == [("demo", "test")]
    for target in targets[0]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
