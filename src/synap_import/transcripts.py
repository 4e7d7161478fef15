"""Conversations as transcripts: which turns go together, under which id, and how each is written.

Facts: maximem-synap 0.6.9, ``conversation.ingest_transcript``. A transcript goes alone in a request
and never changes: Synap knows it by its conversation id and its content. Pushed again it is a
"duplicate" and costs nothing; another one under the same id is a conflict. So what is new in a
conversation whose earlier turns were sent has an id of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .conversations import conversation_uuid, exchanges, speaker
from .records import State
from .text import sendable, sendable_value

if TYPE_CHECKING:
    from .ledger import StagedRecord
    from .records import MemoryRecord

TRANSCRIPT = "transcript:"
"""How the ids of transcripts begin in the ledger; what follows is the conversation id at Synap."""

MOST_BYTES = 1_000_000
"""Of text in one transcript. Synap publishes no limit; a longer conversation goes in parts."""

_PLAIN_SPEAKERS = {"User", "Assistant"}


class Turn(NamedTuple):
    """One turn, in the names that Synap has for it; it knows two roles only."""

    role: Literal["user", "assistant"]
    content: str
    timestamp: datetime | None
    speaker: str | None
    metadata: dict[str, Any]


class Transcript(NamedTuple):
    """What ``ingest_transcript`` is given beside whose it is."""

    conversation_id: str
    turns: tuple[Turn, ...]

    @property
    def started_at(self) -> datetime | None:
        """The first time in it, if there is any."""
        return min(self._times(), default=None)

    @property
    def ended_at(self) -> datetime | None:
        """The last time in it, if there is any."""
        return max(self._times(), default=None)

    def _times(self) -> Iterator[datetime]:
        return (turn.timestamp for turn in self.turns if turn.timestamp)


def parts(turns: Sequence[StagedRecord], most_bytes: int) -> Iterator[list[StagedRecord]]:
    """Ordered turns in transcripts of at most so many bytes, cut in front of questions.

    Only an exchange that is too long by itself is cut between its turns, and no turn is cut.
    """
    part: list[StagedRecord] = []
    size = 0
    for piece in _pieces(turns, most_bytes):
        more = _size(piece)
        if part and size + more > most_bytes:
            yield part
            part, size = [], 0
        part += piece
        size += more
    if part:
        yield part


def _pieces(turns: Sequence[StagedRecord], most_bytes: int) -> Iterator[list[StagedRecord]]:
    for exchange in exchanges(turns, complete=True):
        if _size(exchange) <= most_bytes:
            yield exchange
        else:
            yield from ([turn] for turn in exchange)


def _size(turns: Sequence[StagedRecord]) -> int:
    return sum(len(turn.record.text.encode("utf-8", "surrogatepass")) for turn in turns)


def transcript_id(
    part: Sequence[StagedRecord], namespace: str | None, *, is_beginning: bool
) -> str:
    """The id of a transcript: the conversation's own, or one made from what is in it.

    The first transcript of a conversation has the conversation's own id, so that an application
    that goes on with the conversation finds it there. A later part, and one whose turns changed
    since they were sent, would be a conflict under that id.
    """
    own_id = (f"{namespace}:" if namespace else "") + conversation_uuid(part[0].record)
    if is_beginning and not any(turn.version for turn in part):
        return f"{TRANSCRIPT}{own_id}"
    contents = "\0".join(f"{turn.record.id}\0{turn.version}" for turn in part)
    digest = sha256(contents.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{TRANSCRIPT}{own_id}~{digest[:8]}"


def is_transcript(document_id: str) -> bool:
    """Whether the document with this id goes as a transcript."""
    return document_id.startswith(TRANSCRIPT)


def make_transcript(document_id: str, turns: Sequence[MemoryRecord]) -> Transcript:
    """The transcript of these turns, which are in order."""
    return Transcript(document_id.removeprefix(TRANSCRIPT), tuple(map(_turn, turns)))


def _turn(record: MemoryRecord) -> Turn:
    """A turn of whoever else speaks (system, tool, …) is an assistant's, under its own label.

    Synap does the same where it splits a text into turns itself: what is not user or human is
    assistant (maximem-synap 0.6.9, models/conversations.py).
    """
    role = (record.role or "user").lower()
    label = speaker(record)
    metadata: dict[str, Any] = {"original_id": record.id}
    if role not in ("user", "assistant"):
        metadata["original_role"] = sendable(record.role or "")
    if record.state is not State.ACTIVE:
        metadata["original_state"] = str(record.state)
    if record.metadata:
        metadata["source_metadata"] = sendable_value(record.metadata)
    return Turn(
        role="user" if role in ("user", "human") else "assistant",
        content=sendable(record.text),
        timestamp=record.created_at,
        speaker=None if label in _PLAIN_SPEAKERS else sendable(label),
        metadata=metadata,
    )
