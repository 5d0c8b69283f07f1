"""Artists, credits and listeners derived from facts, through real files and a real database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from db import credits as credit_module
from db import migrate
from db.base import Base, now
from db.catalog import Alias, Artist, Credit, CreditArtist, ImportBatch, Listener
from db.credits import credit_counts, resolve, resolve_if_stale
from db.home import Home, default_url
from db.imports import import_file, list_batches, undo
from db.listening import changing
from db.results import Run
from db.session import open_engine

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

ONE = "00000000-0000-4000-8000-000000000001"
FILES = {
    ("plays", "plays.tsv"): "user\tartist\tplays\nanna\tThe Beatles\t3\nanna\tEno & Byrne\t1\nben\tEno\t2\n"
    "ben\tByrne\t2\n"
    "ben\tbeatles\t1\ncleo\tAsh Harbour\t4\ncleo\tNas feat. AZ\t1\n",
    ("playlists", "lists.jsonl"): '{"name": "mix", "tracks": '
    '[{"title": "x", "artists": ["Beatles", "Ash Harbour (DE)"]}]}\n',
    ("tags", "tags.csv"): "artist,tag,count\nThe Beatles,rock,3\nEno,ambient,9\n",
    ("artists", "artists.jsonl"): '{"name": "Ash Harbour", "disambiguation": "DE"}\n'
    '{"name": "Ash Harbour", "disambiguation": "UK", "mbid": "' + ONE + '", "aliases": ["AH"]}\n{"name": "Silent"}\n',
}  # fmt: skip


def dump(session: Session) -> list[object]:
    """The catalogue in natural keys."""
    names = {a.id: (a.key, a.disambiguation) for a in session.scalars(select(Artist).where(~Artist.retired))}
    texts = {c.id: c.text for c in session.scalars(select(Credit))}
    artists = sorted((a.key, a.disambiguation, a.name, a.mbid or "", a.curated) for a in session.scalars(
        select(Artist).where(~Artist.retired)))  # fmt: skip
    aliases = sorted((names[a.artist_id], a.name, a.key) for a in session.scalars(select(Alias)))
    leads = sorted((texts[c.credit_id], c.position, names[c.artist_id]) for c in session.scalars(select(CreditArtist)))
    return [artists, aliases, sorted(texts.values()), leads, sorted(session.scalars(select(Listener.name)))]


def fill(home: Home, folder: Path, order: list[tuple[str, str]]) -> list[object]:
    for kind, name in order:
        path = folder / name
        path.write_text(FILES[kind, name], encoding="utf-8")
        import_file(home, kind, path)
    with home.reading() as session:
        return dump(session)


def test_what_facts_name_becomes_the_catalogue(any_home: Home, tmp_path: Path) -> None:
    home = any_home
    fill(home, tmp_path, list(FILES))
    assert credit_counts(home)["Beatles"] == 1
    with home.reading() as session:
        rows = session.execute(select(Artist.name, Artist.disambiguation).order_by(Artist.key, Artist.disambiguation))
        assert [" ".join(row).strip() for row in rows] == [
            "Ash Harbour DE", "Ash Harbour UK", "AZ", "The Beatles", "Byrne", "Eno", "Eno & Byrne", "Nas", "Silent",
        ]  # fmt: skip
        assert list(session.scalars(select(Listener.name).order_by(Listener.name))) == ["anna", "ben", "cleo"]


def test_the_order_of_imports_does_not_matter(home: Home, tmp_path: Path) -> None:
    first = fill(home, tmp_path, list(FILES))
    path = tmp_path / "other"
    path.mkdir()
    other = Home(path, open_engine(default_url(path)))
    Base.metadata.create_all(other.engine)
    assert fill(other, tmp_path, list(reversed(FILES))) == first
    other.engine.dispose()


def test_ids_of_artists_that_stay_are_kept(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "plays.tsv"
    path.write_text("user\tartist\tplays\nanna\tThe Beatles\t3\nanna\tAir\t3\n", encoding="utf-8")
    import_file(home, "plays", path)
    with home.reading() as session:
        before = {a.key: a.id for a in session.scalars(select(Artist))}
    listed = tmp_path / "artists.tsv"
    listed.write_text(f"name\tmbid\tdisambiguation\nAIR\t{ONE}\tFrench duo\nAardvark\t\t\n", encoding="utf-8")
    import_file(home, "artists", listed)
    with home.reading() as session:
        after = {a.key: (a.id, a.name, a.disambiguation) for a in session.scalars(select(Artist))}
    assert after["beatles"][0] == before["beatles"]
    assert after["air"] == (before["air"], "AIR", "French duo")
    listed.write_text(f"name\tmbid\nAir (France)\t{ONE}\n", encoding="utf-8")
    import_file(home, "artists", listed)
    with home.reading() as session:
        renamed = session.scalars(select(Artist).where(Artist.mbid == ONE)).one()
        assert (renamed.id, renamed.key) == (before["air"], "air france")


def test_artists_that_nothing_names_any_more_go(home: Home, tmp_path: Path) -> None:
    fill(home, tmp_path, list(FILES)[:1])
    with home.reading() as session:
        batch = list_batches(session)[0].id
    undo(home, batch)
    with home.reading() as session:
        assert dump(session) == [[], [], [], [], []]
        assert session.scalars(select(Artist)).all() == []


def test_they_are_retired_where_results_may_point_to_them_and_come_back(any_home: Home, tmp_path: Path) -> None:
    home = any_home
    fill(home, tmp_path, list(FILES)[:1])
    with home.writing() as session:
        session.add(Run(started_at=now()))
        before = {a.name: a.id for a in session.scalars(select(Artist))}
        batch = list_batches(session)[0].id
    undo(home, batch)
    with home.reading() as session:
        assert all(a.retired for a in session.scalars(select(Artist)))
        assert len(session.scalars(select(Artist)).all()) == len(before)
    fill(home, tmp_path, list(FILES)[:1])
    with home.reading() as session:
        assert {a.name for a in session.scalars(select(Artist).where(~Artist.retired))} == set(before)


def test_resolving_again_changes_nothing(home: Home, tmp_path: Path) -> None:
    first = fill(home, tmp_path, list(FILES))
    with home.reading() as session:
        ids = sorted(session.scalars(select(CreditArtist.artist_id)))
    resolve(home)
    with home.reading() as session:
        assert dump(session) == first
        assert sorted(session.scalars(select(CreditArtist.artist_id))) == ids


@pytest.mark.parametrize("was", [True, False])
def test_an_import_that_was_killed_before_resolving_is_made_up_for(home: Home, tmp_path: Path, was: bool) -> None:
    first = fill(home, tmp_path, list(FILES))
    with home.writing() as session:
        session.execute(update(ImportBatch).values(resolved=was))
    assert resolve_if_stale(home) is not was
    assert resolve_if_stale(home) is False
    with home.reading() as session:
        assert dump(session) == first


def test_two_listed_artists_may_swap_what_is_unique(any_home: Home, tmp_path: Path) -> None:
    home = any_home
    two = ONE[:-1] + "2"
    path = tmp_path / "artists.tsv"
    path.write_text(f"name\tmbid\nAir\t{ONE}\nSea\t{two}\n", encoding="utf-8")
    import_file(home, "artists", path)
    path.write_text(f"name\tmbid\nSea\t{ONE}\nAir\t{two}\n", encoding="utf-8")
    import_file(home, "artists", path)
    with home.reading() as session:
        assert {(a.name, a.mbid) for a in session.scalars(select(Artist))} == {("Sea", ONE), ("Air", two)}


def plant_batch(home: Home) -> None:
    with changing(home) as session:
        session.add(ImportBatch(
            kind="artists", source="x", sha256="x", format="tsv", rows=1, rejected=0, imported_at=now()
        ))  # fmt: skip


def test_a_batch_that_comes_while_credits_are_written_stays_unresolved(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(postgres_url)
    migrate.upgrade(engine)
    home = Home(tmp_path, engine)
    put = threading.Thread(target=plant_batch, args=(home,))

    def put_meanwhile(*_: object) -> list[int]:
        put.start()
        put.join(0.5)
        return []

    monkeypatch.setattr(credit_module, "_write_artists", put_meanwhile)
    resolve(home)
    put.join()
    with home.reading() as session:
        assert list(session.scalars(select(ImportBatch.resolved))) == [False]
    engine.dispose()
