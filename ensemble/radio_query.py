"""What programs ask of stations: always of the one published run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from db.errors import NotBuilt
from db.results import Run
from ensemble.query import published

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from db.home import Home
    from ensemble.station_files import Neighbour, StationFiles


def station_files(home: Home, session: Session) -> StationFiles:
    """The stations of the published run, open.

    Raises:
        NotBuilt: no run is published, it has no stations, or they are gone.
        ArtifactDamaged: they are not what was written.
    """
    from ensemble.station_files import MODELS, StationFiles

    folder = radio_folder(home, session)
    if not (folder / MODELS).exists():
        raise NotBuilt("the published run has no stations: there were no tracks; import playlists or plays with titles")
    return StationFiles.open(folder)


def radio_folder(home: Home, session: Session) -> Path:
    """The folder of the artefact of step `radio` of the published run.

    Raises:
        NotBuilt: no run is published, or the artefact is gone.
    """
    run = published(session)
    names: dict[str, str] = json.loads(session.scalars(select(Run.artifacts).where(Run.id == run.run_id)).one())
    if "radio" not in names:
        raise NotBuilt("the published run is older than stations: run `kinsong build`")
    folder = home.artifacts / names["radio"]
    if not folder.is_dir():
        raise NotBuilt(f"the artefact {folder.name} of the published run is gone: run `kinsong build`")
    return folder


@dataclass(frozen=True)
class Song:
    """A song of a station. `rank` from 1; `score` 0 … 1; `reason` is one line."""

    rank: int
    track_id: int
    artist: str
    title: str
    score: float
    reason: str


def station(session: Session, track_id: int, n: int) -> list[Song]:
    """The first n of a track's published station; empty for a track that the run does not know.

    What may not be suggested is left out, also where the flag is newer than the run.

    Raises:
        NotBuilt: no run is published.
    """
    published(session)
    rows = session.execute(_STATION, {"track": track_id, "n": n})
    return [Song(rank, *row) for rank, row in enumerate(rows, start=1)]


_STATION = text(
    "SELECT next_id, next_artist, next_track, score, reason FROM radio WHERE track_id = :track ORDER BY rank LIMIT :n"
)


def neighbours(home: Home, session: Session, track_id: int) -> list[Neighbour]:
    """A track's nearest by the published run, the nearest first, with what each model says; empty for one it lacks.

    Who asks more than once keeps `station_files` open.

    Raises:
        NotBuilt: no run is published, or it has no stations.
        ArtifactDamaged: they are not what was written.
    """
    return station_files(home, session).neighbours(track_id)
