"""Starts and stops a Letta V1 server 0.16.8: its database, a stand-in for the model, itself.

    python -m live.server start [--password PASSWORD]
    python -m live.server stop

All three are on 127.0.0.1. What was started is noted in ``server.json`` of the folder, so that
the stop ends these processes and no others. The logs stay there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import httpx

from .postgres import number_messages, start_postgres
from .processes import Program, free_port, start, stop, wait_for

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
VENV, FOLDER = ROOT / ".venv-letta", ROOT / ".live-letta"
_STARTING_SECONDS = 180
_NOT_INHERITED = ("LETTA_", "OPENAI_", "ANTHROPIC_", "SENTRY_")


@dataclass(frozen=True, slots=True)
class LiveServer:
    """Where the server answers, the database to count in, and what runs."""

    database: str
    model_url: str = ""
    base_url: str = ""
    programs: tuple[Program, ...] = ()


@contextmanager
def running(folder: Path = FOLDER) -> Iterator[LiveServer]:
    """A fresh server for as long as the block lasts."""
    live = start_server(folder)
    try:
        yield live
    finally:
        stop_server(folder)


@contextmanager
def beside(live: LiveServer, password: str, folder: Path = FOLDER) -> Iterator[str]:
    """Another server on the same database, which wants a password."""
    program, base_url = _start_letta("letta-secure", folder, live, password)
    try:
        _wait_until_healthy(program, base_url)
        yield base_url
    finally:
        stop(program)


def start_server(folder: Path = FOLDER, password: str = "") -> LiveServer:
    """Raises RuntimeError if one was started there already, or does not start."""
    if _note(folder).exists():
        raise RuntimeError(f"a server was started in {folder}: stop it first")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    try:
        return _start_all(folder, password)
    except BaseException:
        stop_server(folder)
        raise


def stop_server(folder: Path = FOLDER) -> None:
    """Ends what was started, the last first; nothing is left but the logs."""
    if not _note(folder).exists():
        return
    for program in reversed(load(folder).programs):
        stop(program)
    shutil.rmtree(folder / "postgres", ignore_errors=True)
    _note(folder).unlink()


def load(folder: Path = FOLDER) -> LiveServer:
    """The server that was started there."""
    told = json.loads(_note(folder).read_text("utf-8"))
    programs = tuple(Program(**program) for program in told.pop("programs"))
    return LiveServer(**told, programs=programs)


def _start_all(folder: Path, password: str) -> LiveServer:
    postgres, database = start_postgres(_postgres_programs(), folder)
    live = _noted(folder, LiveServer(database, programs=(postgres,)))
    model, model_url = _start_model(folder)
    live = _noted(folder, replace(live, model_url=model_url, programs=(postgres, model)))
    _make_tables(folder, live)
    letta, base_url = _start_letta("letta", folder, live, password)
    live = _noted(folder, replace(live, base_url=base_url, programs=(postgres, model, letta)))
    _wait_until_healthy(letta, base_url)
    return live


def _start_model(folder: Path) -> tuple[Program, str]:
    port = free_port()
    command: list[str | Path] = [sys.executable, HERE / "model_stub.py", str(port)]
    program, url = start("model", command, folder), f"http://127.0.0.1:{port}/v1"
    wait_for(program, lambda: _answers(f"{url}/models"), 30)
    return program, url


def _make_tables(folder: Path, live: LiveServer) -> None:
    command = [VENV / "bin" / "python", HERE / "schema.py"]
    subprocess.run(command, check=True, cwd=folder, env=_environment(folder, live), timeout=180)
    number_messages(live.database)


def _start_letta(name: str, folder: Path, live: LiveServer, password: str) -> tuple[Program, str]:
    port = free_port()
    command: list[str | Path] = [VENV / "bin" / "letta", "server"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = _environment(folder, live)
    if password:
        environment |= {"LETTA_SERVER_SECURE": "true", "LETTA_SERVER_PASSWORD": password}
    program = start(name, command, folder, environment=environment)
    return program, f"http://127.0.0.1:{port}"


def _environment(folder: Path, live: LiveServer) -> dict[str, str]:
    """Nothing of the developer's own: no keys, no other database, no home."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)
    }
    return inherited | {
        "HOME": str(folder),
        "LETTA_DIR": str(folder / "home"),
        # With the defaults, connections that negotiate TLS stall now and then for a minute.
        "LETTA_PG_URI": f"{live.database}?ssl=disable",
        "LETTA_DISABLE_SQLALCHEMY_POOLING": "false",
        "LETTA_PG_POOL_SIZE": "5",
        "LETTA_DISABLE_TRACING": "true",
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": live.model_url,
    }


def _postgres_programs() -> Path:
    found = sorted(VENV.glob("lib/python*/site-packages/pgserver/pginstall/bin"))
    if not found:
        raise RuntimeError(f"{VENV.name} is not installed: make live-letta does that")
    return found[0]


def _wait_until_healthy(program: Program, base_url: str) -> None:
    wait_for(program, lambda: _answers(f"{base_url}/v1/health/"), _STARTING_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _note(folder: Path) -> Path:
    return folder / "server.json"


def _noted(folder: Path, live: LiveServer) -> LiveServer:
    _note(folder).write_text(json.dumps(asdict(live), indent=2), "utf-8")
    return live


@click.group()
def main() -> None:
    """A real Letta V1 server on this computer."""


@main.command("start")
@click.option("--password", default="", help="Want this password (LETTA_SERVER_SECURE).")
def start_command(password: str) -> None:
    """Start an empty server."""
    live = start_server(password=password)
    click.echo(f"{live.base_url}  {live.database}")


@main.command("stop")
def stop_command() -> None:
    """Stop it, and throw its data away."""
    stop_server()


if __name__ == "__main__":
    main()
