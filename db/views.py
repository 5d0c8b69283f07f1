"""Views for people who write SQL: names instead of ids, and only the published run."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

from db.results import NEIGHBOUR, PIECE

VIEWS = {
    "related": """
        SELECT a.name AS artist, r.artist_id, r.rank, b.name AS related, r.related_id, r.score, r.confidence,
               r.reason, a.mbid AS artist_mbid, b.mbid AS related_mbid
        FROM published p
        JOIN related_artist r ON r.run_id = p.run_id AND r.rank <= p.n
        JOIN artist a ON a.id = r.artist_id
        JOIN artist b ON b.id = r.related_id
        WHERE NOT EXISTS (SELECT 1 FROM never_suggest_artist s WHERE s.artist_id = r.related_id)""",
    "top_terms": """
        SELECT a.name AS artist, t.artist_id, t.kind, t.rank, t.term, t.weight, a.mbid AS artist_mbid
        FROM published p
        JOIN artist_term t ON t.run_id = p.run_id
        JOIN artist a ON a.id = t.artist_id""",
    "term_evidence": """
        SELECT a.name AS artist, q.artist_id, q.kind, q.rank, t.term, t.weight, d.url, s.sentence, d.title, d.host,
               d.published, q.document_id, a.mbid AS artist_mbid
        FROM published p
        JOIN term_quote q ON q.run_id = p.run_id
        JOIN artist_term t ON t.run_id = q.run_id AND t.artist_id = q.artist_id AND t.kind = q.kind AND t.rank = q.rank
        JOIN quoted_sentence s ON s.run_id = q.run_id AND s.document_id = q.document_id AND s.place = q.place
        JOIN document d ON d.id = q.document_id
        JOIN artist a ON a.id = q.artist_id""",
    "related_evidence": """
        SELECT e.artist_id, e.related_id, {place} AS piece, {kind} AS kind, {name} AS name, {value} AS value,
               {rank} AS rank, {back} AS back, {chance} AS chance, {text} AS text
        FROM published p
        JOIN packed_evidence e ON e.run_id = p.run_id
        CROSS JOIN {pieces}""",
    "why": """
        SELECT a.name AS artist, e.artist_id, b.name AS related, e.related_id, e.piece, e.kind, e.name, e.value, e.rank,
               e.back, e.chance, e.text
        FROM related_evidence e
        JOIN artist a ON a.id = e.artist_id
        JOIN artist b ON b.id = e.related_id""",
    "mentions": """
        SELECT a.name AS artist, m.artist_id, d.url, d.title, d.host, m.mentions, m.confidence, m.document_id
        FROM published p
        JOIN document_mention m ON m.run_id = p.run_id
        JOIN artist a ON a.id = m.artist_id
        JOIN document d ON d.id = m.document_id""",
    "discover": """
        SELECT l.name AS listener, d.listener_id, d.rank, b.name AS artist, d.artist_id, t.title AS track, d.track_id,
               d.score, d.fresh, d.since, x.name AS because, d.because_id, d.because_plays, d.because_rank,
               CASE WHEN d.because_id IS NULL THEN 'near to what you play as a whole'
                    ELSE 'because you play ' || x.name || ' (' || CAST(round(d.because_plays) AS bigint) ||
                         CASE WHEN round(d.because_plays) = 1 THEN ' play' ELSE ' plays' END || '); ' || b.name ||
                         ' is ' || d.because_rank ||
                         CASE WHEN d.because_rank % 100 IN (11, 12, 13) THEN 'th' WHEN d.because_rank % 10 = 1 THEN 'st'
                              WHEN d.because_rank % 10 = 2 THEN 'nd' WHEN d.because_rank % 10 = 3 THEN 'rd' ELSE 'th'
                         END || ' of its related artists' END AS reason
        FROM published p
        JOIN discovery d ON d.run_id = p.run_id AND NOT d.spare
        JOIN listener l ON l.id = d.listener_id
        JOIN artist b ON b.id = d.artist_id
        LEFT JOIN track t ON t.id = d.track_id
        LEFT JOIN artist x ON x.id = d.because_id
        WHERE NOT EXISTS (SELECT 1 FROM never_suggest_artist s WHERE s.artist_id = d.artist_id)
          AND NOT EXISTS (SELECT 1 FROM listener_verdict v WHERE v.listener_id = d.listener_id
                          AND v.verdict IN ('down', 'ban')
                          AND ((v.kind = 'artist' AND v.thing_id = d.artist_id)
                               OR (v.kind = 'track' AND v.thing_id = d.track_id)))""",
    "tracks": """
        SELECT t.id AS track_id, t.title, t.credit, t.version, a.name AS artist, t.artist_id, t.mbid, t.isrc
        FROM track t
        JOIN artist a ON a.id = t.artist_id
        WHERE NOT t.retired""",
    "radio": """
        SELECT a.title AS track, a.credit AS artist, s.track_id, s.rank, b.title AS next_track,
               b.credit AS next_artist, s.next_id, s.score, substr(
                   CASE WHEN s.playlists = 1 THEN '; 1 playlist in common'
                        WHEN s.playlists > 1 THEN '; ' || s.playlists || ' playlists in common' ELSE '' END ||
                   CASE WHEN s.listeners = 1 THEN '; 1 listener in common'
                        WHEN s.listeners > 1 THEN '; ' || s.listeners || ' listeners in common' ELSE '' END ||
                   CASE WHEN s.related = 0 THEN '; by the same artist'
                        WHEN s.related > 0 THEN
                            '; ' || f.name || ' is number ' || s.related || ' of those related to ' || e.name
                        ELSE '' END ||
                   CASE WHEN s.model IS NOT NULL THEN '; near by ' || s.model ELSE '' END, 3) AS reason,
               s.playlists, s.listeners, s.run_id, a.mbid AS track_mbid, b.mbid AS next_mbid
        FROM (
            SELECT e.run_id, e.track_id, {n_place} AS rank, {n_track_id} AS next_id, {n_score} AS score,
                   {n_playlists} AS playlists, {n_listeners} AS listeners, {n_related} AS related, {n_model} AS model
            FROM published p
            JOIN packed_station e ON e.run_id = p.run_id
            CROSS JOIN {n_pieces}) s
        JOIN track a ON a.id = s.track_id
        JOIN artist e ON e.id = a.artist_id
        JOIN track b ON b.id = s.next_id
        JOIN artist f ON f.id = b.artist_id
        WHERE NOT EXISTS (
            SELECT 1 FROM never_suggest_artist v
            JOIN track_artist w ON w.artist_id = v.artist_id
            WHERE w.track_id = s.next_id)""",
    "documents": """
        SELECT d.id AS document_id, d.url, d.host, d.title, d.author, d.published, d.language, d.musicality,
               d.musicality_reasons, d.canonical_url, d.fetched_at, k.url AS duplicate_of
        FROM document d
        LEFT JOIN document k ON k.id = d.duplicate_of""",
    "sources": """
        SELECT s.id AS source_id, s.url, s.kind, s.every, s.cron, p.pages, p.due, p.done, p.failed, p.refused,
               d.documents, s.last_crawl_at, s.next_crawl_at,
               CASE WHEN s.crawled_seconds > 0 THEN s.crawled_pages / s.crawled_seconds END AS pages_per_second
        FROM source s
        LEFT JOIN (
            SELECT source_id, count(*) AS pages,
                   sum(CASE WHEN state IN ('due', 'leased') THEN 1 ELSE 0 END) AS due,
                   sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END) AS done,
                   sum(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS failed,
                   sum(CASE WHEN state = 'refused' THEN 1 ELSE 0 END) AS refused
            FROM page GROUP BY source_id) p ON p.source_id = s.id
        LEFT JOIN (
            SELECT page.source_id, count(*) AS documents
            FROM document JOIN page ON page.id = document.page_id GROUP BY page.source_id) d ON d.source_id = s.id""",
    "source_errors": """
        SELECT s.url, s.id AS source_id, p.error, p.state, count(*) AS pages
        FROM source s
        JOIN page p ON p.source_id = s.id
        WHERE p.error IS NOT NULL
        GROUP BY s.url, s.id, p.error, p.state""",
    "steps": """
        SELECT s.run_id, s.step, s.reused, s.seconds, s.peak_mib, s.rows
        FROM published p
        JOIN step_report s ON s.run_id = p.run_id""",
}


_TYPES = {
    "value": "double precision", "rank": "integer", "back": "integer", "chance": "double precision",
    "track_id": "bigint", "score": "double precision", "playlists": "integer", "listeners": "integer",
    "related": "integer",
}  # fmt: skip


def _unfolded(columns: Sequence[str], prefix: str = "") -> dict[str, dict[str, str]]:
    """How each database takes a list of structures in `e.pieces` apart."""
    sqlite = {
        "pieces": "json_each(e.pieces) j", "place": "j.key + 1",
        **{column: f"json_extract(j.value, '$[{place}]')" for place, column in enumerate(columns)},
    }  # fmt: skip
    postgresql = {
        "pieces": "LATERAL jsonb_array_elements(e.pieces::jsonb) WITH ORDINALITY AS j(value, place)",
        "place": "j.place",
        **{column: f"(j.value ->> {place})::{_TYPES.get(column, 'text')}" for place, column in enumerate(columns)},
    }  # fmt: skip
    duckdb = {
        "pieces": "(SELECT unnest(e.pieces) AS value, generate_subscripts(e.pieces, 1) AS place) j",
        "place": "j.place", **{column: f"j.value.{column}" for column in columns},
    }  # fmt: skip
    dialects = {"sqlite": sqlite, "postgresql": postgresql, "duckdb": duckdb}
    return {name: {prefix + key: part for key, part in parts.items()} for name, parts in dialects.items()}


_EVIDENCE, _STATION = _unfolded(PIECE), _unfolded(NEIGHBOUR, "n_")
NO_EVIDENCE = """
    SELECT 0::bigint AS artist_id, 0::bigint AS related_id, [{'kind': '', 'name': '', 'value': 0.0::double, 'rank': 0,
           'back': 0, 'chance': 0.0::double, 'text': ''}] AS pieces WHERE false"""
"""Evidence where there is none, for DuckDB, to whom pieces are structures."""
NO_STATIONS = """
    SELECT 0::bigint AS track_id, [{'track_id': 0::bigint, 'score': 0.0::double, 'playlists': 0, 'listeners': 0,
           'related': 0, 'model': ''}] AS pieces WHERE false"""
"""Stations where there are none."""


def select_of(view: str, dialect: str) -> str:
    """The SELECT behind a view, for sqlite, postgresql or duckdb (where pieces of evidence are structures)."""
    return VIEWS[view].format(**_EVIDENCE[dialect], **_STATION[dialect])


def create(connection: Connection) -> None:
    """Make every view."""
    for name in VIEWS:
        connection.execute(text(f"CREATE VIEW {name} AS {select_of(name, connection.dialect.name)}"))


def drop(connection: Connection) -> None:
    """Remove every view that is there, so that tables below them can change."""
    there = set(inspect(connection).get_view_names())
    for name in reversed(VIEWS):
        if name in there:
            connection.execute(text(f"DROP VIEW {name}"))
