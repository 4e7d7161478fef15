"""Runs the command line in processes of its own, as a person would.

The processes are warm ones (``support.warm``), unless ``SYNAP_IMPORT_COLD`` asks for new Pythons.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import httpx

from .warm import Warm, start_command

Running = subprocess.Popen[str] | Warm


@dataclass(frozen=True)
class Finished:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON of ``--json``."""
        return json.loads(self.out)


def run(
    *arguments: str | Path, cwd: Path | None = None, seconds: float = 120, **environment: str
) -> Finished:
    """Run ``synap-import`` to its end."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        process = _start(arguments, cwd, environment, out, err)
        try:
            code = process.wait(seconds)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return Finished(code, out.read(), err.read())


def start(*arguments: str | Path, **environment: str) -> Running:
    """Start ``synap-import`` and leave it running."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as out, Path(os.devnull).open("w") as err:
        process = _start(arguments, None, environment, out, err)
    process.stdout = os.fdopen(reading)
    return process


def _start(
    arguments: Sequence[str | Path],
    cwd: Path | None,
    more: dict[str, str],
    out: IO[str],
    err: IO[str],
) -> Running:
    words, environment = [*map(str, arguments)], {**os.environ, **more}
    if not os.environ.get("SYNAP_IMPORT_COLD"):
        return start_command(words, environment, cwd or Path.cwd(), out, err)
    command = [sys.executable, "-m", "synap_import", *words]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        text=True,
        cwd=cwd,
        env=environment,
    )


@dataclass(frozen=True)
class Sandbox:
    """A sandbox in a process of its own."""

    url: str

    def documents(self) -> list[dict[str, Any]]:
        # Bytes: a text's splitlines() would also cut at U+2028, which JSON need not escape.
        lines = httpx.get(f"{self.url}/sandbox/documents", timeout=30).content.splitlines()
        return [json.loads(line) for line in lines]

    def counters(self) -> dict[str, Any]:
        return httpx.get(f"{self.url}/sandbox/counters", timeout=30).json()


@contextmanager
def sandbox(folder: Path, *options: str) -> Iterator[Sandbox]:
    """A sandbox that lives on when an import is killed."""
    db = folder / "sandbox.sqlite"
    process = start("sandbox", "--port", "0", "--db", db, *options, PYTHONUNBUFFERED="1")
    try:
        assert process.stdout is not None
        yield Sandbox(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.communicate(timeout=10)


def write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A JSON Lines file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def memories(count: int, users: int = 3) -> list[dict[str, Any]]:
    """Home-made memories of a few users."""
    return [
        {
            "id": f"m-{number}",
            "user_id": f"user-{number % users}",
            "content": f"memory {number}",
            "created_at": f"2025-06-01T12:00:{number % 60:02d}Z",
        }
        for number in range(count)
    ]
