"""Files and folders that only their owner may read, whatever the umask says.

They hold what users said. What is there already, from a backup or with --force, is closed
to others too.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_FILE = 0o600
_FOLDER = 0o700


def private_folder(path: Path) -> None:
    """Make the folder and those above it that are missing. Raises OSError."""
    if not path.parent.exists():
        private_folder(path.parent)
    path.mkdir(mode=_FOLDER, exist_ok=True)


def private_file(path: Path) -> None:
    """Make the file, or close the one that is there to others. Raises OSError."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, _FILE)
    os.close(descriptor)
    close_to_others(path)


def open_private(path: Path) -> BinaryIO:
    """The file, emptied, to be written. Raises OSError."""
    if path.is_file():
        close_to_others(path)
    return open(path, "wb", opener=_opener)


def append_private(path: Path) -> BinaryIO:
    """The file, to be written on from its end. Raises OSError."""
    private_file(path)
    return path.open("ab")


def close_to_others(path: Path) -> None:
    """Take everybody else's rights away, where the file system knows such rights."""
    with suppress(OSError):
        path.chmod(_FOLDER if path.is_dir() else _FILE)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE)
