"""The command line. Each command imports what it needs when it runs, so that help and small queries are quick."""

from __future__ import annotations

import os
import sys

from db.errors import KinsongError
from kinsong.cli import build, imports, results, sources  # noqa: F401  they add their commands to the app
from kinsong.cli.app import app
from kinsong.show import say


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed, 2 wrong usage; a user's mistake never shows a stack trace."""
    try:
        app()
    except KinsongError as error:
        say(f"error: {error}")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        say("stopped; run the same command again to go on")
        raise SystemExit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None
    except OSError as error:
        say(f"error: {error.filename or 'the system'}: {error.strerror or error}")
        raise SystemExit(1) from error
    except Exception as error:
        if not _is_database_trouble(error):
            raise
        say(f"error: the database says: {str(getattr(error, 'orig', error)).strip().splitlines()[0]}")
        raise SystemExit(1) from error


def _is_database_trouble(error: Exception) -> bool:
    from sqlalchemy.exc import DBAPIError

    return isinstance(error, DBAPIError)
