"""What a build step is handed, and how it reports: the seam between the program and each package's jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from db.artifacts import Artifact
from db.home import Home

T = TypeVar("T")


class Progress(Protocol):
    """Where long work says how far it is."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """The same items, counted as they pass."""
        ...

    def say(self, what: str) -> None:
        """A line for the reader."""
        ...


class Silent:
    """Progress that nobody watches."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:  # noqa: ARG002
        """The same items."""
        yield from items

    def say(self, what: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Task:
    """One step's work: read rows through `home` and `inputs`, write files into `output`, return row counts.

    Attributes:
        home: the workspace.
        inputs: verified artefacts of the steps this one needs, by step name; a step that had nothing to make is absent.
        output: an empty folder; what is in it when the step returns becomes its artefact.
        seed: the build's seed; `rng(name)` derives independent generators from it.
        parent: what this step made for the published run, where it shall begin from that.
    """

    home: Home
    inputs: Mapping[str, Artifact]
    output: Path
    seed: int = 0
    progress: Progress = field(default_factory=Silent)
    parent: Artifact | None = None

    def rng(self, name: str) -> np.random.Generator:
        """A generator that depends on the seed and the name alone."""
        return np.random.default_rng([self.seed, *name.encode()])
