"""The tables of a job's database, and how an older one becomes the newest."""

from __future__ import annotations

import sqlite3

from synap_import.errors import LedgerError

_FIRST = """
CREATE TABLE job (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE partitions (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    version     TEXT NOT NULL,
    cursor      TEXT,
    done        INTEGER NOT NULL DEFAULT 0,
    seen_again  INTEGER NOT NULL DEFAULT 0
);

-- The records of a page, compressed together: see payload.py.
CREATE TABLE pages (
    number     INTEGER PRIMARY KEY,
    partition  INTEGER NOT NULL REFERENCES partitions (number),
    version    TEXT NOT NULL,
    payload    BLOB NOT NULL
);

-- key identifies (system, id); a record has a document, or a hold, or is not planned yet.
CREATE TABLE records (
    number      INTEGER PRIMARY KEY,
    key         BLOB NOT NULL UNIQUE,
    digest      BLOB NOT NULL,
    page        INTEGER NOT NULL REFERENCES pages (number),
    place       INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    id          TEXT NOT NULL,
    owner_kind  TEXT,
    owner_id    TEXT,
    session     BLOB,
    document    INTEGER,
    hold        TEXT
);
CREATE INDEX turns_of_session ON records (session) WHERE session IS NOT NULL;
CREATE INDEX turns_of_document ON records (document) WHERE session IS NOT NULL;

-- A document is numbered like its first record.
CREATE TABLE documents (
    number        INTEGER PRIMARY KEY,
    document_id   TEXT NOT NULL,
    user_id       TEXT,
    customer_id   TEXT,
    turns         INTEGER NOT NULL,
    state         TEXT NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    ingestion_id  TEXT,
    reason        TEXT
);
-- Ids of records are unique by their key; those of conversations are checked here.
CREATE UNIQUE INDEX conversation_documents ON documents (document_id)
    WHERE substr(document_id, 1, 9) = 'backfill:';

CREATE TABLE unreadable (
    partition  INTEGER NOT NULL REFERENCES partitions (number),
    place      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    raw        TEXT NOT NULL,
    PRIMARY KEY (partition, place)
) WITHOUT ROWID;

CREATE TABLE notices (
    partition  INTEGER NOT NULL REFERENCES partitions (number),
    code       TEXT NOT NULL,
    count      INTEGER NOT NULL,
    PRIMARY KEY (partition, code)
) WITHOUT ROWID;
"""

# doubt: why the outcome of a send was once unknown. confirmation: what became of the accepted
# document, with the ids of the memories that it turned into as a JSON array.
_DOUBT_AND_CONFIRMATION = """
ALTER TABLE documents ADD COLUMN doubt TEXT;
ALTER TABLE documents ADD COLUMN confirmation TEXT;
ALTER TABLE documents ADD COLUMN memory_ids TEXT;

-- Records whose document may be in Synap, though the plan that it came from is void.
CREATE TABLE doubts (
    record       INTEGER PRIMARY KEY REFERENCES records (number),
    document_id  TEXT NOT NULL,
    doubt        TEXT NOT NULL
);
"""

# Of the scopes of records that an earlier version staged, only the owner is known. Kind and id are
# in the page; a column of their own served nobody.
_SCOPES_AND_FINDINGS = """
CREATE TABLE scopes (
    number      INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    owner_kind  TEXT,
    owner_id    TEXT
);
ALTER TABLE records ADD COLUMN scope INTEGER;
INSERT INTO scopes (key, owner_kind, owner_id)
    SELECT iif(owner_kind IS NULL, '{}', json_object(owner_kind, owner_id)), owner_kind, owner_id
    FROM records GROUP BY 1;
UPDATE records SET scope = (
    SELECT s.number FROM scopes s
    WHERE s.owner_kind IS records.owner_kind AND s.owner_id IS records.owner_id
);
ALTER TABLE records DROP COLUMN owner_kind;
ALTER TABLE records DROP COLUMN owner_id;
ALTER TABLE records DROP COLUMN kind;
ALTER TABLE records DROP COLUMN id;

-- What a comparison with the source found at the end of the last run that came that far.
CREATE TABLE findings (
    place     INTEGER PRIMARY KEY,
    severity  TEXT NOT NULL,
    code      TEXT NOT NULL,
    message   TEXT NOT NULL,
    remedy    TEXT NOT NULL,
    count     INTEGER NOT NULL,
    examples  TEXT NOT NULL
);
"""

