"""Groups the messages of a conversation into documents, and writes them as a dialogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

if TYPE_CHECKING:
    from .ledger import StagedRecord
    from .records import MemoryRecord

# Speaker labels decide whom Synap attributes a statement to: its guide writes
# `User:` and `Assistant:`, or names.
_LABELS = {"user": "User", "human": "User", "assistant": "Assistant", "ai": "Assistant"}


def in_order(turns: Sequence[StagedRecord]) -> list[StagedRecord]:
    """Turns by position, then time, then the order in which the source gave them."""
    return sorted(turns, key=lambda turn: (*order(turn.record), turn.number))


def order(record: MemoryRecord) -> tuple[bool, int, bool, datetime]:
    """The sort key of a message within its conversation."""
    return (
        record.position is None,
        record.position or 0,
        record.created_at is None,
        record.created_at or datetime.min.replace(tzinfo=UTC),
    )


def exchanges(turns: Sequence[StagedRecord], *, complete: bool) -> Iterator[list[StagedRecord]]:
    """Cut ordered turns where a user speaks again: one question with its answers.

    The last exchange can still grow unless the conversation is ``complete``; it is then
    left out.
    """
    exchange: list[StagedRecord] = []
    for turn in turns:
        if exchange and _asks(turn.record) and not _asks(exchange[-1].record):
            yield exchange
            exchange = []
        exchange.append(turn)
    if exchange and complete:
        yield exchange


def windows(
    turns: Sequence[StagedRecord], size: int, *, complete: bool
) -> Iterator[list[StagedRecord]]:
    """So many exchanges each, one behind the other; the last may have fewer.

    A last window that is not full can still grow unless the conversation is ``complete``.
    """
    window: list[StagedRecord] = []
    held = 0
    for exchange in exchanges(turns, complete=complete):
        window += exchange
        held += 1
        if held == size:
            yield window
            window, held = [], 0
    if window and complete:
        yield window


def _asks(record: MemoryRecord) -> bool:
    return (record.role or "").lower() in {"user", "human"}


def dialogue(turns: Sequence[MemoryRecord]) -> str:
    """The turns as labelled lines, each under its speaker."""
    return "\n".join(f"{speaker(turn)}: {turn.text.strip()}" for turn in turns)


def speaker(turn: MemoryRecord) -> str:
    """The label of who says this: a name, or the role as Synap's guide writes it."""
    role = turn.role or "user"
    return turn.name or _LABELS.get(role.lower(), role.capitalize())


def conversation_uuid(first: MemoryRecord) -> str:
    """The conversation's id as a UUID, as Synap wants it: its own, or a stable one.

    Names such as "main" repeat between users, so a made one depends on the owner too.
    """
    session = first.scope.session or first.id
    try:
        return str(UUID(session))
    except ValueError:
        parts = (first.system, *(first.scope.owner() or ()), session)
        return str(uuid5(NAMESPACE_URL, "\0".join(("synap-import", *parts))))
