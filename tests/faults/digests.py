"""The same data in other circumstances: another process, hash seed, number of threads, order, database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text

from db.digest import digest
from db.home import Home, default_url
from db.results import Published
from db.session import open_engine
from tests.faults.template import Ended, Template
from tests.faults.world import KINDS, choose_settings


@dataclass(frozen=True)
class Circumstances:
    """What must not matter.

    Attributes:
        hash_seed: PYTHONHASHSEED of the processes.
        threads: `[build] threads`, and what BLAS and OpenMP may take.
        kinds: the order of the imports.
        crawl_first: whether pages are crawled before anything is imported.
        at_once: pages of a host that are fetched side by side.
        ids: how many ids are dealt to somebody else first.
        url: of the database; empty for SQLite.
    """

    hash_seed: int = 0
    threads: int = 1
    kinds: Sequence[str] = KINDS
    crawl_first: bool = False
    at_once: int = 1
    ids: int = 0
    url: str = ""


def digest_in(folder: Path, files: dict[str, Path], site: str, how: Circumstances) -> str:
    """The digest of a home that was made, filled and built in these circumstances.

    Args:
        folder: the home's; made.
        files: what is imported, by kind.
        site: the URL to crawl.
        how: the circumstances.
    """
    threads = {name: str(how.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    with Template({"PYTHONHASHSEED": str(how.hash_seed), **threads}) as template:

        def did(*arguments: object) -> Ended:
            ended = template.run(["--home", folder, *arguments])
            assert ended.code == 0, (arguments, ended)
            return ended

        did("init", *(("--db", how.url) if how.url else ()))
        choose_settings(folder, build={"threads": how.threads}, crawl={"host_concurrency": how.at_once})
        home = Home(folder, open_engine(how.url or default_url(folder)))
        _deal_ids(home, how.ids)
        did("source", "add", site, "--allow-private")
        if how.crawl_first:
            did("crawl")
        for kind in how.kinds:
            did("import", kind, files[kind])
        if not how.crawl_first:
            did("crawl")
        did("build")
        with home.reading() as session:
            run = session.scalars(select(Published.run_id)).one()
            found = digest(session, run)
        home.engine.dispose()
    return found


def _deal_ids(home: Home, n: int) -> None:
    with home.writing() as session:
        for number in range(n):
            names = {"name": f"x{number}"}
            session.execute(
                text(
                    "INSERT INTO artist (name, key, disambiguation, curated, retired) "
                    "VALUES (:name, :name, '', false, false)"
                ),
                names,
            )
            session.execute(text("INSERT INTO listener (name) VALUES (:name)"), names)
