"""A PostgreSQL with pgvector, out of the wheel ``pgserver``: on 127.0.0.1, for one Letta server."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from .processes import Program, free_port, start, wait_for

OWNER = DATABASE = "letta"
_STARTING_SECONDS = 60


def start_postgres(programs: Path, folder: Path) -> tuple[Program, str]:
    """The program and the address of an empty database that knows vectors."""
    place = folder / "postgres"
    place.mkdir(mode=0o755)
    identity = _not_root(place)
    data, port = place / "data", free_port()
    making: list[str | Path] = [
        programs / "initdb",
        "--pgdata",
        data,
        "--username",
        OWNER,
        "--auth",
        "trust",
    ]
    making += ["--encoding", "UTF8", "--no-locale", "--no-sync"]
    subprocess.run(making, check=True, cwd=place, stdout=subprocess.DEVNULL, **identity)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    command: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(port)]
    command += [f"--{name}={value}" for name, value in settings.items()]
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for those who are connected.
    program = start("postgres", command, folder, ending=signal.SIGINT, identity=identity)
    wait_for(program, lambda: _answers(_address(port, "postgres")), _STARTING_SECONDS)
    _run(_address(port, "postgres"), f"CREATE DATABASE {DATABASE}")
    _run(_address(port, DATABASE), "CREATE EXTENSION vector")
    return program, _address(port, DATABASE)


def number_messages(database: str) -> None:
    """Letta's migrations, which its wheel lacks, make a sequence; its tables alone do not."""
    _run(database, "CREATE SEQUENCE message_seq_id")
    _run(
        database,
        "ALTER TABLE messages ALTER COLUMN sequence_id SET DEFAULT nextval('message_seq_id')",
    )


def _address(port: int, database: str) -> str:
    return f"postgresql://{OWNER}@127.0.0.1:{port}/{database}"


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _run(address: str, statement: Any) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _not_root(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as somebody without rights."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
