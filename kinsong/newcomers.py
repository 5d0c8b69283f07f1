"""Folding newcomers into the published run: vectors for listeners and artists who came after its ALS fit.

They lie in an artefact of their own, which names the fit that it belongs to. It joins the published run in one
transaction and leaves with it: the next `kinsong build` fits everybody anew.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping

import cf.jobs
from db import lease, listening, publish, read
from db.artifacts import Artifact, building, open_artifact
from db.errors import ArtifactDamaged, NotBuilt
from db.home import Home
from db.publish import Report
from kinsong.config import Settings
from kinsong.memory import peak_mib, reset_peak

STEP = "newcomers"


def fold_in(home: Home, settings: Settings) -> Mapping[str, int]:
    """Give a vector to every listener and artist whom the published ALS fit does not know; nobody else's changes.

    Returns:
        How many listeners and artists have one now.

    Raises:
        NotBuilt: no run with ALS vectors is published.
        Busy: a build is running.
    """
    with lease.holding(home, "build"):
        fit = published_fit(home)
        fingerprint = _fingerprint(home, settings, fit)
        began = time.monotonic()
        reset_peak()
        facts: dict[str, object] = {"parent": fit.path.name}
        with building(home.artifacts, STEP, fingerprint, facts) as output:
            rows = cf.jobs.newcomers(home, fit.path, settings.als, output)
            facts["rows"] = rows
        made = open_artifact(home.artifacts, STEP, fingerprint)
        if made is None:
            raise ArtifactDamaged("the artefact of the newcomers is gone right after it was made")
        report = Report(STEP, fingerprint, False, time.monotonic() - began, peak_mib(), rows)
        publish.join(home, fit, made, report)
        return rows


def published_fit(home: Home) -> Artifact:
    """The published run's ALS artefact.

    Raises:
        NotBuilt: there is none, or it has no vectors.
    """
    return fit_of(publish.published_artifacts(home, {"als"}))


def fit_of(artifacts: Mapping[str, Artifact]) -> Artifact:
    """The ALS artefact among a run's.

    Raises:
        NotBuilt: there is none, or it has no vectors.
    """
    fit = artifacts.get("als")
    if fit is None or not (fit.path / "als.artist.npy").exists():
        raise NotBuilt("the published run has no ALS vectors: import plays and run `kinsong build`")
    return fit


def _fingerprint(home: Home, settings: Settings, fit: Artifact) -> str:
    with home.reading() as session:
        data = listening.fingerprint(session, ("plays",)), read.catalog_fingerprint(session)
    what = [fit.fingerprint, *data, settings.als.model_dump_json()]
    return hashlib.sha256(repr(what).encode()).hexdigest()
