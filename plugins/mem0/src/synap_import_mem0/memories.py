"""From an item of Mem0 to a record: as its APIs show it, and as its stores keep it.

Sources of the field names: the Platform's OpenAPI (August 2026), the answers of the self-hosted
server, and what mem0ai 0.1.118, 1.0.5 and 2.2.1 write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from synap_import import Kind, Link, MemoryRecord, Scope, ScopeKind, State
from synap_import.mapping import Unmappable

from .times import last_moment, read_times

SYSTEM = "mem0"

_SCOPES = {
    "user": ("user_id", "userId"),
    "agent": ("agent_id", "agentId"),
    "session": ("session_id", "run_id", "runId"),
    "app": ("app_id", "appId"),
}
PAYLOAD_SCOPES = {
    ScopeKind.USER: ("user_id", "userId"),
    ScopeKind.AGENT: ("agent_id", "agentId"),
    ScopeKind.SESSION: ("run_id", "runId"),
}
"""The keys of a payload that say whose it is, in order of preference."""

_TIMES = {"created_at": ("created_at", "createdAt"), "updated_at": ("updated_at", "updatedAt")}
_EXPIRATIONS = ("expiration_date", "expirationDate")
_TEXTS = ("memory", "data", "content", "text")

# Written by the library beside the user's own metadata, and shown by the server as if it were.
_ABOUT_THE_SPEAKER = ("role", "actor_id", "actorId", "attributed_to", "attributedTo")
_DERIVED = ("hash", "text_lemmatized", "textLemmatized")
# What the library writes into a payload. Any other name there is the user's metadata, also
# those that mean something elsewhere: memory, session_id, app_id, categories, replaced_by.
_PAYLOAD_KEYS = frozenset(
    (
        "data",
        *_ABOUT_THE_SPEAKER,
        *_DERIVED,
        *_EXPIRATIONS,
        *(name for names in (*PAYLOAD_SCOPES.values(), *_TIMES.values()) for name in names),
    )
)

_STATES = {
    "active": State.ACTIVE,
    "superseded": State.SUPERSEDED,
    "merged": State.MERGED,
    "expired": State.EXPIRED,
    "deleted": State.DELETED,
}


def record_of_item(
    item: Any, *, now: datetime, merged: bool = False, own_metadata: bool = False
) -> MemoryRecord:
    """The record of a memory as the Platform, the server or ``get_all`` shows it.

    ``now`` decides what has expired. ``own_metadata`` says that ``metadata`` holds nothing but
    what the user put there, as on the Platform. Raises Unmappable when it cannot become a record.
    """
    fields = _object(item)
    metadata = fields.get("metadata")
    if metadata is not None and not isinstance(metadata, Mapping):
        raise Unmappable("metadata", "is not an object")
    own = dict(metadata or {})
    if own_metadata:
        return _record(fields, fields, own, now=now, expires=fields, merged=merged)
    leaked = {name: own.pop(name) for name in (*_ABOUT_THE_SPEAKER, *_DERIVED) if name in own}
    both = {**own, **_present(fields)}
    return _record(
        fields, {**leaked, **_present(fields)}, own, now=now, expires=both, merged=merged
    )


def record_of_payload(point_id: Any, payload: Any, *, now: datetime) -> MemoryRecord:
    """The record of a point or row of a vector store: the user's metadata lies beside our keys.

    Raises Unmappable when it cannot become a record.
    """
    fields = _object(payload)
    item = {name: value for name, value in fields.items() if name in _PAYLOAD_KEYS}
    own = {name: value for name, value in fields.items() if name not in _PAYLOAD_KEYS}
    return _record({**item, "id": point_id}, item, own, now=now, expires=item, raw=payload)


def is_memory(payload: Mapping[str, Any]) -> bool:
    """Whether a payload is a memory: old versions also stored a ``user_identity`` row."""
    return payload.get("type") != "user_identity" or "data" in payload


def _object(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise Unmappable("record", "is not an object")
    return item


def _record(
    item: Mapping[str, Any],
    about: Mapping[str, Any],
    metadata: dict[str, Any],
    *,
    now: datetime,
    expires: Mapping[str, Any],
    merged: bool = False,
    raw: Any = None,
) -> MemoryRecord:
    times, assumptions = read_times(item, _TIMES)
    expiration = _first(expires, _EXPIRATIONS)
    expires_at = last_moment(expiration)
    if expiration and expires_at is None:
        assumptions.append("unreadable-time:expires_at")
    state = State.MERGED if merged else _state(item, expires_at, now, assumptions)
    try:
        return MemoryRecord(
            system=SYSTEM,
            id=_id(item),
            kind=Kind.SUMMARY if item.get("synthesized") is True else Kind.FACT,
            text=_text(item),
            role=_string(_first(about, ("role", "attributed_to", "attributedTo"))),
            name=_string(_first(about, ("actor_id", "actorId"))),
            scope=_scope(item),
            expires_at=expires_at,
            state=state,
            tags=tuple(_strings(item.get("categories"))),
            metadata=metadata,
            links=_links(item),
            created_at=times.get("created_at"),
            updated_at=times.get("updated_at"),
            assumptions=tuple(assumptions),
            raw=item if raw is None else raw,
        )
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise Unmappable(place, problem["msg"]) from None


def _state(
    item: Mapping[str, Any], expires_at: datetime | None, now: datetime, assumptions: list[str]
) -> State:
    named = item.get("lifecycle_state")
    known = _STATES.get(named) if isinstance(named, str) else None
    if named is not None and known is None:
        assumptions.append("unknown-state:lifecycle_state")
    state = known or State.ACTIVE
    if state is not State.ACTIVE:
        return state
    if item.get("replaced_by"):
        return State.SUPERSEDED
    if expires_at is not None and expires_at < now.astimezone(UTC):
        return State.EXPIRED
    return State.ACTIVE


def _id(item: Mapping[str, Any]) -> str:
    value = item.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise Unmappable("id", "is missing")
    return value


def _text(item: Mapping[str, Any]) -> str:
    value = _first(item, _TEXTS)
    if not isinstance(value, str):
        raise Unmappable("memory", "is missing" if value is None else "is not a string")
    return value


def _scope(item: Mapping[str, Any]) -> Scope:
    return Scope(**{kind: _owner(item, names) for kind, names in _SCOPES.items()})


def _owner(item: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    value = next((item[name] for name in names if item.get(name) not in (None, "")), None)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise Unmappable(names[0], "is not a string")
    return value


def _links(item: Mapping[str, Any]) -> tuple[Link, ...]:
    successor = _string(item.get("replaced_by"))
    return (Link(relation="replaced_by", id=successor),) if successor else ()


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _strings(values: Any) -> Iterable[str]:
    return (one for one in values if isinstance(one, str)) if isinstance(values, list) else ()
