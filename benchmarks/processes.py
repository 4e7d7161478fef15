"""One run of a contender in a process of its own: seconds, CPU seconds, peak memory."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

_LONGEST_SECONDS = 1800
_ENVIRONMENT = {**os.environ, "SYNAP_API_KEY": "synap_bench", "NO_PROXY": "127.0.0.1"}


class Usage(NamedTuple):
    """What a process took. ``said`` is what it wrote to standard output."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    said: str


def measured(command: Sequence[str], folder: Path) -> Usage:
    """Run to the end, in ``folder``; what the benchmark cannot measure ends it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**_ENVIRONMENT, "DLT_DATA_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
        )
        usage = _waited(process)
        seconds = time.perf_counter() - begin
        if process.returncode:
            raise SystemExit(f"{command} ended with {process.returncode}:\n{_end_of(errors)}")
        # Linux counts in kilobytes. A child starts with the peak of its parent, which is why
        # the benchmark itself imports nothing large.
        cpu = usage.ru_utime + usage.ru_stime
        return Usage(seconds, cpu, usage.ru_maxrss / 1024, _end_of(out))


def _waited(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    watchdog = threading.Timer(_LONGEST_SECONDS, process.kill)
    watchdog.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        watchdog.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def _end_of(file: IO[bytes]) -> str:
    file.seek(max(0, file.seek(0, os.SEEK_END) - 4000))
    return file.read().decode(errors="replace")
