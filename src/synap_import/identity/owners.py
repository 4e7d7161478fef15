"""Somebody in a source, with what helps to find out who they are in Synap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from synap_import.records import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synap_import.records import Kind


class SourceOwner(NamedTuple):
    """Somebody in a source; None and nothing stand for what is not known of them.

    ``note`` says what the source calls them, or why it takes them for somebody. ``kinds``,
    ``first`` and ``last`` are of their records, where these were read.
    """

    kind: ScopeKind
    id: str
    records: int | None
    note: str = ""
    kinds: Sequence[tuple[Kind, int]] = ()
    first: datetime | None = None
    last: datetime | None = None

    @property
    def recognised_as(self) -> str:
        """How it is known that there is somebody of this id."""
        if self.note:
            return self.note
        if not self.kinds:
            return "named by the source"
        return (
            f"{self.kind} id on records{'' if self.kind is ScopeKind.USER else ' without a user'}"
        )


def moment(time: datetime | None) -> str:
    """A time in UTC as a text that spreadsheets leave alone; nothing for none."""
    if time is None:
        return ""
    try:
        return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OverflowError:  # the first or the last day that there is
        return time.isoformat(timespec="seconds")
