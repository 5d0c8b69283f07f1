"""Going on from what was read before ends with the bytes of a reading from nothing, whatever happened meanwhile."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, func, insert, select, update

import nlp.jobs
from db.artifacts import Artifact
from db.base import now
from db.catalog import Alias, Artist
from db.home import Home
from db.names import name_key
from db.task import Task
from db.web import Document, Page, Source
from nlp import readings
from nlp.jobs import CulturalConfig, ReadConfig, TermsConfig, cultural, read, terms
from nlp.language import Config as LanguageConfig
from nlp.readings import Readings

NAMES = ("Calexico", "Motörhead", "Air", "Women", "Radiohead", "Ash Harbour", "Björk", "Low")
VERBS = ("played", "recorded", "released", "sang")
SOUNDS = ("dusty trumpets", "icy guitars", "loud speed metal", "slow twilight songs", "warm French synths")
NOTICES = ("We use cookies to make this site better.", "Share this | Tweet | Newsletter", "Read all our reviews.")


def body(rng: random.Random) -> str:
    lines = [
        f"{rng.choice(NAMES)} {rng.choice(VERBS)} {rng.choice(SOUNDS)} with {rng.choice(NAMES)} and the Tucson Two. "
        f"The album by {rng.choice(NAMES)} has {rng.choice(SOUNDS)}."
        for _ in range(rng.randint(1, 3))
    ]
    return "\n".join([*lines, *rng.sample(NOTICES, rng.randint(0, 2))])


class World:
    """A home to which things happen."""

    def __init__(self, home: Home, seed: int) -> None:
        self.home = home
        self.rng = random.Random(seed)
        with home.writing() as session:
            session.execute(insert(Source), [{"id": 1, "url": "http://a.org/", "kind": "site", "added_at": now()}])
            session.execute(insert(Artist), [{"name": name, "key": name_key(name)} for name in NAMES[:5]])
        for _ in range(8):
            self.add()

    def add(self) -> None:
        """A new page."""
        host = self.rng.choice(["a.org", "b.org"])
        row = {"url": f"http://{host}/{self.rng.randrange(10**6)}", "host": host}
        with self.home.writing() as session:
            page = {**row, "source_id": 1, "due_at": now()}
            page_id = session.execute(insert(Page).returning(Page.id), [page]).scalar_one()
            document = {**row, "page_id": page_id, **self._text(), "signature": b"", "fetched_at": now()}
            session.execute(insert(Document), [{**document, "language": self.rng.choice(["en", "en", "de"])}])

    def change(self) -> None:
        """A page says something else."""
        with self.home.writing() as session:
            document = self._one(session, Document.id)
            session.execute(update(Document).where(Document.id == document).values(**self._text()))

    def withdraw(self) -> None:
        """A page goes."""
        with self.home.writing() as session:
            session.execute(delete(Document).where(Document.id == self._one(session, Document.id)))

    def duplicate(self) -> None:
        """A page turns out to be like another, or to be its own."""
        with self.home.writing() as session:
            one, other = self._one(session, Document.id), self._one(session, Document.id)
            like = other if one != other else None
            session.execute(update(Document).where(Document.id == one).values(duplicate_of=like))

    def alias(self) -> None:
        """An artist gets a further name, or all lose theirs."""
        with self.home.writing() as session:
            if session.scalar(select(func.count()).select_from(Alias)) and self.rng.random() < 0.5:
                session.execute(delete(Alias))
            else:
                name = self.rng.choice(["The Tucson Two", "Tucson", "French", "Low"])
                artist = self._one(session, Artist.id)
                session.execute(delete(Alias).where(Alias.key == name_key(name)))
                session.execute(insert(Alias), [{"artist_id": artist, "name": name, "key": name_key(name)}])

    def artist(self) -> None:
        """An artist comes, goes, gets another note, or another of the same name comes."""
        with self.home.writing() as session:
            what, one = self.rng.randrange(4), self._one(session, Artist.id)
            if what == 0:
                name = self.rng.choice(NAMES)
                note = str(self.rng.randrange(100))
                session.execute(insert(Artist), [{"name": name, "key": name_key(name), "disambiguation": note}])
            elif what == 1:
                session.execute(update(Artist).where(Artist.id == one).values(retired=Artist.retired.is_(False)))
            else:
                note = self.rng.choice(["dusty desert band", "icy", "loud"]) + str(one)
                session.execute(update(Artist).where(Artist.id == one).values(disambiguation=note))

    def _one(self, session, column) -> int:
        return self.rng.choice(session.scalars(select(column).order_by(column)).all())

    def _text(self) -> dict[str, str]:
        text, title = body(self.rng), self.rng.choice(["", *NAMES])
        return {"title": title, "body": text, "sha256": hashlib.sha256(f"{title}\0{text}".encode()).hexdigest()}

    def musicality(self) -> list[tuple[str, float | None]]:
        """Of all kept documents."""
        columns = select(Document.url, Document.musicality).where(Document.duplicate_of.is_(None))
        with self.home.reading() as session:
            return [tuple(row) for row in session.execute(columns.order_by(Document.url))]


def build(home: Home, folder: Path) -> dict[str, bytes]:
    """What the text steps make, file by file."""
    files = {}
    for name, job in (
        ("read", lambda task: read(task, ReadConfig(processes=1), LanguageConfig())),
        ("terms", lambda task: terms(task, TermsConfig(min_documents=1, min_hosts=1))),
        ("cultural", lambda task: cultural(task, CulturalConfig())),
    ):
        output = folder / name
        output.mkdir(parents=True)
        inputs = {} if name == "read" else {"read": Artifact(folder / "read", "read", "f", {})}
        job(Task(home, inputs, output, 7))
        files |= {f"{name}/{path.name}": path.read_bytes() for path in sorted(output.iterdir()) if path.is_file()}
    return files


def from_nothing(home: Home, folder: Path) -> dict[str, bytes]:
    aside = home.path / "aside"
    home.readings.rename(aside)
    files = build(home, folder)
    shutil.rmtree(home.readings)
    aside.rename(home.readings)
    return files


@pytest.fixture
def small_parts(monkeypatch) -> None:
    monkeypatch.setattr(readings, "PART", 3)
    monkeypatch.setattr(readings, "MOST_SMALL", 2)
    monkeypatch.setattr(nlp.jobs, "AT_ONCE", 4)
    monkeypatch.setattr(readings, "AT_ONCE", 4)
    monkeypatch.setattr("nlp.reader.BATCH", 2)


class Killed(BaseException):
    """Stands for a kill -9 in the middle of the work."""


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("seed", range(2))
def test_going_on_is_starting_from_nothing(home, tmp_path, monkeypatch, seed):
    world = World(home, seed)
    acts = [world.add, world.change, world.withdraw, world.duplicate, world.alias, world.artist]
    for turn in range(6):
        for act in world.rng.sample(acts, world.rng.randint(1, 3)):
            act()
        if world.rng.random() < 0.5:
            with monkeypatch.context() as fault:
                fail_after(fault, world.rng.randint(0, 2))
                with pytest.raises(Killed):
                    build(home, tmp_path / f"killed{turn}")
        gone_on = build(home, tmp_path / f"on{turn}")
        scores = world.musicality()
        assert None not in dict(scores).values()
        assert from_nothing(home, tmp_path / f"anew{turn}") == gone_on
        assert world.musicality() == scores


def fail_after(fault: pytest.MonkeyPatch, parts: int) -> None:
    """The work ends when so many parts were written, or else right before they are cleared away."""
    finished, left = readings._Part.finished, [parts]

    def finishing(self):
        if not left[0]:
            raise Killed
        left[0] -= 1
        return finished(self)

    def collecting(*_):
        raise Killed

    fault.setattr(readings._Part, "finished", finishing)
    fault.setattr(Readings, "collect", collecting)


def counted(home: Home, folder: Path, fault: pytest.MonkeyPatch) -> list[str]:
    """The URLs of the documents that a build reads."""
    seen: list[str] = []
    read_batch = nlp.reader.Reader.read

    def noting(self, texts):
        seen.extend(text.url for text in texts)
        return read_batch(self, texts)

    with fault.context() as patch:
        patch.setattr(nlp.reader.Reader, "read", noting)
        build(home, folder)
    return seen


def test_only_what_may_have_changed_is_read(home, tmp_path, monkeypatch):
    with home.writing() as session:
        session.execute(insert(Source), [{"id": 1, "url": "http://a.org/", "kind": "site", "added_at": now()}])
        session.execute(insert(Artist), [{"id": i, "name": n, "key": name_key(n)} for i, n in enumerate(NAMES, 1)])
        for i, name in enumerate(NAMES, 1):
            row = {"id": i, "url": f"http://a.org/{i}", "host": "a.org"}
            session.execute(insert(Page), [{**row, "source_id": 1, "due_at": now()}])
            text = {"title": name, "body": f"{name} played songs. Number {i} sang.", "sha256": str(i), "signature": b""}
            session.execute(insert(Document), [{**row, **text, "page_id": i, "fetched_at": now()}])
    urls = [f"http://a.org/{i}" for i in range(1, 9)]
    assert counted(home, tmp_path / "1", monkeypatch) == urls
    assert counted(home, tmp_path / "2", monkeypatch) == []
    with home.writing() as session:
        session.execute(update(Document).where(Document.id == 3).values(sha256="other"))
        session.execute(delete(Document).where(Document.id == 4))
    assert counted(home, tmp_path / "3", monkeypatch) == ["http://a.org/3"]
    with home.writing() as session:  # "Ash" alone stands in one text, and another artist in none
        session.execute(insert(Alias), [{"artist_id": 6, "name": "Ash", "key": "ash"}])
        session.execute(insert(Artist), [{"name": "Zorvane", "key": "zorvane"}])
    assert counted(home, tmp_path / "4", monkeypatch) == ["http://a.org/6"]
    (folder,) = home.readings.iterdir()
    for part in folder.glob("part-*.parquet"):
        part.write_bytes(part.read_bytes()[:-50])
    assert counted(home, tmp_path / "5", monkeypatch) == [url for url in urls if url != "http://a.org/4"]


def test_parts_hold_what_is_wanted_and_no_more(home, tmp_path, small_parts):
    world = World(home, 11)
    for turn in range(6):
        world.withdraw()
        world.add()
        build(home, tmp_path / str(turn))
        (folder,) = home.readings.iterdir()
        parts = sorted(folder.glob("part-*.parquet"))
        rows = [pq.read_metadata(path).num_rows for path in parts]
        assert sum(rows) == 8
        assert sum(n < readings.PART for n in rows) <= readings.MOST_SMALL + 1
        assert {path.name for path in folder.iterdir()} == {readings.CATALOGUE, *(path.name for path in parts)}


def test_other_settings_clear_what_was_read(home, tmp_path):
    World(home, 1)
    build(home, tmp_path / "one")
    old = list(home.readings.iterdir())
    (tmp_path / "two").mkdir()
    read(Task(home, {}, tmp_path / "two", 7), ReadConfig(threshold=0.7), LanguageConfig())
    (new,) = home.readings.iterdir()
    assert new not in old



def test_what_killed_commands_left_is_taken_out_too(tmp_path):
    folder = tmp_path / "readings" / "en"
    folder.mkdir(parents=True)
    for name in ("new", "new.tmp", "taken-out.parquet", "catalogue.tmp", "catalogue"):
        (folder / name).write_text("left")
    assert readings.take_out(tmp_path / "readings", {1}) == 0
    assert [path.name for path in folder.iterdir()] == ["catalogue"]
    (folder / "new").write_text("left")
    Readings(folder, print)
    assert [path.name for path in folder.iterdir()] == ["catalogue"]
    assert readings.take_out(tmp_path / "none", {1}) == 0
