"""`kinsong doctor`: is the installation sound, and is this home?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from db import facts, integrity, lease, rest
from db.artifacts import WAY_OUT, artifact_name, open_artifact
from db.errors import ArtifactDamaged, KinsongError, StoreError
from db.hold import put_away
from db.home import SETTINGS, Home
from db.imports import mend
from db.listening import SCHEMAS, fact_files
from db.publish import published_artifacts, reload
from db.results import Published, Run, StepReport
from db.task import Progress
from kinsong import home as homes

OURS = ("crawlers", "nlp", "cf", "ensemble", "db", "kinsong")
LEAST_FREE_MIB = 500
_BACKUP = "restore a backup (`kinsong --home NEW restore FILE`)"


class Finding(NamedTuple):
    """One thing looked at: state is fine, note or wrong."""

    check: str
    state: str
    detail: str


def examine(path: Path) -> list[Finding]:
    """Everything worth looking at; a home that cannot be opened is one finding."""
    found = [*_installation(), *_names()]
    changed = _changed(path)
    try:
        home = homes.open_home(path, read_only=True, unchecked=True)
    except KinsongError as error:
        return [*found, Finding("home", "wrong", str(error))]
    except DBAPIError as error:
        what = str(error.orig).strip().splitlines()[0]
        return [*found, Finding("database", "wrong", f"{what}; see [database] url in {path / SETTINGS}")]
    try:
        found += _of_home(home, changed)
    except (DBAPIError, ValueError, TypeError) as error:
        if not isinstance(error, DBAPIError) and database_damage(path) is None:
            raise
        found.append(Finding("database", "wrong", f"cannot be read ({str(error).splitlines()[0]}): {_BACKUP}"))
    finally:
        home.engine.dispose()
    return found


def database_damage(path: Path) -> str | None:
    """What is wrong with a home's database; None where it is whole, or there is none that could be opened."""
    try:
        home = homes.open_home(path, read_only=True, unchecked=True)
    except (KinsongError, DBAPIError):
        return None
    try:
        found = [*_database(home, None), *_results(home)]
        return next((one.detail for one in found if one.state == "wrong"), None)
    except (DBAPIError, ValueError, TypeError) as error:
        return f"the database cannot be read ({str(error).splitlines()[0]}): {_BACKUP}"
    finally:
        home.engine.dispose()


def repair(path: Path, progress: Progress) -> list[str]:
    """Put right what can be: damaged artefacts and facts are taken away and made anew, rows read again; what was done.

    Raises:
        HomeError: there is no home there.
        Busy: a build is running.
        StoreError: the database's file is damaged: nothing was done.
    """
    from kinsong import config
    from kinsong.build import build

    changed = _changed(path) is not None
    home = homes.open_home(path, unchecked=True)
    file = rest.file_of(home.engine.url)
    try:
        _refuse_broken(home)
        if changed and file is not None:
            rest.refuse(file)
        with lease.holding(home, "build"):
            done = mend.facts(home, progress)
            done += [_taken_away(home, name) for name in _damaged(home)]
        outcome = build(home, config.load(home), progress=progress)
        done += [f"{report.step} was made anew" for report in outcome.reports if not report.reused]
        with lease.holding(home, "build"):
            done += _reload(home)
        if file is not None:
            rest.accept(file)
        return done
    finally:
        homes.close(home, job=True)


def _refuse_broken(home: Home) -> None:
    with home.reading() as session:
        for problem in integrity.structure(session):
            raise StoreError(f"the database of {home.path} is damaged ({problem}): {_BACKUP}")


def _taken_away(home: Home, name: str) -> str:
    put_away(home.artifacts / name)
    return f"artefact {name} was damaged and is gone"


