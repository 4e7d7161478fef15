"""Values as the databases give them: times of three kinds, and what JSON has no word for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from synap_import import ConfigurationError
from synap_import.mapping import TimeReader, time_reader

_NAIVE = "naive-time"
_UNKNOWN = "unknown-time"


class Moment(NamedTuple):
    """A time, or None, and what was assumed to read it."""

    time: datetime | None
    assumption: str | None = None


class Times:
    """Reads times. Graphiti writes most of them in UTC itself, even where no zone is kept; those
    that the calling program gave keep its clock, and lose its zone in Kuzu.
    """

    def __init__(self, assume_tz: str | None) -> None:
        self._utc = time_reader()
        self._given = _reader_in(assume_tz) if assume_tz else self._utc
        self._is_told = assume_tz is not None

    def own(self, value: Any) -> Moment:
        """A time that Graphiti wrote: UTC unless it says otherwise."""
        time, assumption = self._utc(native(value)) if value is not None else (None, None)
        return Moment(time, None if assumption in {_NAIVE, _UNKNOWN} else assumption)

    def given(self, value: Any) -> Moment:
        """A time that came from the calling program."""
        time, assumption = self._given(native(value)) if value is not None else (None, None)
        is_known = assumption == _UNKNOWN or (assumption == _NAIVE and self._is_told)
        return Moment(time, None if is_known else assumption)


def native(value: Any) -> Any:
    """The standard library's value of a temporal value of the Neo4j driver."""
    to_native = getattr(value, "to_native", None)
    if to_native is None:
        return value
    try:
        return to_native()
    except (ValueError, OverflowError):
        return value.iso_format()


def plain(value: Any) -> Any:
    """The value as JSON has it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    # First of all, because a duration of the Neo4j driver is a tuple too.
    if hasattr(value, "iso_format"):
        return value.iso_format()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def in_utc(time: datetime) -> str:
    """For metadata: one form for all."""
    return time.astimezone(UTC).isoformat()


def _reader_in(zone: str) -> TimeReader:
    try:
        return time_reader(tz=zone)
    except ValueError as problem:
        words = str(problem)
        raise ConfigurationError(
            f"--assume-tz: {words}{'' if words.endswith('?') else '.'}",
            remedy="Give a zone such as Europe/Berlin, or +05:30.",
        ) from None
