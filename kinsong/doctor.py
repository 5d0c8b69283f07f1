"""`kinsong doctor`: is the installation sound, and is this home?"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from db.artifacts import open_artifact
from db.errors import ArtifactDamaged, KinsongError
from db.home import Home
from db.results import Run, StepReport
from kinsong import home as homes

OURS = ("crawlers", "nlp", "cf", "ensemble", "db", "kinsong")
LEAST_FREE_MIB = 500


class Finding(NamedTuple):
    """One thing looked at: state is fine, note or wrong."""

    check: str
    state: str
    detail: str


def examine(path: Path) -> list[Finding]:
    """Everything worth looking at; a home that cannot be opened is one finding."""
    found = [*_installation(), *_names()]
    try:
        home = homes.open_home(path, read_only=True)
    except KinsongError as error:
        return [*found, Finding("home", "wrong", str(error))]
    try:
        return [*found, Finding("home", "fine", str(home.path)), *_of_home(home)]
    finally:
        home.engine.dispose()


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


def _of_home(home: Home) -> Iterator[Finding]:
    free = shutil.disk_usage(home.path).free // 2**20
    yield Finding("disk", "fine" if free >= LEAST_FREE_MIB else "wrong", f"{free:,} MiB free")
    yield _checked("settings", lambda: _settings(home))
    yield _checked("language model", lambda: _language(home))
    yield from _artifacts(home)


def _checked(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except KinsongError as error:
        return Finding(name, "wrong", str(error))


def _settings(home: Home) -> Finding:
    from kinsong import config

    if not config.load(home).crawl.contact:
        return Finding("settings", "note", "[crawl] contact is empty: off loopback nothing will be crawled")
    return Finding("settings", "fine", "")


def _language(home: Home) -> Finding:
    from kinsong import config
    from nlp import language

    pipeline = language.load(config.load(home).language)
    return Finding("language model", "fine", f"{pipeline.meta['name']} {pipeline.meta['version']}")


def _artifacts(home: Home) -> Iterator[Finding]:
    with home.reading() as session:
        runs = session.scalars(select(Run)).all()
        prints = {(s.run_id, s.step): s.fingerprint for s in session.scalars(select(StepReport))}
    for run in runs:
        for step, name in json.loads(run.artifacts).items():
            try:
                found = open_artifact(home.artifacts, step, prints[run.id, step])
            except ArtifactDamaged as error:
                yield Finding(f"run {run.id}", "wrong", f"{error}; run `kinsong build --force`")
            else:
                if found is None:
                    yield Finding(f"run {run.id}", "wrong", f"artefact {name} is gone; run `kinsong build --force`")
    yield Finding("runs", "fine" if runs else "note", f"{len(runs)} kept" if runs else "nothing is built yet")
