"""Tables of plays as JSON lists: Spotify's streaming history, or any list of objects that has the keys of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from db.errors import InputError
from db.imports.columns import TableShape, check_roles
from db.imports.json_values import json_objects
from db.imports.jsonlines import roles_of, rows_of
from db.imports.listens import flat_listen, flat_stream, is_private, is_stream, no_listen
from db.imports.rejects import Rejects
from db.imports.rows import Rows
from db.imports.source import Source

_AT_ONCE = 4096


def read_json_list(
    source: Source, shape: TableShape, listener: str | None, private: bool, rejects: Rejects
) -> Iterator[Rows]:
    """The rows of a list of objects; their line is their number in it.

    Raises:
        InputError: it is no list of objects, or they have not the keys of their kind.
    """
    objects = enumerate(json_objects(source), 1)
    looked = False
    while part := list(islice(objects, _AT_ONCE)):
        flat = list(_flat(part, private, rejects))
        if not flat:
            continue
        keys = list(dict.fromkeys(key for _, _, value in flat for key in value))
        roles = roles_of(shape, keys, "")
        if not looked:
            check_roles(source.path, shape, list(roles), keys, listener)
            looked = True
        yield rows_of(flat, roles)
    if not looked:
        raise InputError(f"{source.path} has no listen that can be used: {rejects.summary() or 'the list is empty'}")


def _flat(
    part: list[tuple[int, dict[str, Any]]], private: bool, rejects: Rejects
) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    for number, value in part:
        flat = flat_stream(value) if is_stream(value) else flat_listen(value)
        reason = no_listen(value, private) if is_stream(value) else ""
        content = json.dumps(flat, ensure_ascii=True)
        if reason:
            rejects.add(number, reason, "" if is_private(value) else content)
        else:
            yield number, content.encode(), flat
