"""Homes on disks that are full, read-only or not ours to write: what a user meets there.

Each case gives what is wrong, empty where nothing is: the command fails in words, every answer of before can still be
had, and once the disk is in order the next run ends as an undisturbed one.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults.failures import read
from tests.faults.kills import BUILD, CRAWL, IMPORT, Bench, different, state_of
from tests.faults.shim import Failure

SIZE = 8 << 20
"""Bytes of the small disk."""
ASKED: tuple[tuple[str, ...], ...] = (
    ("related", "Neon Player A"), ("terms", "Neon Player A", "--why"), ("runs", "--digest"), ("import", "list"),
    ("sql", "SELECT count(*) FROM related"), ("sql", "SELECT count(*) FROM related", "--engine", "duckdb"),
    ("similar", "Neon Player A"),
)  # fmt: skip


@dataclass(frozen=True)
class Disk:
    """A small disk with a home on it.

    Attributes:
        home: its folder.
        failure: what stands in for a full disk where none can be mounted; None on a real one.
    """

    home: Path
    failure: Failure | None

    def fill(self, leave: int = 0) -> None:
        """Take up all room but so many bytes."""
        if self.failure is not None:
            return
        with (self.home.parent / "filler").open("wb", buffering=0) as file:
            free = shutil.disk_usage(self.home.parent).free - leave
            file.write(b"\0" * max(free, 0))

    def locked(self) -> Failure | None:
        """Make it read-only; what stands in for that."""
        if self.failure is not None:
            return replace(self.failure, error="EROFS")
        subprocess.run(["mount", "-o", "remount,ro", str(self.home.parent)], check=True)
        return None

    def unlock(self) -> None:
        """Let it be written again."""
        if self.failure is None:
            subprocess.run(["mount", "-o", "remount,rw", str(self.home.parent)], check=True)

    def free(self) -> None:
        """Give the room back."""
        (self.home.parent / "filler").unlink(missing_ok=True)


@contextmanager
def disk(bench: Bench, stage: str | None) -> Iterator[Disk]:
    """A disk of `SIZE` bytes with a home in a stage on it: a tmpfs where one may be mounted, else calls that fail."""
    root = bench.folder / "disk"
    root.mkdir()
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "kinsong", str(root)], capture_output=True, check=False
    ).returncode
    home = root / "home"
    try:
        if stage is not None:
            shutil.copytree(bench.folder / stage, home)
        full = Failure(str(root), ("write", "create", "length"), 1, "ENOSPC", lasting=True)
        yield Disk(home, None if mounted else full)
    finally:
        if mounted:
            subprocess.run(["umount", str(root)], check=True)
        shutil.rmtree(root)


def answers(bench: Bench, home: Path, failure: Failure | None = None, *, unprivileged: bool = False) -> list[str]:
    """What a home answers to `ASKED`; the error where it is one."""
    found = []
    for command in ASKED:
        ended = bench.template.run(["--home", home, *command], failure=failure, unprivileged=unprivileged)
        found.append(ended.out if not ended.code else f"{command}: code {ended.code}: {ended.err}")
    return found


def _wrong(
    bench: Bench, home: Path, command: Sequence[str], words: str, failure: Failure | None = None, *,
    unprivileged: bool = False,
) -> str:  # fmt: skip
    """What is wrong with how a command ends: it must fail, in words, with these among them."""
    ended = bench.template.run(bench.arguments(home, command), failure=failure, unprivileged=unprivileged)
    if ended.code == 0:
        return f"{' '.join(command)} ended with code 0"
    if "Traceback" in ended.err or "error: " not in ended.err or words not in ended.err:
        return f"{' '.join(command)} said: {ended.err}"
    return ""


def _changed(bench: Bench, home: Path, before: list[str], found: list[str]) -> str:
    """Which answers are neither those of before nor those of a new result that was published."""
    if found == before or read(home) == bench.sound.digest:
        return ""
    told = zip(ASKED, before, found, strict=True)
    return "\n".join(f"{command}: {now}" for command, earlier, now in told if now != earlier)


def _runs_again(bench: Bench, home: Path, command: Sequence[str]) -> str:
    for ended in bench.finish(home, command):
        if ended.code:
            return f"with room again: code {ended.code}: {ended.err}"
    return different(state_of(home), bench.sound)


def _full(bench: Bench, stage: str, command: Sequence[str], leave: int) -> str:
    with disk(bench, stage) as small:
        before = answers(bench, small.home)
        small.fill(leave)
        problem = _wrong(bench, small.home, command, "no room left", small.failure)
        problem = problem or _changed(bench, small.home, before, answers(bench, small.home, small.failure))
        small.free()
        return problem or _runs_again(bench, small.home, command)


def build_with_no_room(bench: Bench) -> str:
    """Not a byte is left."""
    return _full(bench, "changed", BUILD, 0)


def build_with_some_room(bench: Bench) -> str:
    """The disk gets full while a step writes."""
    return _full(bench, "changed", BUILD, 200_000)


def publish_with_no_room(bench: Bench) -> str:
    """All steps have room, their rows have none."""
    return _full(bench, "changed", BUILD, 900_000)


def import_with_no_room(bench: Bench) -> str:
    """Not a byte is left."""
    return _full(bench, "to_import", IMPORT, 0)


def crawl_with_no_room(bench: Bench) -> str:
    """Pages are fetched and find no room."""
    return _full(bench, "to_crawl", CRAWL, 40_000)


def init_with_no_room(bench: Bench) -> str:
    """A home that cannot be made is made by the next try."""
    with disk(bench, None) as small:
        small.fill(50_000)
        problem = _wrong(bench, small.home, ("init",), "no room left", small.failure)
        small.free()
        ended = bench.template.run(["--home", small.home, "init"])
        return problem or (ended.err if ended.code else "")


def killed_and_full(bench: Bench) -> str:
    """A build was killed while it published, and then the disk is full: its log lies beside the database."""
    with disk(bench, "changed") as small:
        before = answers(bench, small.home)
        bench.template.run(bench.arguments(small.home, BUILD), fault="publish.pointed")
        for file in small.home.glob("kinsong.db-shm"):
            file.unlink()
        small.fill()
        found = answers(bench, small.home, small.failure)
        problem = _changed(bench, small.home, before, found)
        small.free()
        return problem or _runs_again(bench, small.home, BUILD)


def looked_at_when_full(bench: Bench) -> str:
    """`doctor` and `status` work where nothing can be written, and doctor says what is wrong."""
    with disk(bench, "changed") as small:
        small.fill()
        examined = bench.template.run(["--home", small.home, "doctor"], failure=small.failure)
        status = bench.template.run(["--home", small.home, "status"], failure=small.failure)
        if status.code or "MiB free" not in examined.out or "Traceback" in examined.err:
            return f"status: {status}, doctor: {examined}"
        return ""


def read_only_disk(bench: Bench) -> str:
    """The whole disk is mounted read-only, or every try to write is answered so."""
    with disk(bench, "changed") as small:
        before = answers(bench, small.home)
        failure = small.locked()
        problem = _wrong(bench, small.home, BUILD, str(small.home), failure)
        found = answers(bench, small.home, failure)
        small.unlock()
        return problem or _changed(bench, small.home, before, found) or _runs_again(bench, small.home, BUILD)


def _not_permitted(bench: Bench, stage: str, command: Sequence[str], part: str) -> str:
    home = bench.copy(stage)
    before = answers(bench, home)
    whole = home / part
    kept = [path for path in (whole, *whole.rglob("*")) if path.is_dir() or path == whole]
    modes = {path: path.stat().st_mode for path in kept}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    problem = _wrong(bench, home, command, str(home), unprivileged=True)
    found = answers(bench, home, unprivileged=True)
    for path, mode in modes.items():
        path.chmod(mode)
    return problem or _changed(bench, home, before, found) or _runs_again(bench, home, command)


def home_not_ours(bench: Bench) -> str:
    """The whole home may be read and not written."""
    return _not_permitted(bench, "changed", BUILD, ".")


def database_not_ours(bench: Bench) -> str:
    """The database may be read and not written."""
    return _not_permitted(bench, "changed", BUILD, "kinsong.db")


def artefacts_not_ours(bench: Bench) -> str:
    """The folder of artefacts may not be written."""
    return _not_permitted(bench, "changed", BUILD, "artifacts")


def facts_not_ours(bench: Bench) -> str:
    """The folder of facts may not be written."""
    return _not_permitted(bench, "to_import", IMPORT, "listening")


CASES: tuple[Callable[[Bench], str], ...] = (
    build_with_no_room, build_with_some_room, publish_with_no_room, import_with_no_room, crawl_with_no_room,
    init_with_no_room, killed_and_full, looked_at_when_full, read_only_disk, home_not_ours, database_not_ours,
    artefacts_not_ours, facts_not_ours,
)  # fmt: skip
