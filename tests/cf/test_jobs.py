from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cf import als, jobs, word2vec
from cf.fold_in import fold_in
from cf.interactions import Interactions
from db.base import now
from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Listener
from db.columnar import write_parquet
from db.home import Home
from db.listening import PLAYLISTS, PLAYS
from db.task import Task
from db.vectors import Vectors

ALS = als.Config(dim=4, epochs=3)
PLAYLIST = word2vec.Config(dim=4, visits=30)


def put_facts(home: Home, kind: str, table: pa.Table) -> None:
    folder = home.listening / kind
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet(table, folder / "facts.parquet")
    with home.writing() as session:
        session.add(
            ImportBatch(
                kind=kind, source="/facts", sha256=kind, format="tsv", file=f"{kind}/facts.parquet",
                rows=table.num_rows, rejected=0, imported_at=now(),
            )
        )  # fmt: skip


def deal_catalogue(home: Home, order: list[int]) -> None:
    """Sixteen artists "a00" … and forty listeners "l00" …, their ids dealt in this order."""
    with home.writing() as session:
        for place, n in enumerate(order):
            artist, credit = Artist(name=f"a{n:02}", key=f"a{n:02}"), Credit(text=f"a{n:02}", key=f"a{n:02}")
            session.add_all([artist, credit])
            session.flush()
            session.add(CreditArtist(credit_id=credit.id, artist_id=artist.id, position=0))
            session.add(Listener(name=f"l{place:02}"))
        session.add_all([Listener(name=f"l{n:02}") for n in range(len(order), 40)])


def import_world(home: Home, plays: pa.Table, playlists: pa.Table) -> None:
    listeners = [f"l{n:02}" for n in plays.column("listener_id").to_pylist()]
    credits_of_plays = [f"a{n:02}" for n in plays.column("artist_id").to_pylist()]
    count = len(listeners)
    columns = [listeners, credits_of_plays, [None] * count, plays.column("plays").to_pylist(), [None] * count]
    put_facts(home, "plays", pa.table(dict(zip(PLAYS.names, columns, strict=True)), schema=PLAYS))
    keys, positions = playlists.column("playlist").to_pylist(), playlists.column("position").to_pylist()
    credit_lists = [[f"a{n:02}"] for n in playlists.column("artist_id").to_pylist()]
    columns = [keys, keys, positions, credit_lists, [None] * len(keys), [None] * len(keys)]
    put_facts(home, "playlists", pa.table(dict(zip(PLAYLISTS.names, columns, strict=True)), schema=PLAYLISTS))


def task_of(home: Home, output: Path, seed: int = 0) -> Task:
    output.mkdir()
    return Task(home, {}, output, seed=seed)


def test_nothing_is_made_of_nothing(home: Home, tmp_path: Path) -> None:
    for job, config in ((jobs.als, als.Config()), (jobs.playlist, word2vec.Config())):
        task = task_of(home, tmp_path / job.__name__)
        assert job(task, config) == {}
        assert not list(task.output.iterdir())


def test_vectors_of_both_models_in_canonical_order(
    home: Home, tmp_path: Path, plays_table: pa.Table, playlists_table: pa.Table
) -> None:
    deal_catalogue(home, list(reversed(range(16))))
    import_world(home, plays_table, playlists_table)
    output = tmp_path / "output"
    task = task_of(home, output)
    assert jobs.als(task, ALS) == {"listeners": 40, "artists": 16}
    assert jobs.playlist(task, PLAYLIST) == {"artists": 16}
    assert sorted(path.name for path in output.iterdir()) == [
        "als.artist.ids.npy", "als.artist.npy", "als.listener.ids.npy", "als.listener.npy",
        "playlist.artist.ids.npy", "playlist.artist.npy",
    ]  # fmt: skip
    with home.reading() as session:
        names = {artist.id: artist.name for artist in session.query(Artist)}
    for model in ("als", "playlist"):
        vectors = Vectors.load(output, model, "artist")
        assert [names[i] for i in vectors.ids.tolist()] == [f"a{n:02}" for n in range(16)]
        assert vectors.dim == 4


def test_how_ids_were_dealt_changes_no_vector(
    home: Home, tmp_path: Path, plays_table: pa.Table, playlists_table: pa.Table
) -> None:
    import_world(home, plays_table, playlists_table)
    outputs = []
    for turn, order in enumerate([list(range(16)), [*range(3, 16), 2, 0, 1]]):
        with home.writing() as session:
            for table in (CreditArtist, Credit, Artist, Listener):
                session.query(table).delete()
        deal_catalogue(home, order)
        task = task_of(home, tmp_path / str(turn))
        jobs.als(task, ALS)
        jobs.playlist(task, PLAYLIST)
        outputs.append(task.output)
    for name in ("als.artist.npy", "als.listener.npy", "playlist.artist.npy"):
        assert (outputs[0] / name).read_bytes() == (outputs[1] / name).read_bytes()


@pytest.mark.parametrize("entity", ["artist", "listener"])
def test_another_seed_gives_other_vectors(
    home: Home, tmp_path: Path, plays_table: pa.Table, playlists_table: pa.Table, entity: str
) -> None:
    deal_catalogue(home, list(range(16)))
    import_world(home, plays_table, playlists_table)
    matrices = []
    for seed in (0, 1):
        task = task_of(home, tmp_path / str(seed), seed)
        jobs.als(task, ALS)
        matrices.append(np.asarray(Vectors.load(task.output, "als", entity).matrix))
    assert not np.array_equal(*matrices)


def test_what_a_job_saved_can_be_folded_into(
    home: Home, tmp_path: Path, plays_table: pa.Table, playlists_table: pa.Table
) -> None:
    deal_catalogue(home, list(range(16)))
    import_world(home, plays_table, playlists_table)
    task = task_of(home, tmp_path / "output")
    jobs.als(task, ALS)
    data = Interactions.from_plays(plays_table, np.arange(40), np.arange(16))
    folded = fold_in(data.matrix, Vectors.load(task.output, "als", "artist"), ALS)
    assert folded.shape == (40, 4)
    assert np.isfinite(folded).all()
