"""Processes that begin with everything imported: each costs a tenth of a new one.

They are processes all the same, with an end, streams, an environment and a folder of their own:
forked from a server that has the tool's modules and has done nothing with them.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import multiprocessing
import os
import pkgutil
import resource
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock, Timer
from types import ModuleType
from typing import IO, Any, NamedTuple, cast

from synap_import import fault_points

_TESTS = Path(__file__).parents[1]
_BESIDE_THE_COMMANDS = (
    *("anyio._backends._asyncio", "httpcore", "uvicorn.lifespan.off", "uvicorn.loops.asyncio"),
    *("maximem_synap.sdk", "maximem_synap.credits"),
    *("synap_import.sandbox.server", "synap_import.hooks", "synap_import_json.source"),
)


class Warm:
    """Such a process; what can be done with it is called as in ``subprocess.Popen``."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self._reading_its_end = Lock()  # it can be read once, and several threads may wait
        self.stdout: IO[str] | None = None

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        with self._reading_its_end:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("synap-import", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """The rest of what it writes, and its end."""
        assert self.stdout is not None
        timer = Timer(timeout or 60, self.kill)
        timer.start()
        with self.stdout:
            written = self.stdout.read()
        timer.cancel()
        self.wait(timeout)
        return written, None


class Inherited(NamedTuple):
    """What a process has from the one that starts it; the folder is the first of the path."""

    environment: dict[str, str]
    path: list[str]
    file_sizes: tuple[int, int]
    umask: int


def start_command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    out: IO[str],
    err: IO[str],
) -> Warm:
    """``python -m synap_import``."""
    given = [*filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    path = [str(folder), *given, *_usual_path()]
    sizes, umask = resource.getrlimit(resource.RLIMIT_FSIZE), os.umask(0)
    os.umask(umask)
    inherited = Inherited(dict(environment), path, sizes, umask)
    with Connection(os.dup(out.fileno())) as to_out, Connection(os.dup(err.fileno())) as to_err:
        return Warm(start_function(_command, arguments, inherited, to_out, to_err))


def start_function(function: Callable[..., None], *arguments: object) -> BaseProcess:
    """A function of a module that is importable from the folder of the tests."""
    process: BaseProcess = _context().Process(target=function, args=arguments)
    process.start()
    return process


def preload() -> None:
    """What the server imports, but nothing that is optional: it may be missing in a test."""
    # As the command does, before the first import of httpx.
    sys.modules.setdefault("httpx._main", cast("ModuleType", None))
    import synap_import.cli

    from .certificates import read_them_once

    read_them_once()
    commands = pkgutil.iter_modules(synap_import.cli.__path__, "synap_import.cli.")
    for name in (*(module.name for module in commands), *_BESIDE_THE_COMMANDS):
        importlib.import_module(name)
    gc.freeze()


@cache
def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["support.warmed", "support.chaos"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_TESTS), before]))
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return context


@cache
def _usual_path() -> list[str]:
    """Where a Python looks that nobody told anything."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    script = "import sys; print(*sys.path[1:], sep='\\n')"
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment
    )
    return told.stdout.splitlines()


def _command(
    arguments: Sequence[str], inherited: Inherited, to_out: Connection, to_err: Connection
) -> None:
    os.chdir(inherited.path[0])
    os.environ.clear()
    os.environ.update(inherited.environment)
    resource.setrlimit(resource.RLIMIT_FSIZE, inherited.file_sizes)
    os.umask(inherited.umask)
    time.tzset()
    sys.path[:] = inherited.path
    sys.argv = ["synap-import", *arguments]
    importlib.reload(fault_points)  # it looks into the environment when it is imported
    _take_streams(to_out, to_err)
    try:
        runpy.run_module("synap_import", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()


def _take_streams(to_out: Connection, to_err: Connection) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, to_out.fileno(), to_err.fileno())):
        os.dup2(source, number)
    os.close(nothing)
    to_out.close()
    to_err.close()
    at_once = bool(os.environ.get("PYTHONUNBUFFERED"))
    sys.stdin = sys.__stdin__ = os.fdopen(0, closefd=False)
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(
        os.fdopen(1, "wb", closefd=False), write_through=at_once
    )
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
