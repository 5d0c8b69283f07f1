"""init, build, status, doctor, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kinsong import show
from kinsong.cli.app import HOME, JOBS, FormatOption, app, home_path, opened, watched
from kinsong.show import Format, say


@app.command(rich_help_panel=HOME)
def init(
    db: Annotated[
        str | None, typer.Option(help="Database URL, such as postgresql+psycopg://user@host/name (default: SQLite).")
    ] = None,
) -> None:
    """Make a home: settings, database, folders. On an older home: bring its database up to this program."""
    from kinsong import home as homes

    home, new = homes.create(home_path(), db)
    homes.close(home, job=True)
    say(f"{'made' if new else 'up to date:'} {home.path}")
    if new:
        say("next: kinsong import plays FILE, kinsong source add URL, then kinsong crawl and kinsong build")


@app.command(rich_help_panel=JOBS)
def build(
    only: Annotated[str | None, typer.Option(metavar="STEP", help="Run this one step and publish nothing.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="STEP", help="Run this step and all after it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run every step, stale or not.")] = False,
) -> None:
    """Run the steps that something changed for, and publish the result."""
    with opened(job=True) as home:
        from kinsong import build as builder
        from kinsong import config

        settings = config.load(home)
        with watched() as progress:
            outcome = builder.build(home, settings, only=only, start=from_, force=force, progress=progress)
    for report in outcome.reports:
        made = ", ".join(f"{count} {what}" for what, count in report.rows.items())
        took = "as it was" if report.reused else f"{report.seconds:.1f} s, {report.peak_mib:.0f} MiB"
        say(
            f"{report.step:9s} {took}  {made}", step=report.step, reused=report.reused, seconds=report.seconds,
            peak_mib=report.peak_mib, rows=dict(report.rows),
        )  # fmt: skip
    if outcome.run_id is not None:
        say(f"published run {outcome.run_id}: " + ", ".join(f"{n} {table}" for table, n in outcome.written.items()),
            run=outcome.run_id, written=dict(outcome.written))  # fmt: skip
    elif only is None:
        say("nothing changed: the published run stays")


@app.command(rich_help_panel=HOME)
def status(format_: FormatOption = Format.table) -> None:
    """What is in this home: data, sources, the published run and its steps."""
    with opened(read_only=True) as home:
        from kinsong.status import status as facts

        show.rows(facts(home), ("what", "value"), format_)


@app.command(rich_help_panel=HOME)
def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Take damaged artefacts away first and build what is needed anew.")
    ] = False,
    format_: FormatOption = Format.table,
) -> None:
    """Look for what is wrong with the installation and this home; exit code 1 when something is."""
    from kinsong.doctor import examine
    from kinsong.doctor import repair as mend

    if repair:
        with watched() as progress:
            done = mend(home_path(), progress)
        say("\n".join(done) or "nothing was damaged")
    findings = examine(home_path())
    show.rows([finding._asdict() for finding in findings], ("check", "state", "detail"), format_)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


@app.command(rich_help_panel=HOME)
def demo(
    into: Annotated[Path, typer.Option(help="Folder for it; an earlier demo there is replaced.")] = Path(
        "kinsong-demo"
    ),
) -> None:
    """The whole way through on a made-up music world: import, crawl over loopback, build, and look at the result."""
    from kinsong import home as homes
    from kinsong.demo import run as demonstration

    with watched() as progress:
        made = demonstration.run(into, progress)
    demonstration.tell(made)
    homes.close(made.home, job=True)
