"""Hands the bytes of atheris to a property; what breaks it is written beside the corpus.

PYTHONPATH=tests python -m fuzz.fuzz_user_map .fuzz/user_map -max_total_time=60
PYTHONPATH=tests python -m fuzz.fuzz_user_map .fuzz/crash-0123456789   # once more
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

LONGEST_INPUT = 4096


def instrumented():
    """Imports in this block report which branches they take."""
    return atheris.instrument_imports(include=["synap_import", "synap_import_json"])


def fuzz_files(check: Callable[[Path], None], seeds: Iterable[bytes] = ()) -> None:
    """Fuzz a property of a file."""
    path = Path(tempfile.mkdtemp(prefix="fuzz-")) / "a.data"

    def one_input(data: bytes) -> None:
        path.write_bytes(data)
        check(path)

    fuzz(one_input, seeds)


def fuzz(one_input: Callable[[bytes], object], seeds: Iterable[bytes] = ()) -> None:
    """Fuzz a property of bytes. A folder among the arguments is the corpus, and gets the seeds."""
    logging.disable()
    for folder in filter(Path.is_dir, map(Path, sys.argv[1:])):
        for number, seed in enumerate(seeds):
            (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup([*sys.argv, f"-max_len={LONGEST_INPUT}"], lambda data: one_input(data) and None)
    atheris.Fuzz()
