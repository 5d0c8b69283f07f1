"""Who is who: from credits as written, and artist lists that were imported, to artists. Values in, values out.

1. Credits of one key are one artist, shown under the spelling that most facts use (ties by text order).
2. A listed artist owns the key of its name, and those of its aliases where no name has that key; it keeps its listed
   name. A credit whose key several listed artists own leads to one of them only where it is written exactly as one of
   them is, and else to nobody.
3. A credit that says who is featured comes apart; the whole is no artist.
4. A joint credit ("A & B") is an artist and leads to its pieces too where every piece is known by itself: listed, or
   used alone at least as often as the joint one; a single word counts with "The" or without it as the joint one has it.
   That keeps "Simon & Garfunkel" whole although somebody once played a "Simon" and a "Garfunkel", and "The Jam" out of
   "Jam & Spoon". A listed artist is never taken apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from db.names import featured_parts, joint_pieces, may_be_joint, name_key

MOST_PIECES = 12
"""A longer enumeration is one artist: it is a cast list, not a duo."""


@dataclass(frozen=True)
class ListedArtist:
    """One line of an imported artist list."""

    name: str
    aliases: tuple[str, ...] = ()
    mbid: str | None = None
    disambiguation: str = ""


@dataclass(frozen=True)
class Known:
    """An artist. `aliases` are other names, as written."""

    name: str
    key: str
    disambiguation: str = ""
    mbid: str | None = None
    curated: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All artists in canonical order, and where credits lead.

    Attributes:
        leads: credit → indices of the artists it leads to, the whole or first one first.
        first: credit → index of the artist that it names first, the first piece of a joint credit that comes apart.
    """

    artists: list[Known]
    leads: dict[str, list[int]]
    first: dict[str, int]


