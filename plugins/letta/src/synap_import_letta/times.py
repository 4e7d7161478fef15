"""Times as Letta writes them, and what had to be assumed about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from synap_import.mapping import time_reader

# A server stores UTC; scripts of users write str(datetime), sometimes without a zone.
_read = time_reader()


class Times(NamedTuple):
    """When something was made and changed."""

    created_at: datetime | None
    updated_at: datetime | None
    assumptions: tuple[str, ...]


def times_of(
    item: Mapping[str, Any], created: str = "created_at", updated: str = "updated_at"
) -> Times:
    """The times of an item under the names that it has for them."""
    moments: list[datetime | None] = []
    assumptions = []
    for ours, value in (("created_at", item.get(created)), ("updated_at", item.get(updated))):
        moment, assumption = _read(value) if isinstance(value, str) and value else (None, None)
        moments.append(moment)
        if assumption is not None:
            assumptions.append(f"{assumption}:{ours}")
    return Times(moments[0], moments[1], tuple(assumptions))
