from __future__ import annotations

from pathlib import Path

from tests.faults.digests import Circumstances, digest_in
from tests.faults.world import KINDS, pages, serving, write_files


def test_the_same_data_have_the_same_digest(postgres_url: str, tmp_path: Path) -> None:
    """Other processes, hash seeds, threads, orders of imports and pages, ids, databases; the whole is in make
    test-faults."""
    files = write_files(tmp_path / "files")
    circumstances = (
        Circumstances(hash_seed=1, threads=1),
        Circumstances(hash_seed=2, threads=2, kinds=KINDS[::-1], crawl_first=True, at_once=8, ids=3, url=postgres_url),
    )
    with serving(pages()) as url:
        found = {
            digest_in(tmp_path / f"home{number}", files, url, how) for number, how in enumerate(circumstances)
        }
    assert len(found) == 1
