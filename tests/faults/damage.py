"""Damaged artefacts, facts, databases and manifests: each is refused before a native library reads it, or named.

    python -m tests.faults.damage [CASES [SEED]]

A third of the cases of files go by stamps that were good before the damage. Every case runs in a child process that is
watched (`tests.faults.watched`); native openings of the damaged file are counted (`tests.faults.opens`).

A case of SQLite is refused where every query and `kinsong doctor` say what is wrong, and untouched where all answers
and doctor's are as before: the same bytes in another place. Anything else is silent.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from db.errors import KinsongError
from db.home import DATABASE, Home
from kinsong import home as homes
from tests.faults import published as world
from tests.faults.damages import DAMAGES, OF_DATABASES, Place
from tests.faults.opens import Opens
from tests.faults.watched import Case, watched

FILES: dict[str, tuple[tuple[str, str], ...]] = {
    "vectors": (
        ("als", "als.artist.npy"), ("als", "als.artist.ids.npy"), ("cultural", "cultural.artist.npy"),
        ("playlist", "playlist.artist.ids.npy"), ("related", "dials.vectors.npy"), ("related", "dials.sums.npy"),
    ),
    "Annoy": (("index", "als.ann"), ("index", "cultural.ann"), ("index", "index.json")),
    "LightGBM": (("related", "ranker.txt"),),
    "Parquet": (
        ("related", "related.parquet"), ("related", "evidence.parquet"), ("terms", "terms.parquet"),
        ("read", "mentions.parquet"), ("facts", "plays"),
    ),
    "manifest": (("als", "manifest.json"), ("index", "manifest.json"), ("related", "manifest.json")),
}  # fmt: skip
KINDS = (*FILES, "SQLite")
VIEWS_READ = ("related", "why", "top_terms", "term_evidence", "mentions")
BATCH = 60
YOUNG = 2.2


class What(NamedTuple):
    """A case."""

    number: int
    kind: str
    step: str
    file: str
    damage: int
    quick: bool
    base: str


def cases(count: int, base: Path) -> list[What]:
    """As many of each kind, each damage in turn."""
    made = []
    for number in range(count):
        kind, turn = KINDS[number % len(KINDS)], number // len(KINDS)
        if kind == "SQLite":
            made.append(What(number, kind, "", DATABASE, turn % len(OF_DATABASES), False, str(base)))
            continue
        quick = kind != "LightGBM" and turn % 3 == 0
        step, file = FILES[kind][turn // len(DAMAGES) % len(FILES[kind])]
        made.append(What(number, kind, step, file, turn % len(DAMAGES), quick, str(base)))
    return made


def make_base(folder: Path) -> Path:
    """Two homes that differ in their runs: one to damage, one to take other versions from."""
    for name, k, artists in (("home", 3, world.ARTISTS), ("other", 4, world.ARTISTS - 10)):
        home = world.make_home(folder / name, artists=artists)
        world.make_run(home, k)
        homes.close(home)

    return folder


def try_files(count: int, seed: int, base: Path) -> list[Case]:
    """Run cases, a batch at a time."""
    found: list[Case] = []
    every = cases(count, base)
    for start in range(0, count, BATCH):
        part = [(what, seed) for what in every[start : start + BATCH]]
        for what, _ in part:
            _copied(what)
        time.sleep(YOUNG)  # a file that has just changed gets no stamp
        found += watched(_try, part)
        for what, _ in part:
            shutil.rmtree(_folder(what))
    return found


def _folder(what: What) -> Path:
    return Path(what.base) / f"case{what.number}"


def _copied(what: What) -> None:
    home = _folder(what) / "home"
    shutil.copytree(Path(what.base) / "home", home)


def _try(given: tuple[What, int]) -> str:
    what, seed = given
    rng = np.random.default_rng([seed, what.number])
    if what.kind == "SQLite":
        return _try_database(what, rng)
    home, engine = Home(_folder(what) / "home", _engine(what.base)), None
    del engine
    path = _path(home, what, 3)
    place = Place(path, _path(Home(Path(what.base) / "other", home.engine), what, 4), _folder(what))
    if what.quick:
        _use(home, what)  # whole: now it has its stamp
        stamps = home.listening if what.step == "facts" else home.artifacts
        assert any((stamps / ".verified").iterdir())
    before = _content(path)
    for _ in range(20):
        DAMAGES[what.damage](place, rng)
        if _content(path) != before:
            break
    assert _content(path) != before
    opens = Opens(path)
    try:
        _use(home, what)
    except KinsongError as error:
        told = str(error)
    else:
        return "silent"
    finally:
        native = opens.native()
    if native:
        return f"opened {native} times by a native library, then: {told}"
    assert "`kinsong" in told, told
    return "refused"


@cache
def _engine(base: str) -> Any:
    from db.home import default_url
    from db.session import open_engine

    return open_engine(default_url(Path(base) / "home"), read_only=True)


def _path(home: Home, what: What, k: int) -> Path:
    from db.artifacts import artifact_name

    if what.step == "facts":
        return next((home.listening / what.file).glob("*.parquet"))
    return home.artifacts / artifact_name(what.step, world.fingerprint(what.step, k)) / what.file


def _content(path: Path) -> tuple[bool, bytes | None]:
    import os
    import stat

    try:
        status = path.lstat()
    except OSError:
        return False, None
    if not stat.S_ISREG(status.st_mode):
        return False, os.fsencode(str(stat.S_IFMT(status.st_mode)))
    return True, path.read_bytes()


def _use(home: Home, what: What) -> None:
    """Have it read, as the program does."""
    from db.publish import published_artifacts, reload
    from ensemble import query
    from ensemble import similar as spaces
    from ensemble.dials import Config
    from ensemble.inputs import read_indexes, read_vectors
    from ensemble.ranker import load_ranker
    from kinsong.sql import ask_duckdb

    if what.step == "facts":
        from db.listening import play_totals

        play_totals(home) if what.damage % 2 else ask_duckdb(home, "SELECT sum(plays) FROM plays")
    elif what.file.startswith("dials."):
        with home.reading() as session:
            for artist in world.ids_of(home)[:5]:
                query.steered(home, session, int(artist), 5, Config(adventurous=0.5))
    elif what.kind == "LightGBM":
        load_ranker(published_artifacts(home)["related"].file(what.file), world.COLUMNS)
    elif what.kind == "Parquet" or (what.kind == "manifest" and what.step == "related"):
        if what.quick or what.damage % 2:
            parts = " UNION ALL ".join(f"SELECT count(*) AS n FROM {view}" for view in VIEWS_READ)
            ask_duckdb(home, parts)
        else:
            reload(home, 1, published_artifacts(home))
    elif what.quick:
        model = what.file.split(".")[0] if what.kind in ("vectors", "Annoy") and what.step != "manifest" else "als"
        model = model if model in world.MODELS else "als"
        with home.reading() as session:
            steps = {*world.MODELS, "index"}
            artifacts = published_artifacts(home, steps, session=session, names=spaces.names(model), quick=True)
            assert len(spaces.similar(artifacts, model, int(world.ids_of(home)[7]), 5)) == 5
    else:
        artifacts = published_artifacts(home)
        read_indexes(artifacts, read_vectors(artifacts))


def _try_database(what: What, rng: np.random.Generator) -> str:
    path = _folder(what) / "home"
    file = path / DATABASE
    expected = _answers(Path(what.base) / "home")
    before = file.read_bytes()
    while not file.is_symlink() and file.is_file() and file.read_bytes() == before:
        OF_DATABASES[what.damage](Place(file, Path(what.base) / "other" / DATABASE, _folder(what)), rng)
    answers = _fresh_answers(path)
    doctor = _run(path, "doctor", "--format", "json")
    if "Traceback" in doctor[1] or any("Traceback" in text for _, text in answers):
        return f"trace: {[doctor, *answers]}"[:900]
    if answers == expected and not doctor[0]:
        return "untouched"
    if doctor[0] and all(code and "error: " in told for code, told in answers):
        return "refused"
    return f"silent: {[doctor[1], *(told for code, told in answers if not code)]}"[:900]


QUESTIONS = (
    *(("related", world.name_of(place), "--why", "--format", "json") for place in (3, 70, 140)),
    ("terms", world.name_of(5), "--why", "--format", "json"),
    ("sql", "SELECT * FROM why ORDER BY artist_id, related_id, piece", "--format", "json"),
    ("sql", "SELECT * FROM related ORDER BY artist_id, rank", "--format", "json"),
    ("sql", "SELECT * FROM mentions ORDER BY artist_id", "--format", "json"),
    ("documents", "list", "-n", "200", "--format", "json"), ("status", "--format", "json"), ("runs",),
)  # fmt: skip


@cache
def _answers(path: Path) -> list[tuple[int, str]]:
    return _fresh_answers(path)


def _fresh_answers(path: Path) -> list[tuple[int, str]]:
    return [_run(path, *question) for question in QUESTIONS]


def _run(path: Path, *words: str) -> tuple[int, str]:
    """Exit code and all that is said of a command, run here."""
    import traceback

    from kinsong import show
    from kinsong.cli import main

    said = io.StringIO()
    argv, sys.argv = sys.argv, ["kinsong", "--home", str(path), *words]
    show.out.file = show.err.file = said
    code = 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except Exception:  # noqa: BLE001  it is told
            code = 1
            said.write(traceback.format_exc())
    sys.argv = argv
    return code, said.getvalue().replace(str(path), "HOME").replace("case", "")


def table(found: list[Case]) -> dict[str, Counter[str]]:
    """Outcomes by kind; "untouched" and "refused" are what is wanted."""
    told: dict[str, Counter[str]] = {}
    for (what, _), outcome in found:
        told.setdefault(what.kind, Counter())[outcome.split(":")[0]] += 1
    return told


GOOD = {"refused", "untouched"}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kinsong-damage-") as folder:
        found = try_files(count, seed, make_base(Path(folder)))
    for kind, outcomes in table(found).items():
        print(f"{kind:9} {sum(outcomes.values()):5}  " + ", ".join(f"{n} {what}" for what, n in outcomes.most_common()))
    bad = [(case, outcome) for case, outcome in found if outcome not in GOOD]
    for (what, _), outcome in bad[:12]:
        damage = (OF_DATABASES if what.kind == "SQLite" else DAMAGES)[what.damage].__name__
        print(f"\n{what.number} {what.kind} {what.step}/{what.file} {damage} quick={what.quick}: {outcome}")
    print(f"{count} cases, seed {seed}: {len(bad)} bad; {time.monotonic() - began:.0f} s")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
