from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cf import als, jobs, word2vec
from cf.fold_in import fold_in, fold_in_biased
from cf.interactions import Interactions
from db.base import now
from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Listener
from db.columnar import write_parquet
from db.home import Home
from db.listening import PLAYLISTS, PLAYS, play_totals
from db.task import Task
from db.vectors import Vectors

ALS = als.Config(dim=4, epochs=3)
PLAYLIST = word2vec.SessionConfig(dim=4, visits=30)


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
    for job, config in ((jobs.als, als.Config()), (jobs.playlist, word2vec.SessionConfig())):
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
        assert vectors.dim == {"als": 4, "playlist": 24}[model]


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


@pytest.mark.parametrize("biases", [False, True])
def test_bounded_memory_saves_the_same_bytes_and_leaves_no_file(
    home: Home, tmp_path: Path, plays_table: pa.Table, playlists_table: pa.Table, biases: bool
) -> None:
    deal_catalogue(home, list(range(16)))
    import_world(home, plays_table, playlists_table)
    outputs = []
    for memory in ("", "64MiB"):
        task = task_of(home, tmp_path / f"memory {memory}")
        jobs.als(task, ALS.model_copy(update={"memory": memory, "biases": biases}))
        outputs.append({path.name: path.read_bytes() for path in task.output.iterdir()})
    assert outputs[0] == outputs[1]
    assert ("bias.npy" in outputs[0]) == biases
    assert len(outputs[0]) == (6 if biases else 4)


def test_plays_that_lead_to_a_merged_artist_are_summed(home: Home, plays_table: pa.Table) -> None:
    deal_catalogue(home, list(range(16)))
    import_world(home, plays_table, pa.table({name: [] for name in ("playlist", "position", "artist_id")}))
    with home.writing() as session:
        artists = {artist.name: artist for artist in session.query(Artist)}
        merged = session.query(CreditArtist).filter_by(artist_id=artists["a03"].id).one()
        session.delete(merged)
        session.flush()
        session.add(CreditArtist(credit_id=merged.credit_id, artist_id=artists["a02"].id, position=0))
        artists["a03"].retired = True
        kept = artists["a02"].id
    data = jobs.read_plays(home, min_listeners=3)
    totals = play_totals(home)
    assert data.matrix.nnz == totals.num_rows
    assert data.matrix.data.sum() == pytest.approx(sum(totals.column("plays").to_pylist()))
    place = data.artist_ids.tolist().index(kept)
    wanted = totals.filter(pc.equal(totals.column("artist_id"), kept)).column("plays").to_pylist()
    assert sorted(data.by_artist[place].data.tolist()) == sorted(wanted)


def test_a_listen_loses_half_its_weight_in_each_half_life(home: Home) -> None:
    deal_catalogue(home, list(range(16)))
    newest = datetime(2024, 3, 1, tzinfo=UTC)
    listens = [("l00", "a00", 1.0, 0), ("l00", "a00", 1.0, 30), ("l00", "a01", 1.0, 60), ("l01", "a00", 4.0, None)]
    listens.append(listens[0])  # the same listen out of a second export
    columns = [
        [one[0] for one in listens], [one[1] for one in listens], ["song"] * len(listens), [one[2] for one in listens],
        [None if one[3] is None else newest - timedelta(days=one[3]) for one in listens],
    ]  # fmt: skip
    put_facts(home, "plays", pa.table(dict(zip(PLAYS.names, columns, strict=True)), schema=PLAYS))
    assert jobs.read_plays(home, min_listeners=1).matrix.toarray().tolist() == [[2, 1], [4, 0]]
    aged = jobs.read_plays(home, min_listeners=1, half_life=30.0)
    assert aged.matrix.toarray().tolist() == [[1.5, 0.25], [4, 0]]


