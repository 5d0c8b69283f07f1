"""Near-duplicates: MinHash signatures over word shingles (Broder 1997), grouped by banding, one kept of each group.

Two documents whose signatures agree in at least 80 % of their values belong together, and so does what hangs together
through others. The kept one is the earliest published, then the first by URL: what was crawled first plays no part.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sqlalchemy import bindparam, select, update

from db.faults import reached
from db.home import Home
from db.web import Document
from db.write import table_of

PERMUTATIONS = 128
SHINGLE = 4
BANDS = 32
LEAST_AGREEMENT = 0.8
ALL_PAIRS = 400
"""Up to this many signatures in one bucket are compared each with each, more only with their neighbours in order."""

AT_ONCE = 4096
"""Pairs that are compared at once: their signatures take 1 KiB."""

_WORD = re.compile(r"\w+")
_EMPTY = MinHash(num_perm=PERMUTATIONS, scheme="affine32")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def signature(text: str) -> bytes:
    """The MinHash signature of a text: 128 uint32, little endian, over its runs of four words in lower case."""
    words = _WORD.findall(text.lower())
    hashes = np.fromiter((zlib.crc32(w.encode()) for w in words), dtype=np.uint64, count=len(words))
    sketch = _EMPTY.copy()
    sketch.hashfunc = int
    sketch.update_batch(np.unique(_shingles(hashes)).tolist())
    return bytes(np.asarray(sketch.hashvalues, dtype="<u4").tobytes())


def _shingles(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    width = min(SHINGLE, max(len(hashes), 1))
    mixed = np.zeros(max(len(hashes) - width + 1, 0), dtype=np.uint64)
    for offset in range(width):  # wraps modulo 2⁶⁴, as is meant
        mixed = (mixed + hashes[offset : offset + len(mixed)]) * _FACTOR
    return (mixed >> np.uint64(32)).astype(np.uint32)


def mark(home: Home) -> int:
    """Recompute `duplicate_of` of all documents, in one transaction.

    Returns:
        How many documents are near-duplicates of another one.
    """
    with home.writing() as session:
        rows = session.execute(
            select(Document.id, Document.published, Document.url, Document.signature, Document.duplicate_of)
        ).all()
        if not rows:
            return 0
        kept = _kept([(row.published, row.url) for row in rows], groups(_matrix([row.signature for row in rows])))
        wanted = [None if k == i else rows[k].id for i, k in enumerate(kept)]
        changes = [
            {"key": row.id, "kept": want} for row, want in zip(rows, wanted, strict=True) if row.duplicate_of != want
        ]
        if changes:
            table = table_of(Document)
            statement = update(table).where(table.c.id == bindparam("key")).values(duplicate_of=bindparam("kept"))
            session.connection().execute(statement, changes)
            reached("crawl.duplicates")
        return sum(want is not None for want in wanted)


def _matrix(signatures: list[bytes]) -> NDArray[np.uint32]:
    return np.frombuffer(b"".join(signatures), dtype="<u4").reshape(len(signatures), PERMUTATIONS).astype(np.uint32)


def groups(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Group number of each signature, (n,); numbers say nothing but who belongs together.

    Args:
        signatures: (n, 128).
    """
    unique, inverse = np.unique(signatures, axis=0, return_inverse=True)
    pairs = _pairs(unique)
    n = len(unique)
    joined = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, labels = connected_components(joined, directed=False)
    return np.asarray(labels[inverse.reshape(-1)], dtype=np.int64)


def _pairs(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Row pairs (i < j) that share a band and agree enough, (m, 2)."""
    found = [np.empty((0, 2), dtype=np.int64)]
    width = PERMUTATIONS // BANDS
    for band in range(BANDS):
        part = signatures[:, band * width : (band + 1) * width]
        candidates = _same_rows(part)
        agreement = np.empty(len(candidates))
        for start in range(0, len(candidates), AT_ONCE):
            chunk = candidates[start : start + AT_ONCE]
            agreement[start : start + AT_ONCE] = (signatures[chunk[:, 0]] == signatures[chunk[:, 1]]).mean(axis=1)
        found.append(candidates[agreement >= LEAST_AGREEMENT])
    return np.unique(np.concatenate(found), axis=0)


def _same_rows(part: NDArray[np.uint32]) -> NDArray[np.int64]:
    _, bucket = np.unique(part, axis=0, return_inverse=True)
    bucket = bucket.reshape(-1)
    order = np.argsort(bucket, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(bucket[order]) > 0])
    sizes = np.diff(np.r_[starts, len(order)])
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        members = order[start : start + size]  # in the order of the sorted signatures, whoever was crawled first
        if size <= ALL_PAIRS:
            i, j = np.triu_indices(size, k=1)
            pairs.append(np.column_stack([members[i], members[j]]))
        else:
            pairs.append(np.column_stack([members[:-1], members[1:]]))
    return np.concatenate(pairs)


def _kept(order: list[tuple[str | None, str]], labels: NDArray[np.int64]) -> list[int]:
    """Row number of the kept document of each one's group."""
    first: dict[int, int] = {}
    ranked = sorted(range(len(order)), key=lambda i: (order[i][0] is None, order[i][0] or "", order[i][1]))
    for i in ranked:
        first.setdefault(int(labels[i]), i)
    return [first[int(label)] for label in labels]
