"""A MariaDB server of the tests' own: in a temporary folder, on a port of 127.0.0.1.

Debian's package ``mariadb-server`` is enough. Where it is missing, tests are skipped, unless
``SYNAP_IMPORT_REQUIRE_MARIADB`` says (as CI does) that this is a failure.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymysql
import pytest

OWNER, READER = "owner", "reader"
_STARTING_SECONDS = 60


@dataclass(frozen=True)
class MariaDbServer:
    """One server; passwords are random, so that a test can look for them in what is shown."""

    port: int
    owner_password: str
    reader_password: str

    def address(self, database: str, user: str = READER, password: str | None = None) -> str:
        own = self.owner_password if user == OWNER else self.reader_password
        return f"mariadb://{user}:{password or own}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str | None = None) -> pymysql.Connection[Any]:
        """As the owner of everything."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            password=self.owner_password,
            database=database,
            autocommit=True,
            charset="utf8mb4",
        )


@contextmanager
def mariadb_server() -> Iterator[MariaDbServer]:
    """Made with ``mariadb-install-db``, ended by its process id."""
    install, server = _programs()
    with TemporaryDirectory(prefix="mariadb-") as path:
        folder = Path(path)
        identity = _not_root(folder)
        running = MariaDbServer(_free_port(), secrets.token_hex(12), secrets.token_hex(12))
        process = _start(install, server, folder, running, identity)
        try:
            _make_users(folder / "socket", running, process)
            yield running
        finally:
            process.kill()
            process.wait(30)


def _programs() -> tuple[str, str]:
    install = shutil.which("mariadb-install-db")
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    if install and server:
        return install, server
    if os.environ.get("SYNAP_IMPORT_REQUIRE_MARIADB"):
        pytest.fail("MariaDB is required here and not installed.")
    pytest.skip("MariaDB is not installed (Debian: apt-get install mariadb-server).")


def _not_root(folder: Path) -> dict[str, Any]:
    """MariaDB does not want to run as root: then it runs as the user that its package made."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("mysql")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _start(
    install: str, server: str, folder: Path, running: MariaDbServer, identity: dict[str, Any]
) -> subprocess.Popen[bytes]:
    data, log = folder / "data", folder / "log"
    making = [install, "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    making += ["--auth-root-authentication-method=normal"]
    subprocess.run(making, check=True, cwd=folder, capture_output=True, **identity)
    settings = {
        "datadir": data,
        "port": running.port,
        "socket": folder / "socket",
        "pid-file": folder / "pid",
        "bind-address": "127.0.0.1",
        "innodb-flush-log-at-trx-commit": 0,
        "innodb-buffer-pool-size": "64M",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    with log.open("wb") as output:
        command = [server, "--no-defaults", *options]
        return subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, **identity)


def _make_users(path: Path, running: MariaDbServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            connection = pymysql.connect(unix_socket=str(path), user="root")
        except pymysql.OperationalError:
            time.sleep(0.05)
            continue
        with connection, connection.cursor() as cursor:
            for name, password in (
                (OWNER, running.owner_password),
                (READER, running.reader_password),
            ):
                cursor.execute(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{password}'")
            cursor.execute(f"GRANT ALL ON *.* TO {OWNER}@'127.0.0.1' WITH GRANT OPTION")
            cursor.execute(f"ALTER USER root@localhost IDENTIFIED BY '{secrets.token_hex(12)}'")
        return
    pytest.fail("MariaDB does not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
