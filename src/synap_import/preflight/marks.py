"""What can be seen of a record by itself, as bits that the ledger keeps with it.

Every record of an import passes here, so it is one pass with the cheapest test first. A record
that is like most others has no bits at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from typing import TYPE_CHECKING, TypeAlias

from pydantic_core import to_json

from synap_import.records import Kind
from synap_import.text import is_sendable

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord

LONGEST_TEXT = 100_000
"""Characters. Synap publishes no limit; this is about 25,000 tokens, far from a memory."""

LARGEST_METADATA = 65_536
"""Bytes. Synap documents 64 KB for the metadata of a transcript (maximem-synap 0.6.9,
``ingest_transcript``), and no limit for that of a document."""

_FIRST_YEAR = 2000
# A day without a zone is off by so much.
_SLACK = timedelta(days=1)


class Mark(IntFlag):
    """What is remarkable about a record. Ledgers keep the numbers: add some, change none."""

    TIME_ODD = 1
    TIME_FUTURE = 2
    TEXT_OVERSIZED = 4
    TEXT_UNDECODABLE = 8
    METADATA_OVERSIZED = 16
    UNLABELLED = 32
    DIALOGUE = 64
    SECRET = 128
    PERSONAL = 256


Scan: TypeAlias = "Callable[[MemoryRecord], int]"
"""Finds secrets and personal data in a record: ``Mark.SECRET`` and ``Mark.PERSONAL``, or 0."""

_SPEAKER = r"[ \t]*(?:user|human|assistant|ai|bot|agent|system)[ \t]*:"
_FIRST_LINE = re.compile(_SPEAKER, re.IGNORECASE)
_LATER_LINE = re.compile(rf"\n{_SPEAKER}", re.IGNORECASE)
# As plain numbers: arithmetic with members of an IntFlag takes twenty times as long, and to get a
# member from its class twice as long as from here.
_TIME_ODD, _TIME_FUTURE = int(Mark.TIME_ODD), int(Mark.TIME_FUTURE)
_TEXT_OVERSIZED, _TEXT_UNDECODABLE = int(Mark.TEXT_OVERSIZED), int(Mark.TEXT_UNDECODABLE)
_METADATA_OVERSIZED = int(Mark.METADATA_OVERSIZED)
_MESSAGE = Kind.MESSAGE
_UNLABELLED, _DIALOGUE = int(Mark.UNLABELLED), int(Mark.DIALOGUE)


class Marker:
    """Marks the records of an import; with a ``scan`` also what their texts give away.

    ``now`` is when the import reads, to tell which times lie in the future.
    """

    def __init__(self, scan: Scan | None = None, now: datetime | None = None) -> None:
        self._scan = scan
        self._horizon = (now or datetime.now(UTC)) + _SLACK
        self._this_year = self._horizon.year

    @property
    def scans(self) -> bool:
        """Whether it looks for secrets and personal data."""
        return self._scan is not None

    @property
    def version(self) -> str:
        """Differs where the same record could be marked differently, apart from the time."""
        return f"1{' with scan' if self.scans else ''}"

    def marks(
        self, records: Sequence[MemoryRecord], encoded: Sequence[tuple[bytes, bytes]]
    ) -> list[int | None]:
        """The bits of each record, which comes with its encoded form; None for most."""
        seen: list[int | None] = []
        for record, (content, _) in zip(records, encoded, strict=True):
            created_at = record.created_at
            marks = 0
            if created_at is not None and not _FIRST_YEAR <= created_at.year < self._this_year:
                marks = self._of_time(created_at)
            # The encoded form shows what is long, or has characters that JSON escapes: line ends,
            # U+0000 and halves of characters.
            if len(content) > LARGEST_METADATA:
                marks |= _of_size(record)
            if b"\\" in content:
                marks |= _of_characters(record)
            if record.kind is _MESSAGE and record.role is None and record.name is None:
                marks |= _UNLABELLED
            if self._scan is not None:
                marks |= self._scan(record)
            seen.append(marks or None)
        return seen

    def _of_time(self, time: datetime) -> int:
        if time.year < _FIRST_YEAR:
            return _TIME_ODD
        return _TIME_FUTURE if time > self._horizon else 0


def _of_size(record: MemoryRecord) -> int:
    marks = _TEXT_OVERSIZED if len(record.text) > LONGEST_TEXT else 0
    if record.metadata and _metadata_bytes(record) > LARGEST_METADATA:
        marks |= _METADATA_OVERSIZED
    return marks


def _of_characters(record: MemoryRecord) -> int:
    marks = 0 if is_sendable(record.text) else _TEXT_UNDECODABLE
    return marks | (_DIALOGUE if record.kind is not _MESSAGE and _is_dialogue(record.text) else 0)


def _metadata_bytes(record: MemoryRecord) -> int:
    try:
        return len(to_json(record.metadata, inf_nan_mode="constants"))
    except ValueError:
        return len(repr(record.metadata))


def _is_dialogue(text: str) -> bool:
    """Whether the text begins with a line of a speaker, and a later line is one, too."""
    return _FIRST_LINE.match(text) is not None and _LATER_LINE.search(text) is not None
