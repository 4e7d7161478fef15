"""What goes into a ledger and comes out of it.

What is made once per record is a named tuple: a frozen dataclass takes four times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord


class DocumentState(StrEnum):
    """Where a document is on its way; records share the state of their document."""

    PLANNED = "planned"
    IN_FLIGHT = "in_flight"
    IN_DOUBT = "in_doubt"
    LOADED = "loaded"
    ALREADY_THERE = "already_there"
    REJECTED = "rejected"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    # Of documents that no record points to any more, since a newer version took their place.
    REPLACED = "replaced"
    REMOVED = "removed"
    LEFT_BEHIND = "left_behind"


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """How far a partition was read: go on from ``cursor``, or not at all when ``done``."""

    cursor: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """What staging one page did."""

    new: int = 0
    seen_again: int = 0
    conflicting: int = 0
    unreadable: int = 0


Marking: TypeAlias = (
    "Callable[[Sequence[MemoryRecord], Sequence[tuple[bytes, bytes]]], Sequence[int | None]]"
)
"""Says what is remarkable about records, which come with their encoded form: bits, or None."""


class Origin(StrEnum):
    """Which part of a run found something."""

    CHECK = "check"
    PREFLIGHT = "preflight"
    RECONCILE = "reconcile"
    RESYNC = "resync"


class Seen(NamedTuple):
    """So many records of which something is true, with the first ones of them."""

    records: int
    examples: tuple[MemoryRecord, ...] = ()


class PlannedOwner(NamedTuple):
    """Somebody whose records are planned or sent; kind and id are None for nobody's."""

    kind: str | None
    id: str | None
    records: int


class Survey(NamedTuple):
    """What a job holds, for the pre-flight: ``marked`` by bits asked for, ``held`` by reason.

    ``seen_again``, ``unreadable`` and ``notices`` are as in :class:`Books`.

    ``repeated`` records say to their user in Synap what an earlier one said; their examples are
    the earlier ones. ``turns`` are planned records that are part of conversations.
    """

    documents: int
    seen_again: int
    unreadable: int
    notices: dict[str, int]
    marked: dict[int, Seen]
    held: dict[str, Seen]
    repeated: Seen
    turns: int


class StagedRecord(NamedTuple):
    """A record in the ledger, under its number, with what an earlier run decided.

    ``version`` tells this content from others of which one is or may be in Synap.
    """

    number: int
    record: MemoryRecord
    planned: bool = False
    held: bool = False
    version: str = ""


class PlannedDocument(NamedTuple):
    """A document to be sent, made of one record or of the turns of a conversation.

    A document is numbered like its first record.
    """

    records: tuple[int, ...]
    document_id: str
    user_id: str | None
    customer_id: str | None

    @property
    def number(self) -> int:
        """The number of the document."""
        return self.records[0]


class Claimed(NamedTuple):
    """A document taken for sending, with the records it is made of, in order."""

    number: int
    document_id: str
    user_id: str | None
    customer_id: str | None
    records: tuple[MemoryRecord, ...]


class Answer(NamedTuple):
    """What became of a document at the destination."""

    number: int
    state: DocumentState
    ingestion_id: str | None = None
    reason: str | None = None


class Undelivered(NamedTuple):
    """A document that did not arrive, with its records as the source gave them, in order."""

    document_id: str
    reason: str
    attempts: int
    records: tuple[MemoryRecord, ...]


