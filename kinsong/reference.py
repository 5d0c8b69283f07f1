"""The command reference, made from the commands' own signatures: `python -m kinsong.reference [--check] FILE`."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any

import typer
from typer.models import ArgumentInfo, OptionInfo, ParameterInfo

import kinsong.cli  # noqa: F401  it adds the commands
from kinsong.cli.app import app

HEAD = """# Command reference

Made by `make reference` from the program itself; a check holds it to that.

Exit codes: 0 done, 1 failed, 2 wrong usage. Data go to standard output, all else to standard error.
"""


def render() -> str:
    """The reference as Markdown."""
    callback = app.registered_callback
    if callback is None or callback.callback is None:
        raise TypeError("the command line has lost its common options")
    return HEAD + _described("kinsong", callback.callback) + "".join(_described(*c) for c in commands(app, "kinsong"))


def commands(group: typer.Typer, name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command below a group, with its full name."""
    for command in group.registered_commands:
        if command.callback is not None:
            yield f"{name} {command.name or command.callback.__name__}", command.callback
    for sub in group.registered_groups:
        if sub.typer_instance is not None:
            yield from commands(sub.typer_instance, f"{name} {sub.name}")


def _described(name: str, function: Callable[..., Any]) -> str:
    hints = typing.get_type_hints(function, include_extras=True)
    lines, words = [], [name]
    for parameter in inspect.signature(function).parameters.values():
        kind, info = typing.get_args(hints[parameter.name])[:2]
        if isinstance(info, ArgumentInfo):
            words.append(_usage(info, parameter))
        lines.append(f"- {_parameter(parameter, kind, info)}")
    text = inspect.cleandoc(function.__doc__ or "")
    return "\n".join([f"\n## `{' '.join(words)}`\n", text, *([""] if lines else []), *lines]) + "\n"


def _usage(info: ArgumentInfo, parameter: inspect.Parameter) -> str:
    name = info.metavar or parameter.name.upper()
    return name if parameter.default is inspect.Parameter.empty else f"[{name}]"


def _parameter(parameter: inspect.Parameter, kind: Any, info: ParameterInfo) -> str:
    if isinstance(info, OptionInfo):
        first = (info.default,) if isinstance(info.default, str) else ()  # within Annotated, typer keeps it there
        flags = (*first, *(info.param_decls or ())) or (f"--{parameter.name.replace('_', '-')}",)
        value = info.metavar or _value(kind)
        shown = ", ".join(flags) + (f" {value}" if value else "")
    else:
        shown = info.metavar or parameter.name.upper()
    default = parameter.default
    told = f" Default: {default}." if default not in (None, False, inspect.Parameter.empty) else ""
    return f"`{shown}` {info.help}{told}"


def _value(kind: Any) -> str:
    """What follows an option: choices, or the kind of value; nothing for a switch."""
    parts = [part for part in typing.get_args(kind) if part is not type(None)]
    if isinstance(kind, UnionType):
        return _value(parts[0])
    if typing.get_origin(kind) is list:
        return _value(parts[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(choice.value) for choice in kind)
    return {bool: "", int: "NUMBER", float: "NUMBER", str: "TEXT", Path: "PATH"}[kind]


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
