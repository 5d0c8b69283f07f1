"""`pytest -s tests/quality/fault_digests.py`: eight homes with the same data, each made in other circumstances.

Every combination of two hash seeds, one thread or two, and imports in either order, half of each on SQLite and half on
PostgreSQL; pages one by one before the imports or eight at once after them, and ids, go by turns.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from db.session import open_engine
from tests.faults.digests import Circumstances, digest_in
from tests.faults.world import KINDS, pages, serving, write_files


@pytest.mark.timeout(1800)
def test_eight_homes_have_one_digest(postgres_url: str, tmp_path: Path) -> None:
    files = write_files(tmp_path / "files")
    found: dict[str, list[Circumstances]] = {}
    with serving(pages()) as site:
        for number, (seed, threads, kinds) in enumerate(product((1, 2), (1, 2), (KINDS, KINDS[::-1]))):
            url = postgres_url if number.bit_count() % 2 else ""
            if url:
                _emptied(url)
            turn = number % 4 < 2
            how = Circumstances(seed, threads, kinds, crawl_first=turn, at_once=1 if turn else 8, ids=number, url=url)
            digest = digest_in(tmp_path / f"home{number}", files, site, how)
            print(digest[:16], how)
            found.setdefault(digest, []).append(how)
    assert len(found) == 1


def _emptied(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.commit()
    engine.dispose()