class Confirmation(StrEnum):
    """What Synap made of a document that it accepted, as far as is known.

    ``unknown`` is an id that it no longer or never knew; ``missing`` is one that it did not
    know when first asked, which may be too early.
    """

    WAITING = "waiting"
    MISSING = "missing"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial_success"
    FAILED = "failed"
    ALREADY_THERE = "already_there"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Whether there is more to come."""
        return self in (Confirmation.WAITING, Confirmation.MISSING, Confirmation.PROCESSING)


class Confirmable(NamedTuple):
    """An accepted document that Synap can be asked about, with what it said last."""

    number: int
    ingestion_id: str
    confirmation: Confirmation


class Ingested(NamedTuple):
    """What Synap says became of an accepted document, and the memories made of it."""

    confirmation: Confirmation
    memory_ids: tuple[str, ...] = ()
    message: str | None = None
    unnamed: int = 0


class Undoable(NamedTuple):
    """A document of this job whose memories are known, and so can be deleted.

    ``begun`` says that an earlier run may have deleted some of them.
    """

    number: int
    document_id: str
    memory_ids: tuple[str, ...]
    begun: bool = False


class Undone(NamedTuple):
    """What deleting a document's memories came to.

    Without ``remaining`` it is rolled back; with a ``reason`` the remaining ones stay. Without
    one they were not answered for yet, unless nothing was ``begun`` with the document.
    """

    number: int
    remaining: tuple[str, ...] = ()
    reason: str | None = None
    begun: bool = True


@dataclass(frozen=True, slots=True)
class RollbackOutlook:
    """What a rollback can and cannot do, counted in documents, and in ``memories``.

    ``named`` have memories whose ids are known, ``to_ask`` are those that Synap must be asked
    about first. ``nameless`` were loaded, and Synap tells no id of their memories. Of those
    ``already_there`` some are ``perhaps_ours``: they were sent with unknown outcome before.
    ``in_doubt`` may be in Synap without any id being known. ``sent_twice`` are among those that
    can be rolled back, and may have left something behind; ``refused`` are among them, too: Synap
    did not delete them so far. So are ``transcripts``, of which Synap keeps the turns. ``failed``
    were accepted, their ingestion failed, and Synap tells no memories of them.
    """

    named: int = 0
    memories: int = 0
    to_ask: int = 0
    nameless: int = 0
    already_there: int = 0
    perhaps_ours: int = 0
    in_doubt: int = 0
    sent_twice: int = 0
    refused: int = 0
    rolled_back: int = 0
    transcripts: int = 0
    failed: int = 0

    @property
    def documents(self) -> int:
        """Documents to roll back."""
        return self.named + self.to_ask


class Identified(NamedTuple):
    """A record of the source, and what it became.

    ``state`` is that of its document, or empty for a record without one; ``hold`` is why it
    is held.
    """

    record: MemoryRecord
    hold: str | None
    state: str
    reason: str | None
    document_id: str | None
    ingestion_id: str | None
    memory_ids: tuple[str, ...]


class OfOwner(NamedTuple):
    """What became of the records of an owner; ``targets`` user ids in Synap, ``user_id`` is one.

    The owner is None for records without any; what is in none of these states is not finished.
    """

    kind: str | None
    id: str | None
    records: int
    loaded: int
    already_there: int
    held: int
    rejected: int
    in_doubt: int
    rolled_back: int
    user_id: str | None
    targets: int


class Owners(NamedTuple):
    """How many owners there are, and those with most records."""

    owners: int
    most: list[OfOwner]


class Sample(NamedTuple):
    """Where a run was at a moment (seconds since 1970); ``run`` is when it began.

    Records are counted over all runs of the job, ``confirmed`` documents in this one.
    ``in_flight`` batches were under way, at most ``pace`` a second where that is known.
    """

    run: float
    at: float
    exported: int
    loaded: int
    already_there: int
    held: int
    rejected: int
    in_doubt: int
    confirmed: int
    in_flight: int
    pace: float | None


class Present(NamedTuple):
    """What can be found in Synap: documents and the users whose they are.

    Documents ``of_nobody`` are everybody's, and no user can be asked about them.
    """

    documents: int
    users: int
    of_nobody: int


class Verifiable(NamedTuple):
    """A document that is in Synap, whose user has ``of_user`` of them, with what is known of it."""

    number: int
    document_id: str
    user_id: str
    customer_id: str | None
    of_user: int
    ingestion_id: str | None
    confirmation: Confirmation | None
    memory_ids: tuple[str, ...]
    unnamed: int
    records: tuple[MemoryRecord, ...]


class Given(NamedTuple):
    """A document of the job, and to whom it was given."""

    number: int
    document_id: str
    user_id: str | None
    customer_id: str | None


class IngestionGap(NamedTuple):
    """So many loaded documents of which the same was heard, with the ids of the first ones.

    ``what`` is a confirmation, or ``no_id`` and ``not_asked`` for those that were not confirmed,
    ``unfinished`` for all that are open, ``no_memories`` for completed ones without any.
    """

    what: str
    documents: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """The account of a job, counted in items of the source, each once.

    ``exported`` is counted by itself, so that ``unaccounted`` can tell when a state is
    missing. ``unfinished`` items wait for a decision, an answer or the rest of their rollback;
    ``in_doubt`` are those that
    were sent, whose outcome is unknown, and that are not to be sent again. ``confirmation``
    counts documents by what Synap made of them, and the memories: empty when it was not asked.
    ``gone`` records are not in the source any more, whatever their state. ``replaced`` counts
    documents in whose place others came, by what became of them: no item is in them.
    """

    exported: int = 0
    loaded: int = 0
    already_there: int = 0
    held: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    in_doubt: int = 0
    rolled_back: int = 0
    unfinished: int = 0
    documents: int = 0
    seen_again: int = 0
    notices: dict[str, int] = field(default_factory=dict)
    confirmation: dict[str, int] = field(default_factory=dict)
    gone: int = 0
    replaced: dict[str, int] = field(default_factory=dict)

    @property
    def to_confirm(self) -> int:
        """Documents that Synap was or is to be asked about."""
        return sum(self.confirmation.get(one, 0) for one in Confirmation)

    @property
    def unconfirmed(self) -> int:
        """Those of them that it has not finished, or was not asked about yet."""
        return sum(self.confirmation.get(one, 0) for one in Confirmation if one.is_open)

    @property
    def held_total(self) -> int:
        """Items held for any reason."""
        return sum(self.held.values())

    @property
    def rejected_total(self) -> int:
        """Items rejected for any reason."""
        return sum(self.rejected.values())

    @property
    def unaccounted(self) -> int:
        """Items without any state; anything but 0 is a fault of this tool."""
        finished = self.loaded + self.already_there + self.held_total + self.rejected_total
        return self.exported - finished - self.in_doubt - self.rolled_back - self.unfinished


@dataclass(frozen=True, slots=True)
class Gone:
    """Records that the last re-sync did not find any more, of so many ``known`` ones.

    ``in_synap`` are those whose documents are still there; ``examples`` are ids of these.
    """

    records: int = 0
    in_synap: int = 0
    known: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """Documents of which a newer version was loaded, or whose records are gone.

    ``to_remove`` can be removed now; the memories of ``to_ask`` of them are not known yet.
    ``waiting`` ones have a successor that is not loaded. ``kept`` have memories that Synap does
    not name or refused to delete, ``not_ours`` were there already, or may not be there at all.
    ``examples`` are document ids of these two.
    """

    to_remove: int = 0
    to_ask: int = 0
    waiting: int = 0
    kept: int = 0
    not_ours: int = 0
    examples: tuple[str, ...] = ()
