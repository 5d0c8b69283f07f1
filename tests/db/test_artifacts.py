from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.artifacts import MANIFEST, building, open_artifact, resealed, sweep
from db.errors import ArtifactDamaged, Busy

PRINT = "ab" * 32


def made(root: Path) -> Path:
    facts: dict[str, object] = {}
    with building(root, "als", PRINT, facts) as folder:
        (folder / "a.bin").write_bytes(b"x" * 1000)
        (folder / "b.txt").write_text("hello")
        facts["rows"] = {"artists": 3}
    artifact = open_artifact(root, "als", PRINT)
    assert artifact is not None
    return artifact.path


def test_what_was_built_is_opened_with_its_facts(tmp_path: Path) -> None:
    made(tmp_path)
    artifact = open_artifact(tmp_path, "als", PRINT)
    assert artifact is not None
    assert artifact.facts == {"rows": {"artists": 3}}
    assert artifact.file("b.txt").read_text() == "hello"
    with pytest.raises(ArtifactDamaged, match=r"c\.txt"):
        artifact.file("c.txt")


def test_nothing_built_is_none(tmp_path: Path) -> None:
    assert open_artifact(tmp_path, "als", PRINT) is None


def test_a_step_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with building(tmp_path, "als", PRINT, {}) as folder:
            (folder / "half").write_text("half")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_step_is_not_an_artefact_and_is_swept_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / f"als-{PRINT[:16]}.tmp"
    left.mkdir()
    (left / "half").write_text("half")
    assert open_artifact(tmp_path, "als", PRINT) is None
    path = made(tmp_path)
    assert sorted(p.name for p in path.iterdir()) == ["a.bin", "b.txt", MANIFEST]


def cut(path: Path) -> None:
    (path / "a.bin").write_bytes(b"x" * 999)


def flip(path: Path) -> None:
    (path / "a.bin").write_bytes(b"x" * 999 + b"y")


def foreign(path: Path) -> None:
    (path / "c").write_text("")


def missing(path: Path) -> None:
    (path / "b.txt").unlink()


def symlink(path: Path) -> None:
    (path / "b.txt").rename(path.parent / "elsewhere")
    (path / "b.txt").symlink_to(path.parent / "elsewhere")


def no_manifest(path: Path) -> None:
    (path / MANIFEST).unlink()


def half_manifest(path: Path) -> None:
    file = path / MANIFEST
    file.write_text(file.read_text()[:50])


def foreign_manifest(path: Path) -> None:
    (path / MANIFEST).write_text("[]")


def other_step(path: Path) -> None:
    file = path / MANIFEST
    file.write_text(file.read_text().replace('"als"', '"playlist"'))


@pytest.mark.parametrize(
    "damage", [cut, flip, foreign, missing, symlink, no_manifest, half_manifest, foreign_manifest, other_step]
)
def test_damage_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    damage(made(tmp_path))
    with pytest.raises(ArtifactDamaged, match=f"als-{PRINT[:16]}"):
        open_artifact(tmp_path, "als", PRINT)


def test_a_manifest_with_odd_keys_is_damage(tmp_path: Path) -> None:
    for word, other in (('"size"', '"sizf"'), ('"facts"', '"fakts"')):
        path = made(tmp_path) / MANIFEST
        path.write_text(path.read_text().replace(word, other))
        with pytest.raises(ArtifactDamaged, match="kinsong build"):
            open_artifact(tmp_path, "als", PRINT)


def _made_anew(root: Path, text: str) -> None:
    artifact = open_artifact(root, "als", PRINT)
    assert artifact is not None
    with resealed(artifact) as work:
        (work / "b.txt").write_text(text)


def test_what_was_about_to_be_replaced_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path)
    before = (path / "b.txt").read_text()

    def die(point: str) -> None:
        if point == "artifact.moved":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("db.artifacts.reached", die)
        with pytest.raises(KeyboardInterrupt):
            _made_anew(tmp_path, "other")
    assert open_artifact(tmp_path, "als", PRINT) is None
    sweep(tmp_path)
    assert (path / "b.txt").read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    _made_anew(tmp_path, "other")
    assert (path / "b.txt").read_text() == "other"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_name_that_cannot_be_given_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == path and not self.name.endswith(".old.tmp"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        _made_anew(tmp_path, "other")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert open_artifact(tmp_path, "als", PRINT) is not None


def test_who_has_lost_the_lease_does_not_begin(tmp_path: Path) -> None:
    work = tmp_path / f"als-{PRINT[:16]}.12ab.tmp"
    work.mkdir()

    def lost() -> None:
        raise Busy("lost")

    with pytest.raises(Busy), building(tmp_path, "als", PRINT, {}, fence=lost):
        pass
    assert work.exists()
