"""Playlists as XSPF."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.imports.conftest import Rejected, Take

    Facts = Callable[[str], list[dict[str, Any]]]

MIX = """<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="http://xspf.org/ns/0/">
  <title>Mix</title>
  <trackList>
    <track><creator>Simon &amp; Garfunkel</creator><title>America</title></track>
    <track><title>No creator</title></track>
    <!-- between -->
    <track><title> Eple </title><creator> Röyksopp </creator></track>
  </trackList>
</playlist>
"""
BOMB = """<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<playlist><trackList><track><creator>&b;</creator><title>x</title></track></trackList></playlist>"""
FILE = """<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<playlist><trackList><track><creator>&a;</creator><title>x</title></track></trackList></playlist>"""


def test_creator_and_title(take: Take, facts: Facts, rejected: Callable[[], Rejected]) -> None:
    report = take("playlists", "mix.xspf", MIX)
    assert report.format == "xspf"
    assert [(r["name"], r["position"], r["credits"], r["title"]) for r in facts("playlists")] == [
        ("Mix", 0, ["Simon & Garfunkel"], "America"), ("Mix", 2, ["Röyksopp"], "Eple"),
    ]  # fmt: skip
    assert rejected() == {6: ("track without an artist", " - No creator")}


def test_another_declared_encoding_is_followed(take: Take, facts: Facts) -> None:
    take("playlists", "mix.xspf", MIX.replace("UTF-8", "ISO-8859-1").encode("latin-1"))
    assert facts("playlists")[1]["credits"] == ["Röyksopp"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (MIX[:-30], "is no whole XML"), ("<html><body/></html>", "its root is <html>"),
        (BOMB, "declares a document type"),
        (FILE, "declares a document type"), ("<playlist/>", "no row that can be used"), ("<", "is no whole XML"),
    ],
)  # fmt: skip
def test_what_is_no_playlist_is_refused(take: Take, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        take("playlists", "mix.xspf", content)


def test_the_name_of_a_file_that_is_no_text(take: Take, facts: Facts) -> None:
    take("playlists", os.fsdecode(b"caf\xe9.xspf"), MIX.replace("<title>Mix</title>", ""))
    assert {r["name"] for r in facts("playlists")} == {r"caf\xe9"}
