"""Making and opening a workspace. Light: reads the database url from the settings and nothing else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError

from db import facts, lease, migrate, rest
from db.disk import write_whole
from db.errors import ConfigError, HomeError, StoreError
from db.home import DATABASE, SETTINGS, Home, default_url
from db.session import open_engine

DEFAULT = Path("kinsong-home")
VARIABLE = "KINSONG_HOME"
BEGUN = {"listening", "artifacts", f"{SETTINGS}.tmp", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}
"""What an `init` that failed may have left; the settings are written last."""


def chosen(option: Path | None) -> Path:
    """The home to use: the option, else the environment variable, else ./kinsong-home.

    Raises:
        HomeError: its path is not UTF-8, which databases and Arrow ask for.
    """
    path = (option or Path(os.environ.get(VARIABLE) or DEFAULT)).absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise HomeError(f"--home {path}: the name is not UTF-8; name another folder") from error
    return path


def create(path: Path, url: str | None = None) -> tuple[Home, bool]:
    """Make a workspace, or bring an existing one up to this program; what is in it stays.

    Args:
        path: its folder; made when missing.
        url: the database, SQLite inside the folder when not given.

    Returns:
        The open home, and whether it was new.

    Raises:
        HomeError: the path is a file, or a folder full of other things.
    """
    from kinsong import config

    if path.exists() and not path.is_dir():
        raise HomeError(f"--home {path} is a file: give a folder")
    is_home = (path / SETTINGS).exists()
    if path.exists() and not is_home and any(entry.name not in BEGUN for entry in path.iterdir()):
        raise HomeError(f"--home {path} holds other things and no {SETTINGS}: give an empty or a new folder")
    try:
        (path / "listening").mkdir(parents=True, exist_ok=True)
        (path / "artifacts").mkdir(exist_ok=True)
    except OSError as error:
        raise HomeError(f"--home {path} cannot be made: {error.strerror}") from error
    if is_home and url is not None and url != (known := database_url(path)):
        shown = make_url(known).render_as_string(hide_password=True)
        raise HomeError(f"{path} uses the database {shown}: to move it, edit [database] url in {path / SETTINGS}")
    if is_home:
        _refuse_lost_database(path)
        check_database(path)
    home = Home(path, open_engine(url or (database_url(path) if is_home else default_url(path))))
    with _closed_on_error(home):
        migrate.upgrade(home.engine)
        facts.seal(home)
        if not is_home:
            write_whole(path / SETTINGS, config.render(url or ""))
    return home, not is_home


def open_home(path: Path, *, read_only: bool = False, unchecked: bool = False) -> Home:
    """Open a workspace.

    Args:
        path: its folder.
        read_only: nothing can be written.
        unchecked: even if its database is not what kinsong left there.

    Raises:
        HomeError: there is none at this path, or its database is older than the program.
        DatabaseTooNew: a newer kinsong wrote its database.
        StoreError: its database is not what kinsong left there.
    """
    if not path.is_dir():
        raise HomeError(
            f"there is no kinsong home at {path}: run `kinsong init`, or name one with --home or {VARIABLE}"
        )
    if not (path / SETTINGS).is_file():
        raise HomeError(f"{path} is not a kinsong home (no {SETTINGS} in it): run `kinsong --home {path} init`")
    _refuse_lost_database(path)
    if not unchecked:
        check_database(path)
    home = Home(path, open_engine(database_url(path), read_only=read_only))
    with _closed_on_error(home):
        migrate.check(home.engine)
    return home


def close(home: Home, *, job: bool = False) -> None:
    """Close a workspace that was open for writing, and have its database at rest.

    Args:
        home: an open one.
        job: it was open for long: then a large database is worth being read once more.
    """
    file = rest.file_of(home.engine.url)
    if file is not None:
        with suppress(DBAPIError, StoreError, OSError):  # then it is not laid to rest
            lease.forget_dead(home)
    home.engine.dispose()
    if file is not None:
        rest.lay_down(file, None if job else rest.SMALL)


@contextmanager
def _closed_on_error(home: Home) -> Iterator[None]:
    try:
        yield
    except BaseException:
        home.engine.dispose()
        raise


def _refuse_lost_database(path: Path) -> None:
    """A database made anew would not know the facts that lie in the folder, and the next import would sweep them."""
    file = rest.file_of(database_url(path))
    if file is not None and not file.is_file():
        raise HomeError(
            f"{path} has lost its database {file.name}: restore it; or, to begin anew, name another folder with --home "
            "and import the files again"
        )


def check_database(path: Path, *, stamps: bool = True) -> None:
    """See that a home's database is what was left there; see `db.rest.check`.

    Raises:
        StoreError: it is something else.
    """
    file = rest.file_of(database_url(path))
    if file is not None:
        rest.check(file, stamps=stamps)


def database_url(path: Path) -> str | URL:
    """The database url that a workspace's settings name."""
    table = read_toml(path / SETTINGS).get("database", {})
    url = table.get("url", "") if isinstance(table, dict) else ""
    return str(url) if url else default_url(path)


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file's content.

    Raises:
        ConfigError: it cannot be read as TOML.
    """
    try:
        return dict(_parsed(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


@lru_cache(maxsize=4)
def _parsed(text: str) -> dict[str, object]:
    """One command asks for the same settings several times."""
    return tomllib.loads(text)
