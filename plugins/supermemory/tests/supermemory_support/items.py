"""Items as v3/v4 show them; the stand-in derives what v5 shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def moment(second: float) -> str:
    """ISO 8601 in UTC with milliseconds, as all times of SuperMemory."""
    time = START + timedelta(seconds=second)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def own_id(kind: str, number: int) -> str:
    """22 characters, as all ids of SuperMemory."""
    return f"{kind}{number:0{22 - len(kind)}d}"


def memory(number: int, text: str = "", **changes: Any) -> dict[str, Any]:
    """A memory entry, created ``number`` seconds after the start."""
    fields = {
        "id": own_id("mem", number),
        "memory": text or f"memory {number}",
        "version": 1,
        "isLatest": True,
        "isForgotten": False,
        "isStatic": False,
        "isInference": False,
        "createdAt": moment(number),
        "updatedAt": moment(number),
        "spaceId": "space1",
        "orgId": "org1",
        "sourceCount": 1,
        "parentMemoryId": None,
        "rootMemoryId": None,
        "forgetAfter": None,
        "forgetReason": None,
        "metadata": None,
        "memoryRelations": None,
        "temporalContext": None,
        "history": [],
        "documentIds": [],
    }
    return {**fields, **changes}


def version(number: int, text: str = "", **changes: Any) -> dict[str, Any]:
    """An entry of a history."""
    fields = {
        "id": own_id("mem", number),
        "memory": text or f"memory {number}",
        "version": 1,
        "createdAt": moment(number),
        "updatedAt": moment(number),
        "parentMemoryId": None,
        "rootMemoryId": None,
        "isLatest": False,
        "isForgotten": False,
    }
    return {**fields, **changes}


def document(number: int, content: str | None = "", **changes: Any) -> dict[str, Any]:
    """A document with its text, which lists show only when asked."""
    fields = {
        "id": own_id("doc", number),
        "connectionId": None,
        "createdAt": moment(number),
        "updatedAt": moment(number),
        "customId": None,
        "filepath": None,
        "metadata": None,
        "status": "done",
        "summary": None,
        "title": f"document {number}",
        "type": "text",
        "url": None,
        "content": f"text of document {number}" if content == "" else content,
    }
    return {**fields, **changes}
