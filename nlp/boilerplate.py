"""Boilerplate: what stands on many pages of a host is about none of them.

A body is cut into segments: lines, what stands between separators such as "|" and "·", and the sentences of a line.
Two segments are the same when they differ in letter case, digits, spaces and marks at the edges alone. A segment of a
host with N pages is boilerplate there when it stands on

    max(FEWEST, min(pages, ⌈N / SHARE⌉))

of them or more: menus, footers, cookie notices, share buttons, shop boxes, the blurb that closes each review. No list
of words is needed, and none is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from db.base import Config as BaseConfig

FEWEST = 3
"""Pages on which a segment must stand, however small the host."""
SHARE = 5
"""One page in so many is enough on a host with few pages."""
FEWEST_WORDS = 4
"""Words of a sentence beside others in a line; what is shorter may be a cut in "St. James"."""

Keys = NDArray[np.int64]

_PARTS = re.compile(r"\n+|[ \t]*[|·•»«›‹→←▸►]+[ \t]*")
_SENTENCES = re.compile(r"(?<=[.!?…])[ \t]+")
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


class Config(BaseConfig):
    """What is called boilerplate."""

    boilerplate_pages: int = Field(10, ge=FEWEST)
    """A line or sentence on so many pages of a host is boilerplate there; on small hosts on a fifth of them."""


class Segment(NamedTuple):
    """A piece of a body, characters `start` to `end`, and what it is known by."""

    start: int
    end: int
    key: int


def segments(body: str) -> Iterator[Segment]:
    """The segments of a body in their order; what has no letter, or is a short sentence among others, is none."""
    for start, end in _between(_PARTS, body, 0, len(body)):
        sentences = list(_between(_SENTENCES, body, start, end))
        for first, last in sentences:
            if len(sentences) == 1 or body.count(" ", first, last) >= FEWEST_WORDS - 1:
                key = _key(body[first:last])
                if key:
                    yield Segment(first, last, key)


def _between(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """First character and one past the last of what stands between matches, none empty."""
    for match in pattern.finditer(text, start, end):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def _key(text: str) -> int:
    """A number for all ways to write a segment; 0 where there is no letter in it."""
    plain = _EDGES.sub("", _SPACES.sub(" ", _DIGITS.sub("0", text.casefold())))
    if not any(map(str.isalpha, plain)):
        return 0
    return int.from_bytes(blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest(), "little", signed=True)


def keys_of(body: str) -> Keys:
    """The keys of a body's segments, each once, in increasing order. int64 (n,)."""
    return np.array(sorted({segment.key for segment in segments(body)}), dtype=np.int64)


def repeated(hosts: Sequence[str], keys: Sequence[Keys], config: Config) -> list[Keys]:
    """For each page the keys that are boilerplate on its host, in increasing order.

    Args:
        hosts: the host of each page.
        keys: the keys of each page, as `keys_of` gives them.
        config: how often is often.
    """
    if not hosts:
        return []
    host_of, pages = np.unique(np.array(hosts, dtype=object), return_inverse=True, return_counts=True)[1:]
    sizes = np.array([len(own) for own in keys])
    page = np.repeat(np.arange(len(keys)), sizes)
    key = np.concatenate(keys) if len(page) else np.empty(0, dtype=np.int64)
    host = host_of[page]
    order = np.lexsort((key, host))
    new = np.append(True, (np.diff(key[order]) != 0) | (np.diff(host[order]) != 0))[: len(order)]
    group = np.cumsum(new) - 1
    often = np.bincount(group)[group] >= _needed(pages, config.boilerplate_pages)[host[order]]
    boilerplate = np.zeros(len(page), dtype=bool)
    boilerplate[order] = often
    ends = np.cumsum(sizes)
    return [key[end - size : end][boilerplate[end - size : end]] for size, end in zip(sizes, ends, strict=True)]


def _needed(pages: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return np.maximum(FEWEST, np.minimum(most, -(-pages // SHARE)))


def without(body: str, keys: Keys) -> str:
    """A body without the segments of these keys; a line ends where one was."""
    if not len(keys):
        return body
    dropped = set(keys.tolist())
    kept, at = [], 0
    for segment in segments(body):
        if segment.key in dropped:
            kept.append(body[at : segment.start])
            at = segment.end
    return "\n".join([*kept, body[at:]])
