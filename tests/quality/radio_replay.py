"""`make quality-radio`: listeners with hidden tastes listen to stations; how many songs do they skip?

A fifth of the groups of near-duplicate playlists is held out; a home is made of the others and of plays, and built. A
listener is a held-out playlist with a random weight for each of its artists, and begins at one of its songs. What they
like the station cannot know: it is judged by tags (given by people, in no model of the home) and by whether the song's
artist stands in the playlist:

    affinity(t) = cos(Σ_a weight_a · tags_a, tags_artist(t)) + ½ · [artist(t) in the playlist]
    p(like t)   = 1 / (1 + exp(−(affinity(t) − θ) / τ)),    1/2 for an artist without tags who is not in the playlist

with θ the median and τ a third of the deviation of the affinities within the first song's 250. Whether listener u likes
t is drawn once for all contenders. A song that is not liked is skipped, a quarter of them with a thumb down; of the
liked ones a quarter gets a thumb up. Contenders: the session as it is served, the same with η = 0 (no model is
re-weighted, songs and artists are), the same 250 in their own order, and the same 250 shuffled.

Run as `python -m tests.quality.radio_replay DATA [--home HOME] [--listeners N] [--eta X]`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from sqlalchemy import select, text

from db.catalog import Artist
from db.home import Home
from db.imports import import_files
from db.names import name_key
from db.radio import Event
from db.titles import read_title
from ensemble.radio_query import station_files
from ensemble.station import Config, choose, mood
from ensemble.station_pool import Around, Heard
from kinsong import config, show
from kinsong import home as homes
from kinsong.build import build

SONGS, FOLDS, LEAST, ALIKE = 50, 5, 15, 0.5
DRAWN = 4
"""Times as many are drawn as are asked for: of some, too little is known."""
CONTENDERS = ("session", "no re-weighting", "in order", "shuffled")
Playlist = Sequence[tuple[str, str]]
"""(artist, title) as written."""


def read_playlists(path: Path) -> list[tuple[str, Playlist]]:
    """Each line, and its songs."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        tracks = json.loads(line)["tracks"]
        found.append((line, [(t["artists"][0], t["title"]) for t in tracks if t.get("artists") and t.get("title")]))
    return found


