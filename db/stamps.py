"""Stamps: how files looked when all their bytes were last compared, so that one query need not read gigabytes.

A stamp is a file's sha256 with its size, inode and the times of its last change. The kernel sets the time of change
(ctime) at each write, and nobody can set it back: whatever changes a file by way of the file system makes its stamp
void. What a failing disk does beneath the file system shows in no stamp: so they live for a day, and builds, `kinsong
doctor`, backups and evaluations never go by them. Why this is enough: docs/decisions/0006-damage.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

FOLDER = ".verified"
LIFE = 86_400.0
"""Seconds for which a stamp counts."""
YOUNG = 2.0
"""Seconds for which a change may leave a file's times as they were: a file this young gets no stamp."""


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sweep(root: Path) -> None:
    """Remove what killed commands left beside the stamps below a folder; who is writing one goes without it."""
    for left in (root / FOLDER).glob("*.tmp"):
        left.unlink(missing_ok=True)


class Stamps:
    """The stamps of a folder's files. Where they cannot be written, every use compares all bytes.

    Args:
        root: the folder beside which they lie.
        name: tells them from others of that root.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._file = root / FOLDER / f"{name}.json"
        self._known: dict[str, Any] | None = None

    def fit(self, path: Path, name: str, sha256: str) -> bool:
        """Whether a file has this sha256, by its stamp or by its bytes.

        Args:
            path: the file.
            name: what its stamp is kept under.
            sha256: what it should have.
        """
        look = _look(path.stat())
        if self._stamped(name, sha256, look):
            return True
        if sha256_of(path) != sha256:
            return False
        if _look(path.stat()) == look and time.time() - look[-1] / 1e9 > YOUNG:
            self._keep(name, {"sha256": sha256, "look": look, "at": time.time()})
        return True

    def _stamped(self, name: str, sha256: str, look: list[int]) -> bool:
        stamp = self._stamps().get(name)
        if not isinstance(stamp, dict) or stamp.get("sha256") != sha256 or stamp.get("look") != look:
            return False
        at = stamp.get("at")
        return isinstance(at, float) and 0 <= time.time() - at < LIFE

    def _stamps(self) -> dict[str, Any]:
        if self._known is None:
            try:
                found = json.loads(self._file.read_bytes())
            except (OSError, ValueError, RecursionError):  # none yet, or not what was written: then they do not count
                found = None
            self._known = found if isinstance(found, dict) else {}
        return self._known

    def _keep(self, name: str, stamp: dict[str, Any]) -> None:
        self._stamps()[name] = stamp
        aside = self._file.with_name(f"{self._file.name}.{token_hex(4)}.tmp")
        with suppress(OSError):  # a home that cannot be written is read all the same
            self._file.parent.mkdir(exist_ok=True)
            try:
                aside.write_text(json.dumps(self._stamps()), encoding="utf-8")
                aside.rename(self._file)
            finally:
                aside.unlink(missing_ok=True)


def _look(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_ino, status.st_dev, status.st_mtime_ns, status.st_ctime_ns]
