"""Tracks in the place of artists: the models of this package read tables of tracks, and say of tracks what they say of
artists. Nothing is fitted here that is not fitted there.

Three models speak of tracks: `als` (who plays which track), `playlist` (word2vec; what stands beside what in playlists)
and `lists` (`als` again, a playlist standing for a listener and every track in it for one play: the factors of playlist
continuation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa
from pydantic import Field

from cf import als, word2vec
from cf.fitted import Fitted
from cf.interactions import Interactions, Playlists
from db.columnar import numbered
from db.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.base import IdVector

LISTS = "lists"
"""The model of factors of playlists and tracks."""


class WordConfig(word2vec.Config):
    """word2vec on the tracks of playlists."""

    min_playlists: Annotated[int, Field(ge=1)] = 2
    """Tracks in fewer playlists get no vector; lowered to the number of playlists where there are fewer."""
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Part of a cosine that is word2vec's; the rest is that of membership. 1: word2vec alone, 0: membership."""


class ListConfig(als.Config):
    """ALS on playlists: a playlist for a listener, a track for an artist, one play for each track in a list."""

    min_listeners: Annotated[int, Field(ge=1)] = 2
    """Tracks in fewer playlists get no vector; lowered to the number of playlists where there are fewer."""


def playlists(entries: pa.Table, tracks: IdVector, min_playlists: int) -> Playlists:
    """Playlists of tracks (columns playlist, position, track_id) as `Playlists` whose artists are tracks.

    Raises:
        BuildError: a track id is not in the catalogue.
    """
    return Playlists.from_entries(_for_artists(entries), tracks, min_playlists=min_playlists)


def plays(totals: pa.Table, listeners: IdVector, tracks: IdVector, min_listeners: int) -> Interactions:
    """Plays of tracks (columns listener_id, track_id, plays) as `Interactions` whose artists are tracks.

    Raises:
        BuildError: plays cannot be used, or an id is not in the catalogue.
    """
    return Interactions.from_plays(_for_artists(totals), listeners, tracks, min_listeners=min_listeners)


def memberships(entries: pa.Table, tracks: IdVector, min_playlists: int) -> Interactions:
    """Playlists of tracks as `Interactions`: listeners are the playlists, numbered in the order of their keys.

    Raises:
        BuildError: a track id is not in the catalogue.
    """
    lists, names = numbered(entries.column("playlist"))
    pairs = np.unique(np.stack([lists, entries.column("track_id").to_numpy()], axis=1), axis=0)
    columns = {"listener_id": pairs[:, 0], "artist_id": pairs[:, 1], "plays": np.ones(len(pairs))}
    everyone = np.arange(len(names), dtype=np.int64)
    return Interactions.from_plays(pa.table(columns), everyone, tracks, min_listeners=min_playlists)


def of_tracks(fitted: Fitted, model: str) -> Fitted:
    """What was fitted with tracks for artists, said of tracks; what there is of listeners or lists is left out."""
    found = fitted.vectors["artist"]
    return Fitted({"track": Vectors(model, "track", found.ids, found.matrix)}, fitted.arrays)


def fit_playlists(data: Playlists, config: word2vec.Config, rng: np.random.Generator) -> Fitted:
    """Vectors playlist/track; see `word2vec.fit`."""
    return of_tracks(word2vec.fit(data, config, rng), word2vec.MODEL)


def fit_plays(data: Interactions, config: als.Config, rng: np.random.Generator) -> Fitted:
    """Vectors als/track; see `als.fit`."""
    return of_tracks(als.fit(data, config, rng), als.MODEL)


def fit_lists(data: Interactions, config: als.Config, rng: np.random.Generator) -> Fitted:
    """Vectors lists/track; see `als.fit`."""
    return of_tracks(als.fit(data, config, rng), LISTS)


_NAMES: Mapping[str, str] = {"track_id": "artist_id"}


def _for_artists(table: pa.Table) -> pa.Table:
    return table.rename_columns([_NAMES.get(name, name) for name in table.column_names])
