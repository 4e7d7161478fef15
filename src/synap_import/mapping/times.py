"""Reads times as sources write them: exactly, or with a named assumption, never as now."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, available_timezones


class TimeReading(NamedTuple):
    """An aware time, or None; ``assumption`` says what was not an exact reading."""

    time: datetime | None
    assumption: str | None = None


TimeReader: TypeAlias = Callable[[Any], TimeReading]

NAIVE = "naive-time"
DATE_ONLY = "date-only"
MONTH_ONLY = "month-only"
YEAR_ONLY = "year-only"
TRUNCATED = "truncated-time"
UNKNOWN = TimeReading(None, "unknown-time")
UNREADABLE = TimeReading(None, "unreadable-time")

EPOCH_UNITS = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
_FORMATS = ("auto", "iso", *EPOCH_UNITS)
_MICROSECONDS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
# A union here would be built anew for every time.
_NUMBERS = (int, float, Decimal)
_BEGINNING = datetime(1, 1, 1)  # noqa: DTZ001 - compared with times whose zone is taken off

# Digits behind the microsecond, which no datetime can hold.
_FINER = re.compile(r"[.,][0-9]{6}0*[1-9]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_YEAR_MONTH = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})(?:[Tt]|\s+)"
    r"([0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]+)?)?)?)\s*"
    r"([Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:\.[0-9]{1,6})?)?)?)?"
)
# Only zones that mean one offset everywhere: email.utils ignores the others in silence.
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},\s*)?[0-9]{1,2}\s+[A-Za-z]{3}\s+[0-9]{4}\s+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
    r"(?:\s+(?P<zone>[+-][0-9]{4}|UTC?|GMT|Z|[ECMP][SD]T))?"
)
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")


def read_time(value: Any, format: str = "auto", tz: str = "UTC") -> TimeReading:  # noqa: A002
    """Read one value; see :func:`time_reader`."""
    return time_reader(format, tz)(value)


@lru_cache(maxsize=256)
def time_reader(format: str = "auto", tz: str = "UTC") -> TimeReader:  # noqa: A002
    """A function that reads times of a format; those without a zone are read in ``tz``.

    ``format`` is auto, iso, epoch_s, epoch_ms, epoch_us, epoch_ns or a strptime pattern.
    The reader raises nothing; this raises ValueError for an unknown format or zone.
    """
    zone = read_zone(tz)
    if format in EPOCH_UNITS:
        return _epoch_reader(format, zone)
    if format in {"auto", "iso"}:
        return _iso_reader(zone, lenient=format == "auto")
    if "%" in format:
        return _pattern_reader(format, zone)
    near = get_close_matches(format, _FORMATS, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise ValueError(
        f"'{format}' is no time format: {', '.join(_FORMATS)}, or a strptime pattern{hint}"
    )


def read_zone(name: str) -> tzinfo:
    """A zone by name (``Europe/Berlin``) or offset (``+02:00``). Raises ValueError."""
    if name in {"UTC", "Z"}:
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is not None and offset[2] < "24":
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if sign == "-" else ahead)
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"'{name}' is no time zone or offset{hint}") from None


def _iso_reader(zone: tzinfo, *, lenient: bool) -> TimeReader:
    def read(value: Any) -> TimeReading:
        # 2026-01-15T10:30:00.123456+02:00, with no seventh digit: the usual and exact case.
        if (
            type(value) is str
            and len(value) > 18
            and value[10] in "T "
            and value[16] == ":"
            and not value[26:27].isdigit()
        ):
            try:
                time = datetime.fromisoformat(value)
            except ValueError:
                return _read_any(value, zone, lenient=lenient)
            if _is_plain(time):
                return _exactly(time)
        return _read_any(value, zone, lenient=lenient)

    return read


def _exactly(time: datetime) -> TimeReading:
    # In half the time of the class itself, which looks for a default; asked for every record.
    return tuple.__new__(TimeReading, (time, None))


def _is_plain(time: datetime) -> bool:
    """Whether it can be used as it is: far from the ends, with an offset of whole minutes."""
    if time.tzinfo is UTC:
        return 1 < time.year < 9999
    offset = time.utcoffset()
    return (
        offset is not None
        and not (offset.seconds % 60 or offset.microseconds)
        and 1 < time.year < 9999
    )


def _read_any(value: Any, zone: tzinfo, *, lenient: bool) -> TimeReading:
    if isinstance(value, str):
        return _read_text(value.strip(), zone, lenient=lenient)
    if lenient and isinstance(value, _NUMBERS):
        return _read_epoch(value, None)
    return _read_object(value, zone)


def _read_object(value: Any, zone: tzinfo) -> TimeReading:
    """Times that a decoder has made already; JSON has none."""
    if isinstance(value, datetime):
        return _placed(value, zone)
    if isinstance(value, date):
        return _placed(datetime(value.year, value.month, value.day), zone, DATE_ONLY)  # noqa: DTZ001
    return UNREADABLE


def _read_text(text: str, zone: tzinfo, *, lenient: bool) -> TimeReading:
    if text.startswith("0000"):
        return UNKNOWN
    if lenient and len(text) not in {4, 8} and _NUMBER.fullmatch(text):
        return _read_epoch(_number(text), None)
    try:
        return _read_iso(text, zone) or (lenient and _read_rfc_2822(text, zone)) or UNREADABLE
    except (ValueError, OverflowError):
        return UNREADABLE


def _read_iso(text: str, zone: tzinfo) -> TimeReading | None:
    if match := _DATE_TIME.fullmatch(text):
        day, clock, offset = match.groups()
        offset = "+00:00" if offset in {"UTC", "GMT", "z"} else offset or ""
        assumption = TRUNCATED if _FINER.search(clock) else None
        return _placed(datetime.fromisoformat(f"{day}T{clock}{offset}"), zone, assumption)
    if _DATE.fullmatch(text):
        return _placed(datetime.fromisoformat(text), zone, DATE_ONLY)
    if match := _YEAR_MONTH.fullmatch(text):
        year, month = match.groups()
        assumption = MONTH_ONLY if month else YEAR_ONLY
        return _placed(datetime(int(year), int(month or 1), 1), zone, assumption)  # noqa: DTZ001
    return None


def _read_rfc_2822(text: str, zone: tzinfo) -> TimeReading | None:
    match = _RFC_2822.fullmatch(text)
    if match is None:
        return None
    # "-0000" is UTC too, by a sender that does not say where it is.
    return _placed(parsedate_to_datetime(text), UTC if match["zone"] else zone, None, match["zone"])


def _placed(
    time: datetime, zone: tzinfo, assumption: str | None = None, stated: str | None = None
) -> TimeReading:
    """The time with a fixed offset, as far as it can be used everywhere."""
    if time.replace(tzinfo=None) == _BEGINNING:
        return UNKNOWN
    if time.tzinfo is None:
        assumption = assumption or (None if stated else NAIVE)
        time = time.replace(tzinfo=zone)
    try:
        in_utc = time.astimezone(UTC)
        offset = time.utcoffset() or timedelta(0)
    except (OverflowError, ValueError):
        return UNREADABLE
    # JSON's offsets end at the minute, so an odd one would move the time when it is kept.
    if offset % _MINUTE:
        return TimeReading(in_utc, assumption)
    return TimeReading(time.replace(tzinfo=timezone(offset)), assumption)


def _epoch_reader(unit: str, zone: tzinfo) -> TimeReader:
    def read(value: Any) -> TimeReading:
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = _number(value)
        if isinstance(value, _NUMBERS):
            return _read_epoch(value, unit)
        return _read_object(value, zone)

    return read


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _read_epoch(value: float | Decimal, unit: str | None) -> TimeReading:
    if isinstance(value, bool):
        return UNREADABLE
    try:
        number = float(value) if isinstance(value, Decimal) else value
        if number <= 0:
            return UNKNOWN
        micros, finer = _in_microseconds(number, unit or _unit_of(number))
        time = _EPOCH + timedelta(microseconds=micros)
        return TimeReading(time, TRUNCATED) if finer else _exactly(time)
    except (ValueError, OverflowError):
        return UNREADABLE


def _unit_of(number: float) -> str:
    if number < 2e10:
        return "epoch_s"
    if number < 2e13:
        return "epoch_ms"
    return "epoch_us" if number < 2e16 else "epoch_ns"


def _in_microseconds(number: float, unit: str) -> tuple[int, bool]:
    if unit == "epoch_ns":
        micros, finer = divmod(number, 1000)
        return int(micros), finer > 0
    return round(number * _MICROSECONDS[unit]), False


def _pattern_reader(pattern: str, zone: tzinfo) -> TimeReader:
    precision = _check_pattern(pattern)

    def read(value: Any) -> TimeReading:
        if isinstance(value, bool) or not isinstance(value, str | int):
            return _read_object(value, zone)
        try:
            time = datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007 - placed below
        except (ValueError, OverflowError):
            return UNREADABLE
        return _placed(time, zone, precision)

    return read


def _check_pattern(pattern: str) -> str | None:
    """What the pattern leaves open; ValueError when it cannot give a time."""
    directives = set(re.findall("%(.?)", pattern.replace("%%", "")))
    if unknown := directives - set("aAwdbBmyYHIpMSfzjUWcxXGuV"):
        why = "; write %z for a zone" if "Z" in unknown else ""
        raise ValueError(f"the time format has '%{min(unknown)}', which is not known here{why}")
    if not directives & set("yYGcx"):
        raise ValueError("the time format has no year (%Y)")
    if "I" in directives and "p" not in directives:
        raise ValueError("the time format has hours of 12 (%I) without AM or PM (%p)")
    try:
        datetime.strptime("", pattern)  # noqa: DTZ007 - only its complaint is of interest
    except re.error:
        raise ValueError("the time format has a directive twice") from None
    except ValueError:
        pass
    return _precision(directives)


def _precision(directives: set[str]) -> str | None:
    in_week = directives & set("UWV") and directives & set("aAwu")
    if not (directives & set("djxc") or in_week):
        return MONTH_ONLY if directives & set("mbB") else YEAR_ONLY
    return None if directives & set("HIXc") else DATE_ONLY
