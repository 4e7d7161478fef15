"""What each record of the source became in Synap, as a table for the owner's own code."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from .errors import ConfigurationError
from .identity.cells import id_cell
from .ledger import DocumentState
from .records import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .ledger import Identified

HEADER = (
    *("system", "id", "kind"),
    *(kind.value for kind in ScopeKind),
    *("document_id", "ingestion_id", "memory_ids", "state"),
)

_NOT_FINISHED = "not_finished"
_UNFINISHED = {"", DocumentState.PLANNED, DocumentState.IN_FLIGHT}


def write_ids(path: Path, records: Iterable[Identified]) -> int:
    """Write a row for each record; returns how many there are.

    The file appears complete or not at all, and only its owner can read it. Raises
    ConfigurationError when it cannot be written.
    """
    try:
        return _write_atomically(path, records)
    except OSError as error:
        text = f"{path} cannot be written: {error.strerror or error}."
        raise ConfigurationError(text, remedy="Choose another place.") from error


def state_of(one: Identified) -> str:
    """The state of a record in one word, with the reason where there is one."""
    if one.hold is not None and one.state != DocumentState.IN_DOUBT:
        return f"held:{one.hold}"
    if one.state in _UNFINISHED:
        return _NOT_FINISHED
    if one.state == DocumentState.REJECTED:
        return f"rejected:{one.reason or 'no reason given'}"
    return one.state


def row_of(one: Identified) -> tuple[str, ...]:
    """The cells of a record; ids are written as in a user map."""
    record = one.record
    scope = (getattr(record.scope, kind.value) or "" for kind in ScopeKind)
    return (
        id_cell(record.system),
        id_cell(record.id),
        record.kind.value,
        *map(id_cell, scope),
        id_cell(one.document_id or ""),
        id_cell(one.ingestion_id or ""),
        id_cell(" ".join(one.memory_ids)),
        id_cell(" ".join(state_of(one).split())),
    )


def _write_atomically(path: Path, records: Iterable[Identified]) -> int:
    rows = 0
    file = NamedTemporaryFile(  # noqa: SIM115 - it outlives its block, to be renamed
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    )
    try:
        with file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for one in records:
                writer.writerow(row_of(one))
                rows += 1
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
    return rows
