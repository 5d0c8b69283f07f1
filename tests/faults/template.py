"""A process that has imported all of kinsong and forks a child for every command: a kill costs no start.

`Template().run(["--home", …, "build"], fault="publish.rows")` runs one command to its end, or to its death. The forks
are safe because no kernel has run yet in the parent, so that no thread pool was started.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.faults import shim
from tests.faults.shim import Counted, Failure

ROOT = Path(__file__).parents[2]
EVERYTHING = (
    "crawlers.jobs", "db.imports", "ensemble.jobs", "ensemble.query", "kinsong.build", "kinsong.cli", "kinsong.config",
    "kinsong.doctor", "kinsong.runs",
)  # fmt: skip
LONGEST = 300.0
"""Seconds after which a command counts as hung; the first build of a new clone compiles for a minute."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, below 0 the signal that killed it, and what it said."""

    code: int
    out: str
    err: str
    seconds: float
    counted: Counted | None = None
    """What the shim saw, where it was armed and the command came to its end."""


class Template:
    """Runs commands of kinsong in forks of one process that has everything imported.

    Args:
        environment: variables that the process starts with, such as PYTHONHASHSEED and LD_PRELOAD.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._begun = 0
        self._children: dict[int, int] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="kinsong-template-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.template"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=ROOT, env={**os.environ, "COLUMNS": "200", **(environment or {})},
        )  # fmt: skip

    def start(
        self, arguments: Sequence[object], *, fault: str = "", failure: Failure | None = None,
        environment: Mapping[str, str] | None = None, unprivileged: bool = False,
    ) -> int:  # fmt: skip
        """Begin `kinsong ARGUMENTS`; the process id of the child. `finish` waits for it.

        Args:
            arguments: of the command line.
            fault: where to die, as `db.faults.arm` takes it.
            failure: what fails below Python; the template was started with the library preloaded.
            environment: more variables.
            unprivileged: the modes of files count, whoever runs the tests.
        """
        self._begun += 1
        order = {
            "arguments": [str(argument) for argument in arguments], "fault": fault,
            "shim": failure.order() if failure else None, "environment": dict(environment or {}),
            "unprivileged": unprivileged, **{name: self._path(name) for name in ("out", "err", "counted")},
        }  # fmt: skip
        child = int(self._ask(order)["pid"])
        self._children[child] = self._begun
        return child

    def finish(self, child: int) -> Ended:
        """How a command that was begun ended."""
        answer = self._ask({"wait": child})
        number = self._children.pop(child)
        out, err, counted = (Path(self._path(name, number)) for name in ("out", "err", "counted"))
        saw = Counted(**json.loads(counted.read_text())) if counted.exists() else None
        said = [path.read_text(errors="replace") for path in (out, err)]
        return Ended(int(answer["code"]), *said, float(answer["seconds"]), saw)

    def run(
        self, arguments: Sequence[object], *, fault: str = "", failure: Failure | None = None,
        environment: Mapping[str, str] | None = None, unprivileged: bool = False,
    ) -> Ended:  # fmt: skip
        """Run `kinsong ARGUMENTS` to its end; see `start`."""
        return self.finish(self.start(
            arguments, fault=fault, failure=failure, environment=environment, unprivileged=unprivileged
        ))  # fmt: skip

    def _path(self, name: str, number: int | None = None) -> str:
        return str(Path(self._folder.name) / f"{number or self._begun}.{name}")

    def _ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the template process has died"
        return dict(json.loads(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()


def _serve() -> None:
    """Read orders from standard input, answer on standard output, a JSON object a line."""
    _import_everything()
    began: dict[int, float] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            start = began.pop(order["wait"])
            answer: dict[str, Any] = {"code": _wait(order["wait"], start), "seconds": time.monotonic() - start}
        else:
            start = time.monotonic()
            child = os.fork()
            if not child:
                _be(order)
            began[child] = start
            answer = {"pid": child}
        print(json.dumps(answer), flush=True)


def _import_everything() -> None:
    for module in EVERYTHING:
        import_module(module)
    from db.artifacts import code_fingerprint
    from nlp.language import Config, for_language, load

    for package in ("db", "nlp", "cf", "ensemble"):
        code_fingerprint(package)  # of one state of the code, whoever edits it meanwhile
    load(Config())
    for_language("en", Config())
    assert "twisted.internet.reactor" not in sys.modules, "its file descriptors must not be shared"


def _wait(child: int, began: float) -> int:
    while time.monotonic() - began < LONGEST:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError(f"a command hung for {LONGEST} s")


def _be(order: Mapping[str, Any]) -> None:
    """Be the command: never returns."""
    import atexit

    from db import faults
    from kinsong.cli import main

    for descriptor, path in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if descriptor else 0), 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.update(order["environment"])
    faults.arm(order["fault"])
    if order["unprivileged"]:
        _give_up_rights()
    if order["shim"] is not None:
        shim.arm(order["shim"])
    sys.argv = ["kinsong", *order["arguments"]]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:  # noqa: BLE001  as the interpreter would show it
        traceback.print_exc()
    atexit._run_exitfuncs()
    if order["shim"] is not None:
        shim.report(shim.disarmed(), Path(order["counted"]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _give_up_rights() -> None:
    """Empty this process's sets of capabilities (capset(2)): what root may do beyond the modes of files."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    _serve()
