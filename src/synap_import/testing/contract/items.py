"""Checks of the records: ids, times, owners, texts, and that nothing of the item is lost.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from synap_import.preflight.codes import CATALOG

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord
    from synap_import.sources import Source

    from .walks import Walk

__tracebackhide__ = True

_TIMES = ("created_at", "updated_at", "valid_from", "valid_to", "expires_at")
_USER_FIELDS = ("user_id", "userId", "user")
_TEXT_FIELDS = ("memory", "text", "content", "fact", "data", "value", "summary", "message")
_NUMBER = re.compile(r"\d+")


def check_some(walk: Walk) -> None:
    """There is something to check."""
    odd = walk.unreadable
    assert walk.records or not odd, (
        f"All {len(odd)} items are unreadable. {odd[0].where}: {odd[0].reason}"
    )
    assert walk.records, (
        "The reading gives no record at all, so nothing can be checked: take a cassette of an "
        "account that has some, of two users or more."
    )


def check_same_twice(first: Walk, second: Walk) -> None:
    """Two readings give the same partitions and the same records, in the same order."""
    parts = [[partition.id for partition, _ in one.parts] for one in (first, second)]
    assert parts[0] == parts[1], (
        f"Two readings list other partitions: {parts[0]} and {parts[1]}. A run that resumes finds "
        "its place by their ids and their order."
    )
    for one, other in zip(first.records, second.records, strict=False):
        assert one.id == other.id, (
            f"Two readings give other ids: {one.id!r} and {other.id!r}. An id is the source's own; "
            "where it has none, make one from the content, never from chance or order."
        )
        fields = sorted(one.model_fields_set | other.model_fields_set)
        changed = [name for name in fields if getattr(one, name) != getattr(other, name)]
        assert not changed, (
            f"Two readings of {one.id!r} differ in {', '.join(changed)}. What changes by itself "
            "(the time of reading, a score) does not belong into a record."
        )
    counts = len(first.records), len(second.records)
    assert counts[0] == counts[1], f"Two readings give {counts[0]} and {counts[1]} records."


def check_ids(walk: Walk) -> None:
    """Ids are there, unique, and not the place in the reading."""
    blank = [record.text[:40] for record in walk.records if not record.id.strip()]
    assert not blank, f"Records without an id: {blank}."
    again = [record.id for record in walk.exported.conflicting]
    assert not again, (
        f"Other content comes again under {sorted(set(again))}: the host keeps the first and holds "
        "the rest. If the source counts ids per user or per kind, put that into the id."
    )
    by_place = _ids_by_place(walk.records)
    assert not by_place, (
        f"Ids {by_place[:3]} are the place in the reading, and stand nowhere in the item. When one "
        "item is deleted at the source, all others get another id and are loaded twice."
    )


def _ids_by_place(records: Sequence[MemoryRecord]) -> list[str]:
    """All ids, if each holds its place in the reading, counted from 0 or 1, but not its item."""
    if len(records) < 2:
        return []
    for base in (0, 1):
        places = [str(place) for place in range(base, base + len(records))]
        if all(
            place in _NUMBER.findall(record.id) and not _holds(record.raw, record.id, place)
            for place, record in zip(places, records, strict=True)
        ):
            return [record.id for record in records]
    return []


def _holds(raw: Any, own_id: str, place: str) -> bool:
    return any(str(value) in (own_id, place) for value in _leaves(raw))


def check_raw(walk: Walk) -> None:
    """The item itself is kept, so that nothing that is new at the source gets lost."""
    bare = [record.id for record in walk.records if record.raw is None]
    assert not bare, (
        f"{len(bare)} records have no raw (the first: {bare[0]!r}). Give the item as the source "
        "gave it: raw=item. It is how a field that nobody thought of survives."
    )
    json.dumps([record.raw for record in walk.records], default=str)


def check_texts(walk: Walk) -> None:
    """A record without words comes from an item without words."""
    for record in walk.records:
        if record.text.strip():
            continue
        found = [
            name
            for name in _TEXT_FIELDS
            if str(_field(record.raw, name) or "").strip() not in ("", "[]", "{}")
        ]
        assert not found, (
            f"{record.id!r} has no text, but its item has some under {', '.join(found)}. An empty "
            "field shadows the one that is meant: take the first that is not empty."
        )


def check_owners(walk: Walk) -> None:
    """A record of nobody comes from an item of nobody."""
    for record in walk.records:
        if record.scope.owner() is not None or record.hold is not None:
            continue
        named = [name for name in _USER_FIELDS if _field(record.raw, name)]
        assert not named, (
            f"{record.id!r} belongs to nobody, but its item says {named[0]} = "
            f"{_field(record.raw, named[0])!r}. A memory without a user could be shown to "
            "everyone: put it into Scope(user=…), or hold the record with a reason."
        )


def check_holds(walk: Walk, adapter: type[Source[Any]]) -> None:
    """Every reason to hold is explained to whoever reads it in the account.

    The host explains those of its own, as that a rule of a mapping says to skip a record.
    """
    reasons = {record.hold for record in walk.records if record.hold is not None} - set(CATALOG)
    silent = sorted(reasons - set(walk.holds))
    assert not silent, (
        f"Records are held for {', '.join(silent)}, and nobody is told what that means. Explain "
        'each in the adapter\'s holds: {"a-reason": HoldReason("What these are", "What to do")}.'
    )
    untold = sorted(reasons - set(adapter.holds))
    assert not untold, (
        f"synap-import explain knows nothing of {', '.join(untold)}: {adapter.__name__}, which the "
        "plugin declares, needs the holds of all that its of() returns."
    )


def check_times(walk: Walk, began: datetime, ended: datetime) -> None:
    """Times carry a zone, lie where times of memories lie, and are not the time of reading."""
    for record, name, moment in _times(walk.records):
        assert moment.tzinfo is not None, (
            f"{name} of {record.id!r} has no zone ({moment}). Say which one it is in: "
            "moment.replace(tzinfo=UTC), and put 'naive-time:created_at' into assumptions if you "
            "had to guess."
        )
        assert not began - timedelta(seconds=1) <= moment <= ended, (
            f"{name} of {record.id!r} is the time of reading ({moment}). A time that the source "
            "does not have is absent: None."
        )
        assert moment.year >= 1970, (
            f"{name} of {record.id!r} is in the year {moment.year}, which means that there is "
            "none: leave it out."
        )


def _times(records: Iterable[MemoryRecord]) -> Iterator[tuple[MemoryRecord, str, datetime]]:
    for record in records:
        for name in _TIMES:
            moment = getattr(record, name)
            if moment is not None:
                yield record, name, moment


def _field(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, Mapping) else None


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    else:
        yield value
