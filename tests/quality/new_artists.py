"""How well artists that the catalogue lacks are found: some are taken out of a home's catalogue and looked for.

    python -m kinsong demo --into FOLDER
    PYTHONPATH=. python tests/quality/new_artists.py FOLDER/home FOLDER/data/scenes.tsv

Prints, for those known from text alone and for seeded draws of 60 artists of all kinds, how many names were listed, how
many of them were taken out, and the names that were not.
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

from db.names import name_key
from db.task import Silent
from kinsong import config
from kinsong import home as homes
from nlp import jobs

DRAWS = 3
TAKEN = 60


def main(path: Path, scenes: Path) -> None:
    """Measure and print."""
    home = homes.open_home(path, read_only=True)
    with home.reading() as session:
        names = jobs.catalogue_names(session)
    artists = sorted({artist for _, artist in names})
    with scenes.open(encoding="utf-8", newline="") as stream:
        alone = {row["artist"] for row in csv.DictReader(stream, delimiter="\t") if row["known_from"] == "text"}
    draws = {"text alone": {artist for name, artist in names if name in alone}}
    draws |= {f"draw {seed}": set(random.Random(seed).sample(artists, TAKEN)) for seed in range(1, DRAWS + 1)}
    settings = config.load(home)
    for what, taken in draws.items():
        left = [(name, artist) for name, artist in names if artist not in taken]
        jobs.catalogue_names = lambda _, left=left: left
        found, _ = jobs.newcomers(home, settings.read, settings.newcomers, Silent())
        sought = {name_key(name) for name, artist in names if artist in taken}
        wrong = [one.name for one in found if name_key(one.name) not in sought]
        print(f"{what}: {len(taken)} taken out, {len(found)} listed, {len(found) - len(wrong)} of them right; {wrong}")
    home.engine.dispose()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
