"""`kinsong build`: run the steps that something changed for, then publish.

A step's artefact is named by the fingerprint of its inputs, settings, code and libraries. A step whose artefact
is there is skipped; a build that was killed leaves the artefacts it had finished, and the next one goes on from them.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numba
from sqlalchemy import select

from db import clearing, integrity, lease, never, publish, stamps
from db.artifacts import Artifact, building, code_fingerprint, libraries, open_artifact, sweep
from db.base import now
from db.credits import resolve_if_stale
from db.disk import disk_errors
from db.errors import ArtifactDamaged, NotBuilt, UsageError
from db.facts import refuse_damage
from db.faults import reached
from db.home import Home
from db.imports.store import clean
from db.lease import Held
from db.listening import SCHEMAS
from db.publish import Report
from db.results import Published, Run
from db.task import Progress, Silent, Task
from kinsong.config import Settings
from kinsong.memory import peak_mib, reset_peak
from kinsong.steps import NAMES, STEPS, Step

SILENT = Silent()


@dataclass(frozen=True)
class Outcome:
    """What a build did. `run_id` is None when nothing was published; `written` counts rows per table."""

    run_id: int | None
    reports: tuple[Report, ...]
    written: Mapping[str, int]
    served_by: str = ""


def build(
    home: Home,
    settings: Settings,
    *,
    only: str | None = None,
    start: str | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Outcome:
    """Run what is stale and publish.

    Args:
        home: the workspace.
        settings: all of them.
        only: run this one step (what it needs must be there) and publish nothing.
        start: run this step and all after it, stale or not.
        force: run every step, stale or not.
        progress: where to say how far it is.

    Raises:
        Busy: another build is running.
        FactsDamaged: a file of facts is not what its import wrote.
        UsageError: there is no such step.
        NotBuilt: `only` or `start` needs the artefact of a step that has not run.
    """
    for option, name in (("--only", only), ("--from", start)):
        if name is not None and name not in NAMES:
            raise UsageError(f"{option} {name}: there is no such step; the steps are {', '.join(NAMES)}")
    with disk_errors(home.path), lease.holding(home, "build") as held:
        reached("build.begun")
        with home.writing() as session:
            held.keep(session)
        sweep(home.artifacts)
        stamps.sweep(home.path)
        clean(home)
        clearing.pay(home)
        with home.reading() as session:
            for kind in SCHEMAS:
                refuse_damage(session, home, kind)
        resolve_if_stale(home)
        never.resolve(home)
        reached("build.resolved")
        return _build(home, settings, only, start, force, progress, held)


def _build(
    home: Home, settings: Settings, only: str | None, start: str | None, force: bool, progress: Progress, held: Held
) -> Outcome:
    numba.set_num_threads(min(settings.build.threads, numba.config.NUMBA_NUM_THREADS))
    started = now()
    artifacts: dict[str, Artifact] = {}
    reports: list[Report] = []
    fingerprints: dict[str, str] = {}
    stale = force
    for step in [step for step in STEPS if only is None or step.name == only or step.name in _needed(only)]:
        stale = stale or step.name in (start, only)
        parent = _parent(home, step, progress) if step.warm(settings) else None
        fingerprints[step.name] = _begun(home, settings, step, fingerprints, parent, stale)
        found = None if stale else _open(home, step.name, fingerprints[step.name], progress)
        if found is None and not stale and (start or only):
            raise NotBuilt(f"step {step.name} has not run on the data as they are now: run `kinsong build` first")
        if found is None:
            found, report = _run(
                home, settings, step, fingerprints[step.name], artifacts, parent, progress, held
            )  # fmt: skip
        else:
            report = Report(step.name, found.fingerprint, True, 0.0, 0.0, found.facts["rows"])
        artifacts[step.name] = found
        reports.append(report)
    if only is not None:
        return Outcome(None, tuple(reports), {})
    return _publish(home, settings, artifacts, reports, started, progress, held)


def _needed(name: str) -> set[str]:
    step = next(s for s in STEPS if s.name == name)
    return set(step.needs).union(*(_needed(need) for need in step.needs))


def _open(home: Home, step: str, fingerprint: str, progress: Progress) -> Artifact | None:
    try:
        return open_artifact(home.artifacts, step, fingerprint)
    except ArtifactDamaged as error:
        progress.say(str(error))
        return None


def _parent(home: Home, step: Step, progress: Progress) -> Artifact | None:
    """What the step made for the published run, None where there is none that can be used."""
    try:
        return publish.published_artifacts(home, {step.name}).get(step.name)
    except NotBuilt:
        return None
    except ArtifactDamaged as error:
        progress.say(f"{error}; {step.name} starts afresh")
        return None


def _begun(
    home: Home, settings: Settings, step: Step, known: Mapping[str, str], parent: Artifact | None, stale: bool
) -> str:
    """The step's fingerprint. The artefact that it begins from belongs to it: that of the published run, or what that
    one began from where nothing has changed since."""
    if parent is None:
        return _fingerprint(home, settings, step, known)
    before = str(parent.facts.get("parent", ""))
    if not stale and _fingerprint(home, settings, step, known, before) == parent.fingerprint:
        return parent.fingerprint
    return _fingerprint(home, settings, step, known, parent.fingerprint)


def _run(
    home: Home, settings: Settings, step: Step, fingerprint: str, artifacts: Mapping[str, Artifact],
    parent: Artifact | None, progress: Progress, held: Held,
) -> tuple[Artifact, Report]:  # fmt: skip
    progress.say(f"{step.name}: {step.what}")
    began = time.monotonic()
    reset_peak()
    facts: dict[str, object] = {"parent": parent.fingerprint} if parent is not None else {}

    def fence() -> None:
        with home.writing() as session:
            held.keep(session)

    with building(home.artifacts, step.name, fingerprint, facts, fence=fence) as output:
        inputs = {need: artifacts[need] for need in step.needs}
        rows = step.work(Task(home, inputs, output, settings.build.seed, progress, parent), settings)
        facts["rows"] = rows
    artifact = open_artifact(home.artifacts, step.name, fingerprint)
    if artifact is None:
        raise ArtifactDamaged(
            f"artefact of step {step.name} is gone right after it was made: is something deleting files?"
        )
    return artifact, Report(step.name, fingerprint, False, time.monotonic() - began, peak_mib(), rows)


def _publish(
    home: Home,
    settings: Settings,
    artifacts: Mapping[str, Artifact],
    reports: Iterable[Report],
    started: datetime,
    progress: Progress,
    held: Held,
) -> Outcome:
    reports = tuple(reports)
    names = {step: artifact.path.name for step, artifact in artifacts.items()}
    served_by = _served_by(artifacts["related"])
    if all(report.reused for report in reports) and _is_kept(home, names, settings.related.n):
        publish.collect(home, settings.build.keep_runs, held)
        integrity.remember_if_unknown(home)
        return Outcome(None, reports, {}, served_by)
    progress.say("publish: rows into SQL")
    reached("publish.begun")
    run_id, written = publish.publish(
        home, artifacts, reports, n=settings.related.n, served_by=served_by, started=started, held=held
    )
    reached("publish.committed")
    publish.collect(home, settings.build.keep_runs, held)
    integrity.remember(home, run_id)
    return Outcome(run_id, reports, written, served_by)


def _is_kept(home: Home, names: Mapping[str, str], n: int) -> bool:
    """Whether the published run or the newest has these artefacts: who went back to an earlier one wants no newer."""
    with home.reading() as session:
        shown = session.scalar(select(Published.n))
        published = select(Run.artifacts).join(Published, Published.run_id == Run.id)
        newest = select(Run.artifacts).order_by(Run.id.desc()).limit(1)
        kept = [json.loads(one) for one in (session.scalar(published), session.scalar(newest)) if one is not None]
    return shown == n and dict(names) in kept


def _served_by(related: Artifact) -> str:
    report = related.path / "report.json"
    return str(json.loads(report.read_bytes())["served_by"]) if report.exists() else "nothing: there are no vectors"


def _fingerprint(home: Home, settings: Settings, step: Step, known: Mapping[str, str], parent: str = "") -> str:
    with home.reading() as session:
        data = [read(session) for read in step.data]
    what = {
        "step": step.name, "seed": settings.build.seed, "data": data,
        "needs": {need: known[need] for need in step.needs},
        "settings": {name: section.model_dump(mode="json") for name, section in step.settings(settings).items()},
        "code": [code_fingerprint(package) for package in ("db", *step.packages)], "libraries": dict(libraries()),
        **({"parent": parent} if parent else {}),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
