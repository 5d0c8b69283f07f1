"""Labels that teach nothing, or not what they say: names that lead nowhere, judgements that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.catalog import Label
from db.results import Rating
from db.search import leads


@dataclass(frozen=True)
class Doubt:
    """An imported label as written, the batch that it came with, and what is wrong with it."""

    batch: int
    artist: str
    similar: str
    grade: float
    doubt: str


def doubts(session: Session) -> list[Doubt]:
    """All of them, as `db.read.label_pairs` treats them, in the order of batch, artist and similar artist.

    Of names that lead nowhere it is said which; of pairs graded both 0 and above, or against a thumb, what counts.
    """
    lead = leads(session)
    thumbs = {(r.artist_id, r.similar_id): r.up for r in session.scalars(select(Rating))}
    pairs: dict[tuple[int, int], list[Label]] = defaultdict(list)
    found: list[Doubt] = []
    for label in session.scalars(select(Label)):
        one, other = lead(label.artist), lead(label.similar)
        if one is None or other is None:
            lost = [f"“{name}”" for name, led in ((label.artist, one), (label.similar, other)) if led is None]
            found.append(_doubt(label, f"{' and '.join(lost)}: no artist has this name, or several have"))
        elif one == other:
            found.append(_doubt(label, "both names lead to one artist"))
        else:
            pairs[one, other].append(label)
    for pair, labels in pairs.items():
        alike = {label.grade > 0 for label in labels}
        if pair in thumbs and alike != {thumbs[pair]}:
            found += [_doubt(label, f"the thumb is {'up' if thumbs[pair] else 'down'}, and counts") for label in labels]
        elif len(alike) > 1:
            found += [_doubt(label, "graded both 0 and above: the mean counts") for label in labels]
    return sorted(found, key=lambda d: (d.batch, d.artist, d.similar, d.grade))


def _doubt(label: Label, what: str) -> Doubt:
    return Doubt(label.batch_id, label.artist, label.similar, label.grade, what)
