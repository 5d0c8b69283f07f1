from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from db.base import now
from db.home import Home
from db.web import Document, Page, Source
from kinsong import config
from kinsong import home as homes
from kinsong.build import build

LINES = (
    "The band Copper Lanternfish released a single. The album has loud guitars and a chorus of singers.",
    "Copper Lanternfish are a noisy duo from the coast. Fans of their songs and drums bought the record.",
    "Like Copper Lanternfish, the other bands of this label play slow songs with drums and a bass guitar.",
)


@pytest.fixture
def crawled(tmp_path: Path) -> Home:
    """A home of three pages about a band that its catalogue lacks."""
    home, _ = homes.create(tmp_path / "home")
    plays = tmp_path / "plays.tsv"
    plays.write_text("listener\tartist\tplays\n" + "".join(f"l{n}\tA{n % 3}\t2\nl{n}\tB\t1\n" for n in range(9)))
    from db.imports import import_files

    import_files(home, "plays", [plays])
    with home.writing() as session:
        session.add(Source(id=1, url="http://h.test/", kind="site", added_at=now()))
        session.flush()
        for number, line in enumerate(LINES, 1):
            url = f"http://h{number}.test/p"
            session.add(Page(id=number, url=url, host=f"h{number}.test", source_id=1, state="done", due_at=now()))
            session.flush()
            session.add(Document(
                page_id=number, url=url, host=f"h{number}.test", title="A page", language="en", body=line,
                signature=b"", sha256=hashlib.sha256(line.encode()).hexdigest(), fetched_at=now(),
            ))  # fmt: skip
    return home


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_reported_can_be_imported_and_is_mentioned_then(kinsong, crawled: Home, tmp_path: Path, form) -> None:
    ran = kinsong("artists", "new", "--format", form, home=crawled.path)
    assert ran.code == 0, ran.err
    (tmp_path / f"new.{form}").write_text(ran.out)
    assert kinsong("import", "artists", tmp_path / f"new.{form}", home=crawled.path).code == 0
    build(crawled, config.load(crawled))
    rows = json.loads(kinsong(
        "sql", "SELECT count(*) AS n FROM mentions WHERE artist = 'Copper Lanternfish'", "--format", "json",
        home=crawled.path,
    ).out)  # fmt: skip
    assert rows == [{"n": 3}]
    again = kinsong("artists", "new", home=crawled.path)
    assert (again.code, again.out) == (0, "")
    assert "no page mentions" in again.err
    crawled.engine.dispose()


def test_every_format_and_the_way_to_accept(kinsong, crawled: Home) -> None:
    (row,) = json.loads(kinsong("artists", "new", "--format", "json", home=crawled.path).out)
    assert (row["name"], row["documents"], len(row["hosts"]), len(row["examples"])) == ("Copper Lanternfish", 3, 3, 3)
    (line,) = csv.DictReader(io.StringIO(kinsong("artists", "new", "--format", "csv", home=crawled.path).out))
    assert line["name"] == "Copper Lanternfish"
    table = kinsong("artists", "new", home=crawled.path)
    assert "Copper Lanternfish" in table.out
    assert "import artists" in table.err
    assert kinsong("artists", "new", "--least", "1.0", home=crawled.path).out == ""
    crawled.engine.dispose()
