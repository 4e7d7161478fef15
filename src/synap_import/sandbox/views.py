"""What is in the sandbox, for its page, for ``/sandbox/documents`` and for counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from .rows import progress
from .wire import iso

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from .store import Store

PAGE_SIZE = 100
_CHUNK_BYTES = 256 * 1024
_SHOWN_CHARACTERS = 2000


DELETION = ("DELETE", "/api/v1/memories/{memory_id}")
"""The route that deletes a memory; requests are counted under it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over everything held, and of the memories that were ``deleted`` by their ids."""

    documents: int
    users: int
    stored_twice: int
    ingestions: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner of documents; ``first`` and ``last`` original time in seconds since 1970."""

    user_id: str | None
    customer_id: str | None
    documents: int
    first: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One document as the page shows it.

    ``text`` may be cut, ``characters`` is its whole length; ``metadata`` is JSON.
    """

    document_id: str
    document_type: str
    customer_id: str | None
    text: str
    characters: int
    created_at: str | None
    received: int
    metadata: str


def totals(connection: sqlite3.Connection) -> Totals:
    """Count everything."""
    query = """SELECT (SELECT count(*) FROM documents),
        (SELECT count(*) FROM (SELECT DISTINCT user_id, customer_id FROM documents
            WHERE user_id IS NOT NULL)),
        (SELECT count(*) FROM documents WHERE received > 1),
        (SELECT count(*) FROM ingestions),
        (SELECT coalesce(sum(count), 0) FROM requests WHERE route = ? AND status = 200)"""
    return Totals(*connection.execute(query, (" ".join(DELETION),)).fetchone())


def owners(connection: sqlite3.Connection, page: int) -> list[Owner]:
    """One page (from 1) of users, customers and the client as owners, sorted by name."""
    query = """SELECT user_id, customer_id, count(*), min(original_at), max(original_at)
        FROM documents GROUP BY user_id, customer_id LIMIT ? OFFSET ?"""
    found = connection.execute(query, (PAGE_SIZE, (page - 1) * PAGE_SIZE))
    return [Owner(*row) for row in found]


def owner_count(connection: sqlite3.Connection) -> int:
    """How many rows ``owners`` has over all pages."""
    query = "SELECT count(*) FROM (SELECT DISTINCT user_id, customer_id FROM documents)"
    return int(connection.execute(query).fetchone()[0])


@dataclass(frozen=True, slots=True)
class OwnerFilter:
    """Whose documents to show; without ``exact`` the user's under every customer."""

    user_id: str | None
    customer_id: str | None
    exact: bool

    def where(self) -> tuple[str, tuple[str | None, ...]]:
        """As an SQL condition and its parameters."""
        if self.exact:
            return "user_id IS ? AND customer_id IS ?", (self.user_id, self.customer_id)
        return "user_id IS ?", (self.user_id,)


def owned_count(connection: sqlite3.Connection, owner: OwnerFilter) -> int:
    """How many documents the owner has."""
    condition, parameters = owner.where()
    query = f"SELECT count(*) FROM documents WHERE {condition}"  # noqa: S608 - constant text
    return int(connection.execute(query, parameters).fetchone()[0])


def owned(connection: sqlite3.Connection, owner: OwnerFilter, page: int) -> list[Shown]:
    """One page (from 1) of the owner's documents, newest original time first, undated last."""
    condition, parameters = owner.where()
    query = f"""SELECT document_id, document_type, customer_id,
            substr(coalesce(edited_content, document), 1, {_SHOWN_CHARACTERS}),
            length(coalesce(edited_content, document)), document_created_at, received, metadata
        FROM documents WHERE {condition}
        ORDER BY original_at DESC, seq DESC LIMIT ? OFFSET ?"""  # noqa: S608 - constant text
    window = (PAGE_SIZE, (page - 1) * PAGE_SIZE)
    found = connection.execute(query, (*parameters, *window))
    return [Shown(*row) for row in found]


def counters(store: Store) -> dict[str, object]:
    """Requests by route, answers by status, bytes received, and what is held now."""
    with store.reader() as connection:
        rows = connection.execute("SELECT * FROM requests ORDER BY route, status").fetchall()
        held = totals(connection)
    requests: dict[str, int] = {}
    statuses: dict[str, dict[str, int]] = {}
    for row in rows:
        requests[row["route"]] = requests.get(row["route"], 0) + row["count"]
        statuses.setdefault(row["route"], {})[str(row["status"])] = row["count"]
    return {
        "requests": requests,
        "statuses": statuses,
        "bytes": sum(row["bytes"] for row in rows),
        "documents": held.documents,
        "stored_twice": held.stored_twice,
        "ingestions": held.ingestions,
    }


def export(store: Store, now: float, delay: float, fails: Callable[[str], bool]) -> Iterator[bytes]:
    """Every document held at this moment as JSON lines, in the order of arrival.

    ``fails`` says of a document id whether its ingestion is made to fail: no memory comes of it.
    One lazy read: memory stays flat, and loads that go on meanwhile neither wait nor show.
    """
    waiting: list[bytes] = []
    size = 0
    with store.reader() as connection:
        for row in connection.execute("SELECT * FROM documents ORDER BY seq"):
            line = _line(row, now, delay, fails)
            waiting.append(line)
            size += len(line)
            if size >= _CHUNK_BYTES:
                yield b"".join(waiting)
                waiting.clear()
                size = 0
    yield b"".join(waiting)


def _line(row: sqlite3.Row, now: float, delay: float, fails: Callable[[str], bool]) -> bytes:
    document = row["document"]
    status = progress(row["last_received"], None, now, delay).status
    failed = status == "completed" and fails(row["document_id"])
    fields = {
        "document_id": row["document_id"],
        "user_id": row["user_id"],
        "customer_id": row["customer_id"],
        "document_type": row["document_type"],
        "document": orjson.Fragment(document) if row["is_object"] else document,
        "document_created_at": row["document_created_at"],
        "mode": row["mode"],
        "metadata": orjson.Fragment(row["metadata"]),
        "received": row["received"],
        "first_received_at": iso(row["first_received"]),
        "last_received_at": iso(row["last_received"]),
        "status": "failed" if failed else status,
        "memory_id": None if failed else row["memory_id"],
        "memory_content": row["edited_content"],
    }
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
