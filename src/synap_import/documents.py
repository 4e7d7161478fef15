"""Makes the documents that Synap is given, anew from their records each time they are sent.

With ``planning``, which decides, the only place that knows Synap's rules about documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import to_json

from .conversations import conversation_uuid, dialogue, order
from .records import Kind, MemoryRecord, Scope, State
from .text import sendable, sendable_value
from .transcripts import Transcript, is_transcript, make_transcript

if TYPE_CHECKING:
    from .forms import DocumentForm
    from .ledger import Claimed
    from .planning import PlanRules


# The names of the fields and what the tool itself writes into the metadata.
_FRAME_BYTES = 1000


class Document(NamedTuple):
    """What Synap is given: the fields of a ``CreateMemoryRequest``."""

    number: int
    document_id: str
    text: str
    document_type: str
    created_at: datetime | None
    user_id: str | None
    customer_id: str | None
    mode: str
    metadata: dict[str, Any]
    turns: int = 1
    transcript: Transcript | None = None

    def size(self) -> int:
        """About how many bytes the document takes in a request."""
        source_metadata = self.metadata.get("source_metadata")
        own = len(to_json(source_metadata)) if source_metadata else 0
        return _FRAME_BYTES + len(self.text.encode()) + own


def make_document(claimed: Claimed, rules: PlanRules | DocumentForm) -> Document:
    """The document as it is sent, made anew from its records each time."""
    turns = claimed.records
    if len(turns) > 1:
        turns = tuple(sorted(turns, key=order))
    first = turns[0]
    conversation = first.kind is Kind.MESSAGE
    goes_alone = is_transcript(claimed.document_id)
    text = dialogue(turns) if conversation else first.text
    # "document" for distilled memories and "ai-chat-conversation" for labelled dialogue:
    # Synap, guides/migrate-from-competitors and sdk/ingestion.
    document_type = "ai-chat-conversation" if conversation else "document"
    return Document(
        number=claimed.number,
        document_id=claimed.document_id,
        text=sendable(text),
        document_type=rules.document_type or document_type,
        created_at=first.created_at,
        user_id=claimed.user_id,
        customer_id=claimed.customer_id,
        mode=rules.mode,
        metadata=(_frame if goes_alone else _metadata)(claimed.document_id, turns),
        turns=len(turns),
        transcript=make_transcript(claimed.document_id, turns) if goes_alone else None,
    )


def _frame(document_id: str, turns: Sequence[MemoryRecord]) -> dict[str, Any]:
    """The guide's names first, then the scope; what is of each turn is with it, in a transcript."""
    first = turns[0]
    metadata: dict[str, Any] = {
        "source": "migration",
        "document_id": document_id,
        "original_system": first.system,
        "original_id": first.id,
        "original_kind": str(first.kind),
    }
    if first.state is not State.ACTIVE:
        metadata["original_state"] = str(first.state)
    _add_times(metadata, first)
    _add_scope(metadata, first.scope)
    if first.tags:
        metadata["tags"] = sendable_value(first.tags)
    return metadata


def _metadata(document_id: str, turns: Sequence[MemoryRecord]) -> dict[str, Any]:
    """The frame, then the source's own under one key."""
    first = turns[0]
    metadata = _frame(document_id, turns)
    if first.kind is Kind.MESSAGE:
        metadata["conversation_id"] = conversation_uuid(first)
        metadata["original_ids"] = [turn.id for turn in turns]
        times = [turn.created_at and turn.created_at.isoformat() for turn in turns]
        if len(turns) > 1 and any(times):
            metadata["original_times"] = times
        of_turns = {turn.id: turn.metadata for turn in turns if turn.metadata}
        if of_turns:
            metadata["source_metadata"] = sendable_value(of_turns)
    elif first.metadata:
        metadata["source_metadata"] = sendable_value(first.metadata)
    return metadata


def _add_times(metadata: dict[str, Any], record: MemoryRecord) -> None:
    if record.created_at is not None:
        metadata["original_created_at"] = record.created_at.isoformat()
    if record.updated_at is not None:
        metadata["original_updated_at"] = record.updated_at.isoformat()
    if record.valid_from is not None:
        metadata["original_valid_from"] = record.valid_from.isoformat()
    if record.valid_to is not None:
        metadata["original_valid_to"] = record.valid_to.isoformat()
    if record.expires_at is not None:
        metadata["original_expires_at"] = record.expires_at.isoformat()


def _add_scope(metadata: dict[str, Any], scope: Scope) -> None:
    if scope.user is not None:
        metadata["original_user_id"] = sendable(scope.user)
    if scope.agent is not None:
        metadata["original_agent_id"] = sendable(scope.agent)
    if scope.session is not None:
        metadata["original_session_id"] = sendable(scope.session)
    if scope.app is not None:
        metadata["original_app_id"] = sendable(scope.app)
    if scope.group is not None:
        metadata["original_group_id"] = sendable(scope.group)