def _damaged(home: Home) -> list[str]:
    """Folders of kept runs' artefacts that are there but not as they were sealed."""
    with home.reading() as session:
        reports = session.scalars(select(StepReport)).all()
    found = []
    for step, fingerprint in sorted({(s.step, s.fingerprint) for s in reports}):
        try:
            open_artifact(home.artifacts, step, fingerprint)
        except ArtifactDamaged:
            found.append(artifact_name(step, fingerprint))
    return found


def _reload(home: Home) -> list[str]:
    """Have the published rows be those of the artefacts again."""
    with home.reading() as session:
        run_id = session.scalar(select(Published.run_id))
        if run_id is None:
            return []
        artifacts = published_artifacts(home, session=session)
        wrong = integrity.published_rows(session, run_id, artifacts)
    if wrong:
        reload(home, run_id, artifacts)
    return [f"the rows of run {run_id} in {name} were read anew" for name in wrong]


def _installation() -> Iterator[Finding]:
    yield Finding("python", "fine" if sys.version_info >= (3, 11) else "wrong", sys.version.split()[0])
    for name in ("scrapy", "spacy", "gensim", "lightgbm", "annoy", "sklearn", "duckdb", "numba"):
        try:
            module = __import__(name)
        except ImportError as error:
            yield Finding(name, "wrong", f"{error}: run the set-up again")
        else:
            yield Finding(name, "fine", str(getattr(module, "__version__", "loads")))


def _names() -> Iterator[Finding]:
    owners = packages_distributions()
    for name in OURS:
        foreign = sorted(set(owners.get(name, ())) - {"kinsong"})
        if foreign:
            yield Finding(
                f"package {name}",
                "wrong",
                f"also installed by {', '.join(foreign)}: uninstall that, or use an environment of our own",
            )


def _of_home(home: Home, changed: str | None) -> Iterator[Finding]:
    yield Finding("home", "fine", str(home.path))
    free = shutil.disk_usage(home.path).free // 2**20
    yield Finding("disk", "fine" if free >= LEAST_FREE_MIB else "wrong", f"{free:,} MiB free at {home.path}")
    yield from _database(home, changed)
    yield _checked("settings", lambda: _settings(home))
    yield _checked("language model", lambda: _language(home))
    yield _facts(home)
    yield _readings(home)
    yield from _artifacts(home)
    yield from _results(home)


