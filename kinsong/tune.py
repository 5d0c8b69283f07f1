"""`kinsong tune`: trials of a model's settings, each kept in the home as soon as it is done."""

from __future__ import annotations

import hashlib
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cf import als, jobs, tuning, word2vec
from db import listening, read
from db.base import Config
from db.errors import BuildError, UsageError
from db.home import Home
from db.task import Progress
from kinsong.config import Settings


@dataclass(frozen=True)
class Trial:
    """One try. `score` is 0 and `why` says the reason where the settings could not be fitted."""

    number: int
    settings: dict[str, Any]
    score: float
    seconds: float
    why: str = ""


def tune(
    home: Home, settings: Settings, model: str, trials: int, minutes: float | None, seed: int, progress: Progress
) -> list[Trial]:
    """Trials 0 … trials − 1 of a model's settings, best first; those done before, on the same data, are not repeated.

    Raises:
        UsageError: there is too little data to hold any out.
    """
    config: Config = getattr(settings, model)
    file = _file(home, config, model, seed)
    done = _read(file)
    split = _split(home, config, model, seed)
    began = time.monotonic()
    wanted = [number for number in range(trials) if number not in done]
    for number in progress.track(wanted, f"tune {model}", len(wanted)):
        if minutes is not None and time.monotonic() - began >= minutes * 60 and done:
            break
        done[number] = _try(model, split, config, seed, number)
        _keep(file, done[number])
    return sorted(done.values(), key=lambda trial: (-trial.score, trial.number))


def pasted(model: str, settings: dict[str, Any]) -> str:
    """Settings as lines for kinsong.toml."""
    return "\n".join([f"[{model}]", *(f"{name} = {json.dumps(value)}" for name, value in settings.items())])


def _try(model: str, split: tuning.Split, config: Config, seed: int, number: int) -> Trial:
    settings = tuning.settings_of(model, config, seed, number)
    began = time.monotonic()
    why = ""
    try:
        chosen = config.model_validate({**config.model_dump(), **settings})
        score = tuning.score(model, split, chosen, np.random.default_rng([seed, number]))
    except BuildError as error:  # settings that run out of range are an outcome, not an end
        score, why = 0.0, str(error)
    return Trial(number, settings, score if math.isfinite(score) else 0.0, time.monotonic() - began, why)


def _split(home: Home, config: Config, model: str, seed: int) -> tuning.Split:
    rng = np.random.default_rng([seed, *b"split"])
    if model == word2vec.MODEL:
        split = tuning.split_playlists(jobs.read_playlists(home, config.min_playlists, config.session_gap), rng)  # type: ignore[attr-defined]
    else:
        half_life = config.half_life if isinstance(config, als.Config) else 0.0
        data = jobs.read_plays(home, min_listeners=config.min_listeners, half_life=half_life)  # type: ignore[attr-defined]
        split = tuning.split_plays(data, rng)
    if not split.held_out.nnz:
        what = "playlists" if model == word2vec.MODEL else "plays"
        raise UsageError(f"too few {what} to hold any out: import more ({tuning.PART} artists each, at least)")
    return split


def _file(home: Home, config: Config, model: str, seed: int) -> Path:
    """Where trials are kept: a file for each state of the data and of the settings that the first trial tries."""
    with home.reading() as session:
        data = listening.fingerprint(session, ("plays", "playlists")), read.catalog_fingerprint(session)
    what = hashlib.sha256(repr((*data, config.model_dump_json(), seed)).encode()).hexdigest()[:16]
    return home.path / "tuning" / f"{model}-{what}.jsonl"


def _read(file: Path) -> dict[int, Trial]:
    """Trials that are whole; a line that a kill cut short is none."""
    done: dict[int, Trial] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            trial = Trial(**json.loads(line))
        except (ValueError, TypeError):
            continue
        done[trial.number] = trial
    return done


def _keep(file: Path, trial: Trial) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(trial)) + "\n")
