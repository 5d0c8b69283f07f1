"""The errors of kinsong, one tree.

KinsongError                     exit code 1: the work could not be done
├── StoreError                   something at rest is not as it should be
│   ├── DatabaseTooNew           written by a newer kinsong
│   ├── ArtifactDamaged          an artefact does not match its manifest
│   ├── FactsDamaged             a file of facts is not what its import wrote
│   └── NotBuilt                 what was asked for needs a `kinsong build` first
│       └── ArtifactGone         an artefact of the published run is not there
├── BuildError                   a step cannot make what it promises
├── CrawlError                   the crawler refuses to start
├── Busy                         someone else holds the lease
└── UsageError                   exit code 2: what the user asked for cannot be
    ├── ConfigError              a setting
    ├── HomeError                the --home folder
    ├── InputError               a file that was given
    └── ArtistNameError               an artist that was named
        ├── UnknownName
        └── AmbiguousName

Each message names the thing, the value and the way out.
"""

from __future__ import annotations

from collections.abc import Sequence


class KinsongError(Exception):
    """The work could not be done."""

    exit_code = 1


class StoreError(KinsongError):
    """Something at rest is not as it should be."""


class DatabaseTooNew(StoreError):
    """The database was written by a newer kinsong."""


class ArtifactDamaged(StoreError):
    """An artefact does not match its manifest; it is never handed to a native library."""


class FactsDamaged(StoreError):
    """A file of facts is missing or not what its import wrote; it is never handed to a native library."""


class NotBuilt(StoreError):
    """What was asked for needs a `kinsong build` first."""


class ArtifactGone(NotBuilt):
    """An artefact of the published run is not there; where another run was published meanwhile, that one's are."""


class BuildError(KinsongError):
    """A step cannot make what it promises."""


class CrawlError(KinsongError):
    """The crawler refuses to start."""


class Busy(KinsongError):
    """Someone else holds the lease."""


class UsageError(KinsongError):
    """What the user asked for cannot be."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting has a value that cannot be used."""


class HomeError(UsageError):
    """The --home folder is missing or is not a kinsong home."""


class InputError(UsageError):
    """A file that was given cannot be read as what it should be."""


class ArtistNameError(UsageError):
    """An artist was named in a way that does not lead to exactly one."""


class UnknownName(ArtistNameError):
    """No artist has this name.

    Args:
        name: the name as asked for.
        suggestions: names in the catalogue that are close to it, best first.
    """

    def __init__(self, name: str, suggestions: Sequence[str] = ()) -> None:
        self.name = name
        self.suggestions = tuple(suggestions)
        hint = (
            "did you mean " + ", ".join(f"“{s}”" for s in suggestions) + "?"
            if suggestions
            else ("nothing in the catalogue comes close; import plays, playlists or artists that name it")
        )
        super().__init__(f"no artist is called “{name}”: {hint}")


class AmbiguousName(ArtistNameError):
    """Several artists share this name.

    Args:
        name: the name as asked for.
        choices: (artist id, display label) of each of them.
    """

    def __init__(self, name: str, choices: Sequence[tuple[int, str]]) -> None:
        self.name = name
        self.choices = tuple(choices)
        listed = "; ".join(f"--id {artist_id} is {label}" for artist_id, label in choices)
        super().__init__(f"{len(choices)} artists are called “{name}”: choose one ({listed})")
