"""What plugins are given and give back, beside sources: the types of the hooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord


class JobRecord(NamedTuple):
    """A record of a job: ``hold`` is why it is held, ``document_id`` the document it is in."""

    record: MemoryRecord
    hold: str | None
    document_id: str | None


class JobView(Protocol):
    """A job, to look at: what a check or a section of the report is given.

    ``transforms`` are the names of those that the job's records went through.
    """

    @property
    def source(self) -> str:
        """The source's name."""
        ...

    @property
    def destination(self) -> str:
        """The instance of Synap, ``sandbox``, or another destination's name and place."""
        ...

    @property
    def transforms(self) -> tuple[str, ...]:
        """Their names."""
        ...

    def pages(self) -> AsyncIterator[Sequence[JobRecord]]:
        """Every record, some hundred at once, without its ``raw`` object.

        For a report without the words of memories, also without text and metadata.
        """
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """What a section says: a sentence, a table, or both. It is plain text: renderers escape it."""

    text: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class OutgoingDocument(NamedTuple):
    """A document as Synap would be given it; the same ``document_id`` is the same document."""

    document_id: str
    text: str
    document_type: str
    created_at: datetime | None
    user_id: str | None
    customer_id: str | None
    mode: str
    metadata: dict[str, Any]


class Delivery(NamedTuple):
    """What became of a document; ``reason`` says why it was refused."""

    outcome: Literal["stored", "already-there", "refused"]
    reason: str = ""


class Target(Protocol):
    """An opened destination.

    ``place`` says where it is, the same for the same place, since that is part of what makes two
    runs one job; ``title`` is what a person should read it as.
    """

    @property
    def place(self) -> str:
        """Where it is."""
        ...

    @property
    def title(self) -> str:
        """What to call it."""
        ...

    async def send(self, documents: Sequence[OutgoingDocument]) -> Sequence[Delivery]:
        """Take at most 100 documents, and answer for each, in their order.

        What is answered as stored is there whatever happens next. A document that was taken
        before is ``already-there``: after an interruption documents come again. May be called
        while an earlier call waits. Raises DestinationStoppedError when nothing more can be
        taken for now, having retried what is worth it.
        """
        ...
