"""What SQLite and the disk say, as sentences for people."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from synap_import.errors import LedgerError


def explain(error: sqlite3.Error | OSError, path: Path) -> LedgerError:
    """The error to raise: what happened to which file, and what to do."""
    text = str(error)
    if "disk is full" in text or getattr(error, "errno", None) == 28:
        return LedgerError(
            f"The disk that holds the ledger is full ({path}).",
            remedy="Free some space, then run the same command: it goes on where it stopped.",
        )
    if "readonly" in text or isinstance(error, PermissionError):
        return LedgerError(
            f"The ledger cannot be written ({path}: {text}).",
            remedy="Make the folder writable, or choose another one with --workdir.",
        )
    if "not a database" in text or "malformed" in text:
        return LedgerError(
            f"The ledger is damaged or not a ledger ({path}: {text}).",
            remedy="Restore it from a copy, or start over with --new-job.",
        )
    return LedgerError(
        f"The ledger cannot be used ({path}: {text}).",
        remedy="Run the same command again; if it stays, use another folder with --workdir.",
    )
