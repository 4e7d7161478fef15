"""The route of transcripts: a whole conversation in one request, kept under its own id."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from .contract import Item, TranscriptRequest, check_scope
from .rows import Document
from .wire import Json, iso, read

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from .app import Sandbox

PATH = "/v1/conversations/ingest"

NO_TIME = "no event time was supplied: these memories cannot be ordered by recency"


async def ingest(request: Request, sandbox: Sandbox) -> Response:
    """POST /v1/conversations/ingest: the same one again is a duplicate, another one a 409."""
    body = await read(request, TranscriptRequest)
    check_scope(body.user_id, body.customer_id, body.scope, sandbox.settings.isolation)
    outcome, is_duplicate = sandbox.store.accept_transcript(_document(body))
    return Json(
        {
            "conversation_id": outcome.document_id,
            "external_conversation_id": body.conversation_id,
            "ingestion_id": outcome.ingestion_id,
            "status": "duplicate" if is_duplicate else "queued",
            "turns_recorded": 0 if is_duplicate else _count(body),
            "summary_status": "already_compacted" if is_duplicate else "in_progress",
            "queued_at": iso(outcome.queued),
            "warnings": [] if _first_time(body) else [NO_TIME],
        }
    )


def _document(body: TranscriptRequest) -> Document:
    """The conversation as one text, with the transcript as it came in its metadata."""
    sent = body.model_dump(include={"transcript"}, exclude_none=True)
    item = Item(
        document=_text(body),
        document_created_at=_first_time(body),
        user_id=body.user_id,
        customer_id=body.customer_id,
        metadata={
            **(body.metadata or {}),
            "external_conversation_id": body.conversation_id,
            **sent,
        },
    )
    return Document.of(_uuid(body.conversation_id), item)


def _text(body: TranscriptRequest) -> str:
    if isinstance(body.transcript, str):
        return body.transcript
    return "\n".join(
        f"{turn.speaker or turn.role.capitalize()}: {turn.content}" for turn in body.transcript
    )


def _count(body: TranscriptRequest) -> int:
    return len(body.transcript) if isinstance(body.transcript, list) else 1


def _first_time(body: TranscriptRequest) -> str | None:
    times = [body.started_at]
    if isinstance(body.transcript, list):
        times += [turn.timestamp for turn in body.transcript]
    return next((time for time in times if time), None)


def _uuid(conversation_id: str) -> str:
    """The id as Synap's server makes a UUID of any string; how, is not published."""
    try:
        return str(UUID(conversation_id))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, conversation_id))
