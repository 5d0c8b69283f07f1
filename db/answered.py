"""Answers from one state of the database, though runs are published and collected meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from db.errors import ArtifactGone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.home import Home

T = TypeVar("T")
ATTEMPTS = 6
"""How often a reader asks whose run was collected before it had a hold on it."""
PAUSE = 0.02
"""Seconds before it asks again, the first time."""


def answered(home: Home, ask: Callable[[Session], T]) -> T:
    """What `ask` makes of one consistent state of the database.

    Between its look at the published run and that at the run's artefacts, others may be published and that one
    collected: then all is asked again, of the newer state.

    Raises:
        ArtifactGone: so it was each time, or it is really gone.
    """
    for attempt in range(1, ATTEMPTS):
        with home.reading() as session:
            try:
                return ask(session)
            except ArtifactGone:
                pause = attempt * PAUSE
        time.sleep(pause)
    with home.reading() as session:
        return ask(session)
