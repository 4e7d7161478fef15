"""The sandbox's database file: making it, recognising it, refusing what it is not."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from synap_import.errors import ConfigurationError
from synap_import.private_files import private_file, private_folder

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
_APPLICATION_ID = 0x53594E53  # "SYNS": tells a sandbox file from any other SQLite file

_DDL = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE,
    memory_id TEXT NOT NULL UNIQUE,
    user_id TEXT,
    customer_id TEXT,
    document_type TEXT NOT NULL,
    mode TEXT NOT NULL,
    document TEXT NOT NULL,
    is_object INTEGER NOT NULL,
    document_created_at TEXT,
    original_at REAL,
    metadata TEXT NOT NULL,
    first_received REAL NOT NULL,
    last_received REAL NOT NULL,
    received INTEGER NOT NULL DEFAULT 1,
    edited_content TEXT,
    edited_at REAL
);
CREATE INDEX by_owner ON documents (user_id, customer_id, original_at);
CREATE INDEX stored_twice ON documents (seq) WHERE received > 1;
CREATE TABLE ingestions (
    ingestion_id TEXT PRIMARY KEY,
    document_id TEXT NOT NULL,
    memory_id TEXT,
    queued_at REAL NOT NULL,
    error TEXT
) WITHOUT ROWID;
CREATE TABLE requests (
    route TEXT NOT NULL,
    status INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (route, status)
) WITHOUT ROWID;
"""


def prepare(path: Path) -> None:
    """Create the file (mode 0600) or check that it is a sandbox's own.

    Raises ConfigurationError when it is something else, newer, or cannot be opened.
    """
    try:
        private_folder(path.parent)
        # Before SQLite opens it: the -wal and -shm files inherit its mode.
        private_file(path)
        with closing(connect(path)) as connection:
            _check_or_create(connection, path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(
            f"The sandbox cannot use {path}: {error}.",
            remedy="Name a file that does not exist yet, or one an earlier sandbox made.",
        ) from error


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection in autocommit mode that may be handed from thread to thread."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.row_factory = sqlite3.Row
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        # NORMAL: a commit survives the death of the process at any moment, which is what
        # is promised; only a power cut may lose the last ones.
        connection.execute("PRAGMA synchronous = NORMAL")
        # Rarer than the default of 1000: each copy back waits for the disk, and a batch for it.
        connection.execute("PRAGMA wal_autocheckpoint = 8000")
    return connection


def _check_or_create(connection: sqlite3.Connection, path: Path) -> None:
    application, version = (
        _pragma(connection, "application_id"),
        _pragma(connection, "user_version"),
    )
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application == 0 and version == 0 and tables == 0:
        _create(connection)
    elif application != _APPLICATION_ID:
        raise ConfigurationError(
            f"{path} is a database, but not a sandbox's.", remedy="Name another file."
        )
    elif version > VERSION:
        raise ConfigurationError(
            f"{path} was made by a newer sandbox (format {version}, this one knows {VERSION}).",
            remedy="Upgrade synap-import or name another file.",
        )


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    names = {
        "client_id": f"cli_{secrets.token_hex(8)}",
        "instance_id": f"inst_{secrets.token_hex(8)}",
    }
    values = ", ".join(f"('{key}', '{value}')" for key, value in names.items())
    # One transaction, so that a kill during the first start leaves an empty file, not half a one.
    connection.executescript(
        f"BEGIN IMMEDIATE; {_DDL} INSERT INTO meta VALUES {values}; "  # noqa: S608 - own hex
        f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
    )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
