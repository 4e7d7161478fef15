"""Begins and ends Ray: one of this machine for as long as the command runs, or somebody's cluster.

A Ray of our own has its files in a folder that only its owner may enter, and that is gone at the
end; reports no usage; listens on this machine only (see ``loopback``), and to none but the holders
of a token that is in no file. Its processes end with this one, however that ends.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

import ray

from synap_import.errors import ConfigurationError, EngineError

# Below it come the names of Ray's sockets, and a socket's path may have 107 characters.
_LONGEST_FOLDER = 40
_KNOCK_SECONDS = 10
_OBJECTS_BYTES = 80 * 1024 * 1024
"""The least that Ray takes: no records go through its store."""


@contextmanager
def ray_session(address: str | None, workers: int, inherited: Mapping[str, str]) -> Iterator[None]:
    """Ray at an address, or one of this machine, whose workers inherit an environment.

    A Ray that this process is connected to already is used as it is, and left so. Raises
    ConfigurationError when there is no Ray at the address, EngineError when none can be begun.
    """
    if ray.is_initialized():
        yield
        return
    with _quiet(), _folder() if address is None else nullcontext() as folder:
        try:
            with _own_signals():
                if folder is None:
                    _connect(str(address))
                else:
                    _begin(folder, workers, inherited)
            yield
        finally:
            ray.shutdown()


def _begin(folder: Path, workers: int, inherited: Mapping[str, str]) -> None:
    # This process must know it for as long as it speaks with them; others have no way to it.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        # Ray's processes, and by them its workers, get the environment as it is now.
        with _environment({"RAY_USAGE_STATS_ENABLED": "0", **inherited}):
            ray.init(
                num_cpus=workers,
                num_gpus=0,
                object_store_memory=_OBJECTS_BYTES,
                include_dashboard=False,
                log_to_driver=False,
                configure_logging=False,
                _temp_dir=str(folder / "ray"),
            )
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineError(
            f"Ray cannot be started on this machine ({_first_line(error)}).",
            remedy="Leave out --engine ray, or give the address of a cluster with --ray-address.",
        ) from error


def _connect(address: str) -> None:
    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (RuntimeError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"There is no Ray cluster at {address} ({_first_line(error)}).",
            remedy="Run the command on a machine of the cluster, with the address that `ray start "
            "--head` shows, or `auto`; Ray must have the same version here and there.",
        ) from error


def _knock(address: str) -> None:
    """Ray itself would try for minutes. Raises OSError or ValueError when nobody is there."""
    if "://" in address:
        raise ValueError("an address is HOST:PORT")
    host, _, port = address.rpartition(":")
    if host:
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS).close()


@contextmanager
def _folder() -> Iterator[Path]:
    usual = tempfile.gettempdir()
    parent = usual if len(usual) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108 - its own folder in it
    with tempfile.TemporaryDirectory(
        prefix="synap-ray-", dir=parent, ignore_cleanup_errors=True
    ) as path:
        yield Path(path)


@contextmanager
def _quiet() -> Iterator[None]:
    """What a cluster tells of workers that died goes to our standard output otherwise (2.60).

    There is no public switch; Ray's debugger uses this one.
    """
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray._private.worker._worker_logs_enabled = False  # noqa: SLF001
    try:
        yield
    finally:
        ray._private.worker._worker_logs_enabled = True  # noqa: SLF001


@contextmanager
def _own_signals() -> Iterator[None]:
    """Whoever ends this process is not to end in Ray's handler, which tells of a crash."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
