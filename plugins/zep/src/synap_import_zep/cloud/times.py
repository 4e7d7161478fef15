"""Times as Zep writes them: RFC 3339, with as many digits as are not zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from synap_import.mapping import time_reader

_read = time_reader()


def moment(value: Any) -> datetime | None:
    """The time; the year 1 is how Go writes that there is none."""
    return None if _is_absent(value) else _read(value).time


def first_time(
    item: Mapping[str, Any], ours: str, *names: str
) -> tuple[datetime | None, tuple[str, ...]]:
    """The first of an item's times that is there, and what was assumed about it."""
    for name in names:
        value = item.get(name)
        if _is_absent(value):
            continue
        time, assumption = _read(value)
        return time, (f"{assumption}:{ours}",) if assumption else ()
    return None, ()


def _is_absent(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, str) and value.startswith("0001-"))
