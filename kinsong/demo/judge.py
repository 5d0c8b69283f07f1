"""How well lists of related artists fit the true scenes of a world."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from db.names import name_key
from kinsong.demo.cast import Artist
from kinsong.demo.world import World


def precision(
    related: Mapping[str, Sequence[str]], world: World, n: int = 20, only: Collection[str] | None = None
) -> float:
    """The mean share of true scene mates among the first ``n`` related artists, 0 … 1.

    Keys and values are names, labels, aliases or ids (`Artist.mbid`) of the world's artists, spelt in any way that has
    the same `db.names.name_key`; whoever stands under no name of the world is a miss. The mean is over the artists with
    the labels in ``only``, or over all; one without a list counts 0, and places left empty in a list are misses. A
    related name that two artists share is right when one of them is; a key must tell them apart: the label or the id.

    Raises:
        ValueError: no artist of the world is to be judged.
    """
    bearers = _bearers(world)
    lists = {}
    for name, others in related.items():
        found = bearers.get(name_key(name), ())
        if len(found) == 1:
            lists[found[0].label] = others
    judged = [artist for artist in world.artists if only is None or artist.label in only]
    if not judged:
        raise ValueError(f"none of the artists to judge is of this world: {sorted(only or ())[:5]}")
    return sum(_hits(artist, lists.get(artist.label, ())[:n], bearers) for artist in judged) / (n * len(judged))


def _hits(artist: Artist, others: Sequence[str], bearers: Mapping[str, Sequence[Artist]]) -> int:
    return sum(
        any(bearer.scene == artist.scene and bearer is not artist for bearer in bearers.get(name_key(name), ()))
        for name in others
    )


def _bearers(world: World) -> dict[str, list[Artist]]:
    """Key of a name → the artists who bear it."""
    bearers: defaultdict[str, list[Artist]] = defaultdict(list)
    for artist in world.artists:
        names = (artist.name, artist.label, artist.mbid or artist.name, *artist.aliases)
        for key in sorted({name_key(name) for name in names}):
            bearers[key].append(artist)
    return dict(bearers)
