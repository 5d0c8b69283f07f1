"""JSON that is not one object a line: lists of objects, one or several after another, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.imports.source import CHUNK, Source

_BETWEEN = " \t\r\n[],"
_decode = json.JSONDecoder().raw_decode


def json_objects(source: Source) -> Iterator[dict[str, Any]]:
    """The objects of the lists of a file.

    Raises:
        InputError: it is no whole JSON, holds something else, or an object of more than 1 MiB.
    """
    rest = b""
    text, number = "", 0
    for chunk in source.chunks():
        whole, rest = _whole_characters(source, rest + chunk)
        text += whole
        place = 0
        while found := _next(text, place):
            value, place = found
            number += 1
            if not isinstance(value, dict):
                raise InputError(f"{source.path}: its value {number} is no JSON object; a list of objects is needed")
            yield value
        text = text[place:].lstrip(_BETWEEN)
        if len(text) > CHUNK:
            break
    if text or rest:
        raise InputError(f"{source.path} is no whole JSON after its object {number}; fetch or write it again")


def _next(text: str, place: int) -> tuple[Any, int] | None:
    """The next value and where it ends; None when it is not there to its end, or is none."""
    while place < len(text) and text[place] in _BETWEEN:
        place += 1
    try:
        return _decode(text, place) if place < len(text) else None
    except (ValueError, RecursionError):
        return None


def _whole_characters(source: Source, data: bytes) -> tuple[str, bytes]:
    """The text of some bytes, and those of a last character that is cut."""
    try:
        return data.decode(), b""
    except UnicodeDecodeError as error:
        if len(data) - error.start > 3:
            raise InputError(f"{source.path} is not UTF-8; name its encoding with --encoding") from error
        return data[: error.start].decode(), data[error.start :]
