"""Last.fm 360K and 1K are known without a header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db.imports.lastfm import headless_roles

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.imports.conftest import Take

    Facts = Callable[[str], list[dict[str, Any]]]

SHA = "00000c289a1829a808ac09c00daf10bc3c4e223b"
MBID = "3bd73256-3905-4f3a-97e2-8b341527f805"


def test_360k(take: Take, facts: Facts) -> None:
    take("plays", "usersha1-artmbid-artname-plays.tsv", f"{SHA}\t{MBID}\tBetty Blowtorch\t2137\n{SHA}\t\tAir\t3\n")
    assert [(r["listener"], r["credit"], r["plays"]) for r in facts("plays")] == [
        (SHA, "Betty Blowtorch", 2137.0), (SHA, "Air", 3.0)]  # fmt: skip


def test_1k(take: Take, facts: Facts) -> None:
    line = f"user_000001\t2009-05-04T23:08:57Z\t{MBID}\tDeep Dish\t\tLive Famous\n"
    take("plays", "userid-timestamp.tsv", line)
    (row,) = facts("plays")
    assert (row["listener"], row["credit"], row["title"], row["time"].year) == (
        "user_000001", "Deep Dish", "Live Famous", 2009)  # fmt: skip


@pytest.mark.parametrize("cells", [["listener", "artist", "plays"], [SHA, MBID, "Air", "many"], [SHA, "?", "Air", "3"]])
def test_other_tables_are_left_to_their_header(cells: list[str]) -> None:
    assert headless_roles(cells) is None
