"""The ordered steps of `kinsong build`: what each needs, what it reads, and what makes it stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

import cf.jobs
import ensemble.discover_job
import ensemble.jobs
import nlp.jobs
from db import listening, never, ratings, read, verdicts
from db.base import Config
from db.task import Task
from kinsong.config import Settings

Work = Callable[[Task, Settings], dict[str, int]]
Data = Callable[[Session], str]


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: how `--only` and `--from` call it.
        what: one line for the reader.
        needs: steps whose artefacts it reads.
        data: fingerprints of the rows and facts it reads besides.
        settings: the sections that change what it makes.
        packages: whose code makes it.
        work: the job.
        warm: whether it shall begin from what it made for the published run.
    """

    name: str
    what: str
    needs: tuple[str, ...]
    data: tuple[Data, ...]
    settings: Callable[[Settings], Mapping[str, Config]]
    packages: tuple[str, ...]
    work: Work
    warm: Callable[[Settings], bool] = lambda _: False


def _facts(*kinds: str) -> Data:
    return lambda session: listening.fingerprint(session, kinds)


STEPS = (
    Step(
        "read", "read documents: mentions, terms, musicality", (),
        (read.documents_fingerprint, read.catalog_fingerprint, _facts("tags")),
        lambda s: {"read": s.read, "language": s.language}, ("nlp",),
        lambda task, s: nlp.jobs.read(task, s.read, s.language),
    ),
    Step(
        "terms", "weigh terms for reading", ("read",),
        (_facts("tags"), read.catalog_fingerprint),
        lambda s: {"terms": s.terms}, ("nlp",),
        lambda task, s: nlp.jobs.terms(task, s.terms),
    ),
    Step(
        "cultural", "cultural vectors from terms", ("read",),
        (_facts("tags"), read.catalog_fingerprint),
        lambda s: {"cultural": s.cultural}, ("nlp",),
        lambda task, s: nlp.jobs.cultural(task, s.cultural),
    ),
    Step(
        "als", "listening factors", (),
        (_facts("plays"), read.catalog_fingerprint),
        lambda s: {"als": s.als}, ("cf",),
        lambda task, s: cf.jobs.als(task, s.als),
        lambda s: s.als.warm_start,
    ),
    Step(
        "vector_exp", "listening vectors by a softmax over artists", (),
        (_facts("plays"), read.catalog_fingerprint),
        lambda s: {"vector_exp": s.vector_exp}, ("cf",),
        lambda task, s: cf.jobs.vector_exp(task, s.vector_exp),
    ),
    Step(
        "playlist", "playlist vectors", (),
        (_facts("playlists", "plays"), read.catalog_fingerprint),
        lambda s: {"playlist": s.playlist}, ("cf",),
        lambda task, s: cf.jobs.playlist(task, s.playlist),
    ),
    Step(
        "als_tracks", "track factors from plays", (),
        (_facts("plays"), read.tracks_fingerprint),
        lambda s: {"als": s.als}, ("cf",),
        lambda task, s: cf.jobs.als_tracks(task, s.als),
    ),
    Step(
        "playlist_tracks", "track vectors from playlists", (),
        (_facts("playlists"), read.tracks_fingerprint),
        lambda s: {"track_playlist": s.track_playlist, "track_lists": s.track_lists}, ("cf",),
        lambda task, s: cf.jobs.playlist_tracks(task, s.track_playlist, s.track_lists),
    ),
    Step(
        "index", "an Annoy index per model", ("cultural", "als", "vector_exp", "playlist"), (),
        lambda s: {"index": s.index}, ("ensemble",),
        lambda task, s: ensemble.jobs.index(task, s.index),
    ),
    Step(
        "related", "candidates, features, ranking, reasons",
        ("read", "terms", "cultural", "als", "vector_exp", "playlist", "index"),
        (listening.fingerprint, read.catalog_fingerprint, read.labels_fingerprint, never.fingerprint),
        lambda s: {"ranking": s.ranking()},
        ("ensemble",),
        lambda task, s: ensemble.jobs.related(task, s.ranking()),
    ),
    Step(
        "discover", "what each listener has never heard", ("als", "vector_exp", "playlist", "related"),
        (_facts("plays"), read.catalog_fingerprint, read.tracks_fingerprint, read.listeners_fingerprint,
         never.fingerprint, verdicts.fingerprint, ratings.fingerprint),
        lambda s: {"discover": s.discover, "related": s.related},
        ("ensemble",),
        lambda task, s: ensemble.discover_job.lists(task, s.discover, s.related.n),
    ),
    Step(
        "radio", "the nearest tracks of every track",
        ("cultural", "als", "vector_exp", "playlist", "related", "als_tracks", "playlist_tracks"),
        (_facts("plays", "playlists"), read.catalog_fingerprint, read.tracks_fingerprint),
        lambda s: {"radio": s.radio}, ("ensemble",),
        lambda task, s: ensemble.jobs.radio(task, s.radio, s.build.threads),
    ),
)  # fmt: skip

NAMES = tuple(step.name for step in STEPS)
