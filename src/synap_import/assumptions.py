"""What had to be assumed while reading, as a sentence."""

from __future__ import annotations

_SAID = {
    "naive-time": "had no time zone: read in the mapping's zone, or UTC",
    "date-only": "had no time of day: read as midnight",
    "month-only": "was a month: read as its first day",
    "year-only": "was a year: read as its first day",
    "unknown-time": "was 0 or negative, which means unknown: left out",
    "unreadable-time": "could not be read: left out, kept in the metadata",
    "no-time": "is absent in the source: Synap will use the time of ingestion",
    "shifted-time": "was shifted by the exporter's time zone: corrected",
    "ambiguous-time": "lies in a change of clocks and could be an hour off",
    "untrusted-time": "was written by a model, and may be made up",
    "unknown-state": "has a value that is not known: taken as active",
    "made-id": "was absent: made from the content",
    "app-of-file-name": "was taken from the file's name",
    "default": "was absent: the default was taken that was given for it",
}


def told(code: str, count: int) -> str:
    """What was assumed about so many records; it may hold a code that an adapter made up."""
    name, _, what = code.partition(":")
    records = f"{count:,} record{'' if count == 1 else 's'}"
    if name not in _SAID:
        return f"{code} in {records}"
    return f"{what or 'the id'} of {records} {_SAID[name]}"
