"""The demo world, made once."""

from __future__ import annotations

import pytest

from kinsong.demo.world import World, make


@pytest.fixture(scope="session")
def world() -> World:
    """The world of the demo's own seed."""
    return make()
