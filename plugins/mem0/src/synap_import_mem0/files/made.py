"""Ids for items that have none: the same item gets the same id on every run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synap_import import MemoryRecord

MakeItem = Callable[[Any], "MemoryRecord"]
"""Makes the record of an item that has an id."""

MADE_ID = "made-id"

_LENGTH = 32


def made_id(*parts: str | None) -> str:
    """32 hexadecimal digits from what the parts say, in their order."""
    return sha256(json.dumps(parts).encode()).hexdigest()[:_LENGTH]


def record_without_id(item: Mapping[str, Any], make: MakeItem) -> MemoryRecord:
    """The record of an item that has no id: whose it is and what it says make one.

    Raises Unmappable when it cannot become a record.
    """
    record = make({**item, "id": "none"})
    whose = record.scope
    made = made_id(whose.user, whose.agent, whose.session, whose.app, record.text)
    return record.model_copy(
        update={"id": made, "raw": item, "assumptions": (*record.assumptions, MADE_ID)}
    )
