"""What artists have in common besides vectors: listeners, playlists, pages, terms, each as one sparse table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from db.base import IdVector

Countable = Literal["listeners", "playlists", "pages"]
Learnable = Literal["listeners", "playlists", "pages", "terms"]


@dataclass(frozen=True, eq=False)
class Incidence:
    """Which artist has which things, artist by artist.

    Attributes:
        starts: int64 (n_artists + 1,), where each artist's things begin.
        things: int32 (n,), rising within an artist.
        weights: float32 (n,), above 0: how much it says that an artist has the thing.
        n_things: how many things there are.
    """

    starts: IdVector
    things: NDArray[np.int32]
    weights: NDArray[np.float32]
    n_things: int

    @classmethod
    def of(
        cls,
        n_artists: int,
        artists: NDArray[np.int64],
        things: NDArray[np.int64],
        weights: NDArray[np.float64] | None = None,
    ) -> Self:
        """A table from (artist, thing) pairs in any order; of a pair that stands twice the larger weight counts.

        Args:
            n_artists: size of the catalogue.
            artists: catalogue positions; pairs with -1 are left out.
            things: numbers from 0, in canonical order of what they name; -1 is left out too.
            weights: how much each pair says; without them a thing says the less the more artists have it: 1 / how many.
        """
        n_things = int(things.max()) + 1 if len(things) else 0
        kept = (artists >= 0) & (things >= 0)
        codes = artists[kept] * max(n_things, 1) + things[kept]
        values = np.ones(len(codes)) if weights is None else weights[kept]
        order = np.lexsort((-values, codes))
        codes, values = codes[order], values[order]
        first = np.ones(len(codes), dtype=bool)
        first[1:] = codes[1:] != codes[:-1]
        artist, thing = np.divmod(codes[first], max(n_things, 1))
        values = 1.0 / np.bincount(thing, minlength=n_things)[thing] if weights is None else values[first]
        starts = np.searchsorted(artist, np.arange(n_artists + 1)).astype(np.int64)
        return cls(starts, thing.astype(np.int32), values.astype(np.float32), n_things)

    @classmethod
    def empty(cls, n_artists: int) -> Self:
        """A table in which nobody has anything."""
        none = np.empty(0, dtype=np.int64)
        return cls.of(n_artists, none, none)

    def narrow(self, most: int) -> Self:
        """Without the things that more than `most` artists have; the others keep their numbers."""
        small = np.bincount(self.things, minlength=self.n_things) <= most
        kept = small[self.things]
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts].astype(np.int64)
        return replace(self, starts=starts, things=self.things[kept], weights=self.weights[kept])

    @property
    def degree(self) -> IdVector:
        """How many things each artist has. int64 (n_artists,)."""
        return np.diff(self.starts)


@dataclass(frozen=True, eq=False)
class Facts:
    """All that is known of a catalogue besides vectors.

    Attributes:
        listeners: who plays whom.
        playlists: who stands in which playlist.
        pages: who is named by which document, without those that name very many.
        terms: who has which top terms, weighted.
        playlist_names: of each playlist thing.
        page_urls: of each page thing.
        term_names: of each term thing.
    """

    listeners: Incidence
    playlists: Incidence
    pages: Incidence
    terms: Incidence
    playlist_names: tuple[str, ...] = ()
    page_urls: tuple[str, ...] = ()
    term_names: tuple[str, ...] = ()

    @classmethod
    def none(cls, n_artists: int) -> Self:
        """Nothing known."""
        empty = Incidence.empty(n_artists)
        return cls(empty, empty, empty, empty)

    def of(self, kind: Learnable) -> Incidence:
        """The table of one kind of things."""
        tables = {
            "listeners": self.listeners, "playlists": self.playlists, "pages": self.pages, "terms": self.terms,
        }  # fmt: skip
        return tables[kind]

    @property
    def popularity(self) -> NDArray[np.float32]:
        """log(1 + listeners + playlists + pages) of each artist. float32 (n_artists,)."""
        count = self.listeners.degree + self.playlists.degree + self.pages.degree
        popularity: NDArray[np.float32] = np.log1p(count).astype(np.float32)
        return popularity
