"""schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from kinsong.cli.app import JOBS, app, opened
from kinsong.show import say


@app.command(rich_help_panel=JOBS)
def schedule(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now and end, for cron.")] = False,
) -> None:
    """Crawl what is due and build at set times, for ever; see docs/crawling.md for systemd and cron.

    SIGTERM or Ctrl-C: what is under way is told to end and waited for, exit code 0.
    """
    with opened() as home:
        from kinsong import config
        from kinsong.schedule import Scheduler, told_by_signals

        settings = config.load(home).schedule
        scheduler = Scheduler(home, settings, _log)
        told = told_by_signals(scheduler.kill)
        if once:
            if not scheduler.once(told):
                raise typer.Exit(1)
            return
        _log(f"looks every {settings.look} s; builds " + (f"by “{settings.build}” (UTC)" if settings.build else "not"))
        scheduler.forever(told)
        _log("stopped")


def _log(text: str) -> None:
    say(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}")
