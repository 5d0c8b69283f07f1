"""The command line. Each command imports what it needs when it runs, so that help and small queries are quick."""

from __future__ import annotations

import re
import sys
from io import TextIOWrapper

from db.errors import KinsongError
from kinsong.cli import (  # noqa: F401  they add their commands
    artists,
    build,
    dials,
    discover,
    documents,
    extend,
    imports,
    listening,
    radio,
    read,
    results,
    runs,
    schedule,
    sources,
    terms,
)
from kinsong.cli.app import app, home_path
from kinsong.output import GONE, open_standard
from kinsong.show import say

INTERRUPTED = 130
_ODD = re.compile("[\udc80-\udcff]")
"""What stands in an argument for a byte that is not UTF-8."""
STOPPED = "stopped; run the same command again to go on"


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed, 2 wrong usage; a user's mistake never shows a stack trace."""
    open_standard()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Unicode shows escapes
    try:
        _run()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # the framework takes Ctrl-C before we do
            say(STOPPED)
        raise
    except KinsongError as error:
        say(f"error: {error}", "error")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        say(STOPPED)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        raise SystemExit(GONE) from None
    except OSError as error:
        say(f"error: {error.filename or 'the system'}: {error.strerror or error}", "error")
        raise SystemExit(1) from error
    except UnicodeEncodeError as error:
        odd = next((word for word in sys.argv[1:] if _ODD.search(word)), None)
        if odd is None:
            raise
        say(f"error: “{odd}” is not UTF-8: set this terminal, or save the script, as UTF-8", "error")
        raise SystemExit(2) from error
    except Exception as error:
        told = _told(error) or _damage(error)
        if told is None:
            raise
        say(told, "info" if told == STOPPED else "error")
        raise SystemExit(INTERRUPTED if told == STOPPED else 1) from error


def _run() -> None:
    try:
        app()
    finally:
        sys.stdout.flush()


def _damage(error: Exception) -> str | None:
    """What to say of an error that a damaged database explains; None where it is whole."""
    from kinsong.doctor import database_damage

    found = database_damage(home_path())
    return None if found is None else f"error: {type(error).__name__}: {error}: {found}"


def _told(error: Exception) -> str | None:
    """What to say of an error of a library; None for one that is a fault of ours."""
    from sqlalchemy.exc import DBAPIError

    from db.disk import trouble

    if isinstance(error, RuntimeError) and "interrupted" in str(error).lower():  # DuckDB's word for Ctrl-C
        return STOPPED
    if not isinstance(error, DBAPIError):
        return None
    path = home_path()
    said = trouble(error, path) or f"the database of {path} says: {str(error.orig).strip().splitlines()[0]}"
    return f"error: {said}; see `kinsong doctor`"
