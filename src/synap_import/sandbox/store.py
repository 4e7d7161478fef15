"""What the sandbox was given, in one SQLite file that survives the server being killed."""

from __future__ import annotations

import json
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4, uuid5

import orjson

from . import rows, schema
from .contract import RefusedError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .settings import Duplicates

_NAMESPACE = UUID("5b0c1f4e-6c1e-4d67-9a53-2f4a1f6f5e10")

_KEEP = """
INSERT INTO documents (document_id, memory_id, user_id, customer_id, document_type, mode,
    document, is_object, document_created_at, original_at, metadata, first_received, last_received)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (document_id) DO UPDATE SET
    user_id = excluded.user_id, customer_id = excluded.customer_id,
    document_type = excluded.document_type, mode = excluded.mode,
    document = excluded.document, is_object = excluded.is_object,
    document_created_at = excluded.document_created_at, original_at = excluded.original_at,
    metadata = excluded.metadata, last_received = excluded.last_received,
    received = received + 1, edited_content = NULL, edited_at = excluded.last_received
"""

_COUNT = """
INSERT INTO requests (route, status, count, bytes) VALUES (?, ?, 1, ?)
ON CONFLICT (route, status) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes
"""

_MEMORY = """
SELECT memory_id, document_id, coalesce(edited_content, document) AS content,
    first_received, edited_at FROM documents
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one row; ``queued`` is in seconds since 1970, a failed row has no memory."""

    ingestion_id: str
    document_id: str
    memory_id: str | None
    queued: float
    error: str | None

    def as_row(self) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        return (self.ingestion_id, self.document_id, self.memory_id, self.queued, self.error)


