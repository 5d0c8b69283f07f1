"""What the code must never do, proved over the syntax trees of all packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawlers", "nlp", "cf", "ensemble", "db", "kinsong")
FORBIDDEN_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.spawnv", "subprocess.getoutput",
    "subprocess.getstatusoutput", "numpy.load", "np.load", "to_pickle", "read_pickle", "pickle.loads", "yaml.load",
    "input", "asyncio.create_subprocess_shell", "os.posix_spawn", "os.startfile", "pty.spawn", "torch.load",
    "runpy.run_path", "runpy.run_module", "code.interact", "logging.config.listen",
}  # fmt: skip
FORBIDDEN_NAMES = {
    "system", "popen", "getoutput", "getstatusoutput", "PickleType", "create_subprocess_shell", "read_pickle",
    "to_pickle", "Unpickler", "full_load", "unsafe_load",
}  # fmt: skip
"""What must not be named at all, by whatever way: imported, or as an attribute."""
ALLOWED = {
    ("kinsong/doctor.py", "__import__"),  # of a fixed list of names
}
"""(file, call): each with its reason."""
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(node: ast.expr) -> str:
    """A dotted name, or what ends an expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}".lstrip(".")
    return ""


def sins(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what) of everything that is forbidden."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name.split(".")[0] in FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in FORBIDDEN_MODULES:
                yield node.lineno, str(node.module)
            yield from ((node.lineno, a.name) for a in node.names if a.name in FORBIDDEN_NAMES)
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_NAMES:
            yield node.lineno, name_of(node)
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield node.value.lineno, "allow_pickle"
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, what) for what in _wrong_call(node))


def _wrong_call(node: ast.Call) -> Iterator[str]:
    name = name_of(node.func)
    keywords = {k.arg: k.value for k in node.keywords}
    if name in ("np.load", "numpy.load") or name in ("np.save", "numpy.save", "np.savez", "numpy.savez"):
        pickles = keywords.get("allow_pickle")
        if not (isinstance(pickles, ast.Constant) and pickles.value is False):
            yield f"{name} without allow_pickle=False"
    elif name in FORBIDDEN_CALLS or name.split(".")[-1] in {"to_pickle", "read_pickle"}:
        yield name
    shell = keywords.get("shell")
    if shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False):
        yield f"{name} with a shell"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_pickle_no_eval_no_shell(path: Path) -> None:
    file = path.relative_to(ROOT).as_posix()
    found = [(line, what) for line, what in sins(ast.parse(path.read_text("utf-8"))) if (file, what) not in ALLOWED]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "from joblib import load", "eval('1')", "import os\nos.system('ls')", "np.load('x')",
        "np.load('x', allow_pickle=True)", "subprocess.run('ls', shell=True)", "yaml.load(x)", "frame.to_pickle('x')",
        "np.save('x', a)", "exec(code)", "import yaml.cyaml", "from os import system", "run = os.popen",
        "from sqlalchemy import PickleType", "read_array(f, allow_pickle=True)",
        "from subprocess import getoutput as g",
        "np.load('x', allow_pickle=flag)", "await asyncio.create_subprocess_shell('ls')",
    ],
)  # fmt: skip
def test_each_of_them_is_seen(code: str) -> None:
    assert list(sins(ast.parse(code)))


@pytest.mark.parametrize("code", ["np.load('x', allow_pickle=False)", "subprocess.run(['ls'])", "re.compile('x')"])
def test_what_is_right_is_let_pass(code: str) -> None:
    assert not list(sins(ast.parse(code)))


def dropped_rows(tree: ast.AST) -> Iterator[int]:
    """Lines of queries whose rows nobody takes: as long as they are open, a SQLite connection stays at an old state,
    also for who is lent it next."""
    for node in ast.walk(tree):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and name_of(call.func).split(".")[-1] in ("execute", "scalars"):
            asked = {name_of(part.func) for part in ast.walk(call) if isinstance(part, ast.Call)}
            if "select" in asked:
                yield node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rows_that_are_asked_for_are_taken(path: Path) -> None:
    assert list(dropped_rows(ast.parse(path.read_text("utf-8")))) == []


def test_rows_that_are_dropped_are_seen() -> None:
    assert list(dropped_rows(ast.parse("session.execute(select(A).where(x).with_for_update())"))) == [1]
    assert list(dropped_rows(ast.parse("session.execute(select(A)).all()"))) == []
