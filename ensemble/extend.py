"""What fits a list of tracks, by the published run, each with a reason that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.catalog import Artist, Track, TrackArtist
from db.errors import NotBuilt
from db.results import NeverSuggestArtist
from ensemble.continuation import GUESSES, Fitting, Shelf, continued
from ensemble.radio_query import radio_folder
from ensemble.shelf_files import STARTS, Shelved, open_shelf

if TYPE_CHECKING:
    from db.base import IdVector
    from db.home import Home

CHUNK = 500


@dataclass(frozen=True)
class Fit:
    """A track that fits a list. `rank` from 1; `score` is the part of all that speaks for any track, 0 … 1."""

    rank: int
    track_id: int
    artist: str
    title: str
    score: float
    reason: str


def read_shelf(home: Home, session: Session) -> Shelved:
    """The playlists of the published run.

    Raises:
        NotBuilt: no run is published, or it has none.
        ArtifactDamaged: they are not what was written.
    """
    folder = radio_folder(home, session)
    if not (folder / STARTS).exists():
        raise NotBuilt("the published run knows no tracks: import playlists or plays with titles, then `kinsong build`")
    return open_shelf(folder)


def fitting(session: Session, shelved: Shelved, track_ids: Sequence[int], n: int) -> list[Fit]:
    """The n tracks that fit a list best; none of its own, and none of an artist that is never to be suggested.

    Args:
        session: a reading one.
        shelved: the playlists.
        track_ids: the list; tracks that the run does not know are passed over. Of none that it knows nothing follows.
        n: how many.
    """
    place = {track: n for n, track in enumerate(shelved.ids.tolist())}
    seeds = np.array(sorted({place[track] for track in track_ids if track in place}), dtype=np.int64)
    if not len(seeds):
        return []
    flagged = select(TrackArtist.track_id).join(
        NeverSuggestArtist, NeverSuggestArtist.artist_id == TrackArtist.artist_id
    )
    left_out = np.array(sorted({place[t] for t in session.scalars(flagged) if t in place}), dtype=np.int64)
    found = continued(shelved.shelf, seeds, n, left_out)
    named = _named(session, shelved.ids[found.tracks].tolist())
    reasons = _reasons(shelved.shelf, seeds, found, [named[track][2] for track in shelved.ids[found.tracks].tolist()])
    rows = zip(shelved.ids[found.tracks].tolist(), found.score.tolist(), reasons, strict=True)
    return [
        Fit(rank, track, named[track][0], named[track][1], score, reason)
        for rank, (track, score, reason) in enumerate(rows, start=1)
    ]


def _named(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Credit, title and the name of the first artist of tracks."""
    found: dict[int, tuple[str, str, str]] = {}
    columns = (Track.id, Track.credit, Track.title, Artist.name)
    for begin in range(0, len(ids), CHUNK):
        statement = select(*columns).join(Artist, Artist.id == Track.artist_id)
        part = statement.where(Track.id.in_(ids[begin : begin + CHUNK]))
        found.update({row[0]: (row[1], row[2], row[3]) for row in session.execute(part)})
    return found


def _reasons(shelf: Shelf, seeds: IdVector, found: Fitting, artists: Sequence[str]) -> list[str]:
    """What is counted of each track and the list; where nothing is, which guess speaks for it most."""
    holding = np.asarray(shelf.table[:, seeds].sum(axis=1)).ravel() > 0
    together = shelf.by_track[found.tracks] @ holding.astype(np.float64)
    own = np.bincount(shelf.artist[seeds], minlength=len(shelf.around))[shelf.artist[found.tracks]]
    loudest = np.where(found.said.any(axis=0), np.argmax(found.said, axis=0), -1)
    rows = zip(together.tolist(), own.tolist(), loudest.tolist(), artists, strict=True)
    return [_reason(int(lists), int(same), guess, artist) for lists, same, guess, artist in rows]


def _reason(lists: int, same: int, guess: int, artist: str) -> str:
    parts = []
    if lists:
        parts.append(f"{lists} playlist{'s hold' if lists > 1 else ' holds'} it and tracks of the list")
    if same:
        parts.append(f"the list has {same} track{'s' if same > 1 else ''} of {artist}")
    if not parts and guess >= 0:
        near = GUESSES[guess] == "around"
        parts.append(f"{artist} is related to artists of the list" if near else "in playlists of the same artists")
    return "; ".join(parts) or "nothing joins it to these tracks; it is among the best known"