class Store:
    """The documents, ingestions and request counts of one sandbox.

    Opening raises ConfigurationError when the file is not usable. All methods may be called
    from any thread; every write is committed when its method returns.
    """

    def __init__(self, path: Path) -> None:
        schema.prepare(path)
        self._path = path
        self._lock = RLock()
        self._connection = schema.connect(path)
        named = dict(self._connection.execute("SELECT key, value FROM meta").fetchall())
        self.client_id: str = named["client_id"]
        self.instance_id: str = named["instance_id"]
        self._memories = uuid5(_NAMESPACE, self.instance_id)

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def accept(
        self, documents: Sequence[rows.Document], duplicates: Duplicates, *, fail_fast: bool = False
    ) -> list[Outcome]:
        """Keep what can be kept of a request, in one transaction; one outcome per document.

        Raises RefusedError when the ``conflict`` reading refuses the request.
        """
        now = time.time()
        with self._transaction() as connection:
            ids = [document.document_id for document in documents]
            known = set() if duplicates == "update" else _known(connection, ids)
            verdicts = rows.judge(documents, known, duplicates, fail_fast=fail_fast)
            judged = [(self._outcome(verdict, now), verdict.document) for verdict in verdicts]
            connection.executemany(_KEEP, (_kept_row(*row) for row in judged if row[0].memory_id))
            outcomes = [outcome for outcome, _ in judged]
            connection.executemany(
                "INSERT INTO ingestions VALUES (?, ?, ?, ?, ?)", map(Outcome.as_row, outcomes)
            )
        return outcomes

    def accept_transcript(self, document: rows.Document) -> tuple[Outcome, bool]:
        """Keep a transcript, unless just this one is there; says whether it was.

        Its ingestion has always the same id. Raises RefusedError when it cannot be kept, or
        another one has its conversation id.
        """
        conversation_id = document.document_id
        if fault := document.fault():
            raise RefusedError(400, fault)
        with self._transaction() as connection:
            held = connection.execute(
                "SELECT metadata, first_received FROM documents WHERE document_id = ?",
                (conversation_id,),
            ).fetchone()
            if held and _transcript(held["metadata"]) != _transcript(document.metadata):
                message = f"conversation {conversation_id} has another transcript"
                raise RefusedError(409, {"code": "transcript_conflict", "message": message})
            queued = held["first_received"] if held else time.time()
            outcome = replace(
                self._outcome(rows.Verdict(document, None), queued),
                ingestion_id=str(uuid5(self._memories, f"transcript {conversation_id}")),
            )
            if not held:
                connection.execute(_KEEP, _kept_row(outcome, document))
                connection.execute(
                    "INSERT OR REPLACE INTO ingestions VALUES (?, ?, ?, ?, ?)", outcome.as_row()
                )
        return outcome, held is not None

    def ingestion(self, ingestion_id: str) -> sqlite3.Row | None:
        """One ingestion by its id: document_id, memory_id, queued_at, error."""
        return self._row("SELECT * FROM ingestions WHERE ingestion_id = ?", ingestion_id)

    def memory(self, memory_id: str, received_before: float) -> sqlite3.Row | None:
        """One memory whose document was first received by then (seconds since 1970)."""
        condition = "WHERE memory_id = ? AND first_received <= ?"
        return self._row(f"{_MEMORY} {condition}", memory_id, received_before)

    def edit_memory(self, memory_id: str, content: str) -> None:
        """Replace a memory's content; the document it came from stays as it was."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE documents SET edited_content = ?, edited_at = ? WHERE memory_id = ?",
                (content, time.time(), memory_id),
            )

    def delete_memory(self, memory_id: str) -> bool:
        """Remove a memory and its document, so that the document_id is free again."""
        with self._transaction() as connection:
            gone = connection.execute("DELETE FROM documents WHERE memory_id = ?", (memory_id,))
            return gone.rowcount == 1

    def delete_user(self, user_id: str, customer_id: str | None, *, dry_run: bool) -> int:
        """Remove (or only count) all documents of a user with their ingestions."""
        owner = (user_id, customer_id)
        where = "WHERE user_id = ? AND customer_id IS ?"
        with self._transaction() as connection:
            found = connection.execute(f"SELECT count(*) FROM documents {where}", owner)  # noqa: S608
            count = int(found.fetchone()[0])
            if not dry_run:
                connection.execute(
                    "DELETE FROM ingestions WHERE document_id IN "  # noqa: S608 - constant text
                    f"(SELECT document_id FROM documents {where})",
                    owner,
                )
                connection.execute(f"DELETE FROM documents {where}", owner)  # noqa: S608
        return count

    def count_request(self, route: str, status: int, size: int) -> None:
        """Add one answered request with ``size`` bytes of body to the counters."""
        with self._lock:
            self._connection.execute(_COUNT, (route, status, size))

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for long reads that do not keep writers waiting."""
        with closing(schema.connect(self._path, read_only=True)) as connection:
            yield connection

    def _outcome(self, verdict: rows.Verdict, now: float) -> Outcome:
        document_id = verdict.document.document_id
        # Always the same for the same document, so that an update keeps its memory's id.
        memory = None if verdict.error else str(uuid5(self._memories, document_id))
        return Outcome(str(uuid4()), document_id, memory, now, verdict.error)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _row(self, query: str, *parameters: object) -> sqlite3.Row | None:
        with self._lock:
            row: sqlite3.Row | None = self._connection.execute(query, parameters).fetchone()
            return row


def _transcript(metadata: str) -> Any:
    # Not orjson: integers beyond 64 bits would become floating point.
    return json.loads(metadata).get("transcript")


def _known(connection: sqlite3.Connection, ids: list[str]) -> set[str]:
    query = (
        "SELECT document_id FROM documents WHERE document_id IN (SELECT value FROM json_each(?))"
    )
    return {row[0] for row in connection.execute(query, (orjson.dumps(ids).decode(),))}


def _kept_row(outcome: Outcome, document: rows.Document) -> tuple[Any, ...]:
    return (
        document.document_id,
        outcome.memory_id,
        document.user_id,
        document.customer_id,
        document.document_type,
        document.mode,
        document.text,
        document.is_object,
        document.created_at,
        document.original_at,
        document.metadata,
        outcome.queued,
        outcome.queued,
    )
