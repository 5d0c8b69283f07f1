from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from db.base import Config
from db.errors import ConfigError
from kinsong import config
from kinsong import home as homes
from kinsong.config import Settings


def test_the_rendered_file_is_the_defaults() -> None:
    assert Settings.model_validate(tomllib.loads(config.render())) == Settings()


def test_every_setting_stands_there_with_a_comment() -> None:
    lines = config.render().splitlines()
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, Config)
        assert f"[{name}]" in lines
        for key in section.model_fields:
            places = [n for n, line in enumerate(lines) if line.removeprefix("# ").startswith(f"{key} = ")]
            assert places, f"{name}.{key}"
            assert all(lines[n - 1].startswith("# ") for n in places), f"{name}.{key} has no comment"


def test_related_has_n_and_pool() -> None:
    values = tomllib.loads(config.render())
    assert (values["related"]["n"], values["related"]["pool"]) == (20, 100)


def test_a_file_may_leave_settings_out(tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "home")
    (home.path / "kinsong.toml").write_text("[related]\nn = 7\n")
    assert config.load(home).related.n == 7
    assert config.load(home).als == Settings().als
    home.engine.dispose()


def test_complaints_name_section_key_and_value(tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "home")
    (home.path / "kinsong.toml").write_text("[related]\nn = 200\npool = 100\n[als]\ndim = -3\n")
    with pytest.raises(ConfigError, match=r"(?s)\[als\] dim = -3.*\[related\].*raise pool"):
        config.load(home)
    home.engine.dispose()
