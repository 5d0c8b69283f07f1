from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from db.catalog import Track
from db.imports import import_file
from db.track_search import find_tracks

if TYPE_CHECKING:
    from pathlib import Path

    from db.home import Home

LISTS = (
    '{"name": "mix", "tracks": [{"title": "Chess (feat. Benny)", "artists": ["ABBA"]}, '
    '{"title": "Song", "artists": ["ABBA", "Benny"]}, {"title": "Song (Live)", "artists": ["ABBA"]}]}\n'
)


def test_tracks_are_found_as_facts_write_them_by_rule_and_as_they_are_shown(home: Home, tmp_path: Path) -> None:
    (tmp_path / "l.jsonl").write_text(LISTS, encoding="utf-8")
    import_file(home, "playlists", tmp_path / "l.jsonl")
    with home.reading() as session:
        ids = {(key, version): i for key, version, i in session.execute(select(Track.key, Track.version, Track.id))}
        chess, song, live = ids["chess", ""], ids["song", ""], ids["song", "live"]
        asked = [
            (["ABBA"], "Chess (feat. Benny)"), (["abba"], "CHESS - 2011 Remaster"), (["ABBA feat. Benny"], "Chess"),
            (["ABBA, Benny"], "Song"), (["ABBA", "Nobody"], "Song - Live at Wembley"), (["ABBA"], "Unknown"),
            (["Nobody"], "Song"), ([], "Song"), (["ABBA"], None), (["ABBA"], " "),
        ]  # fmt: skip
        assert find_tracks(session, asked) == [chess, chess, chess, song, live, None, None, None, None, None]
        assert find_tracks(session, []) == []
