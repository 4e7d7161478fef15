"""Payloads as mem0ai releases and the TypeScript library write them, for stores of the tests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from qdrant_client import QdrantClient

_DATA = Path(__file__).parents[1] / "data"

Stored = tuple[str, dict[str, Any]]


def row_id(number: int) -> str:
    return str(UUID(int=number))


def python_payload(text: str = "Likes tea.", **changes: Any) -> dict[str, Any]:
    """As mem0ai 2.x writes it."""
    moment = "2026-11-21T04:38:24.754424+00:00"
    written = {"data": text, "hash": "0" * 32, "created_at": moment, "updated_at": moment}
    return {**written, "text_lemmatized": text.lower(), "user_id": "alice", **changes}


def pacific_payload(text: str = "Lives in Oslo.", **changes: Any) -> dict[str, Any]:
    """As releases up to 1.0.6 wrote it: Californian time, and no time of a change."""
    written = {"data": text, "hash": "1" * 32, "created_at": "2025-07-16T11:08:21.112000-07:00"}
    return {**written, "updated_at": None, "user_id": "alice", **changes}


def typescript_payload(text: str = "Prefers trains.", **changes: Any) -> dict[str, Any]:
    """As the TypeScript library writes it into the same store."""
    moment = "2026-03-01T10:00:00.000Z"
    written = {"data": text, "hash": "2" * 32, "createdAt": moment, "updatedAt": moment}
    return {**written, "textLemmatized": text.lower(), "userId": "alice", **changes}


def identity_payload() -> dict[str, Any]:
    """What old versions noted about who uses the store."""
    return {"user_id": "5d1f", "type": "user_identity"}


def many(count: int, first: int = 1) -> list[Stored]:
    return [
        (row_id(number), python_payload(f"Fact {number}.", user_id=f"user_{number % 7}"))
        for number in range(first, first + count)
    ]


def sampled_rows() -> list[Stored]:
    """Rows that the vendor's server had in its table (PROVENANCE.md)."""
    sample = json.loads((_DATA / "pgvector_table_rows.json").read_text())
    return [(row["id"], row["payload"]) for row in sample["rows"]]


def folder_rows(release: str) -> list[Stored]:
    """The points of the Qdrant folder that a release wrote."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "qdrant")
        shutil.copytree(_DATA / f"oss-{release}" / "qdrant", folder)
        client = QdrantClient(path=str(folder))
        points, _ = client.scroll("mem0", limit=1000)
        client.close()
    return [(str(point.id), point.payload or {}) for point in points]
