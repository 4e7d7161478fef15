"""Programs in the background: started with a log, ended by process id, waited for in bounds."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Program:
    """A program that was started. ``ending`` is the signal that it wants."""

    name: str
    pid: int
    command: str
    ending: int

    @property
    def is_running(self) -> bool:
        """Whether the process is still this program: ids are used again."""
        return _command_of(self.pid) == self.command


def start(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    *,
    ending: int = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    identity: Mapping[str, Any] | None = None,
) -> Program:
    """Runs on when the caller ends; what it says is in ``folder/name.log``."""
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(one) for one in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
            **(identity or {}),
        )
    return Program(name, process.pid, _command_of(process.pid), ending)


def stop(program: Program, seconds: float = 30) -> None:
    """Asks it to end, then makes it."""
    for sign in (program.ending, signal.SIGKILL):
        if not program.is_running:
            return
        os.kill(program.pid, sign)
        if _happens(lambda: not program.is_running, seconds):
            return
    raise RuntimeError(f"{program.name} (process {program.pid}) does not end")


def wait_for(program: Program, is_ready: Callable[[], bool], seconds: float) -> None:
    """Raises RuntimeError when it ends or takes too long."""
    _happens(lambda: is_ready() or not program.is_running, seconds)
    if not is_ready():
        raise RuntimeError(f"{program.name} does not start; {program.name}.log may say why")


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _happens(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(_PAUSE)
    return condition()


def _command_of(pid: int) -> str:
    """As ``ps`` prints it; of a process that ended it is not what it was."""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip()
