"""Times as Mem0 wrote them over the years: exact, with any offset, or with a named assumption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from synap_import.mapping import time_reader

# Naive strings are UTC: what the library itself writes is, and metadata may name any (>= 1.0.9).
_read = time_reader()
_LAST_MOMENT = time(23, 59, 59, 999999, tzinfo=UTC)


def read_times(
    fields: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, datetime], list[str]]:
    """The times of an item by our names, and what was assumed about them.

    ``names`` lists, for each of our names, the item's in order of preference. The epoch itself is
    no time: Redis and Valkey stores write 0 for a missing one.
    """
    times, assumptions = {}, []
    for ours, theirs in names.items():
        value = next((fields[name] for name in theirs if fields.get(name) is not None), None)
        if value is None or value == "":
            continue
        moment, assumption = _read(value)
        if moment is not None and moment.timestamp() == 0:
            moment, assumption = None, "unknown-time"
        if moment is not None:
            times[ours] = moment
        if assumption is not None:
            assumptions.append(f"{assumption}:{ours}")
    return times, assumptions


def last_moment(expiration: Any) -> datetime | None:
    """The end of the day up to which a memory counts: the day is inclusive, in UTC."""
    if not isinstance(expiration, str):
        return None
    try:
        return datetime.combine(date.fromisoformat(expiration[:10]), _LAST_MOMENT)
    except ValueError:
        return None
