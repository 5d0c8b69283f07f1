"""Seals: what a folder's files are, written down last, and told again byte by byte before anyone reads them.

The manifest holds each file's size and sha256, and last the sha256 of itself; it is the one way to write its own
content, so that a single changed byte of it shows. A file's look is compared with `Stamps` first where those are given.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from db.errors import ArtifactDamaged
from db.stamps import Stamps, sha256_of

MANIFEST = "manifest.json"
FORMAT = 2
LONGEST = 1 << 26
"""Bytes of a manifest that are read: more is none of ours."""
WAY_OUT = "`kinsong build` makes it anew"


def write_manifest(
    work: Path, step: str, fingerprint: str, facts: Mapping[str, Any], libraries: Mapping[str, str]
) -> Path:
    """Write a folder's manifest, over the files that are in it now."""
    files = {
        name: {"size": (work / name).stat().st_size, "sha256": sha256_of(work / name)}
        for name in sorted(contents(work) - {MANIFEST})
    }
    sealed = {
        "format": FORMAT, "step": step, "fingerprint": fingerprint, "facts": dict(facts), "files": files,
        "libraries": dict(libraries),
    }  # fmt: skip
    target = work / MANIFEST
    target.write_text(_text({**sealed, "seal": _seal(sealed)}), encoding="utf-8")
    return target


def read_manifest(path: Path) -> dict[str, Any]:
    """A folder's manifest.

    Raises:
        ArtifactDamaged: it is not what was written, or not of this version.
    """
    try:
        text = _bytes(path / MANIFEST).decode()
        manifest: Any = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactDamaged(f"artefact {path.name}: its manifest cannot be read ({error}); {WAY_OUT}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactDamaged(f"artefact {path.name}: its manifest is not one of this version; {WAY_OUT}")
    sealed = {name: value for name, value in manifest.items() if name != "seal"}
    if manifest.get("seal") != _seal(sealed) or text != _text(manifest):
        raise ArtifactDamaged(f"artefact {path.name}: its manifest is not what was written; {WAY_OUT}")
    return sealed


def compare(path: Path, files: Mapping[str, Mapping[str, Any]], names: Collection[str], stamps: Stamps | None) -> None:
    """See that files of a sealed folder are what was written.

    Args:
        path: the folder.
        files: its manifest's.
        names: which of them.
        stamps: looks of files that need not be read again; without them every byte is read.

    Raises:
        ArtifactDamaged: one is missing, or not what was written.
    """
    for name in names:
        entry = files.get(name)
        if entry is None or not is_file(path / name):
            raise ArtifactDamaged(f"artefact {path.name} has no file {name}; {WAY_OUT}")
        if not is_what_was_written(path / name, name, entry, stamps):
            raise ArtifactDamaged(f"artefact {path.name}: {name} is not what was written; {WAY_OUT}")


def is_what_was_written(path: Path, name: str, entry: Mapping[str, Any], stamps: Stamps | None) -> bool:
    """Whether a file has the size and sha256 of a manifest's entry."""
    if path.stat().st_size != entry["size"]:
        return False
    if stamps is None:
        return bool(sha256_of(path) == entry["sha256"])
    return stamps.fit(path, name, entry["sha256"])


def is_file(path: Path) -> bool:
    """Whether there is a plain file: no link, whatever it leads to, and nothing that would make a reader wait."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def contents(path: Path) -> set[str]:
    """All names below a folder that are no folders."""
    return {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_symlink() or not p.is_dir()}


def _bytes(path: Path) -> bytes:
    if not is_file(path):
        raise FileNotFoundError(f"no file {path.name}")
    with path.open("rb") as stream:
        found = stream.read(LONGEST + 1)
    if len(found) > LONGEST:
        raise ValueError(f"longer than {LONGEST} bytes")
    return found


def _text(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, indent=1, sort_keys=True)


def _seal(sealed: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(sealed).encode()).hexdigest()
