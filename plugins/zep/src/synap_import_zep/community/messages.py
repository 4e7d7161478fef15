"""From a row of the messages to a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from synap_import import Kind, MemoryRecord, Scope, State

SYSTEM = "zep"

_NO_ROLE = {"", "norole"}
_ROLES = {"system", "assistant", "user", "function", "tool", "human", "ai"}
_DELETED = ("deleted_at", "session_deleted_at", "user_deleted_at")


def record_of(row: Mapping[str, Any]) -> MemoryRecord:
    """A turn of its session. It is deleted when the session or the user is."""
    role, name = _speaker(row["role"] or "", row["role_type"])
    is_deleted = any(row[column] is not None for column in _DELETED)
    return MemoryRecord(
        system=SYSTEM,
        id=row["uuid"],
        kind=Kind.MESSAGE,
        text=row["content"] or "",
        role=role,
        name=name,
        position=row["id"],
        scope=Scope(user=row["user_id"], session=row["session_id"] or None),
        created_at=_utc(row["created_at"]),
        updated_at=_utc(row["updated_at"]),
        state=State.DELETED if is_deleted else State.ACTIVE,
        metadata=_metadata(row),
        raw={name: _plain(value) for name, value in row.items() if value is not None},
    )


def _speaker(role: str, role_type: str | None) -> tuple[str | None, str | None]:
    """Role and name. 1.x has a type of role beside a free text; 0.x has the text only."""
    is_a_role = role.lower() in _ROLES | _NO_ROLE
    name = None if is_a_role else role
    if role_type is not None and role_type not in _NO_ROLE:
        return role_type, name
    return (role.lower() or None if is_a_role and role not in _NO_ROLE else None), name


def _metadata(row: Mapping[str, Any]) -> dict[str, Any]:
    own = row["metadata"] if isinstance(row["metadata"], dict) else {}
    session = row["session_metadata"]
    return {**own, "session_metadata": session} if session else dict(own)


def _utc(moment: datetime | None) -> datetime | None:
    """The same moment whatever zone the connection speaks; the year 1 is Go's way to say none."""
    return None if moment is None or moment.year == 1 else moment.astimezone(UTC)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
