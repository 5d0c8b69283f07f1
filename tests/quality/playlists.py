"""`make quality-playlists`: the playlist model beside plain cosines of membership, judged by tags that neither saw.

Every plain cosine is there that one would try: an artist's places in a list binary, counted, √count, ln(1 + count) or
1 + ln(count), times lists all alike, weighed 1 / length^.25 or ^.5, or ln(artists / length). The playlist model is
fitted with three seeds. Recall@10 among judged artists (those whose tags are known) and among all, of what has a
vector. Beside the means stand paired differences, with 95 % intervals over artists, from the cosine that is best by
that very measure. The same once more on two random halves of the artists, on listeners' artists as lists (another kind,
ten times shorter, in no order), and on a made-up world of tastes, whose artists are to be found by their taste.
Run as `python -m tests.quality.playlists FOLDER`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from cf import word2vec
from cf.interactions import Playlists
from cf.jobs import read_playlists
from db.home import Home
from db.imports import import_files
from db.listening import play_totals
from db.read import canonical_ids
from db.search import leads
from ensemble.gold import read_gold
from kinsong import home as homes
from kinsong import show

K, SEEDS = 10, 3
COUNTS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "binary": np.ones_like, "count": np.copy, "√count": np.sqrt, "ln(1 + count)": np.log1p,
    "1 + ln count": lambda count: 1 + np.log(count),
}  # fmt: skip


def weights(lengths: NDArray[np.float64], artists: int) -> dict[str, NDArray[np.float64]]:
    """How a list may be weighed by its artists."""
    return {
        "": np.ones_like(lengths), ", / length^.25": lengths**-0.25, ", / length^.5": lengths**-0.5,
        ", · ln(artists / length)": np.log(artists / lengths),
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Judge:
    """What is to be found.

    Attributes:
        gold: bool (n, n).
        judged: int64, rows that can be found among judged ones.
    """

    gold: NDArray[np.bool_]
    judged: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: NDArray[np.int64], n: int) -> Judge:
        """From pairs of rows."""
        gold = np.zeros((n, n), dtype=bool)
        gold[pairs[:, 0], pairs[:, 1]] = True
        return cls(gold, np.unique(pairs))

    @property
    def queries(self) -> NDArray[np.int64]:
        """Rows with something to be found."""
        return np.flatnonzero(self.gold.any(axis=1))

    def recall(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Recall@10 by cosine of unit vectors: (2, queries), among judged rows and among all."""
        asked, found = self.queries, []
        for among in (self.judged, np.arange(len(vectors))):
            likeness = np.where(asked[:, None] == among, -np.inf, vectors[asked] @ vectors[among].T)
            top = among[np.argsort(-likeness, axis=1, kind="stable")[:, :K]]
            wanted = self.gold[asked]
            found.append(np.take_along_axis(wanted, top, axis=1).sum(axis=1) / wanted.sum(axis=1))
        return np.array(found)