def held_out(playlists: Sequence[tuple[str, Playlist]], seed: int) -> NDArray[np.bool_]:
    """A fifth of the groups; two lists are of one group where half of the shorter one stands in the other."""
    keys = [{(name_key(a), read_title(t).key) for a, t in songs} for _, songs in playlists]
    group = list(range(len(keys)))

    def root(one: int) -> int:
        while group[one] != one:
            one = group[one]
        return one

    for one in range(len(keys)):
        for other in range(one):
            if len(keys[one] & keys[other]) >= ALIKE * max(1, min(len(keys[one]), len(keys[other]))):
                group[root(one)] = root(other)
    roots = [root(one) for one in range(len(keys))]
    order = np.random.default_rng(seed).permutation(sorted(set(roots)))
    chosen = set(order[: len(order) // FOLDS].tolist())
    return np.array([one in chosen for one in roots])


def make_home(data: Path, folder: Path, out: NDArray[np.bool_], playlists: Sequence[tuple[str, Playlist]]) -> None:
    kept = folder / "playlists.jsonl"
    lines = [line for (line, _), held in zip(playlists, out, strict=True) if not held]
    kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    home, _ = homes.create(folder / "home")
    import_files(home, "plays", [data / "lastfm-2k" / "plays.tsv"])
    import_files(home, "playlists", [kept])
    build(home, config.load(home))
    home.engine.dispose()


@dataclass(frozen=True)
class Taste:
    """Tags of artists by name key: unit rows of TF·IDF."""

    place: Mapping[str, int]
    rows: sparse.csr_matrix

    @classmethod
    def read(cls, path: Path) -> Taste:
        counts: dict[tuple[str, str], float] = defaultdict(float)
        with path.open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                artist, tag, n = list(row.values())[:3]
                counts[name_key(artist), tag.lower()] += float(n)
        artists = {a: n for n, a in enumerate(sorted({a for a, _ in counts}))}
        tags = {t: n for n, t in enumerate(sorted({t for _, t in counts}))}
        rows, columns = [artists[a] for a, _ in counts], [tags[t] for _, t in counts]
        table = sparse.csr_matrix((np.log1p(list(counts.values())), (rows, columns)), (len(artists), len(tags)))
        table = (table @ sparse.diags(np.log(len(artists) / np.maximum(table.getnnz(axis=0), 1)))).tocsr()
        lengths = np.sqrt(np.asarray(table.power(2).sum(axis=1)).ravel())
        return cls(artists, (sparse.diags(1 / np.maximum(lengths, 1e-9)) @ table).tocsr())


@dataclass(frozen=True)
class Listener:
    """One of them: the first song, and what they think of every artist (NaN where nothing is known)."""

    number: int
    seed: int
    affinity: NDArray[np.float64]
    theta: float
    tau: float

    def likes(self, track: int, artist_place: int) -> bool:
        value = self.affinity[artist_place]
        chance = 0.5 if np.isnan(value) else float(expit((value - self.theta) / self.tau))
        return bool(np.random.default_rng([7, self.number, track]).random() < chance)


class World:
    """An open home, its stations and artists."""

    def __init__(self, home: Home, taste: Taste) -> None:
        self.home, self.taste = home, taste
        with home.reading() as session:
            self.around = Around(station_files(home, session))
            rows = session.execute(select(Artist.id, Artist.key).order_by(Artist.id)).all()
            self.tracks = {
                (row.key, row.title): row.id for row in session.execute(_TRACKS) if self.around.knows(row.id)
            }
        self.artist = {row.id: place for place, row in enumerate(rows)}
        self.key = {row.key: place for place, row in enumerate(rows)}
        known = [(place, taste.place[row.key]) for place, row in enumerate(rows) if row.key in taste.place]
        places, lines = np.array(known, dtype=np.int64).reshape(-1, 2).T
        pick = sparse.csr_matrix((np.ones(len(places)), (places, lines)), (len(rows), taste.rows.shape[0]))
        self.tags = (pick @ taste.rows).tocsr()

    def listener(self, number: int, songs: Playlist) -> Listener | None:
        rng = np.random.default_rng([3, number])
        keys = [(name_key(a), read_title(t).key) for a, t in songs]
        seeds = [self.tracks[key] for key in keys if key in self.tracks]
        own = sorted({self.key[a] for a, _ in keys if a in self.key})
        tagged = [place for place in own if self.tags.indptr[place + 1] > self.tags.indptr[place]]
        if not seeds or len(tagged) < LEAST:
            return None
        seed = int(rng.choice(seeds))
        weight = rng.exponential(size=len(tagged)) ** 2
        wanted = np.asarray(weight @ self.tags[tagged].toarray()).ravel()
        affinity = np.asarray(self.tags @ (wanted / np.linalg.norm(wanted))).ravel()
        affinity[np.diff(self.tags.indptr) == 0] = np.nan
        affinity[own] = np.nan_to_num(affinity[own]) + 0.5
        within = affinity[[self.artist[a] for a in self.artists_near(seed)]]
        within = within[~np.isnan(within)]
        if len(within) < SONGS:
            return None
        return Listener(number, seed, affinity, float(np.median(within)), float(within.std()) / 3 + 1e-6)

    def artists_near(self, track: int) -> list[int]:
        with self.home.reading() as session:
            return self.around.songs(session, self.around.near(track).tracks)[0].tolist()


_TRACKS = text(
    "SELECT t.id, a.key AS key, t.key AS title FROM track t JOIN artist a ON a.id = t.artist_id "
    "WHERE NOT t.retired ORDER BY t.version = '', t.id"
)  # of several versions the recording itself comes last and stays


def plain(world: World, listener: Listener, *, shuffled: bool) -> int:
    near = world.around.near(listener.seed).tracks
    artists = dict(zip(near.tolist(), world.artists_near(listener.seed), strict=True))
    order = np.random.default_rng([5, listener.number]).permutation(near) if shuffled else near
    return sum(not listener.likes(t, world.artist[artists[t]]) for t in order[:SONGS].tolist())


@dataclass(frozen=True)
class Heart:
    """How a session went: songs that were skipped, songs that came, and what must not be."""

    skips: int
    songs: int
    repeats: int
    too_near: int


def session(world: World, listener: Listener, settings: Config) -> Heart:
    events: list[Event] = []
    skips = 0
    with world.home.reading() as reading:
        around = Heard(world.around, reading, None)
        for number in range(SONGS):
            state = mood([listener.seed], events, around.models, settings)
            song = choose(state, around, settings, np.random.default_rng([listener.number, number]))
            if song is None:
                break
            events.append(Event("song", song.track, song.artist, said=song.said))
            liked = listener.likes(song.track, world.artist[song.artist])
            told = np.random.default_rng([9, listener.number, song.track]).random() < 0.25
            if not liked:
                skips += 1
                events.append(Event("down" if told else "skip", song.track, song.artist))
            elif told:
                events.append(Event("up", song.track, song.artist))
    state = mood([listener.seed], events, world.around.models, settings)
    too_near = sum(a in state.artists[max(0, n - settings.spacing) : n] for n, a in enumerate(state.artists))
    return Heart(skips, len(state.played), len(state.played) - len(set(state.played)), too_near)


def part(job: tuple[Path, Path, Sequence[tuple[int, Playlist]], float]) -> list[tuple[int, ...]]:
    """Skips of the contenders for some listeners, and what must be 0."""
    path, data, wanted, eta = job
    home = homes.open_home(path, read_only=True)
    world = World(home, Taste.read(data / "lastfm-2k" / "tags.tsv"))
    base = config.load(home).station.model_copy(update={} if eta < 0 else {"eta": eta})
    found = []
    for number, songs in wanted:
        listener = world.listener(number, songs)
        if listener is None:
            continue
        served = session(world, listener, base)
        fixed = session(world, listener, base.model_copy(update={"eta": 0.0}))
        in_order, shuffled = (plain(world, listener, shuffled=mixed) for mixed in (False, True))
        found.append((served.skips, fixed.skips, in_order, shuffled, served.repeats + fixed.repeats,
                      served.too_near + fixed.too_near, 2 * SONGS - served.songs - fixed.songs))  # fmt: skip
    home.engine.dispose()
    return found


def jobs(
    path: Path, data: Path, lists: Sequence[Playlist], n: int, first: int, eta: float, parts: int
) -> Iterator[tuple[Path, Path, Sequence[tuple[int, Playlist]], float]]:
    rng = np.random.default_rng([1, first])
    wanted = [(first + number, lists[int(rng.integers(len(lists)))]) for number in range(n)]
    for start in range(parts):
        yield path, data, wanted[start::parts], eta


def main() -> int:
    """Print the table; 1 where a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path, help="a folder to keep what is built in, or where it was kept")
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first listener: others are other people")
    parser.add_argument("--eta", type=float, default=-1.0)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    playlists = read_playlists(asked.data / "playlists" / "playlists.jsonl")
    out = held_out(playlists, 0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.home or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "home").exists():
            make_home(asked.data, folder, out, playlists)
        lists = [songs for (_, songs), held in zip(playlists, out, strict=True) if held and len(songs) >= LEAST]
        n = DRAWN * asked.listeners
        asking = jobs(folder / "home", asked.data, lists, n, asked.first, asked.eta, asked.processes)
        with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
            rows = [row for rows in pool.map(part, asking) for row in rows]
    return report(np.array(rows[: asked.listeners]))


def report(rows: NDArray[np.int64]) -> int:
    """Skips of each contender, and how many fewer the session has, with paired 95 % intervals over listeners."""
    show.say(f"{len(rows)} listeners; repeats {rows[:, 4].sum()}, artists too near {rows[:, 5].sum()}, "
             f"songs that were missing {rows[:, 6].sum()}")  # fmt: skip
    ours, table, failed = rows[:, 0].mean(), [], bool(rows[:, 4:6].any())
    for place, name in enumerate(CONTENDERS):
        less = rows[:, place] - rows[:, 0]
        margin = 1.96 * less.std(ddof=1) / np.sqrt(len(less))
        theirs = rows[:, place].mean()
        table.append({
            "contender": name, "skips of 50": f"{theirs:.2f}", "the session's fewer": f"{1 - ours / theirs:.1%}",
            "difference": f"{less.mean():+.2f} ± {margin:.2f}",
        })  # fmt: skip
        failed |= name == "no re-weighting" and less.mean() <= margin
        failed |= name == "shuffled" and ours > 0.9 * theirs
    show.rows(table, tuple(table[0]), show.Format.table)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
