"""Tables as JSON lines: one object a line, its keys the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from db.errors import InputError
from db.imports.columns import TableShape, check_roles
from db.imports.lines import Block, line_blocks
from db.imports.listens import flat_listen
from db.imports.rejects import Rejects
from db.imports.rows import Rows, is_mbid
from db.imports.source import Source

LIST_MARK = "\x02"
"""Stands before each item of what was a list, so that an item may hold any character of a name."""


def read_json_lines(
    source: Source, shape: TableShape, given: Sequence[str] | None, listener: str | None, rejects: Rejects
) -> Iterator[Rows]:
    """The rows of a JSON lines file. Objects may differ in their keys.

    Raises:
        InputError: no line holds an object, the first ones have not the keys of their kind, or --columns was given.
    """
    if given is not None:
        raise InputError(f"{source.path} is JSON lines: its keys name the columns; leave --columns out")
    looked = False
    for block in line_blocks(source.chunks(), rejects):
        objects = list(_objects(block, rejects))
        if not objects:
            continue
        keys = list(dict.fromkeys(key for _, _, value in objects for key in value))
        roles = roles_of(shape, keys, next((str(value["id"]) for _, _, value in objects if "id" in value), ""))
        if not looked:
            check_roles(source.path, shape, list(roles), keys, listener)
            looked = True
        yield rows_of(objects, roles)
    if not looked:
        raise InputError(f"{source.path} has no line that is a JSON object ({rejects.summary() or 'all are blank'})")


def parse_object(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """The object of a line, or None and the reason why there is none."""
    try:
        value = json.loads(line)
        line.decode()
        if b"\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except UnicodeError:
        return None, "not UTF-8 (if the whole file is not: --encoding latin-1)"
    except (ValueError, RecursionError):
        return None, "not JSON"
    return (value, "") if isinstance(value, dict) else (None, "not a JSON object")


def _objects(block: Block, rejects: Rejects) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    for number, line in block.numbered():
        value, reason = parse_object(line)
        if value is None:
            rejects.add(number, reason, line)
        else:
            yield number, line, flat_listen(value)


def roles_of(shape: TableShape, keys: list[str], some_id: str) -> dict[str, str]:
    """Role → the key that names it: its own name before another, an earlier key before a later one."""
    roles: dict[str, str] = {}
    for key in sorted(keys, key=lambda key: key not in shape.roles):
        role = shape.role_of(key)
        if role is not None:
            roles.setdefault(role, key)
    if "mbid" in shape.roles and is_mbid(some_id):
        roles.setdefault("mbid", "id")
    return roles


def rows_of(objects: list[tuple[int, bytes, dict[str, Any]]], roles: dict[str, str]) -> Rows:
    """Objects with their number and how they stand in the file, as columns; `roles`: role → key."""
    columns = {
        role: pa.array([_text(value.get(key)) for _, _, value in objects], pa.string()) for role, key in roles.items()
    }
    lines = np.array([number for number, _, _ in objects], dtype=np.int64)
    return Rows(lines, columns, lambda row: objects[row][1])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(LIST_MARK + _text(item) for item in value)
    if isinstance(value, dict):
        return _text(value.get("name"))
    return value if isinstance(value, str) else json.dumps(value)
