"""Failing the k-th call below Python: the library in `shim.c`, compiled when a test needs it and preloaded."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KINDS = ("write", "sync", "rename", "create", "open", "length", "lock")
"""What can fail, in the order of the library: `create` opens for writing, `open` for reading."""
VARIABLE = "LD_PRELOAD"
SOURCE = Path(__file__).with_name("shim.c")


@dataclass(frozen=True)
class Failure:
    """What fails.

    Attributes:
        folder: below which files are meant.
        kinds: of calls, counted together.
        k: the call that fails, from 1; 0 for none: they are only counted.
        error: with which errno; "" for a short write after which all is well.
        lasting: all that come after it fail too, as on a disk that stays full.
        shortened: the k-th writes half of its bytes; what fails comes after it.
        only: part of the paths that are meant; all without.
    """

    folder: str
    kinds: tuple[str, ...] = KINDS
    k: int = 0
    error: str = "EIO"
    lasting: bool = False
    shortened: bool = False
    only: str = ""

    def order(self) -> dict[str, Any]:
        """As a template takes it."""
        return asdict(self)


@dataclass(frozen=True)
class Counted:
    """What came of it: calls of each kind, how many failed, and the kind and path of the first that did."""

    calls: Mapping[str, int]
    fired: int
    where: str


def compiled(folder: Path) -> Path:
    """The library, made in a folder."""
    library = folder / "shim.so"
    command = [os.environ.get("CC", "cc"), "-O1", "-Wall", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return library


def arm(order: Mapping[str, Any]) -> None:
    """Let calls of this process fail from now on."""
    mask = sum(1 << KINDS.index(kind) for kind in order["kinds"])
    number = getattr(errno, order["error"]) if order["error"] else 0
    _library().shim_arm(
        os.fsencode(order["folder"]), order["only"].encode(), mask, ctypes.c_long(order["k"]), number,
        int(order["lasting"]), int(order["shortened"]),
    )  # fmt: skip


def disarmed() -> Counted:
    """Let no call fail any more; what came of it."""
    library = _library()
    library.shim_disarm()
    calls = {kind: int(library.shim_count(number)) for number, kind in enumerate(KINDS)}
    kind, _, path = library.shim_where().decode().partition(" ")
    return Counted(calls, int(library.shim_fired()), f"{KINDS[int(kind)]} {path}" if kind else "")


def report(counted: Counted, path: Path) -> None:
    """Write it where the template finds it."""
    path.write_text(json.dumps(asdict(counted)))


def _library() -> Any:
    library = ctypes.CDLL(os.environ[VARIABLE])
    library.shim_count.restype = library.shim_fired.restype = ctypes.c_long
    library.shim_where.restype = ctypes.c_char_p
    return library