def _checked(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except KinsongError as error:
        return Finding(name, "wrong", str(error))


def _settings(home: Home) -> Finding:
    from kinsong import config

    if not config.load(home).crawl.contact:
        return Finding("settings", "note", "[crawl] contact is empty: off loopback nothing will be crawled")
    return Finding("settings", "fine", f"{home.path / SETTINGS} can be read")


def _language(home: Home) -> Finding:
    from kinsong import config
    from nlp import language

    pipeline = language.load(config.load(home).language)
    return Finding("language model", "fine", f"{pipeline.meta['name']} {pipeline.meta['version']}")


def _database(home: Home, changed: str | None) -> Iterator[Finding]:
    with home.reading() as session:
        broken = integrity.structure(session)
    if broken:
        yield Finding("database", "wrong", f"damaged: {broken[0]} ({len(broken)} problems); {_BACKUP}")
    elif changed:
        yield Finding("database", "wrong", changed)
    else:
        yield Finding("database", "fine", home.engine.url.render_as_string(hide_password=True))
    with home.reading() as session:
        texts = [] if broken else integrity.texts(session)
    if texts:
        what = f"{len(texts)} texts are not those that were stored, such as that of {texts[0]}"
        yield Finding("documents", "wrong", f"{what}: `kinsong documents remove` it, `allow` it, and crawl again")


def _changed(path: Path) -> str | None:
    """What to say of a home's database that is not what was left there; it must not be open in this process."""
    try:
        homes.check_database(path, stamps=False)
    except StoreError as error:
        return str(error)
    except KinsongError:  # told of by who opens it
        return None
    return None


def _facts(home: Home) -> Finding:
    """The files of the imports: that they are there, and what was written."""
    with home.reading() as session:
        damaged = [one for kind in SCHEMAS for one in facts.damage(session, home, kind)]
        count = sum(len(fact_files(session, home, kind)) for kind in SCHEMAS)
    if damaged:
        one = damaged[0]
        what = f"{len(damaged)} of {count} files are damaged, such as {one.path}, which {one.what}"
        way = f"`kinsong doctor --repair`, or `kinsong import undo {one.batch_id}` and import the file again"
        return Finding("imports", "wrong", f"{what}: {way}")
    return Finding("imports", "fine", f"{count} files of facts are what was written")


def _results(home: Home) -> Iterator[Finding]:
    """The published rows, and whether other tables are still what they were then."""
    with home.reading() as session:
        run_id = session.scalar(select(Published.run_id))
        if run_id is None:
            return
        try:
            artifacts = published_artifacts(home, session=session)
        except StoreError:
            return  # told of already
        wrong = integrity.published_rows(session, run_id, artifacts)
        other = integrity.changed(session, run_id)
    if wrong:
        what = f"the rows of {', '.join(wrong)} are not what run {run_id} published"
        yield Finding("results", "wrong", f"{what}: the database is damaged; `kinsong doctor --repair` reads them anew")
    else:
        yield Finding("results", "fine", f"the rows of run {run_id} are what it published")
    if other is None:
        yield Finding("tables", "note", f"what they held when run {run_id} was published is not known: `kinsong build`")
    elif other:
        what = f"{', '.join(other)} hold other rows than when run {run_id} was published"
        after = "an import, a crawl or a rating since does that, and the next `kinsong build` takes it up"
        yield Finding("tables", "note", f"{what}: {after}; where there was none, the database is damaged: {_BACKUP}")
    else:
        yield Finding("tables", "fine", f"all hold the rows that they held when run {run_id} was published")


def _readings(home: Home) -> Finding:
    """What was read in documents before; only a build takes parts of it away, or makes them anew."""
    from nlp.readings import PARTS, is_whole

    damaged = []
    size = count = 0
    for part in sorted(home.readings.rglob(PARTS)):
        try:
            size += part.stat().st_size
            count += 1
            if not is_whole(part):
                damaged.append(part)
        except FileNotFoundError:  # a build has just put it together with others
            continue
    if damaged:
        what = f"{len(damaged)} of {count} parts are not what was written, such as {damaged[0]}"
        return Finding("readings", "note", f"{what}: the next build reads their documents anew")
    return Finding("readings", "fine", f"{count} parts, {size / 2**20:,.1f} MiB; a cache, it may be deleted")


def _artifacts(home: Home) -> Iterator[Finding]:
    """Every artefact of a kept run, each looked at once; what only earlier runs need can be done without."""
    with home.reading() as session:
        published = session.scalar(select(Published.run_id))
        runs = session.scalars(select(Run.id)).all()
        reports = session.scalars(select(StepReport).order_by(StepReport.run_id.desc())).all()
    needed = {(s.step, s.fingerprint): s.run_id for s in reports}
    needed |= {(s.step, s.fingerprint): s.run_id for s in reports if s.run_id == published}
    for (step, fingerprint), run_id in needed.items():
        problem = _problem(home, step, fingerprint)
        if problem is not None:
            serves = run_id == published
            yield Finding(f"run {run_id}", "wrong" if serves else "note", f"{problem} ({_which(serves)} run)")
    if published is None:
        yield Finding("runs", "note", "nothing is published yet: run `kinsong build`")
    else:
        yield Finding("runs", "fine", f"{len(runs)} kept, run {published} is published")


def _problem(home: Home, step: str, fingerprint: str) -> str | None:
    try:
        found = open_artifact(home.artifacts, step, fingerprint)
    except ArtifactDamaged as error:
        return str(error)
    return None if found else f"artefact {artifact_name(step, fingerprint)} is gone; {WAY_OUT}"


def _which(serves: bool) -> str:
    return "the published" if serves else "an earlier"
