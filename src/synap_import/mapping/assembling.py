"""Records of values that the mapping's fields have checked: they are not validated again.

Values of another type than the field's own, or of a subclass of it, and ids that are no valid text
go the slow way, which refuses what it must.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from synap_import.records import Kind, MemoryRecord, Scope, State, assembled_record

_EXACT: Mapping[str, type] = {
    "system": str,
    "id": str,
    "kind": Kind,
    "text": str,
    "role": str,
    "name": str,
    "position": int,
    "scope": Scope,
    "created_at": datetime,
    "updated_at": datetime,
    "valid_from": datetime,
    "valid_to": datetime,
    "expires_at": datetime,
    "state": State,
    "tags": tuple,
    "metadata": dict,
    "assumptions": tuple,
    "hold": str,
    "raw": dict,
}


def record_of(values: dict[str, Any]) -> MemoryRecord:
    """The record with these values. Raises pydantic's ValidationError.

    Times are aware and tuples hold texts: the fields make them so, whatever they find.
    """
    for name, value in values.items():
        if type(value) is not _EXACT[name]:
            return MemoryRecord(**values)
    return assembled_record(values) if _is_id(values["id"]) else MemoryRecord(**values)


def _is_id(text: str) -> bool:
    if text.isascii():
        return bool(text)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True
