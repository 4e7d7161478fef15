"""Synap's rules for a request as a whole: shapes, scopes, limits.

Pure: no clock, no database, no HTTP. Shapes are those that maximem-synap 0.6.9 sends
(memories/models.py, data/interface.py); where nothing is published, the choice made here is
named in docs/sandbox.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter

if TYPE_CHECKING:
    from .settings import Isolation

MAX_DOCUMENTS = 100
"""Documents per batch ("up to 100 documents per call", Synap's replay-history recipe)."""

MAX_BODY_BYTES = 5 * 1024 * 1024
"""Bytes per request; Synap publishes no number, this one is the sandbox's own."""

DocumentType = Literal[
    "ai-chat-conversation", "document", "email", "pdf", "image", "audio", "meeting-transcript"
]

_MOMENT = TypeAdapter(datetime)


class RefusedError(Exception):
    """The whole request is answered with an error; nothing of it is stored."""

    def __init__(self, status: int, detail: object) -> None:
        super().__init__(str(detail))
        self.status = status
        self.detail = detail


def _checked_moment(value: str) -> str:
    _MOMENT.validate_python(value)
    return value


def _absent_when_empty(value: str | None) -> str | None:
    return value or None


# The text is kept as it came, so that what a source said can be compared with what arrived.
Moment = Annotated[str, AfterValidator(_checked_moment)]
# An empty id narrows nothing: facts on Synap's scoping call it the same as no id.
Identifier = Annotated[str | None, AfterValidator(_absent_when_empty)]


class Item(BaseModel):
    """One document of a batch, or the body of ``memories/create``."""

    document: str | dict[str, Any]
    document_type: DocumentType = "ai-chat-conversation"
    document_id: Identifier = None
    document_created_at: Moment | None = None
    user_id: Identifier = None
    customer_id: Identifier = None
    scope: dict[str, str] | None = None
    mode: Literal["fast", "long-range"] = "long-range"
    metadata: dict[str, Any] = Field(default_factory=dict)


class BatchRequest(BaseModel):
    """Body of ``memories/batch``."""

    documents: list[Item]
    fail_fast: bool = False


class TranscriptTurn(BaseModel):
    """One turn of a transcript (maximem-synap 0.6.9, models/conversations.py)."""

    role: Literal["user", "assistant"]
    content: str
    timestamp: Moment | None = None
    speaker: str | None = None
    metadata: dict[str, Any] | None = None


class TranscriptRequest(BaseModel):
    """Body of ``conversations/ingest``."""

    conversation_id: str = Field(min_length=1)
    user_id: str = Field(min_length=1)
    transcript: str | list[TranscriptTurn] = Field(min_length=1)
    customer_id: Identifier = None
    conversation_type: str | None = Field(default=None, max_length=64)
    analysis: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None
    scope: dict[str, str] | None = None


class UpdateRequest(BaseModel):
    """Body of PATCH on a memory."""

    document: str | dict[str, Any]
    merge_strategy: Literal["replace", "append", "smart-merge"] = "smart-merge"


class ForgetRequest(BaseModel):
    """Body of ``memories/forget``."""

    description: str = Field(min_length=3, max_length=500)
    user_id: Identifier = None
    customer_id: Identifier = None
    scope: dict[str, str] | None = None
    mode: Literal["preview", "direct"] = "preview"


class FetchRequest(BaseModel):
    """Body of ``context/user/fetch``; keys that only tune ranking are ignored."""

    user_id: str = Field(min_length=1)
    customer_id: Identifier = None
    search_query: list[str] | None = None
    max_results: int = Field(default=10, ge=1, le=50)
    types: list[str] = Field(default_factory=lambda: ["all"])
    scope: dict[str, str] | None = None


class DataDeleteRequest(BaseModel):
    """Body of ``data/delete``."""

    scope: Literal["user", "conversation", "customer"]
    instance_id: str
    user_id: Identifier = None
    customer_id: Identifier = None
    dry_run: bool = False
    confirm: str | None = None


class EstimateRequest(BaseModel):
    """Body of ``credits/estimate``."""

    metric_type: str
    units: float = Field(ge=0)


def check_batch(batch: BatchRequest, isolation: Isolation) -> None:
    """Raise RefusedError for what makes Synap refuse a batch as a whole."""
    if len(batch.documents) > MAX_DOCUMENTS:
        raise RefusedError(
            400, f"a batch holds at most {MAX_DOCUMENTS} documents, this one {len(batch.documents)}"
        )
    for position, item in enumerate(batch.documents):
        check_scope(item.user_id, item.customer_id, item.scope, isolation, f"documents[{position}]")


def check_scope(
    user_id: str | None,
    customer_id: str | None,
    scope: dict[str, str] | None,
    isolation: Isolation,
    where: str = "request",
) -> None:
    """Raise RefusedError unless the ids fit the instance (maximem-synap 0.6.9, scoping.py).

    B2C takes no customer_id; B2B takes a user_id only beside a customer_id. The sandbox has
    no scope ladder, so a ``scope`` path is an error here, an empty one on any instance.
    """
    if scope is not None:
        problem = "scope is empty" if not scope else "this instance has no nested scopes"
        raise RefusedError(400, f"{where}: {problem}")
    if isolation == "b2c" and customer_id is not None:
        raise RefusedError(400, f"{where}: customer_id is not accepted on this instance (B2C)")
    if isolation == "b2b" and user_id is not None and customer_id is None:
        raise RefusedError(400, f"{where}: user_id without customer_id (B2B)")
