"""Every named point of the code, and the command that is killed there: after the next run nothing tells of it.

A `Bench` holds homes in the stages that the commands start from, and what an undisturbed home comes to: the digest of
what it published and the files in it. Whatever a home has gone through, in the end it must be like that one.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, text

from db.digest import digest
from db.home import DATABASE, Home, default_url
from db.rest import SUFFIX
from db.results import Lease, Published
from db.session import open_engine
from db.stamps import FOLDER as STAMPS
from tests.faults.template import Ended, Template
from tests.faults.world import KINDS, choose_settings, pages, write_files

IMPORT, UNDO, CRAWL, BUILD = ("import", "plays"), ("import", "undo"), ("crawl",), ("build",)


@dataclass(frozen=True)
class Sweep:
    """A command, the stage of the home that it is run in, and the points that it passes."""

    stage: str
    command: tuple[str, ...]
    points: tuple[str, ...]


SWEEPS = (
    Sweep("to_import", IMPORT, (
        "import.detected", "import.opened", "import.rows", "import.group", "import.written", "import.swept",
        "import.replaced", "import.batch", "import.rejects", "import.placed", "import.committed", "import.removed",
        "resolve.begun", "resolve.derived", "resolve.artists", "resolve.aliases", "resolve.credits", "resolve.tracks",
        "resolve.listeners", "rest.woken", "rest.written", "rest.noted",
    )),
    Sweep("undone", UNDO, ("undo.unresolved", "undo.committed", "undo.removed")),
    Sweep("to_crawl", CRAWL, (
        "crawl.reclaimed", "crawl.ranked", "crawl.prepared", "crawl.answered", "crawl.extracted", "crawl.owned",
        "crawl.documents", "crawl.links", "crawl.found", "crawl.settled", "crawl.noted", "crawl.stored",
        "crawl.fetched", "crawl.finished", "crawl.marked",
    )),
    Sweep("fresh", CRAWL, ("crawl.duplicates", "crawl.answered:9")),
    Sweep("changed", BUILD, (
        "build.begun", "build.resolved", "read.catalogue", "read.mentions", "read.terms", "read.documents",
        "read.aside", "read.flushed", "read.part", "read.counts", "read.verdicts", "read.facts", "read.merged",
        "read.unlinked", "read.catalogued", "read.collected", "terms.weighed", "terms.written", "terms.quoted",
        "cultural.fitted", "als.read", "als.epoch", "als.fitted", "vector_exp.read", "vector_exp.epoch",
        "vector_exp.fitted", "playlist.read", "playlist.written", "playlist.trained",
        "als_tracks.read", "als_tracks.fitted", "playlist_tracks.read", "playlist_tracks.fitted", "discover.plays",
        "discover.lists", "discover.written", "radio.shelf", "radio.stations", "vectors.ids", "vectors.saved:3",
        "index.grown", "index.saved:2", "index.tuned", "related.facts", "related.candidates", "related.fused",
        "ranker.features", "ranker.lesson", "ranker.fold", "ranker.chosen", "related.selected", "related.rows",
        "related.evidence", "related.written", "related.surroundings", "related.report", "artifact.begun",
        "artifact.filled:2", "artifact.manifest:3", "artifact.sealed:4", "artifact.named:5", "publish.begun",
        "publish.run", "publish.reports", "publish.rows:3", "publish.pointed", "publish.committed", "collect.rows:4",
        "collect.committed", "collect.folder",
    )),
    Sweep("damaged", BUILD, ("artifact.moved",)),
)  # fmt: skip
"""All of it; a point may carry the pass at which the process dies. Every point of the code stands in one of them."""


def named() -> list[tuple[Sweep, str]]:
    """Every case: a sweep and one of its points."""
    return [(sweep, point) for sweep in SWEEPS for point in sweep.points]


@dataclass
class State:
    """What a home has come to.

    Attributes:
        digest: of the published run; empty where there is none.
        files: how many of each kind of file, by path without what differs from home to home.
        leases: names of those that are held.
    """

    digest: str
    files: Counter[str]
    leases: list[str] = field(default_factory=list)


def state_of(path: Path) -> State:
    """Look at a home on SQLite that nobody is using."""
    home = Home(path, open_engine(default_url(path)))
    with home.reading() as session:
        run = session.scalar(select(Published.run_id))
        found = digest(session, run) if run is not None else ""
        leases = list(session.scalars(select(Lease.name)))
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert not session.execute(text("PRAGMA foreign_key_check")).all()
    home.engine.dispose()
    return State(found, files_of(path), leases)


def files_of(path: Path) -> Counter[str]:
    """The files of a home, hashes in their names taken off. In how many parts readings lie depends on its history, and
    of what there are stamps on how long the files have been there; a database that could not be laid to rest is not."""
    every = (file for file in path.rglob("*") if file.is_file() and file.name != DATABASE + SUFFIX)
    found = (f.relative_to(path).as_posix() for f in every if f.parent.name != STAMPS or f.suffix != ".json")
    counted = Counter(re.sub(r"[0-9a-f]{16,64}", "…", name) for name in found)
    return Counter({name: 1 if name.endswith("/part-….parquet") else n for name, n in counted.items()})


class Bench:
    """Homes in every stage that a sweep starts from, and what an undisturbed home comes to.

    Args:
        folder: an empty one.
        template: runs the commands.
        site: path → HTML, what is served at `url`; it changes while the stages are made.
    """

    def __init__(self, folder: Path, template: Template, site: dict[str, str], url: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.template = template
        self.files = write_files(folder / "files")
        self._make(site, url)
        self.sound = state_of(folder / "sound")

    def _make(self, site: dict[str, str], url: str) -> None:
        """fresh: all imported, nothing crawled. The others were built from other plays and pages: in `to_import` the
        plays, in `to_crawl` the pages have changed since, in `changed` both are there and not built, in `undone` a
        batch more. In damaged an artefact is."""
        self._begin("sound", url)
        self._copied("sound", "fresh")
        self._did("sound", CRAWL)
        self._did("sound", BUILD)
        self._copied("sound", "damaged")
        for path in (self.folder / "damaged" / "artifacts").glob("index-*/als.ann"):
            path.write_bytes(path.read_bytes()[:-8])
        site.update(pages(seed=4))
        write_files(self.folder / "files", seed=4)
        self._begin("to_import", url)
        self._did("to_import", CRAWL)
        self._did("to_import", BUILD)
        self._all_due("to_import")
        site.update(pages())
        write_files(self.folder / "files")
        for kind in KINDS:
            if kind != "plays":
                self._did("to_import", ("import", kind))
        self._copied("to_import", "to_crawl")
        self._did("to_crawl", IMPORT)
        self._did("to_import", CRAWL)
        self._copied("to_import", "changed")
        self._did("changed", IMPORT)
        self._copied("changed", "undone")
        extra = self.folder / "files" / "extra.jsonl"
        extra.write_text('{"artist": "Neon Player A", "tag": "odd", "count": 3}\n')
        self._did("undone", ("import", "tags", str(extra)))
        self.extra = self._newest_batch("undone")

    def _begin(self, name: str, url: str) -> None:
        self._did(name, ("init",))
        choose_settings(self.folder / name)
        self._did(name, ("source", "add", url, "--allow-private"))
        for kind in KINDS:
            self._did(name, ("import", kind))

    def _copied(self, name: str, other: str) -> None:
        shutil.copytree(self.folder / name, self.folder / other)

    def _all_due(self, name: str) -> None:
        path = self.folder / name
        home = Home(path, open_engine(default_url(path)))
        with home.writing() as session:
            session.execute(text("UPDATE page SET due_at = '2020-01-01 00:00:00', state = 'due'"))
            session.execute(text("UPDATE source SET next_crawl_at = NULL"))
        home.engine.dispose()

    def arguments(self, home: Path, command: Sequence[str]) -> list[object]:
        """A command's arguments, with the home, the file of an import that names none, the batch of an undo."""
        if command == UNDO:
            return ["--home", home, *command, self.extra]
        given = [*command, self.files[command[1]]] if command[0] == "import" and len(command) == 2 else command
        return ["--home", home, *given]

    def _newest_batch(self, name: str) -> int:
        home = Home(self.folder / name, open_engine(default_url(self.folder / name)))
        with home.reading() as session:
            newest = session.scalar(text("SELECT max(id) FROM import_batch"))
        home.engine.dispose()
        return int(newest)

    def _did(self, name: str, command: Sequence[str]) -> None:
        ended = self.template.run(self.arguments(self.folder / name, command))
        assert ended.code == 0, (command, ended)

    def copy(self, stage: str) -> Path:
        """A home of one's own in a stage."""
        path = self.folder / "case"
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.folder / stage, path)
        return path

    def finish(self, home: Path, command: Sequence[str]) -> list[Ended]:
        """The next run: the same command, then what comes after it in the undisturbed home, up to a build."""
        commands = (command,) if tuple(command) == BUILD else (command, BUILD)
        return [self.template.run(self.arguments(home, one)) for one in commands]


def killed(bench: Bench, sweep: Sweep, point: str) -> str:
    """Kill a command at a point and run it again; what is wrong afterwards, empty where nothing is."""
    home = bench.copy(sweep.stage)
    died = bench.template.run(bench.arguments(home, sweep.command), fault=point)
    if died.code != -9:
        return f"{point} was not reached: the command ended with code {died.code}: {died.err}"
    for ended in bench.finish(home, sweep.command):
        if ended.code and not (sweep.command == UNDO and "there is no import batch" in ended.err):
            return f"the next run ended with code {ended.code}: {ended.err}"
    return different(state_of(home), bench.sound)


def different(found: State, sound: State) -> str:
    """How a home differs from the undisturbed one; empty where it does not."""
    if found.digest != sound.digest:
        return "another digest"
    if found.leases:
        return f"leases are held: {', '.join(found.leases)}"
    if found.files != sound.files:
        return f"left over: {dict(found.files - sound.files)}; missing: {dict(sound.files - found.files)}"
    return ""
