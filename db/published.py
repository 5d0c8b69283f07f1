"""The artefacts of the published run. Light: for queries that read a few of their numbers."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import select

from db.answered import answered
from db.artifacts import Artifact, artifact_name, open_artifact
from db.errors import ArtifactGone, NotBuilt
from db.results import Published, StepReport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.home import Home


def published_artifacts(
    home: Home, steps: Collection[str] | None = None, *, session: Session | None = None,
    names: Collection[str] | None = None, quick: bool = False,
) -> dict[str, Artifact]:  # fmt: skip
    """The verified artefacts of the published run, by step. They stay while they are held, whatever is published.

    Args:
        home: the workspace.
        steps: only those of these steps; all without.
        session: a reading one, whose published run it is.
        names: the only files that will be read; see `open_artifact`.
        quick: for single queries; see `open_artifact`.

    Raises:
        NotBuilt: no run is published.
        ArtifactGone: one of its artefacts is not there; `answered` asks again.
        ArtifactDamaged: one of them is not what was written.
    """
    if session is None:
        return answered(home, lambda own: published_artifacts(home, steps, session=own, names=names, quick=quick))
    run_id = session.scalar(select(Published.run_id))
    if run_id is None:
        raise NotBuilt("no run is published yet: run `kinsong build`")
    reports = select(StepReport.step, StepReport.fingerprint).where(StepReport.run_id == run_id)
    found: dict[str, Artifact] = {}
    for step, fingerprint in session.execute(reports).all():
        if steps is not None and step not in steps:
            continue
        artifact = open_artifact(home.artifacts, step, fingerprint, names=names, quick=quick)
        if artifact is None:
            name = artifact_name(step, fingerprint)
            raise ArtifactGone(f"the artefact {name} of the published run is gone: run `kinsong build`")
        found[step] = artifact
    return found


def published_artifact(home: Home, step: str) -> Artifact | None:
    """The verified artefact of one step of the published run; None where no run is published or it has none.

    Raises:
        ArtifactDamaged: it is not what was written.
    """
    try:
        return published_artifacts(home, {step}).get(step)
    except NotBuilt:
        return None
