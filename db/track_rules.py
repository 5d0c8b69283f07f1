"""Which facts are about one track, from credits and titles as written and from imported lists. Values in, values out.

1. A track is its first-named artist, the key of its title and its version (`db.titles`); a joint credit that comes
   apart stands for its first piece. It is shown as most facts write it (ties by text order).
2. Lines of a list that share a MusicBrainz id, or an ISRC where they have no such id, are one track, whatever they are
   called; lines with different MusicBrainz ids are different tracks, also under one title. A line without an id is
   the one listed track of its title that has one.
3. A title that is empty, or longer than any title is, is no track.
4. A fact whose title several listed tracks have is about the one that is written exactly so, else about the first of
   them in canonical order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.names import name_key
from db.titles import LONGEST, read_title

Natural = tuple[int, str, str]
"""Index of the first-named artist, key of the title, version."""


@dataclass(frozen=True)
class Written:
    """A track as facts write it: the first credit, further credits, the title."""

    credit: str
    title: str
    others: tuple[str, ...] = ()

    @property
    def maker(self) -> str:
        """All credits as one text."""
        return ", ".join(dict.fromkeys((self.credit, *self.others))) if self.others else self.credit


@dataclass(frozen=True)
class ListedTrack:
    """One line of an imported track list."""

    credit: str
    title: str
    mbid: str | None = None
    isrc: str | None = None


@dataclass(frozen=True)
class KnownTrack:
    """A track. (artist, key, version, mark) tells it from all others.

    Attributes:
        artist: index of the first-named artist in the catalogue.
        mark: the MusicBrainz id where a list has several tracks of one title, else empty.
        credit: who made it, as most facts write it.
        artists: indices of all its artists, the first-named one first.
    """

    artist: int
    key: str
    version: str
    mark: str
    title: str
    credit: str
    artists: tuple[int, ...]
    mbid: str | None = None
    isrc: str | None = None
    curated: bool = False


@dataclass(frozen=True)
class Tracks:
    """All tracks in canonical order, and the index of the one that each (first credit, title) leads to."""

    tracks: list[KnownTrack]
    leads: dict[tuple[str, str], int]


def derive_tracks(
    facts: Mapping[Written, int], listed: Sequence[ListedTrack], leads: Mapping[str, Sequence[int]],
    first: Mapping[str, int], by_key: Mapping[str, int],
) -> Tracks:  # fmt: skip
    """Tracks from how many facts write each so.

    Args:
        facts: tracks as written → number of facts.
        listed: lines of imported lists.
        leads: credit → indices of the artists it leads to.
        first: credit → index of the artist it names first; none for a credit that leads nowhere.
        by_key: name key → index of the only artist of that key; tells who is featured in titles.
    """
    merged = _merge(listed, first)
    by_natural: dict[Natural, list[_Listed]] = defaultdict(list)
    for track in merged:
        by_natural[track.natural].append(track)
    groups: dict[tuple[Natural, str], _Group] = {}
    for track in merged:
        groups[track.natural, track.mark] = _Group(listed=track)
    where: dict[tuple[str, str], tuple[Natural, str]] = {}
    for written, n in facts.items():
        natural = _natural(written.credit, written.title, first)
        if natural is None:
            continue
        mark = _meant(by_natural.get(natural, ()), written)
        name = (natural, mark)
        group = groups.get(name)
        if group is None:
            group = groups[name] = _Group()
        group.written.append((written, n))
        where[written.credit, written.title] = name
    order = sorted(groups)
    place = {name: n for n, name in enumerate(order)}
    artists = _Artists(leads, by_key)
    tracks = [groups[name].known(name, artists) for name in order]
    return Tracks(tracks, {pair: place[name] for pair, name in where.items()})


def _natural(credit: str, title: str, first: Mapping[str, int]) -> Natural | None:
    """None where the credit leads nowhere, or where there is no title to speak of."""
    artist = first.get(credit)
    if artist is None or len(title) > LONGEST:
        return None
    read = read_title(title)
    return (artist, read.key, read.version) if read.key else None


@dataclass(frozen=True)
class _Listed:
    natural: Natural
    mark: str
    lines: tuple[ListedTrack, ...]
    mbid: str | None
    isrc: str | None


def _merge(lines: Iterable[ListedTrack], first: Mapping[str, int]) -> list[_Listed]:
    """Rule 2. The natural key of several lines is the smallest of theirs, so that their order does not matter."""
    groups: dict[tuple[str, str] | Natural, list[ListedTrack]] = defaultdict(list)
    natural_of: dict[ListedTrack, Natural] = {}
    for line in sorted(set(lines), key=lambda t: (t.credit, t.title, t.mbid or "", t.isrc or "")):
        natural = _natural(line.credit, line.title, first)
        if natural is None:
            continue
        natural_of[line] = natural
        name = ("mbid", line.mbid) if line.mbid else ("isrc", line.isrc) if line.isrc else natural
        groups[name].append(line)
    merged: dict[tuple[Natural, str | None], list[ListedTrack]] = defaultdict(list)
    for members in groups.values():
        merged[min(natural_of[line] for line in members), members[0].mbid] += members
    ids: dict[Natural, list[str]] = defaultdict(list)
    for natural, mbid in merged:
        if mbid:
            ids[natural].append(mbid)
    for natural in [natural for natural, mbid in merged if mbid is None and len(ids[natural]) == 1]:
        merged[natural, ids[natural][0]] += merged.pop((natural, None))
    several = Counter(natural for natural, _ in merged)
    return [
        _Listed(natural, (mbid or "") if several[natural] > 1 else "", tuple(members), mbid,
                min((line.isrc for line in members if line.isrc), default=None))
        for (natural, mbid), members in merged.items()
    ]  # fmt: skip


def _meant(tracks: Sequence[_Listed], written: Written) -> str:
    """The mark of the listed track that a fact is about; empty where none is listed."""
    if len(tracks) < 2:
        return tracks[0].mark if tracks else ""
    exact = [t.mark for t in tracks if any(line.title == written.title for line in t.lines)]
    return min(exact or [t.mark for t in tracks])


class _Artists:
    """All artists of a track, from its credits and from who its titles feature."""

    def __init__(self, leads: Mapping[str, Sequence[int]], by_key: Mapping[str, int]) -> None:
        self._leads, self._by_key = leads, by_key

    def of(self, first: int, written: Iterable[Written]) -> tuple[int, ...]:
        """Indices, the first-named one first, then in order of index."""
        found: set[int] = set()
        for one in written:
            for credit in (one.credit, *one.others):
                found.update(self._leads.get(credit, ()))
            for name in read_title(one.title).featured:
                index = self._by_key.get(name_key(name))
                if index is not None:
                    found.add(index)
        return (first, *sorted(found - {first}))


class _Group:
    """What is known of one track."""

    def __init__(self, listed: _Listed | None = None) -> None:
        self._listed = listed
        self.written: list[tuple[Written, int]] = []

    def known(self, name: tuple[Natural, str], artists: _Artists) -> KnownTrack:
        (first, key, version), mark = name
        lines = self._listed.lines if self._listed else ()
        as_listed = [(Written(line.credit, line.title), 1) for line in lines]
        spelled = as_listed or self.written
        return KnownTrack(
            first, key, version, mark,
            _most_used((read_title(written.title).shown, n) for written, n in spelled),
            _most_used((written.maker, n) for written, n in spelled),
            artists.of(first, [written for written, _ in [*as_listed, *self.written]]),
            self._listed.mbid if self._listed else None, self._listed.isrc if self._listed else None,
            curated=self._listed is not None,
        )  # fmt: skip


def _most_used(spellings: Iterable[tuple[str, int]]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for text, n in spellings:
        counts[text] += n
    return min(counts, key=lambda text: (-counts[text], text)) if len(counts) > 1 else next(iter(counts))
