"""What becomes of each document of a request, and how far its ingestion is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter
from pydantic_core import to_json

from .contract import Item, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from .settings import Duplicates

DUPLICATE = "duplicate document_id"

_MOMENT = TypeAdapter(datetime)
# JSON text may also hold the characters "\" "u0000"; only an odd run of backslashes
# before the u is an escaped NUL.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Document:
    """An item as it is kept: objects as JSON text, the original time also as a number.

    ``original_at`` is in seconds since 1970; a time without a zone counts as UTC, for
    sorting only.
    """

    document_id: str
    user_id: str | None
    customer_id: str | None
    document_type: str
    mode: str
    text: str
    is_object: bool
    created_at: str | None
    original_at: float | None
    metadata: str

    @classmethod
    def of(cls, document_id: str, item: Item) -> Document:
        """Make it from a checked item."""
        is_object = isinstance(item.document, dict)
        created_at = item.document_created_at
        return cls(
            document_id=document_id,
            user_id=item.user_id,
            customer_id=item.customer_id,
            document_type=item.document_type,
            mode=item.mode,
            text=_json(item.document) if is_object else str(item.document),
            is_object=is_object,
            created_at=created_at,
            original_at=None if created_at is None else _instant(created_at),
            metadata=_json(item.metadata),
        )

    def fault(self) -> str | None:
        """Why it cannot be kept, if so; U+0000 is what a text in Postgres refuses."""
        if self.is_object:
            if self.text == "{}":
                return "document is empty"
        elif not self.text.strip():
            return "document is empty"
        if self._holds_nul():
            return "text contains U+0000"
        return None

    def _holds_nul(self) -> bool:
        plain = [self.document_id, self.user_id or "", self.customer_id or ""]
        encoded = [self.metadata]
        (encoded if self.is_object else plain).append(self.text)
        return any("\0" in text for text in plain) or any(
            "\\u0000" in text and _ESCAPED_NUL.search(text) for text in encoded
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one row: stored, or failed with a reason."""

    document: Document
    error: str | None


def judge(
    documents: Sequence[Document],
    known: Set[str],
    duplicates: Duplicates,
    *,
    fail_fast: bool,
) -> list[Verdict]:
    """Decide every row of a batch, in order; ``known`` are the ids already held.

    Raises RefusedError (409) for the whole batch in the ``conflict`` reading.
    """
    taken = set(known)
    verdicts: list[Verdict] = []
    stopped = False
    for document in documents:
        error = "not attempted: fail_fast" if stopped else document.fault()
        if error is None and duplicates != "update" and document.document_id in taken:
            error = DUPLICATE
            if duplicates == "conflict":
                message = f"{DUPLICATE}: {document.document_id}"
                raise RefusedError(409, {"code": "conflict", "message": message})
        if error is None:
            taken.add(document.document_id)
        stopped = stopped or (fail_fast and error is not None)
        verdicts.append(Verdict(document, error))
    return verdicts


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an ingestion is; times are seconds since 1970, absent until reached."""

    status: Literal["queued", "processing", "completed", "failed"]
    started: float | None = None
    completed: float | None = None


def progress(queued: float, error: str | None, now: float, delay: float) -> Progress:
    """Half of the delay queued, half processing, then completed; failed rows are so at once."""
    if error is not None:
        return Progress("failed", completed=queued)
    started, completed = queued + delay / 2, queued + delay
    if now < started:
        return Progress("queued")
    if now < completed:
        return Progress("processing", started)
    return Progress("completed", started, completed)


def _instant(moment: str) -> float:
    value = _MOMENT.validate_python(moment)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _json(value: object) -> str:
    # Not orjson: integers beyond 64 bits are valid JSON and must survive.
    return to_json(value, inf_nan_mode="null").decode()