def merge_listed(lines: Iterable[ListedArtist]) -> list[Known]:
    """Listed artists, one for each MusicBrainz id, or for each name and disambiguation that comes without one."""
    groups: dict[tuple[str, str, str], list[ListedArtist]] = defaultdict(list)
    plain: dict[tuple[str, str], list[ListedArtist]] = defaultdict(list)
    for line in lines:
        natural = (name_key(line.name), line.disambiguation)
        if line.mbid:
            groups[line.mbid, "", ""].append(line)
        else:
            plain[natural].append(line)
    same: dict[tuple[str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for group, members in groups.items():
        for line in members:
            same[name_key(line.name), line.disambiguation].add(group)
    for natural, members in plain.items():
        meant = same.get(natural, set())
        groups[next(iter(meant)) if len(meant) == 1 else ("", *natural)] += members
    return _tell_apart([_one_of(mbid or None, members) for (mbid, *_), members in groups.items()])


def derive(counts: Mapping[str, int], listed: list[Known]) -> Catalogue:
    """Artists and leads from how many facts use each credit, and from `merge_listed`."""
    return _Derivation(counts, listed).catalogue()


def _one_of(mbid: str | None, lines: list[ListedArtist]) -> Known:
    name = _most_used(Counter(line.name for line in lines))
    note = _most_used(Counter(line.disambiguation for line in lines if line.disambiguation) or Counter([""]))
    aliases = {alias for line in lines for alias in (line.name, *line.aliases)} - {name}
    if note:
        aliases.add(f"{name} ({note})")
    return Known(name, name_key(name), note, mbid, curated=True, aliases=tuple(sorted(aliases)))


def _tell_apart(artists: list[Known]) -> list[Known]:
    """Give homonyms that nothing else tells apart their MusicBrainz id as disambiguation."""
    shared = Counter((a.key, a.disambiguation) for a in artists)
    apart = [
        Known(a.name, a.key, f"{a.disambiguation} {a.mbid}".strip(), a.mbid, a.curated, a.aliases)
        if a.mbid and shared[a.key, a.disambiguation] > 1 else a
        for a in artists
    ]  # fmt: skip
    return sorted(apart, key=lambda a: (a.key, a.disambiguation))


def _most_used(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda text: (-spellings[text], text))


def _has_the(text: str) -> bool:
    return text.lstrip()[:4].casefold() == "the "


class _Derivation:
    """One pass over all credits; the tables it needs on the way."""

    def __init__(self, counts: Mapping[str, int], listed: list[Known]) -> None:
        self._keys: dict[str, str] = {}
        self.counts = counts
        self.listed = listed
        self.named: dict[str, list[Known]] = defaultdict(list)
        self.alias: dict[str, list[Known]] = defaultdict(list)
        for artist in listed:
            self.named[artist.key].append(artist)
            for key in {self._key(alias) for alias in artist.aliases} - {artist.key}:
                self.alias[key].append(artist)
        self.atoms = {credit: self._atoms(credit) for credit in counts}

    def _key(self, text: str) -> str:
        key = self._keys.get(text)
        if key is None:
            key = self._keys[text] = name_key(text)
        return key

    def catalogue(self) -> Catalogue:
        plain = [Known(_most_used(texts), key) for key, texts in self.spellings.items()]
        artists = sorted([*self.listed, *plain], key=lambda a: (a.key, a.disambiguation))
        place = {(a.key, a.disambiguation): n for n, a in enumerate(artists)}
        leads: dict[str, list[int]] = {}
        first: dict[str, int] = {}
        for credit, atoms in self.atoms.items():
            found = [artist for atom in atoms for artist in self._leads(atom)]
            leads[credit] = [place[natural] for natural in dict.fromkeys(found)]
            piece = self._leads(self._first_piece(atoms[0]))
            if piece:
                first[credit] = place[piece[0]]
        return Catalogue(artists, leads, first)

    def _atoms(self, credit: str) -> list[str]:
        return [credit] if self._owned(self._key(credit)) else featured_parts(credit)

    def _owned(self, key: str) -> bool:
        return key in self.named or key in self.alias

    @cached_property
    def uses(self) -> Counter[str]:
        """How many facts use each atom."""
        uses: Counter[str] = Counter()
        for credit, atoms in self.atoms.items():
            for atom in atoms:
                uses[atom] += self.counts[credit]
        return uses

    @cached_property
    def spellings(self) -> dict[str, Counter[str]]:
        """Key → how many facts use each spelling, for artists that no list names."""
        spellings: dict[str, Counter[str]] = defaultdict(Counter)
        for atom, n in self.uses.items():
            key = self._key(atom)
            if not self._owned(key):
                spellings[key][atom] += n
        return spellings

    @cached_property
    def alone(self) -> Counter[tuple[str, bool]]:
        """(key, whether it is written with "The") → how many facts use it where it is no joint credit."""
        alone: Counter[tuple[str, bool]] = Counter()
        for key, texts in self.spellings.items():
            for text, n in texts.items():
                if not may_be_joint(text) or len(joint_pieces(text)) == 1:
                    alone[key, _has_the(text)] += n
        return alone

    def _leads(self, atom: str) -> list[tuple[str, str]]:
        """Natural keys of the artists of an atom, the whole first."""
        key = self._key(atom)
        if self._owned(key):
            return [(a.key, a.disambiguation) for a in self._meant(atom, key)]
        whole = [(key, "")]
        uses = self.spellings[key].total()
        return whole + [natural for part in self._parts(atom, uses) for natural in self._leads(part)]

    def _first_piece(self, atom: str) -> str:
        """The first name of an atom that is no joint credit of known ones."""
        if self._owned(self._key(atom)):
            return atom
        parts = self._parts(atom, self.spellings[self._key(atom)].total())
        return self._first_piece(parts[0]) if parts else atom

    def _meant(self, atom: str, key: str) -> list[Known]:
        """The one listed artist that an owned key means; nobody when several are meant."""
        owners = self.named.get(key) or self.alias[key]
        if len(owners) > 1:
            owners = [a for a in owners if atom == a.name or atom in a.aliases]
        return owners if len(owners) == 1 else []

    def _parts(self, atom: str, uses: int) -> list[str]:
        """The fewest known names that a joint credit is made of; none where something in it is unknown."""
        if not may_be_joint(atom):
            return []
        pieces = joint_pieces(atom)
        if not 1 < len(pieces) <= MOST_PIECES:
            return []
        best: list[list[str] | None] = [[]]
        for end in range(1, len(pieces) + 1):
            ways = []
            for start in range(end):
                before, part = best[start], atom[pieces[start][0] : pieces[end - 1][1]]
                if before is not None and (start, end) != (0, len(pieces)) and self._known(part, end - start > 1, uses):
                    ways.append([*before, part])
            best.append(min(ways, key=len, default=None))
        return best[-1] or []

    def _known(self, part: str, joint: bool, uses: int) -> bool:
        key = self._key(part)
        if self._owned(key):
            return True
        if joint:
            return key in self.spellings and self.spellings[key].total() >= uses
        like, unlike = self.alone[key, _has_the(part)], self.alone[key, not _has_the(part)]
        return (like if " " not in key else like + unlike) >= uses
