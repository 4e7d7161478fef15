"""The rows behind the stand-in of the self-hosted server: a table without an order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

RECORDED = Path(__file__).parents[1] / "data" / "server"
_IDS = UUID("5e1f0000-0000-4000-8000-000000000000")

Payload = dict[str, Any]


@dataclass
class Store:
    """Rows as pgvector gives them: in the order of its heap, where an update moves a row."""

    rows: dict[str, Payload] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(
        self, text: str, *, memory_id: str | None = None, at: str | None = None, **payload: Any
    ) -> str:
        """Store a memory; ``payload`` is its ids and, beside them, the user's metadata."""
        number = len(self.rows)
        memory_id = memory_id or str(uuid5(_IDS, str(number)))
        at = (
            at
            or f"2026-11-21T04:{37 + number // 3600 % 20}:{number // 60 % 60:02}.{number:06}+00:00"
        )
        payload = {"role": "user", "created_at": at, "updated_at": at, **payload}
        derived = {"data": text, "hash": _md5(text), "text_lemmatized": text}
        self.rows[memory_id] = {**payload, **derived}
        self.history[memory_id] = [
            _event(memory_id, len(self.history), None, text, self.rows[memory_id])
        ]
        return memory_id

    def update(self, memory_id: str, text: str, at: str) -> None:
        """Change the text: the row's new version lies elsewhere in the heap."""
        row = self.rows.pop(memory_id)
        before = row["data"]
        self.rows[memory_id] = {**row, "data": text, "hash": _md5(text), "updated_at": at}
        event = _event(memory_id, len(self.history[memory_id]), before, text, self.rows[memory_id])
        self.history[memory_id].append(event)

    def list(self, filters: Mapping[str, str], limit: int) -> list[tuple[str, Payload]]:
        """The first rows that have all of the ids; ``*`` means any."""
        found = [
            (memory_id, row)
            for memory_id, row in self.rows.items()
            if all(
                name in row and wanted in ("*", str(row[name])) for name, wanted in filters.items()
            )
        ]
        return found[:limit]


def recorded_store() -> Store:
    """The 1,103 memories of the recordings: those that they show as they are, the rest alike."""
    shown = {item["memory"]: item for item in _items_of_recordings()}
    last = {1096: "190860", 1097: "268806", 1098: "344075", 1099: "424290"}
    store = Store()
    for n in range(1100):
        text, at = f"server fact {n:04}", f"2026-11-21T04:38:{n * 45 // 1100:02}.{n:06}+00:00"
        at = f"2026-11-21T04:38:50.{last[n]}+00:00" if n in last else at
        _add_as_recorded(store, text, shown, at=at, user_id=f"user_{n % 4}", n=n)
    _add_as_recorded(store, "agent only", shown, agent_id="agent_x", role="assistant")
    _add_as_recorded(store, "run only", shown, run_id="run_1")
    _add_as_recorded(
        store, "gone by 2020", shown, user_id="expired_user", expiration_date="2020-01-01"
    )
    return store


def _add_as_recorded(store: Store, text: str, shown: Mapping[str, Any], **payload: Any) -> None:
    known = shown.get(text)
    if known is not None:
        payload.update(memory_id=known["id"], at=known["created_at"])
    store.add(text, **payload)


def _items_of_recordings() -> Iterable[dict[str, Any]]:
    exchanges = json.loads((RECORDED / "recorded_exchanges.json").read_text())
    cassette = yaml.safe_load((RECORDED / "recorded_cassette.yaml").read_text())
    played = [json.loads(one["response"]["body"]["string"]) for one in cassette["interactions"]]
    for body in [*(exchange["body"] for exchange in exchanges), *played]:
        if isinstance(body, dict):
            yield from body.get("results", ())


def _event(memory_id: str, number: int, old: str | None, new: str, row: Payload) -> dict[str, Any]:
    return {
        "id": str(uuid5(UUID(memory_id), f"event {number}")),
        "memory_id": memory_id,
        "old_memory": old,
        "new_memory": new,
        "event": "ADD" if old is None else "UPDATE",
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "is_deleted": False,
        "actor_id": None,
        "role": row.get("role"),
    }


def is_expired(row: Payload) -> bool:
    return str(row.get("expiration_date") or "9999") < datetime.now(UTC).date().isoformat()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
