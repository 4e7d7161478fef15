"""Runs ``synap-import --engine ray`` in a session of its own, and looks for what it leaves."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_COMMAND = [sys.executable, "-m", "synap_import"]
ENDING_SECONDS = 60
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
"""127.0.0.1 as the kernel writes it, in its tables of the fourth and the sixth version, and ::1."""


@dataclass
class RayCommand:
    """A command with a temporary folder of its own, in which its Ray has its files."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    process: subprocess.Popen[str] = field(init=False)

    def start(self) -> None:
        """Begin it, in a process group as a terminal would."""
        self.process = subprocess.Popen(
            [*_COMMAND, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment, "TMPDIR": str(self.folder)},
            start_new_session=True,
        )

    def finish(self, seconds: float = 120) -> tuple[int, str, str]:
        """Wait for its end: its exit code and what it said."""
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err

    def wait_until(self, happened: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something happened while it runs."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, "the import does not get on"
            time.sleep(0.05)

    def interrupt(self) -> None:
        """Ctrl-C, which a terminal gives to all processes of the group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.communicate()

    def processes(self) -> list[int]:
        """Those that have its temporary folder in their environment, itself included."""
        return [pid for pid in _pids() if _has(pid, f"TMPDIR={self.folder}")]

    def wait_for_the_end_of_all(self) -> None:
        """Wait until none of its processes is left."""
        deadline = time.monotonic() + ENDING_SECONDS
        while left := self.processes():
            assert time.monotonic() < deadline, f"processes are left: {left}"
            time.sleep(0.2)

    def listens_at(self) -> set[str]:
        """The addresses at which its processes listen, as the kernel writes them."""
        sockets = {name for pid in self.processes() for name in _sockets(pid)}
        lines = [
            line.split()
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        ]
        listening = [line for line in lines if line[3] == "0A" and line[9] in sockets]
        return {line[1].partition(":")[0] for line in listening}

    def written(self) -> bytes:
        """All that is in its temporary folder right now."""
        found = []
        for path in self.folder.rglob("*"):
            try:
                found.append(path.read_bytes() if path.is_file() else b"")
            except OSError:
                continue
        return b"\0".join(found)


@contextmanager
def ray_command(*arguments: str | Path, **environment: str) -> Iterator[RayCommand]:
    """The command, not yet started; whatever is left of it at the end is ended."""
    # Not pytest's folder: the paths of Ray's sockets would be too long.
    folder = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
    command = RayCommand(tuple(map(str, arguments)), environment, folder)
    try:
        yield command
    finally:
        for pid in command.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        shutil.rmtree(folder, ignore_errors=True)


TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
"""What a command needs in its environment to be let into a :class:`Cluster`."""


class Cluster:
    """A Ray that somebody else started; its files and processes are those of ``command``."""

    def __init__(self, command: RayCommand) -> None:
        self.command = command
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def address(self) -> str:
        """Where it is."""
        return f"127.0.0.1:{self.port}"

    def start(self, **environment: str) -> None:
        """Start it with this in the environment of its workers, and little else."""
        ray = Path(sys.executable).with_name("ray")
        words = [ray, "start", "--head", f"--port={self.port}", "--num-cpus=2"]
        words += ["--include-dashboard=false", "--disable-usage-stats"]
        words += [f"--temp-dir={self.command.folder / 'ray'}"]
        usual = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.command.folder), "NO_PROXY": "*"}
        subprocess.run(
            [*words, "--object-store-memory=80000000"],
            env={**usual, **TOKEN, **environment},
            check=True,
            capture_output=True,
            timeout=120,
        )


def workers_of(command: RayCommand, kind: str = "Worker") -> list[int]:
    """The processes in which actors of this kind are."""
    found = []
    for pid in command.processes():
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if title.startswith(f"ray::{kind}".encode()):
            found.append(pid)
    return found


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _sockets(pid: int) -> list[str]:
    found = []
    try:
        for path in Path(f"/proc/{pid}/fd").iterdir():
            name = str(path.readlink())
            if name.startswith("socket:["):
                found.append(name.removeprefix("socket:[").rstrip("]"))
    except OSError:
        return found
    return found


def _has(pid: int, assignment: str) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return assignment.encode() in environment.split(b"\0")
