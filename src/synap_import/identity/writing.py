"""Writing a user map that waits for its owner's decisions."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from synap_import.errors import ConfigurationError

from .cells import id_cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from synap_import.records import ScopeKind

HEADER = ("source_id", "user_id", "customer_id", "scope", "action", "records", "note")


class SourceOwner(NamedTuple):
    """Somebody in a source; ``records`` are theirs, where that is known."""

    kind: ScopeKind
    id: str
    records: int | None
    note: str = ""


def write_user_map(path: Path, owners: Iterable[SourceOwner], *, overwrite: bool = False) -> None:
    """Write a row for each owner, the one with most records first.

    The file appears complete or not at all, and only its owner can read it. Raises
    ConfigurationError when it is there already or cannot be written.
    """
    if path.exists() and not overwrite:
        text = f"{path} is there already, and may hold decisions."
        raise ConfigurationError(text, remedy="Choose another name, or replace it with --force.")
    ordered = sorted(owners, key=lambda one: (-(one.records or 0), one.id, one.kind))
    try:
        _write_atomically(path, ordered)
    except OSError as error:
        text = f"{path} cannot be written: {error.strerror or error}."
        raise ConfigurationError(text, remedy="Choose another place.") from error


def _write_atomically(path: Path, owners: Iterable[SourceOwner]) -> None:
    file = NamedTemporaryFile(  # noqa: SIM115 - it outlives its block, to be renamed
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    )
    try:
        with file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for kind, source_id, records, note in owners:
                row = (
                    id_cell(source_id),
                    "",
                    "",
                    kind.value,
                    "",
                    records,
                    id_cell(" ".join(note.split())),
                )
                writer.writerow(row)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