# unnamed: memories that Synap made of a document without telling their ids. undeleted: why
# memories that were to be deleted are still there.
_ROLLBACK = """
ALTER TABLE documents ADD COLUMN unnamed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN undeleted TEXT;
"""

# Where runs were at moments, over all runs of the job: see samples.py.
_SAMPLES = """
CREATE TABLE samples (
    number         INTEGER PRIMARY KEY,
    run            REAL NOT NULL,
    at             REAL NOT NULL,
    exported       INTEGER NOT NULL,
    loaded         INTEGER NOT NULL,
    already_there  INTEGER NOT NULL,
    held           INTEGER NOT NULL,
    rejected       INTEGER NOT NULL,
    in_doubt       INTEGER NOT NULL,
    confirmed      INTEGER NOT NULL,
    in_flight      INTEGER NOT NULL,
    pace           REAL
);
"""

# said: a digest of the text, to find what a user gets twice. marks: what the pre-flight saw of a
# record, as bits. origin: which part of a run found something.
_PREFLIGHT = """
ALTER TABLE records ADD COLUMN said INTEGER;
ALTER TABLE records ADD COLUMN marks INTEGER;
CREATE INDEX marked_records ON records (marks) WHERE marks IS NOT NULL;
ALTER TABLE findings ADD COLUMN origin TEXT NOT NULL DEFAULT 'reconcile';
"""

# round: the reading of the source that saw a record last, or a partition first. changed: a record
# of which another content is or may be in Synap. replaced: which records a document was made of in
# whose place others came. known_pages: pages by the contents of their records, with the notices
# about these, valid as long as none of the records is on a newer page.
_RESYNC = """
ALTER TABLE records ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE partitions ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
CREATE TABLE replaced (
    document  INTEGER NOT NULL,
    record    INTEGER NOT NULL,
    PRIMARY KEY (document, record)
) WITHOUT ROWID;
CREATE INDEX replaced_documents ON documents (document_id) WHERE number >= 1099511627776;
CREATE TABLE known_pages (
    digest       BLOB PRIMARY KEY,
    ranges       TEXT NOT NULL,
    newest_page  INTEGER NOT NULL,
    notices      TEXT NOT NULL,
    round        INTEGER NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS = (
    _FIRST,
    _DOUBT_AND_CONFIRMATION,
    _SCOPES_AND_FINDINGS,
    _ROLLBACK,
    _SAMPLES,
    _PREFLIGHT,
    _RESYNC,
)
"""Script n brings a database from schema version n to n + 1."""


def recognise(connection: sqlite3.Connection, name: str) -> None:
    """Raise LedgerError, and change nothing, unless the database is a ledger or empty."""
    # In one transaction: somebody else may be making it.
    connection.execute("BEGIN")
    version = _version(connection)
    tables = {table for (table,) in connection.execute("SELECT name FROM sqlite_schema")}
    connection.execute("ROLLBACK")
    if version > len(MIGRATIONS):
        raise LedgerError(
            f"The ledger {name} was written by a newer synap-import "
            f"(schema {version}, this one knows {len(MIGRATIONS)}).",
            remedy="Update synap-import, or start over with --new-job.",
        )
    if (version or tables) and not (version and "job" in tables):
        raise LedgerError(
            f"The file {name} is a database, but not a ledger.",
            remedy="Move it away, or start over with --new-job.",
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database that was recognised to the newest schema version.

    Whoever only looks, such as `status`, may open a new ledger at the same moment.
    """
    while (version := _version(connection)) < len(MIGRATIONS):
        ending = f"PRAGMA user_version = {version + 1}; COMMIT;"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[version]} {ending}")
        except sqlite3.OperationalError:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if _version(connection) == version:
                raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
