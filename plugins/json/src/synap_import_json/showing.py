"""What a mapping makes of the first records: three of them, what is missing, which types differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from synap_import import Finding, MemoryRecord, Severity

from .fields import fields_of, percent
from .naming import first_records

if TYPE_CHECKING:
    from .reading import Reading

_SHOWN = 3
_TEXT = 80
_FIELDS = ("id", "user", "agent", "session", "created_at", "updated_at", "role", "tags", "text")


def about_mapped(
    readings: Sequence[Reading], objects: Sequence[dict[str, Any]]
) -> Iterator[Finding]:
    """The findings about what a mapping of one's own does."""
    records = [record for one in readings for record in first_records(one)]
    for number, record in enumerate(records[:_SHOWN], start=1):
        yield Finding(Severity.INFO, f"mapped-record-{number}", _told(record))
    if records:
        yield Finding(Severity.INFO, "mapped-missing", _missing(records))
    mixed = [f"{one.written()}: {types}" for one in fields_of(objects) if (types := one.mixed())]
    if mixed:
        yield Finding(
            Severity.WARNING,
            "mapped-types",
            f"In the first {len(objects)} records, the types of {len(mixed)} fields differ.",
            "A field that cannot take one of them says so in the record's assumptions, or refuses "
            "the record.",
            count=len(mixed),
            examples=tuple(mixed[:10]),
        )


def _value(record: MemoryRecord, name: str) -> Any:
    if name in {"user", "agent", "session"}:
        return getattr(record.scope, name)
    return getattr(record, name) or None


def _told(record: MemoryRecord) -> str:
    parts = []
    for name in _FIELDS:
        value = _value(record, name)
        if value is not None:
            text = ", ".join(value) if isinstance(value, tuple) else str(value)
            parts.append(f"{name}: {text if len(text) <= _TEXT else text[:_TEXT] + '…'}")
    return "; ".join(parts)


def _missing(records: Sequence[MemoryRecord]) -> str:
    shares = (
        f"{name} {percent(sum(_value(one, name) is None for one in records), len(records))}"
        for name in _FIELDS
    )
    return f"Of the first {len(records)} records, without: {', '.join(shares)}."
