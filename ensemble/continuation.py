"""What fits a list of tracks: seven simple guesses at the next track, all with the same say.

Each guess is a distribution over all tracks. From the seeds S, with l the playlists, |l| their sizes, n_t how many hold
track t, and ε what a track counts that stands in none:

    lists      Σ_l [t ∈ l] · |l ∩ S| / √|l|                     playlists that share seeds
    items      Σ_s cos(s, t), a playlist counting 1 / √|l|       tracks beside which the seeds stand
    artists    Σ_l [t ∈ l] · cos²(l, S) / √|l|                   playlists of the same artists; idf-weighted log counts
    own        c_a(t) · (n_t + ε) / Σ over the artist's tracks   more of the seeds' artists, of which S has c_a
    own_known  c_a(t) · (n_t + ε)                                the same, the best known first
    own_near   artists · [c_a(t) > 0]                            what those playlists hold of the seeds' artists
    around     Σ_s (n_t + ε) / (1 + rank of t's artist among those related to s's artist)

    score(t) = 1/7 · Σ_g P_g(t | S),   and, so far as nobody speaks for a track at all, by n_t

An opinion pool of equal weights (Stone 1961) needs no labels and has nothing to tune; weights that make tracks held
back from other playlists likeliest were tried and rank worse, because likelihood pays for the many tracks that no guess
finds. For neighbourhoods of lists and of items see Zamani, Schedl, Lamere and Chen, "An Analysis of Approaches Taken in
the ACM RecSys Challenge 2018" (ACM TIST 2019). Names of playlists are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.base import IdVector

GUESSES = ("lists", "items", "artists", "own", "own_known", "own_near", "around")
EPSILON = 0.1
"""What a track that stands nowhere counts beside one that stands in one playlist."""
LEAST = 1e-9
"""What being known counts where no guess speaks: less than any guess."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """Playlists and what guesses need of them; tracks and artists are positions.

    Attributes:
        table: CSR float64 (n_lists, n_tracks), 1 where a playlist holds a track.
        artist: int64 (n_tracks,), first-named artists.
        around: int32 (n_artists, n), related artists by rank, -1 for none.
    """

    table: sparse.csr_matrix
    artist: IdVector
    around: NDArray[np.int32]
    by_track: sparse.csr_matrix = field(init=False)
    degree: NDArray[np.float64] = field(init=False)
    damp: NDArray[np.float64] = field(init=False)
    idf: NDArray[np.float64] = field(init=False)
    profiles: sparse.csr_matrix = field(init=False)

    def __post_init__(self) -> None:
        n_lists, n_tracks = self.table.shape
        n_artists = len(self.around)
        whose = sparse.csr_matrix((np.ones(n_tracks), (np.arange(n_tracks), self.artist)), shape=(n_tracks, n_artists))
        counts = (self.table @ whose).tocsr()
        held = np.bincount(counts.indices, minlength=n_artists)
        idf = np.log1p(n_lists / np.maximum(held, 1))
        counts.data = np.log1p(counts.data) * idf[counts.indices]
        norms = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        sizes = np.diff(self.table.indptr)
        for name, value in (
            ("by_track", self.table.T.tocsr()), ("degree", np.asarray(self.table.sum(axis=0)).ravel()),
            ("damp", 1 / np.sqrt(np.maximum(sizes, 1))), ("idf", idf),
            ("profiles", sparse.diags_array(1 / np.maximum(norms, 1e-12)) @ counts),
        ):  # fmt: skip
            object.__setattr__(self, name, value)

    @classmethod
    def of(
        cls, starts: IdVector, members: NDArray[np.int32], artist: IdVector, around: NDArray[np.int32]
    ) -> Shelf:  # fmt: skip
        """From playlists one after the other: where each begins in `members`, and its tracks, rising."""
        shape = len(starts) - 1, len(artist)
        return cls(sparse.csr_matrix((np.ones(len(members)), members, starts), shape=shape), artist, around)

    def guesses(self, seeds: IdVector) -> NDArray[np.float64]:
        """What each guess says of all tracks but the seeds, which have 0.

        Args:
            seeds: tracks, none twice.

        Returns:
            (n_guesses, n_tracks), rows adding up to 1, or all 0 where a guess has nothing to say.
        """
        count = np.bincount(self.artist[seeds], minlength=len(self.around)).astype(np.float64)
        own, known = count[self.artist], self.degree + EPSILON
        roots = 1 / np.sqrt(np.maximum(self.degree, 1))
        beside = self.by_track[seeds]
        profile = np.log1p(count) * self.idf
        alike = self.profiles @ (profile / max(float(np.linalg.norm(profile)), 1e-12))
        artists = self.by_track @ (self.damp * alike**2)
        found = np.stack([
            self.by_track @ (self.damp * np.asarray(beside.sum(axis=0)).ravel()),
            (self.by_track @ (self.damp * (beside.T @ roots[seeds]))) * roots,
            artists,
            own * known / np.bincount(self.artist, known, minlength=len(self.around))[self.artist],
            own * known,
            artists * (own > 0),
            self._near(seeds)[self.artist] * known,
        ])  # fmt: skip
        found[:, seeds] = 0
        total = found.sum(axis=1, keepdims=True)
        said: NDArray[np.float64] = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
        return said

    def _near(self, seeds: IdVector) -> NDArray[np.float64]:
        """How near each artist is to those of the seeds, these left out. (n_artists,)."""
        near: NDArray[np.float64] = np.zeros(len(self.around))
        whose, times = np.unique(self.artist[seeds], return_counts=True)
        for artist, n in zip(whose.tolist(), times.tolist(), strict=True):
            others = self.around[artist]
            ranks = np.flatnonzero(others >= 0)
            near[others[ranks]] += n / (1.0 + ranks)
        near[whose] = 0
        return near


@dataclass(frozen=True, eq=False)
class Fitting:
    """Tracks that fit a list, best first.

    Attributes:
        tracks: int64 (m,), positions.
        score: float64 (m,), adding up to at most 1.
        said: float64 (n_guesses, m), what each guess adds to the score.
    """

    tracks: IdVector
    score: NDArray[np.float64]
    said: NDArray[np.float64]


def continued(shelf: Shelf, seeds: IdVector, n: int, left_out: IdVector | None = None) -> Fitting:
    """The n tracks that fit a list best, of equal ones the first in canonical order, no seed among them.

    Args:
        shelf: playlists.
        seeds: tracks of the list, none twice; without any, the best known come first.
        n: how many; fewer where there are not as many.
        left_out: tracks that may not be answered.
    """
    said = shelf.guesses(seeds) / len(GUESSES)
    score = said.sum(axis=0) + LEAST * shelf.degree / max(1.0, float(shelf.degree.max(initial=0)))
    unfit = seeds if left_out is None else np.union1d(seeds, left_out)
    score[unfit] = -1
    n = min(n, len(score) - len(unfit))
    if n < 1:
        return Fitting(seeds[:0], score[:0], said[:, :0])
    bound = -np.partition(-score, n - 1)[n - 1]
    best = np.flatnonzero(score >= bound)
    best = best[np.lexsort((best, -score[best]))][:n]
    return Fitting(best, score[best], said[:, best])
