"""Hands over what did not arrive: records that load again as they are, and why they did not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from .conversations import order
from .ledger import DocumentState
from .records import Kind, record_line

if TYPE_CHECKING:
    from .ledger import Ledger, Undelivered
    from .records import MemoryRecord


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How much was written."""

    documents: int = 0
    records: int = 0
    unreadable: int = 0


def hand_over(
    ledger: Ledger, state: DocumentState, records: IO[bytes], reasons: IO[bytes]
) -> HandedOver:
    """Write all records of documents in this state, one per line, and a reason for each.

    Items that could not be read are rejected too. They are no records, so they are among the
    reasons only, with what they look like.
    """
    documents = turns = unreadable = 0
    for document in ledger.listing.undelivered(state):
        documents += 1
        for record in reloadable(document):
            turns += 1
            records.write(record_line(record) + b"\n")
            reasons.write(_line(id=record.id, **_why(document)))
    if state is DocumentState.REJECTED:
        for item in ledger.listing.unreadable():
            unreadable += 1
            reasons.write(_line(where=item.where, reason=item.reason, raw=item.raw))
    return HandedOver(documents, turns, unreadable)


def reloadable(document: Undelivered) -> Iterable[MemoryRecord]:
    """The document's records so that they become the same document without the others.

    A message without a position is counted within its conversation to make the document's id.
    Where most of the conversation arrived, and is not in the file, that count is written down.
    """
    if document.records[0].kind is not Kind.MESSAGE:
        return document.records
    turns = sorted(document.records, key=order)
    position = _counted(document.document_id)
    if position is None:
        return turns
    placed = []
    for turn in turns:
        position = position if turn.position is None else turn.position
        placed.append(turn.model_copy(update={"position": position}))
        position += 1
    return placed


def _counted(document_id: str) -> int | None:
    """The message index in ``backfill:{conversation}:{message index}~{version}.{time}``."""
    prefix, _, index = document_id.rpartition(":")
    index = index.partition("~")[0].partition(".")[0]
    is_conversation = prefix.startswith("backfill:") and index.removeprefix("-").isdecimal()
    return int(index) if is_conversation else None


def _why(document: Undelivered) -> dict[str, Any]:
    return {
        "document_id": document.document_id,
        "reason": document.reason,
        "attempts": document.attempts,
    }


def _line(**fields: Any) -> bytes:
    """ASCII, so that whatever stands in a reason or an item is inert in a terminal."""
    return json.dumps(fields).encode("ascii") + b"\n"
