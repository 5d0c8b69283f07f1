"""A reader's hold on a folder: while it lasts nobody takes the folder away.

A shared lock of the kernel (flock) on the folder itself: it ends with the process that has it, however that ends, so
that a reader that was killed holds nothing back. Whoever wants to remove the folder needs the lock for itself alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

AWAY = ".gone.tmp"
"""How the name of a folder ends that is on its way out."""


class Hold:
    """A shared lock on a folder, for as long as this object lives."""

    def __init__(self, descriptor: int) -> None:
        self._release = weakref.finalize(self, os.close, descriptor)

    def release(self) -> None:
        """Let go before the object does."""
        self._release()


def hold(path: Path) -> Hold | None:
    """Hold a folder; None when there is none, or it is being taken away this moment.

    Raises:
        NotADirectoryError: it is a file, or a link to something else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise NotADirectoryError(error.errno, "a link, not a folder", str(path)) from error
        raise
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return Hold(descriptor)
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def remove_unless_held(path: Path) -> bool:
    """Take a folder away, as one change of name and then file by file; False where a reader holds it."""
    with _alone(path) as free:
        if free:
            put_away(path)
    return free


def put_away(path: Path) -> None:
    """Take away whatever lies at a path, at once for all who look for it; what its readers have open they keep."""
    aside = path.with_name(f"{path.name}.{token_hex(4)}{AWAY}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(aside.lstat().st_mode):
        shutil.rmtree(aside)
    else:
        aside.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # gone, or no folder that anybody could hold
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
