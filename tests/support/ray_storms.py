"""Imports on Ray in bad weather: workers, pace, command and database are killed at random moments.

A story is made by a seed; the same command is run until it comes to its end.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import postgres_server as postgres
from .commands import Sandbox
from .ray_commands import RayCommand, workers_of

_MOST_RUNS = 12
_MOST_ACTS = 8
_WEIGHTS = {"worker": 4, "command": 3, "database": 2, "pace": 1, "interrupt": 1}


class Database:
    """A PostgreSQL that is restarted, as after a crash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._identity = postgres._not_root(folder)
        port = postgres._free_port()
        self.server = postgres.PostgresServer(port, "owner-secret-1b7f", "reader-secret-90ce")
        programs = postgres._programs()
        self._process = postgres._start(programs, folder, self.server, self._identity)
        postgres._wait_for(self.server, self._process)

    def restart(self) -> None:
        """End it without a word to anybody, and start it again."""
        self.stop()
        self._process = subprocess.Popen(
            self._process.args,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._identity,
        )
        postgres._wait_for(self.server, self._process)

    def stop(self) -> None:
        """End it at once: it recovers from its log when it is started."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


@contextmanager
def database() -> Iterator[Database]:
    """One for a test."""
    with TemporaryDirectory(prefix="postgres-") as folder:
        running = Database(Path(folder))
        try:
            yield running
        finally:
            running.stop()


@dataclass
class Storm:
    """One story, with what happened in it."""

    seed: int
    command: RayCommand
    cluster: RayCommand
    database: Database
    sandbox: Sandbox
    records: int
    told: list[str] = field(default_factory=list)

    def run_to_the_end(self) -> dict[str, Any]:
        """Run the command until it succeeds; returns its result."""
        chance = random.Random(self.seed)
        for number in range(_MOST_RUNS):
            acts = chance.randint(1, 3) if len(self.told) < _MOST_ACTS else 0
            self.command.start()
            for _ in range(acts):
                if not self._one_act(chance):
                    break
            code, out, err = self.command.finish()
            self.told.append(f"run {number} ended with {code}")
            if code == 0:
                result: dict[str, Any] = json.loads(out)
                return result
            assert code in (3, 130, -signal.SIGKILL), f"{self.told}\n{err}"
        raise AssertionError(f"it does not come to its end: {self.told}")

    def _one_act(self, chance: random.Random) -> bool:
        """Wait for some progress, and do something; False when the command is over."""
        more = self._stored() + chance.randint(1, max(2, self.records // 4))
        while self._stored() < min(more, self.records):
            if self.command.process.poll() is not None:
                return False
            self._wait(0.05)
        act = chance.choices([*_WEIGHTS], [*_WEIGHTS.values()])[0]
        self.told.append(act)
        match act:
            case "worker" | "pace":
                found = sorted(workers_of(self.cluster, act.capitalize()))
                if found:
                    self._kill(chance.choice(found))
            case "command":
                self.command.process.kill()
            case "interrupt":
                self.command.process.send_signal(signal.SIGINT)
            case "database":
                self.database.restart()
        return act not in ("command", "interrupt")

    def _stored(self) -> int:
        return int(self.sandbox.counters()["documents"])

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            self.told.append("which was gone")

    def _wait(self, seconds: float) -> None:
        try:
            self.command.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
