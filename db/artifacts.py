"""Artefacts: folders of files made by a step, sealed by a manifest, verified before anyone reads them.

An artefact is named by its step and the fingerprint of all that went into it: `<step>-<fingerprint>`. It is built in
`<name>.….tmp/`, every file is flushed to disk, the manifest is written last and the folder renamed, so that a folder
without `.tmp` is whole by construction; the manifest's sizes and sha256 tell when it is not so any more.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from db import stamps
from db.disk import sync
from db.errors import ArtifactDamaged, UsageError
from db.faults import reached
from db.hold import Hold, hold, put_away
from db.seal import MANIFEST, WAY_OUT, compare, contents, is_file, read_manifest, write_manifest
from db.stamps import Stamps, sha256_of

__all__ = [
    "MANIFEST", "WAY_OUT", "Artifact", "artifact_name", "building", "code_fingerprint", "libraries", "open_artifact",
    "resealed", "sha256_of", "sweep", "verified",
]  # fmt: skip

UNFINISHED = ".tmp"
"""Ending of a folder that is not sealed yet, or not wanted any more."""
REPLACED = ".old.tmp"
"""Ending of a folder while another takes its name."""
LIBRARIES = ("numpy", "scipy", "numba", "scikit-learn", "annoy", "lightgbm", "gensim", "spacy", "duckdb")


@dataclass(frozen=True)
class Artifact:
    """A sealed folder, which stays there while this object lives.

    Attributes:
        path: the folder.
        step: who made it.
        fingerprint: hex digest of what went into it.
        facts: what its step wrote down about it (rows, dim, metric, …).
        held: keeps others from taking it away.
    """

    path: Path
    step: str
    fingerprint: str
    facts: Mapping[str, Any]
    held: Hold | None = field(default=None, repr=False, compare=False)

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
        fence: called at the start and before the folder gets its name; raises where somebody else is at work by now.
    """
    final = root / artifact_name(step, fingerprint)
    fence()
    work = _cleared(final)
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


def _cleared(final: Path) -> Path:
    """Where an artefact is made; what killed builds of it left is gone."""
    for left in final.parent.glob(f"{final.name}.*{UNFINISHED}"):
        shutil.rmtree(left)
    return final.with_name(f"{final.name}.{secrets.token_hex(4)}{UNFINISHED}")


def _name(work: Path, final: Path, step: str, fingerprint: str) -> None:
    """Give a sealed folder its name, in the place of a damaged one; one that is whole and the same stays."""
    if final.exists() or final.is_symlink():
        if _same(work, final, step, fingerprint):
            shutil.rmtree(work)
            return
        unwanted = final.with_name(f"{final.name}.{secrets.token_hex(4)}{REPLACED}")
        final.rename(unwanted)
        reached("artifact.moved")
        try:
            work.rename(final)
        except OSError:
            unwanted.rename(final)
            raise
        put_away(unwanted)
    else:
        work.rename(final)
    sync(final.parent)


def _same(work: Path, final: Path, step: str, fingerprint: str) -> bool:
    try:
        there = open_artifact(final.parent, step, fingerprint)
    except ArtifactDamaged:
        return False
    return there is not None and read_manifest(work) == read_manifest(final)


def sweep(root: Path) -> None:
    """Remove what builds that ended early left unfinished; only for who knows that no other build is running.

    An artefact that was about to be replaced, and is not replaced yet, comes back.
    """
    for replaced in root.glob(f"*{REPLACED}"):
        final = root / replaced.name.partition(".")[0]
        if not final.exists():
            replaced.rename(final)
    for left in root.glob(f"*{UNFINISHED}"):
        put_away(left)
    stamps.sweep(root)


def open_artifact(
    root: Path, step: str, fingerprint: str, *, names: Collection[str] | None = None, quick: bool = False
) -> Artifact | None:
    """The step's artefact for this fingerprint, verified byte for byte; None when there is none.

    Args:
        root: the workspace's artefact folder.
        step: the step's name.
        fingerprint: hex digest of inputs, settings and code.
        names: the only files that will be read, as far as it has them; those alone are compared.
        quick: go by stamps; see `db.stamps`. For single queries.

    Raises:
        ArtifactDamaged: it is there but is not what was sealed.
    """
    path = root / artifact_name(step, fingerprint)
    try:
        held = hold(path)
    except NotADirectoryError as error:
        raise ArtifactDamaged(f"artefact {path.name} is no folder; {WAY_OUT}") from error
    if held is None:
        return None
    try:
        return _compared(path, step, fingerprint, names, held, Stamps(root, path.name) if quick else None)
    except FileNotFoundError:  # a build that was forced has put another in its place
        return None


def _compared(
    path: Path, step: str, fingerprint: str, names: Collection[str] | None, held: Hold, stamps: Stamps | None
) -> Artifact:
    manifest = read_manifest(path)
    if manifest["step"] != step or manifest["fingerprint"] != fingerprint:
        raise ArtifactDamaged(f"artefact {path.name}: its manifest is that of {manifest['step']!r}; {WAY_OUT}")
    files = manifest["files"]
    found = contents(path) - {MANIFEST}
    if found != set(files):
        odd = sorted(found ^ set(files))[0]
        raise ArtifactDamaged(f"artefact {path.name}: file {odd} is missing or foreign; {WAY_OUT}")
    wanted = files if names is None else files.keys() & set(names)
    compare(path, files, wanted, stamps)
    return Artifact(path, step, fingerprint, manifest["facts"], held)


def verified(path: Path, names: Sequence[str], present: Sequence[str] = ()) -> None:
    """See that some files of a sealed folder are what was written, without a look at the others.

    Args:
        path: the folder.
        names: files that are read whole and compared.
        present: files of which only the size is compared.

    Raises:
        ArtifactDamaged: one of them is missing or is not what was sealed, or the folder is gone.
    """
    files = read_manifest(path)["files"]
    compare(path, files, names, None)
    for name in present:
        if name not in files or not is_file(path / name):
            raise ArtifactDamaged(f"artefact {path.name} has no file {name}; {WAY_OUT}")
        if (path / name).stat().st_size != files[name]["size"]:
            raise ArtifactDamaged(f"artefact {path.name}: {name} is not what was written; {WAY_OUT}")


@contextmanager
def resealed(artifact: Artifact) -> Iterator[Path]:
    """A copy of an artefact's folder to change; when the block ends it is sealed and takes the other's place.

    What readers have open of the other they keep. For taking out what must not be there any more.
    """
    final = artifact.path
    work = _cleared(final)
    try:
        shutil.copytree(final, work)
        (work / MANIFEST).unlink()
        yield work
        _seal(work, artifact.step, artifact.fingerprint, artifact.facts)
        _name(work, final, artifact.step, artifact.fingerprint)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


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


def _seal(work: Path, step: str, fingerprint: str, facts: Mapping[str, Any]) -> None:
    for name in sorted(contents(work)):
        sync(work / name)
    target = write_manifest(work, step, fingerprint, facts, libraries())
    reached("artifact.manifest")
    sync(target)
    sync(work)
