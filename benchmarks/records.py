"""The records that all contenders load, and the documents that an import makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BATCH = 100
_USERS = 1000


def _text(number: int) -> str:
    return f"Memory {number}: " + "the user said something worth keeping. " * 4


def record(number: int) -> dict[str, Any]:
    """A memory of about 300 bytes, of one of 1,000 users."""
    return {
        "id": f"m-{number:08d}",
        "user_id": f"user-{number % _USERS}",
        "content": _text(number),
        "created_at": f"2025-06-01T12:00:{number % 60:02d}Z",
        "metadata": {"topic": f"t{number % 7}"},
    }


def write_records(path: Path, count: int) -> None:
    """The first ``count`` records as JSON Lines."""
    with path.open("w") as file:
        for number in range(count):
            file.write(
                f'{{"id": "m-{number:08d}", "user_id": "user-{number % _USERS}", '
                f'"content": "{_text(number)}", '
                f'"created_at": "2025-06-01T12:00:{number % 60:02d}Z", '
                f'"metadata": {{"topic": "t{number % 7}"}}}}\n'
            )


def write_user_map(path: Path) -> None:
    """A row for each user."""
    rows = "".join(f"user-{n},u-{n},\n" for n in range(_USERS))
    path.write_text("source_id,user_id,customer_id\n" + rows)


def document_of(memory: Mapping[str, Any]) -> dict[str, Any]:
    """What an import with ``--user-map identity`` sends of a record."""
    document_id = f"legacy_json_{memory['id']}"
    return {
        "document": memory["content"],
        "document_type": "document",
        "document_id": document_id,
        "document_created_at": memory["created_at"],
        "user_id": memory["user_id"],
        "customer_id": None,
        "scope": None,
        "mode": "long-range",
        "metadata": {
            "source": "migration",
            "document_id": document_id,
            "original_system": "json",
            "original_id": memory["id"],
            "original_kind": "fact",
            "original_created_at": memory["created_at"][:-1] + "+00:00",
            "original_user_id": memory["user_id"],
            "source_metadata": memory["metadata"],
        },
    }


def batches(count: int) -> Iterator[list[dict[str, Any]]]:
    """The documents of the first ``count`` records, a hundred at a time, made when asked for."""
    for start in range(0, count, BATCH):
        yield [document_of(record(n)) for n in range(start, min(start + BATCH, count))]