def test_newcomers_get_the_biases_and_the_aged_plays_of_a_fit(
    home: Home, tmp_path: Path, plays_table: pa.Table
) -> None:
    deal_catalogue(home, list(range(16)))
    n = plays_table.num_rows
    columns = [
        [f"l{n:02}" for n in plays_table.column("listener_id").to_pylist()],
        [f"a{n:02}" for n in plays_table.column("artist_id").to_pylist()], ["song"] * n,
        plays_table.column("plays").to_pylist(),
        [datetime(2024, 3, 1, tzinfo=UTC) - timedelta(days=7 * (place % 20)) for place in range(n)],
    ]  # fmt: skip
    put_facts(home, "plays", pa.table(dict(zip(PLAYS.names, columns, strict=True)), schema=PLAYS))
    exact = {"solver": "cholesky", "biases": True, "epochs": 60, "tolerance": 0.0}
    config = als.Config.model_validate({"dim": 4, "half_life": 30.0, **exact})
    task = task_of(home, tmp_path / "output")
    jobs.als(task, config)
    whole = {entity: jobs.Folded.load(task.output, entity) for entity in ("artist", "listener")}
    earlier, later = tmp_path / "earlier", tmp_path / "later"
    earlier.mkdir()
    later.mkdir()
    for entity, here in whole.items():
        vectors, biases = here.vectors, here.biases
        assert biases is not None
        Vectors("als", entity, vectors.ids[3:], vectors.matrix[3:]).save(earlier)
        np.save(earlier / f"{als.BIASES[entity]}.npy", biases[3:])
    fits = []
    for half_life in (30.0, 0.0):
        output = later / str(half_life)
        output.mkdir()
        changed = config.model_copy(update={"half_life": half_life})
        assert jobs.newcomers(home, task.output, changed, output) == {"listeners": 0, "artists": 0}
        shutil.rmtree(output / "als")
        assert jobs.newcomers(home, earlier, changed, output) == {"listeners": 3, "artists": 3}
        fits.append({entity: jobs.Folded.load(output / "als", entity) for entity in whole})
    for entity in whole:
        aged, ageless, known = fits[0][entity], fits[1][entity], whole[entity]
        assert aged.biases is not None
        assert known.biases is not None
        assert aged.vectors.ids.tolist() == known.vectors.ids[:3].tolist()
        assert not np.allclose(aged.vectors.matrix, ageless.vectors.matrix, atol=1e-2)
        joined = aged.joined(known)
        assert joined.biases is not None
        assert len(joined.biases) == len(joined.vectors) == len(known.vectors) + 3
    # what the job folds with is what the fit was made of: one more half step changes nothing
    data = jobs.read_plays(home, min_listeners=3, half_life=30.0)
    listeners = whole["listener"]
    found, biases = fold_in_biased(data.by_artist, listeners.vectors, config, listeners.biases)
    np.testing.assert_allclose(found, whole["artist"].vectors.matrix, atol=1e-4)
    np.testing.assert_allclose(biases, whole["artist"].biases, atol=1e-4)


def test_listening_sessions_are_playlists_where_listens_have_times(home: Home, tmp_path: Path) -> None:
    deal_catalogue(home, list(range(16)))
    start = datetime(2024, 1, 1, tzinfo=UTC)
    listens = [
        (f"l{listener:02}", f"a{artist:02}", None, 1.0, start + timedelta(hours=session, minutes=3 * place))
        for listener in range(4) for session in range(5)
        for place, artist in enumerate(((listener + session) % 8, 8 + session, 15))
    ]  # fmt: skip
    columns = [list(column) for column in zip(*listens, strict=True)]
    put_facts(home, "plays", pa.table(dict(zip(PLAYS.names, columns, strict=True)), schema=PLAYS))
    lists = jobs.read_playlists(home, 1, session_gap=30.0)
    assert len(lists) == 20
    assert np.diff(lists.lists).tolist() == [3] * 20
    assert len(jobs.read_playlists(home, 1, session_gap=600.0)) == 4
    assert len(jobs.read_playlists(home, 1)) == 0
    task = task_of(home, tmp_path / "timed")
    assert jobs.playlist(task, PLAYLIST)["artists"] == 10
