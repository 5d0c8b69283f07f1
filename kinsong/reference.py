"""The command reference, made from the command line itself: `python -m kinsong.reference [--check] FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import typer.main

from kinsong.cli import app

HEAD = """# Command reference

Made by `make reference` from the program's own help; a check holds it to that.

Exit codes: 0 done, 1 failed, 2 wrong usage. Data go to standard output, all else to standard error.
"""


def render() -> str:
    """The reference as Markdown."""
    root = typer.main.get_command(app)
    return HEAD + "".join(_described(command, name) for name, command in _walk(root, "kinsong"))


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    if name == "kinsong":
        yield name, command
    for part, child in command.commands.items():
        yield from _walk(child, f"{name} {part}")


def _described(command: click.Command, name: str) -> str:
    shown = [p for p in command.params if p.name != "help"]
    words = [name, *(_usage(p) for p in shown if p.param_type_name == "argument")]
    lines = [f"\n## `{' '.join(words)}`\n", (command.help or "").strip() + "\n"]
    lines += [f"- {_parameter(p)}" for p in shown]
    return "\n".join(lines) + "\n"


def _usage(parameter: click.Parameter) -> str:
    name = parameter.metavar or (parameter.name or "").upper()
    return name if parameter.required else f"[{name}]"


def _parameter(parameter: click.Parameter) -> str:
    text = getattr(parameter, "help", None) or ""
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or (parameter.name or '').upper()}` {text}"
    choices = getattr(parameter.type, "choices", None)
    value = "|".join(str(c) for c in choices) if choices else parameter.metavar or parameter.type.name.upper()
    flag = getattr(parameter, "is_flag", False)
    default = parameter.default
    known = default is not None and default is not False and not callable(default) and default != ()
    return f"`{', '.join(parameter.opts)}{'' if flag else ' ' + value}` {text}" + (f" Default: {default}." if known else "")


def main(arguments: list[str]) -> int:
    """Write the reference, or with --check compare it. Returns the exit code."""
    path = Path(arguments[-1])
    if "--check" not in arguments:
        path.write_text(render(), encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == render():
        return 0
    sys.stderr.write(f"{path} is not what the program says of itself: run `make reference`\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
