"""`kinsong explain`: a listener's vector taken apart, as rows to print."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sqlalchemy import select

from cf import als
from cf.explain import explain as taken_apart
from cf.jobs import Folded
from db.catalog import Listener
from db.errors import NotBuilt, UsageError
from db.home import Home
from db.listening import listener_plays
from db.publish import published_artifacts
from db.read import artist_names
from kinsong.config import Settings
from kinsong.newcomers import STEP, fit_of

_FILES = {
    f"{folder}{file}" for folder in ("", f"{als.MODEL}/")
    for file in (f"{als.MODEL}.artist.npy", f"{als.MODEL}.artist.ids.npy", f"{als.BIASES['artist']}.npy")
}  # fmt: skip
REASONS = 3
"""Plays that are named for each recommended artist."""


@dataclass(frozen=True)
class Told:
    """Rows of (rank, artist, artist_id, plays, part), and of (rank, artist, artist_id, score, because)."""

    made_of: list[dict[str, object]]
    recommended: list[dict[str, object]]


def explain(home: Home, settings: Settings, listener: str, n: int) -> Told:
    """Fold a listener in from all plays that are there now, and say what the vector is made of.

    Args:
        home: the workspace.
        settings: those of the published fit.
        listener: the name.
        n: how many artists of each kind.

    Raises:
        UsageError: nobody is called so; carries close names.
        NotBuilt: no run with ALS vectors is published, or none of the listener's artists has one.
    """
    listener_id = _find(home, listener)
    folded = _artists(home)
    artists = folded.vectors
    plays = listener_plays(home, listener_id, settings.als.half_life)
    columns = artists.rows_of(plays["artist_id"].to_numpy())
    known = columns >= 0
    if not known.any():
        raise NotBuilt(f"no artist that {listener} plays has an ALS vector yet: too few others play them")
    counts = plays["plays"].to_numpy()[known].astype(np.float32)
    row = sparse.csr_matrix((counts, (np.zeros(known.sum(), np.int64), columns[known])), shape=(1, len(artists)))
    row.sort_indices()
    found = taken_apart(row, artists, settings.als, n, folded.biases)
    ids = artists.ids
    with home.reading() as session:
        names = artist_names(session, [int(ids[i]) for i in (*found.played, *found.best)])

    def named(place: int) -> dict[str, object]:
        return {"artist": names[int(ids[place])], "artist_id": int(ids[place])}

    order = np.argsort(-found.parts, kind="stable")[:n]
    made_of: list[dict[str, object]] = [
        {"rank": rank, **named(int(found.played[i])), "plays": float(row.data[i]), "part": float(found.parts[i])}
        for rank, i in enumerate(order, start=1)
    ]
    recommended: list[dict[str, object]] = []
    for rank, (place, score, reasons) in enumerate(zip(found.best, found.scores, found.reasons, strict=True), start=1):
        best = [i for i in np.argsort(-reasons, kind="stable")[:REASONS] if reasons[i] > 0]
        because = ", ".join(f"{names[int(ids[found.played[i]])]} {reasons[i]:+.3f}" for i in best)
        recommended.append({"rank": rank, **named(int(place)), "score": float(score), "because": because})
    return Told(made_of, recommended)


def _find(home: Home, name: str) -> int:
    with home.reading() as session:
        found = session.scalar(select(Listener.id).where(Listener.name == name))
        if found is not None:
            return int(found)
        close = difflib.get_close_matches(name, list(session.scalars(select(Listener.name))), 3)
    hint = f"did you mean {', '.join(f'“{c}”' for c in close)}?" if close else "nobody is called anything like it"
    raise UsageError(f"no listener is called “{name}”: {hint}")


def _artists(home: Home) -> Folded:
    """The published fit's artists, and those who were folded in since."""
    artifacts = published_artifacts(home, {als.MODEL, STEP}, names=_FILES, quick=True)
    fitted = Folded.load(fit_of(artifacts).path, "artist")
    newcomers = artifacts.get(STEP)
    if newcomers is None:
        return fitted
    return fitted.joined(Folded.load(newcomers.path / als.MODEL, "artist"))
