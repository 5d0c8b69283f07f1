"""The shelf of playlists at rest: arrays beside the stations, opened for one list that is to be continued."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from db.artifacts import verified
from db.base import IdVector
from db.errors import ArtifactDamaged
from db.vectors import save_array
from ensemble.continuation import Shelf
from ensemble.station_files import IDS
from ensemble.tracks import Tracks

STARTS, MEMBERS, ARTISTS, AROUND = "list_starts.npy", "list_members.npy", "artists.npy", "around.npy"


@dataclass(frozen=True, eq=False)
class Shelved:
    """A shelf, and the ids of its tracks: int64 (n_tracks,), in canonical order."""

    ids: IdVector
    shelf: Shelf


def write_shelf(folder: Path, tracks: Tracks) -> None:
    """Write which tracks stand in which playlist, whose they are and which artists are related."""
    starts, members = tracks.members
    for name, array in ((STARTS, starts), (MEMBERS, members), (ARTISTS, tracks.artist), (AROUND, tracks.around)):
        save_array(folder / name, array)


def open_shelf(folder: Path) -> Shelved:
    """What `write_shelf` left beside stations in the folder of a sealed artefact, verified.

    Raises:
        ArtifactDamaged: it is not what was written.
    """
    names = (IDS, STARTS, MEMBERS, ARTISTS, AROUND)
    verified(folder, names)
    try:
        ids, starts, members, artist, around = (np.load(folder / name, allow_pickle=False) for name in names)
    except (OSError, ValueError, EOFError) as error:
        raise ArtifactDamaged(f"playlists in {folder}: {error}; run `kinsong build --force`") from error
    return Shelved(ids, Shelf.of(starts, members, artist, around))
