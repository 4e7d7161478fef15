"""A PostgreSQL server of the tests' own: in a temporary folder, on a port of 127.0.0.1.

Debian's package ``postgresql`` is enough. Where it is missing, tests are skipped, unless
``SYNAP_IMPORT_REQUIRE_POSTGRES`` says (as CI does) that this is a failure.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

OWNER, READER = "owner", "reader"
_STARTING_SECONDS = 60


@dataclass(frozen=True)
class PostgresServer:
    """One server; passwords are random, so that a test can look for them in what is shown."""

    port: int
    owner_password: str
    reader_password: str

    def address(self, database: str, user: str = READER, password: str | None = None) -> str:
        own = self.owner_password if user == OWNER else self.reader_password
        return f"postgresql://{user}:{password or own}@127.0.0.1:{self.port}/{database}"

    def run(self, database: str, *statements: str, many: Sequence[Any] = ()) -> None:
        """As the owner of everything; ``many`` are the rows for a single statement."""
        address = self.address(database, OWNER)
        with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                if many:
                    cursor.executemany(statement, many)
                else:
                    cursor.execute(statement)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of an empty database that lives as long as the test."""
        name = f"test_{secrets.token_hex(6)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self.run("postgres", f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Started with ``initdb``, ended by its process id."""
    programs = _programs()
    with TemporaryDirectory(prefix="postgres-") as folder:
        identity = _not_root(Path(folder))
        server = PostgresServer(_free_port(), secrets.token_hex(12), secrets.token_hex(12))
        process = _start(programs, Path(folder), server, identity)
        try:
            _wait_for(server, process)
            role = f"CREATE ROLE {READER} LOGIN PASSWORD '{server.reader_password}'"
            server.run("postgres", role)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    if os.environ.get("SYNAP_IMPORT_REQUIRE_POSTGRES"):
        pytest.fail("PostgreSQL is required here and not installed.")
    pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql).")


def _not_root(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _start(
    programs: Path, folder: Path, server: PostgresServer, identity: dict[str, Any]
) -> subprocess.Popen[bytes]:
    secret = folder / "password"
    secret.write_text(server.owner_password)
    secret.chmod(0o644)
    data, log = folder / "data", folder / "log"
    making = [programs / "initdb", "--pgdata", data, "--username", OWNER, "--pwfile", secret]
    making += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"]
    subprocess.run(making, check=True, cwd=folder, stdout=subprocess.DEVNULL, **identity)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    options = [f"--{name}={value}" for name, value in settings.items()]
    running = [programs / "postgres", "-D", data, "-p", str(server.port), *options]
    with log.open("wb") as output:
        return subprocess.Popen(running, cwd=folder, stdout=output, stderr=output, **identity)


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(server.address("postgres", OWNER)).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("PostgreSQL does not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
