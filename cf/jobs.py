"""The build steps of this package: listening facts in, `Vectors` out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cf import als as als_model
from cf import word2vec
from cf.interactions import Interactions, Playlists
from db.listening import play_totals, playlist_entries
from db.read import canonical_ids, listener_ids

if TYPE_CHECKING:
    from cf.fitted import Fitted
    from db.task import Task


def als(task: Task, config: als_model.Config) -> dict[str, int]:
    """Vectors als/artist and als/listener from plays; nothing when there are none."""
    with task.home.reading() as session:
        listeners, artists = listener_ids(session), canonical_ids(session)
    plays = play_totals(task.home)
    data = Interactions.from_plays(plays, listeners, artists, min_listeners=config.min_listeners)
    if not len(data.artist_ids):
        return {}
    fitted = als_model.fit(data, config, task.rng("als"))
    losses = fitted.arrays["loss"]
    task.progress.say(f"als: loss {losses[0]:.4g} → {losses[-1]:.4g} in {len(losses) - 1} iterations")
    return _save(task, fitted)


def playlist(task: Task, config: word2vec.Config) -> dict[str, int]:
    """Vectors playlist/artist from playlists; nothing when there are none."""
    with task.home.reading() as session:
        artists = canonical_ids(session)
    data = Playlists.from_entries(playlist_entries(task.home), artists, min_playlists=config.min_playlists)
    if not len(data.artist_ids):
        return {}
    return _save(task, word2vec.fit(data, config, task.rng("playlist")))


def _save(task: Task, fitted: Fitted) -> dict[str, int]:
    """Write every entity's vectors; how many of each."""
    for vectors in fitted.vectors.values():
        vectors.save(task.output)
    return {f"{entity}s": len(vectors) for entity, vectors in fitted.vectors.items()}
