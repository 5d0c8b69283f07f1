"""All settings: one TOML file, one section per model, every setting with its default and a comment."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from pydantic import Field, PositiveInt, ValidationError
from pydantic.fields import FieldInfo

import cf.als
import cf.tracks
import cf.vector_exp
import cf.word2vec
import crawlers.settings
import ensemble.candidates
import ensemble.dials
import ensemble.discover
import ensemble.fusion
import ensemble.index
import ensemble.radio
import ensemble.ranker
import ensemble.related
import ensemble.station
import kinsong.schedule
import nlp.cultural
import nlp.jobs
import nlp.language
import nlp.newcomers
from db.base import Config
from db.errors import ConfigError
from db.home import SETTINGS, Home
from kinsong.home import read_toml


class Database(Config):
    """Where rows are kept."""

    url: str = ""
    """SQLAlchemy URL (postgresql+psycopg://user:password@host/name); empty: SQLite in this folder."""


class Build(Config):
    """The nightly job."""

    seed: int = Field(1, ge=0)
    """Same data and same seed give the same results."""
    keep_runs: PositiveInt = 3
    """How many finished runs are kept to go back to."""
    threads: PositiveInt = 2
    """Threads that our own kernels may use; results do not depend on it."""


class Settings(Config):
    """The whole of kinsong.toml."""

    database: Database = Database()
    build: Build = Build()
    crawl: crawlers.settings.Config = crawlers.settings.Config()
    schedule: kinsong.schedule.Config = kinsong.schedule.Config()
    language: nlp.language.Config = nlp.language.Config()
    read: nlp.jobs.ReadConfig = nlp.jobs.ReadConfig()
    terms: nlp.jobs.TermsConfig = nlp.jobs.TermsConfig()
    newcomers: nlp.newcomers.Config = nlp.newcomers.Config()
    cultural: nlp.cultural.Config = nlp.cultural.Config()
    als: cf.als.Config = cf.als.Config()
    vector_exp: cf.vector_exp.Config = cf.vector_exp.Config()
    playlist: cf.word2vec.SessionConfig = cf.word2vec.SessionConfig()
    track_playlist: cf.tracks.WordConfig = cf.tracks.WordConfig()
    track_lists: cf.tracks.ListConfig = cf.tracks.ListConfig()
    index: ensemble.index.Config = ensemble.index.Config()
    candidates: ensemble.candidates.Config = ensemble.candidates.Config()
    fusion: ensemble.fusion.Config = ensemble.fusion.Config()
    ranker: ensemble.ranker.Config = ensemble.ranker.Config()
    related: ensemble.related.Config = ensemble.related.Config()
    dials: ensemble.dials.Config = ensemble.dials.Config()
    discover: ensemble.discover.Config = ensemble.discover.Config()
    station: ensemble.station.Config = ensemble.station.Config()
    radio: ensemble.radio.Config = ensemble.radio.Config()

    def ranking(self) -> ensemble.related.Sections:
        """The sections that a ranking depends on."""
        return ensemble.related.Sections(
            candidates=self.candidates, fusion=self.fusion, ranker=self.ranker, related=self.related
        )


def load(home: Home) -> Settings:
    """A workspace's settings; what the file leaves out has its default.

    Raises:
        ConfigError: an unknown section or key, or a value out of its range; the message names them.
    """
    path = home.path / SETTINGS
    try:
        return Settings.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(_complaint(e) for e in error.errors())) from error


def _complaint(error: Any) -> str:
    section, *rest = (str(part) for part in error["loc"])
    where = f"[{section}] {'.'.join(rest)}".strip()
    if error["type"] == "extra_forbidden":
        known = list(Settings.model_fields) if not rest else list(_section(section).model_fields)
        return f"{where} is not a setting (known here: {', '.join(known)})"
    return f"{where} = {error['input']!r}: {error['msg']}"


def _section(name: str) -> type[Config]:
    section = Settings.model_fields[name].annotation
    if not (isinstance(section, type) and issubclass(section, Config)):
        raise TypeError(f"settings section {name} is no Config")
    return section


def render(url: str = "") -> str:
    """The text of a fresh kinsong.toml: every setting with its default and a comment."""
    lines = [
        "# Settings of this kinsong home. Every one stands here with its default; a line left out means its default."
    ]
    lines.append("")
    for name in Settings.model_fields:
        section = _section(name)
        lines += [f"# {line}" for line in (section.__doc__ or "").strip().splitlines()[:1]] + [f"[{name}]"]
        for key, field in section.model_fields.items():
            value = url if (name, key) == ("database", "url") else field.get_default(call_default_factory=True)
            lines += _described(key, field, value)
        lines.append("")
    return "\n".join(lines)


def _described(key: str, field: FieldInfo, value: object) -> list[str]:
    text = " ".join((field.description or "").split())
    comment = [f"# {line}" for line in textwrap.wrap(text, 110)]
    return [*comment, f"# {key} = (not set)" if value is None else f"{key} = {_toml(value)}"]


def _toml(value: object) -> str:
    if isinstance(value, Config):
        value = value.model_dump(mode="json")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)
