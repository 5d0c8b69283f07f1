from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from db.artifacts import building, open_artifact
from db.base import now
from db.catalog import Artist
from db.columnar import write_parquet
from db.web import Document, Page
from ensemble.inputs import read_facts

if TYPE_CHECKING:
    from db.home import Home


def test_pages_that_name_many_and_pages_that_are_gone_do_not_count(home: Home) -> None:
    artists = np.arange(1, 9, dtype=np.int64)
    named = {"http://h/pair": [1, 2], "http://h/few": [2, 3, 4], "http://h/index": list(range(1, 9))}
    with home.writing() as session:
        session.add_all(Artist(id=int(i), name=f"a{i}", key=f"a{i}") for i in artists)
        for number, url in enumerate(named, start=10):
            session.add(Page(id=number, url=url, host="h", due_at=now()))
            session.flush()
            session.add(Document(
                id=number, page_id=number, url=url, host="h", body="", sha256="", signature=b"", fetched_at=now()
            ))  # fmt: skip
    pairs = [(document, artist) for document, who in enumerate(named.values(), start=10) for artist in who]
    pairs += [(99, 5), (99, 6)]
    table = pa.table({"document_id": [d for d, _ in pairs], "artist_id": [a for _, a in pairs]})
    with building(home.artifacts, "read", "f" * 64, {}) as folder:
        write_parquet(table, folder / "mentions.parquet")
    read = open_artifact(home.artifacts, "read", "f" * 64)
    assert read is not None
    facts = read_facts(home, {"read": read}, artists, 3)
    pages = [
        [facts.page_urls[thing] for thing in facts.pages.things[begin:end]]
        for begin, end in zip(facts.pages.starts, facts.pages.starts[1:], strict=False)
    ]
    few, pair = "http://h/few", "http://h/pair"
    assert pages == [[pair], [few, pair], [few], [few], [], [], [], []]
    assert read_facts(home, {"read": read}, artists, 8).pages.degree.tolist() == [2, 3, 2, 2, 1, 1, 1, 1]
