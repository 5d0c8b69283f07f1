"""Artefacts: folders of files made by a step, sealed by a manifest, verified before anyone reads them.

An artefact is named by its step and the fingerprint of all that went into it: `<step>-<fingerprint>`. It is built in
`<name>.….tmp/`, every file is flushed to disk, the manifest is written last and the folder renamed, so that a folder
without `.tmp` is whole by construction; the manifest's sizes and sha256 tell when it is not so any more.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from db.errors import ArtifactDamaged, UsageError
from db.faults import reached

MANIFEST = "manifest.json"
UNFINISHED = ".tmp"
"""Ending of a folder that is not sealed yet, or not wanted any more."""
FORMAT = 1
LIBRARIES = ("numpy", "scipy", "numba", "scikit-learn", "annoy", "lightgbm", "gensim", "spacy", "duckdb")
WAY_OUT = "`kinsong build` makes it anew"


@dataclass(frozen=True)
class Artifact:
    """A sealed folder. `facts` are what its step wrote down about it (rows, dim, metric, …)."""

    path: Path
    step: str
    fingerprint: str
    facts: Mapping[str, Any]

    def file(self, name: str) -> Path:
        """The path of one of its files.

        Raises:
            ArtifactDamaged: there is no such file in it.
        """
        path = self.path / name
        if not path.is_file():
            raise ArtifactDamaged(f"artefact {self.path.name} has no file {name}; {WAY_OUT}")
        return path


def artifact_name(step: str, fingerprint: str) -> str:
    """The folder name of a step's artefact."""
    return f"{step}-{fingerprint[:16]}"


@contextmanager
def building(
    root: Path, step: str, fingerprint: str, facts: dict[str, Any], *, fence: Callable[[], None] = lambda: None
) -> Iterator[Path]:
    """A folder to fill; sealed when the block ends, gone when it raises.

    An artefact of the same name that holds the very same files stays, so that its readers are not disturbed.

    Args:
        root: the workspace's artefact folder.
        step: the step's name.
        fingerprint: hex digest of inputs, settings and code.
        facts: written into the manifest as they are when the block ends.
        fence: called before the folder gets its name; raises where somebody else is at work by now.
    """
    final = root / artifact_name(step, fingerprint)
    for left in root.glob(f"{final.name}.*{UNFINISHED}"):
        shutil.rmtree(left)
    work = root / f"{final.name}.{secrets.token_hex(4)}{UNFINISHED}"
    work.mkdir(parents=True)
    reached("artifact.begun")
    try:
        yield work
        reached("artifact.filled")
        _seal(work, step, fingerprint, facts)
        reached("artifact.sealed")
        fence()
        _name(work, final, step, fingerprint)
        reached("artifact.named")
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _name(work: Path, final: Path, step: str, fingerprint: str) -> None:
    """Give a sealed folder its name, in the place of a damaged one; one that is whole and the same stays."""
    if final.exists():
        if _same(work, final, step, fingerprint):
            shutil.rmtree(work)
            return
        unwanted = work.with_name(f"{final.name}.{secrets.token_hex(4)}{UNFINISHED}")
        final.rename(unwanted)
        reached("artifact.moved")
        work.rename(final)
        shutil.rmtree(unwanted)
    else:
        work.rename(final)
    sync(final.parent)


def _same(work: Path, final: Path, step: str, fingerprint: str) -> bool:
    try:
        there = open_artifact(final.parent, step, fingerprint)
    except ArtifactDamaged:
        return False
    return there is not None and _read_manifest(work) == _read_manifest(final)


def sweep(root: Path) -> None:
    """Remove what builds that ended early left unfinished; only for who knows that no other build is running."""
    for left in root.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left)


def open_artifact(root: Path, step: str, fingerprint: str) -> Artifact | None:
    """The step's artefact for this fingerprint, verified byte for byte; None when there is none.

    Raises:
        ArtifactDamaged: it is there but is not what was sealed.
    """
    path = root / artifact_name(step, fingerprint)
    if not path.exists():
        return None
    manifest = _read_manifest(path)
    if manifest.get("step") != step or manifest.get("fingerprint") != fingerprint:
        raise ArtifactDamaged(f"artefact {path.name}: its manifest is that of {manifest.get('step')!r}; {WAY_OUT}")
    found = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()} - {MANIFEST}
    if found != set(manifest["files"]):
        odd = sorted(found ^ set(manifest["files"]))[0]
        raise ArtifactDamaged(f"artefact {path.name}: file {odd} is missing or foreign; {WAY_OUT}")
    for name, entry in manifest["files"].items():
        file = path / name
        if file.is_symlink() or file.stat().st_size != entry["size"] or sha256_of(file) != entry["sha256"]:
            raise ArtifactDamaged(f"artefact {path.name}: {name} is not what was written; {WAY_OUT}")
    return Artifact(path, step, fingerprint, manifest["facts"])


def verified(path: Path, names: Sequence[str], present: Sequence[str] = ()) -> None:
    """See that some files of a sealed folder are what was written, without a look at the others.

    Args:
        path: the folder.
        names: files that are read whole and compared.
        present: files of which only the size is compared.

    Raises:
        ArtifactDamaged: one of them is missing or is not what was sealed, or the folder is gone.
    """
    files = _read_manifest(path)["files"]
    for name in (*names, *present):
        entry, file = files.get(name), path / name
        if entry is None or not file.is_file():
            raise ArtifactDamaged(f"artefact {path.name} has no file {name}; {WAY_OUT}")
        if file.stat().st_size != entry["size"] or (name in names and sha256_of(file) != entry["sha256"]):
            raise ArtifactDamaged(f"artefact {path.name}: {name} is not what was written; {WAY_OUT}")


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: Any = json.loads((path / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise ArtifactDamaged(f"artefact {path.name}: its manifest cannot be read ({error}); {WAY_OUT}") from error
    if not _whole(manifest):
        raise ArtifactDamaged(f"artefact {path.name}: its manifest is not one of this version; {WAY_OUT}")
    sealed: dict[str, Any] = manifest
    return sealed


def _whole(manifest: Any) -> bool:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return False
    files, facts = manifest.get("files"), manifest.get("facts")
    if not isinstance(files, dict) or not isinstance(facts, dict):
        return False
    return all(isinstance(entry, dict) and {"size", "sha256"} <= entry.keys() for entry in files.values())


@lru_cache
def libraries() -> Mapping[str, str]:
    """The versions of the libraries that decide what steps make."""
    return {name: version(name) for name in LIBRARIES}


@lru_cache
def code_fingerprint(package: str) -> str:
    """Hex digest over a package's files: its code and, in `nlp`, the language model's weights."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(f"package {package} is not installed: run the set-up again")
    digest = hashlib.sha256()
    for root in map(Path, spec.submodule_search_locations):
        for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(sha256_of(path).encode())
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Flush a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _seal(work: Path, step: str, fingerprint: str, facts: Mapping[str, Any]) -> None:
    files = {}
    for path in sorted(p for p in work.rglob("*") if p.is_file()):
        sync(path)
        files[path.relative_to(work).as_posix()] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    manifest = {
        "format": FORMAT, "step": step, "fingerprint": fingerprint, "facts": dict(facts),
        "files": files, "libraries": dict(libraries()),
    }  # fmt: skip
    target = work / MANIFEST
    target.write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    reached("artifact.manifest")
    sync(target)
    sync(work)
