from __future__ import annotations

from typing import TYPE_CHECKING

from kinsong import config
from tests.quality.faithful import Refit, cases, table

if TYPE_CHECKING:
    from db.home import Home


def test_without_its_evidence_a_pair_is_less_alike(built: Home) -> None:
    """Scenes of this home have eight words each: without five of them the other three are nearly as much alike."""
    made = cases(Refit(built, config.load(built)), 8, seed=2, n=20)
    rows = {row["evidence"]: row for row in table(made)}
    assert rows["all"]["cases"] == len(made) >= 16
    assert rows["listeners"]["faithful"] == 1
    assert rows["term"]["faithful"] >= 0.5
