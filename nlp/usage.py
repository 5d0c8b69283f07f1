"""From facts to frequencies: how much each artist has of each term, and how far the term is spread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from db.base import Config as BaseConfig
from db.base import IdVector
from db.columnar import connect
from nlp import terms
from nlp.counts import COUNTS

KINDS = (*terms.KINDS, "tag")
"""All kinds of terms that an artist may have, in the order in which tables show them."""
TAGS = pa.schema([("artist_id", pa.int64()), ("tag", pa.string()), ("count", pa.int64())])
"""Columns of `db.listening.tag_counts`."""
FEWEST_FOR_BOILERPLATE = 10
"""Documents that a host must have before anything on it is called boilerplate."""


class Config(BaseConfig):
    """What of the facts is counted."""

    most_per_document: PositiveInt = 5
    """How often a term counts at most in one document for one artist."""
    boilerplate: float = Field(0.5, gt=0, le=1)
    """A term in more than this share of a host's documents is boilerplate there (hosts of ten documents and more)."""


@dataclass(frozen=True, eq=False)
class Usage:
    """One row per artist, kind and term, sorted by the artist's canonical place, kind and term; parallel arrays.

    Attributes:
        artist_ids: int64 (rows,).
        kinds: int8 (rows,), places in `KINDS`.
        terms: the terms themselves, (rows,).
        n: float64 (rows,), how often, with what one document adds capped; a tag's count as it was imported.
        artists: int64 (rows,), artists that have the term: its document frequency, artists being the documents.
        documents: int64 (rows,), documents that have it; 0 for tags.
        hosts: int64 (rows,), hosts that have it; 0 for tags.
        of_kind: int64 (len(KINDS),), artists that have any term of the kind.
        corpus: documents, and hosts with at least a twentieth of them.
    """

    artist_ids: IdVector
    kinds: NDArray[np.int8]
    terms: NDArray[np.object_]
    n: NDArray[np.float64]
    artists: NDArray[np.int64]
    documents: NDArray[np.int64]
    hosts: NDArray[np.int64]
    of_kind: NDArray[np.int64]
    corpus: tuple[int, int]

    def __len__(self) -> int:
        return len(self.terms)

    def where(self, keep: NDArray[np.bool_]) -> Usage:
        """The rows that are kept; frequencies stay as they were counted."""
        return Usage(
            self.artist_ids[keep], self.kinds[keep], self.terms[keep], self.n[keep], self.artists[keep],
            self.documents[keep], self.hosts[keep], self.of_kind, self.corpus,
        )  # fmt: skip


_TABLES = """
create temp table facts as select c.* from counts c;
create temp table spread_on_hosts as
    select host, kind, term, count(distinct document_id) as documents from facts group by host, kind, term;
create temp table host_sizes as select host, count(distinct document_id) as documents from facts group by host;
create temp table boilerplate as
    select s.host, s.kind, s.term from spread_on_hosts s join host_sizes h using (host)
    where h.documents >= $fewest and s.documents > $share * h.documents;
create temp table kept as
    select * from facts f anti join boilerplate b on f.host = b.host and f.kind = b.kind and f.term = b.term;
"""
_USES = """
with uses as (
    select artist_id, kind, term, cast(sum(least(n, $most)) as double) as n from kept group by artist_id, kind, term
    union all
    select artist_id, 'tag', tag, cast(sum("count") as double) from tags where "count" > 0 group by artist_id, tag
),
frequencies as (select kind, term, count(*) as artists from uses group by kind, term),
spread as (
    select kind, term, count(distinct document_id) as documents, count(distinct host) as hosts
    from kept group by kind, term
)
select u.artist_id, k.place as kind, u.term, u.n, f.artists, coalesce(s.documents, 0) as documents,
       coalesce(s.hosts, 0) as hosts
from uses u join order_of_kinds k on k.kind = u.kind join order_of_artists a on a.artist_id = u.artist_id
join frequencies f on f.kind = u.kind and f.term = u.term
left join spread s on s.kind = u.kind and s.term = u.term
order by a.place, k.place, u.term
"""


def read_usage(
    counts: Path | pa.Table | None, tags: pa.Table, canonical: IdVector, config: Config, spill: Path | None = None
) -> Usage:
    """The usage that these facts make.

    Args:
        counts: counts.parquet, or a table with its columns; None where no text was read.
        tags: as `db.listening.tag_counts` gives them; may be empty.
        canonical: artist ids in canonical order; facts of other artists are left out.
        config: caps.
        spill: a folder for what does not fit into memory.
    """
    with connect(spill) as duck:
        given = COUNTS.empty_table() if counts is None else counts
        duck.register("counts", given if isinstance(given, pa.Table) else duck.read_parquet(str(given)))
        duck.register("tags", tags)
        duck.register("order_of_artists", _order("artist_id", pa.array(canonical, pa.int64())))
        duck.register("order_of_kinds", _order("kind", pa.array(KINDS, pa.string())))
        for statement in _TABLES.split(";"):
            values = {"fewest": FEWEST_FOR_BOILERPLATE, "share": config.boilerplate} if "$" in statement else None
            duck.execute(statement, values)
        rows = duck.sql(_USES, params={"most": config.most_per_document}).to_arrow_table()
        sizes = [n for (n,) in duck.execute("select documents from host_sizes").fetchall()]
    return _usage(rows, sizes)


def _order(name: str, values: pa.Array) -> pa.Table:
    return pa.table({name: values, "place": pa.array(range(len(values)), pa.int64())})


def _usage(rows: pa.Table, sizes: list[int]) -> Usage:
    ids, kinds = rows["artist_id"].to_numpy(), rows["kind"].to_numpy().astype(np.int8)
    of_kind = np.array([len(np.unique(ids[kinds == place])) for place in range(len(KINDS))], dtype=np.int64)
    hosts = sum(size * 20 >= sum(sizes) for size in sizes)
    return Usage(
        ids, kinds, rows["term"].to_numpy(zero_copy_only=False), rows["n"].to_numpy(), rows["artists"].to_numpy(),
        rows["documents"].to_numpy(), rows["hosts"].to_numpy(), of_kind, (sum(sizes), hosts),
    )  # fmt: skip
