"""Writing a user map that waits for its owner's decisions."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from synap_import.errors import ConfigurationError

from .cells import id_cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from synap_import.records import ScopeKind

HEADER = ("source_id", "user_id", "customer_id", "scope", "action", "records")


def write_user_map(
    path: Path, rows: Iterable[tuple[ScopeKind, str, int | None]], *, overwrite: bool = False
) -> None:
    """Write a row per (scope kind, source id, number of records if known), the largest first.

    The file appears complete or not at all, and only its owner can read it. Raises
    ConfigurationError when it is there already or cannot be written.
    """
    if path.exists() and not overwrite:
        text = f"{path} is there already, and may hold decisions."
        raise ConfigurationError(text, remedy="Choose another name, or replace it with --force.")
    ordered = sorted(rows, key=lambda row: (-(row[2] or 0), row[1], row[0]))
    try:
        _write_atomically(path, ordered)
    except OSError as error:
        text = f"{path} cannot be written: {error.strerror or error}."
        raise ConfigurationError(text, remedy="Choose another place.") from error


def _write_atomically(path: Path, rows: Iterable[tuple[ScopeKind, str, int | None]]) -> None:
    file = NamedTemporaryFile(  # noqa: SIM115 - it outlives its block, to be renamed
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    )
    try:
        with file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for kind, source_id, records in rows:
                writer.writerow((id_cell(source_id), "", "", kind.value, "", records))
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
