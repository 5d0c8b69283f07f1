"""Rows that an import could not use: all counted by reason, the first thousand kept."""

from __future__ import annotations

from collections import Counter

KEPT = 1000
"""How many rejected rows of one batch are kept as they were read."""
CUT = 500
"""Characters of a rejected row that are kept."""


class Rejects:
    """Collects what could not be used."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        """What was left out of rows that were kept → how many."""
        self.kept: dict[int, tuple[str, str]] = {}
        """Line → (reason, content); of several in one line the first."""

    @property
    def total(self) -> int:
        """How many there were."""
        return self.reasons.total()

    def add(self, line: int, reason: str, content: str | bytes) -> None:
        """Count a row; `line` counts from 1, rows for formats without lines."""
        self.reasons[reason] += 1
        if len(self.kept) < KEPT and line not in self.kept:
            self.kept[line] = (reason, shown(content))

    def summary(self) -> str:
        """The reasons with their counts, most frequent first, as part of a sentence."""
        return "; ".join(f"{n} × {reason}" for reason, n in self.reasons.most_common(4))


def shown(content: str | bytes) -> str:
    """Content that every database can hold: no NUL, no broken character, not longer than `CUT`."""
    if isinstance(content, bytes):
        content = content[: 4 * CUT].decode("utf-8", "replace")
    return content[:CUT].replace("\x00", "␀").encode("utf-8", "replace").decode()
