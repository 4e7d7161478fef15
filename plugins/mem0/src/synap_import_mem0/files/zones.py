"""Undoing what OpenMemory's export does to times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from synap_import import ConfigurationError

_QUARTER = timedelta(minutes=15)
_OFFSET = re.compile(r"([+-])(\d{2}):?([0-5]\d)")
_GAPS = (timedelta(hours=1), timedelta(minutes=30))


def zone_of(name: str) -> tzinfo:
    """A zone by name or offset. Raises ConfigurationError."""
    if match := _OFFSET.fullmatch(name):
        sign, hours, minutes = match.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        if ahead < timedelta(days=1):
            return timezone(-ahead if sign == "-" else ahead)
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ConfigurationError(
            f"--openmemory-tz: '{name}' is no time zone or offset.",
            remedy="Write it like Europe/Berlin or -08:00.",
        ) from None


def unshifted(exported: datetime, zone: tzinfo) -> datetime:
    """The moment that was stored: its UTC digits had been taken for the host's local time."""
    return exported.astimezone(zone).replace(tzinfo=UTC)


def is_ambiguous(exported: datetime, zone: tzinfo) -> bool:
    """Whether another stored moment would have been exported as the same one.

    Local times that a change of the clock leaves out become those of an hour later.
    """
    wall = exported.astimezone(zone).replace(tzinfo=None)
    earlier = ((wall - gap).replace(tzinfo=zone) for gap in _GAPS)
    return any(other.astimezone(UTC) == exported for other in earlier)


def rounded(shift: timedelta) -> timedelta:
    """To a quarter of an hour, as zones are."""
    return round(shift / _QUARTER) * _QUARTER


def as_offset(shift: timedelta) -> str:
    """The offset of the host whose export is late by ``shift``."""
    minutes = round(shift / timedelta(minutes=1))
    return f"-{minutes // 60:02}:{minutes % 60:02}"