def cosines(data: Playlists) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Plain membership in every way, rows of unit length."""
    lengths = np.asarray((data.membership > 0).sum(axis=0), dtype=np.float64).ravel()
    for name, damp in COUNTS.items():
        counts = data.membership.copy()
        counts.data = damp(counts.data)
        for how, weight in weights(lengths, len(data.artist_ids)).items():
            rows = np.asarray((counts @ sparse.diags(weight)).toarray(), dtype=np.float32)
            yield name + how, rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def compare(data: Playlists, pairs: NDArray[np.int64], title: str) -> bool:
    """Print a table; whether the model is above every plain cosine, by both measures."""
    rng = np.random.default_rng(0)
    judge = Judge.of(pairs, len(data.artist_ids))
    found = {name: judge.recall(rows) for name, rows in cosines(data)}
    best = [max(found.values(), key=lambda one: one[kind].mean())[kind] for kind in range(2)]
    fits = [word2vec.fit(data, word2vec.Config(), np.random.default_rng(seed)) for seed in range(SEEDS)]
    model = {f"model, seed {seed}": judge.recall(fit.vectors["artist"].unit()) for seed, fit in enumerate(fits)}
    model["model, mean"] = np.mean(list(model.values()), axis=0)
    half = rng.random(len(judge.queries)) < 0.5
    rows = [line(name, values, best) for name, values in (found | model).items()]
    mean = model["model, mean"]
    for name, part in (("one half", half), ("the other", ~half)):
        rows.append(line(f"mean, {name}", mean[:, part], [one[part] for one in best]))
    shape = f"{len(data):,} lists, {len(data.artist_ids):,} artists, {len(judge.queries):,} asked for"
    show.rows(rows, tuple(rows[0]), show.Format.table, title=f"\n{title}: {shape}")
    return all(float(mean[kind].mean()) > float(best[kind].mean()) for kind in range(2))


def line(name: str, values: NDArray[np.float64], best: list[NDArray[np.float64]]) -> dict[str, object]:
    """A row of the table."""
    made: dict[str, object] = {"vectors": name}
    for kind, what in enumerate(("judged", "all")):
        more = values[kind] - best[kind]
        margin = 1.96 * more.std(ddof=1) / np.sqrt(len(more))
        made[what] = round(float(values[kind].mean()), 4)
        made[f"{what}, less the best cosine"] = f"{more.mean():+.4f} ± {margin:.4f}"
    return made


def listeners_as_lists(home: Home) -> Playlists:
    """Each listener's artists as a list, in the order of a shuffle."""
    plays = play_totals(home)
    rng = np.random.default_rng(0)
    order = rng.permutation(plays.num_rows)
    entries = pa.table({
        "playlist": [f"{one:06}" for one in np.asarray(plays["listener_id"])[order].tolist()],
        "position": np.arange(plays.num_rows), "artist_id": np.asarray(plays["artist_id"])[order],
    })  # fmt: skip
    with home.reading() as session:
        return Playlists.from_entries(entries, canonical_ids(session))


def pairs_of(home: Home, gold: Path, data: Playlists) -> NDArray[np.int64]:
    """Rows of who is to be found for whom."""
    with home.reading() as session:
        wanted = read_gold(gold, leads(session)).gold
    place = {int(one): row for row, one in enumerate(data.artist_ids)}
    rows = [(place.get(one, -1), place.get(other, -1)) for one, others in wanted.items() for other in others]
    return np.array([pair for pair in rows if min(pair) >= 0])


def made_up(artists: int = 2000, lists: int = 1200, tastes: int = 50) -> tuple[Playlists, NDArray[np.int64]]:
    """Lists of one taste with strangers in them, long and short, and all pairs of one taste."""
    rng = np.random.default_rng(5)
    taste = rng.integers(0, tastes, artists)
    popularity = rng.permutation(np.arange(1, artists + 1) ** -0.75)
    rows = []
    for number in range(lists):
        chance = popularity * np.where(taste == rng.integers(tastes), 1.0, 0.02)
        length = int(np.clip(rng.lognormal(3.0, 0.9), 4, 600))
        whom = rng.choice(artists, length, p=chance / chance.sum())
        rows += [(f"{number:05}", place, int(one)) for place, one in enumerate(whom)]
    keys, positions, ids = zip(*rows, strict=True)
    entries = pa.table({"playlist": keys, "position": positions, "artist_id": ids})
    data = Playlists.from_entries(entries, np.arange(artists))
    own = taste[data.artist_ids]
    pairs = np.argwhere((own[:, None] == own) & ~np.eye(len(own), dtype=bool))
    return data, pairs


def main() -> int:
    """Import, compare; 1 where a plain cosine is as good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory(prefix="playlists-") as folder:
        home, _ = homes.create(Path(folder) / "home")
        import_files(home, "playlists", [data / "playlists/playlists.jsonl"])
        import_files(home, "plays", [data / "lastfm-2k/plays.tsv"])
        sets = {"playlists": read_playlists(home, 3), "listeners as lists": listeners_as_lists(home)}
        gold = data / "similar/by-tags.tsv"
        cases = [(one, pairs_of(home, gold, one), name) for name, one in sets.items()]
    above = [compare(*case) for case in (*cases, (*made_up(), "a made-up world"))]
    return int(not all(above))


if __name__ == "__main__":
    sys.exit(main())
