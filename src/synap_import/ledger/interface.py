"""What the rest of the host may ask of a ledger, whatever database is behind it.

What is made once per record is a named tuple: a frozen dataclass takes four times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from synap_import.sources import Exported

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord
    from synap_import.sources import Finding, Page, Partition, Unreadable

    from .differences import Differences


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


class Ledger(Exported, Protocol):
    """Stage, plan, claim, answer, count. Every method is one transaction.

    Methods block for milliseconds, less than handing them to a thread would cost. They
    raise LedgerError when the database cannot go on.
    """

    @property
    def differences(self) -> Differences:
        """What a re-sync found, and what is to be done about it."""
        ...

    def begin_reading(self, *, again: bool = False) -> bool:
        """Begin to read what was not read yet, or everything ``again``: a re-sync.

        A re-sync that was not finished goes on, whatever is asked. Returns whether it is one.
        """
        ...

    def end_reading(self, *, saw_everything: bool) -> None:
        """A re-sync came to its end; if it ``saw_everything``, the rest is gone."""
        ...

    def open_partition(self, partition: Partition) -> PartitionProgress:
        """Where to go on reading; from the beginning when the partition's version changed."""
        ...

    def stage(self, partition: Partition, page: Page, mark: Marking | None = None) -> Staged:
        """Keep a page's records, its unreadable items and its cursor, all or nothing.

        ``mark`` says what is remarkable about each record.
        """
        ...

    def remark(self, mark: Marking) -> None:
        """Say anew of all records what is remarkable about them."""
        ...

    def lines(self) -> Iterator[bytes]:
        """Every record as a line of an export file, without the line's end, in staged order."""
        ...

    def keep_findings(self, found: Sequence[Finding], origin: Origin = Origin.RECONCILE) -> None:
        """Keep what a part of a run found, in the place of what it found before."""
        ...

    def findings(self, origin: Origin | None = None) -> list[Finding]:
        """What was kept last, of one part or of all."""
        ...

    def survey(self, bits: Sequence[int], examples: int) -> Survey:
        """Count what is planned and held, and what is remarkable about what is planned."""
        ...

    def planned_owners(self) -> Iterator[PlannedOwner]:
        """Every owner of records that are planned or sent, one by one."""
        ...

    def replan(self, plan: str) -> int:
        """Forget holds and what did not arrive when ``plan`` is not the plan they came from.

        So is what the pre-flight found.

        That is unsent documents, and rejected ones: a rule may have been why. What was rolled
        back is forgotten under any plan, so that it is sent once more.
        Returns how many records are to be planned again.
        """
        ...

    def unplanned(self, limit: int) -> list[StagedRecord]:
        """The next records that are not part of conversations and have no decision yet."""
        ...

    def unplanned_conversations(self) -> Iterator[list[StagedRecord]]:
        """Each conversation with undecided messages, one by one, whole, in staged order."""
        ...

    def plan(self, documents: Sequence[PlannedDocument], holds: Sequence[tuple[int, str]]) -> None:
        """Write decisions: documents to send, and record numbers held with a reason."""
        ...

    def recover(self, *, hold_doubts: bool = False) -> int:
        """Begin a run: what an earlier one had in hand is to be decided or sent again.

        What was in flight has an unknown outcome, and so has what was in doubt before: it is
        sent again, or with ``hold_doubts`` stays in doubt. Returns how many documents that is.
        """
        ...

    def claim(self, limit: int, among: Sequence[int] | None = None) -> list[Claimed]:
        """Take the next documents (of those with these numbers) and mark them in flight."""
        ...

    def release(self, numbers: Sequence[int], *, untouched: bool = False) -> None:
        """Give claimed documents back, to be claimed again; ``untouched``: they were not tried."""
        ...

    def doubt(self, numbers: Sequence[int], reason: str, *, hold: bool = False) -> None:
        """Write down that the outcome of sending these is unknown; ``hold`` ends them so."""
        ...

    def answer(self, answers: Sequence[Answer]) -> None:
        """Write what became of documents."""
        ...

    def unsent(self) -> int:
        """How many documents wait for an import to send them, and were never refused."""
        ...

    def unsent_of(self, beginning: str) -> tuple[int, int]:
        """How many of :meth:`unsent` have ids that begin so, and how many records they hold."""
        ...

    def is_doubted(self, number: int) -> bool:
        """Whether this document was sent before, and no usable answer came."""
        ...

    def retryable(self) -> int:
        """How many documents are rejected, or were and are on their way again."""
        ...

    def retry_rejected(self) -> int:
        """Make rejected documents sendable again, also those an interrupted retry had in hand.

        Returns how many documents that is.
        """
        ...

    def names_customers(self) -> bool:
        """Whether any document goes to a customer."""
        ...

    def note(self, key: str, value: str) -> None:
        """Keep something about the job that later commands need to know."""
        ...

    def noted(self, key: str) -> str | None:
        """What was last kept under this key, None when nothing was."""
        ...

    def confirmable(self, *, only_new: bool = False) -> int:
        """How many documents Synap accepted under an id that it can be asked about.

        With ``only_new`` just those among which nothing was chosen yet.
        """
        ...

    def choose_to_confirm(
        self, sample: int | None = None, *, only_new: bool = False, user_id: str | None = None
    ) -> None:
        """Mark documents to be asked about: all (of a user), or just a sample of about so many.

        A sample has each user in it while that goes, and every document once in doubt. It
        takes the place of what was marked and not finished; with ``only_new`` it adds to that.
        """
        ...

    def unconfirmed(
        self, behind: int, limit: int, *, user_id: str | None = None
    ) -> list[Confirmable]:
        """The next marked documents (of a user), behind this number, that are not finished."""
        ...

    def confirm(self, answers: Sequence[tuple[int, Ingested]]) -> None:
        """Write what Synap said about documents; a failed ingestion makes one rejected."""
        ...

    def rollback_outlook(self, user_id: str | None = None) -> RollbackOutlook:
        """What a rollback of the job, or of what went to this user, can do."""
        ...

    def undoable(self, behind: int, limit: int, *, user_id: str | None = None) -> list[Undoable]:
        """The next documents (of a user), behind this number, whose memories are known."""
        ...

    def begin_undoing(self, numbers: Sequence[int]) -> None:
        """Write down that memories of these are about to be deleted."""
        ...

    def end_undoing(self, outcomes: Sequence[Undone]) -> None:
        """Write down which memories are gone; a document without any is rolled back."""
        ...

    def undoing(self) -> int:
        """How many documents have lost, or may have lost, a part of their memories."""
        ...

    def undeleted(self, limit: int) -> list[tuple[str, str]]:
        """Document id and reason of the first documents whose memories could not be deleted."""
        ...

    def customers_of(self, user_id: str) -> list[str | None]:
        """Under which customers documents of this user were sent."""
        ...

    def wiped(self, user_id: str, customer_id: str | None) -> None:
        """Write down that nothing of this user is left in Synap."""
        ...

    def identified(self) -> Iterator[Identified]:
        """Every record, one by one, in staged order, with what it became."""
        ...

    def books(self) -> Books:
        """Count everything."""
        ...

    def held_owners(self, reason: str) -> list[tuple[str, str, int]]:
        """Scope kind, id and number of records held for this reason, most records first."""
        ...

    def loaded_targets(self) -> list[tuple[str, str, str | None, str | None]]:
        """Scope kind, id, user_id and customer_id under which records were loaded so far."""
        ...

    def unreadable(self, limit: int) -> list[Unreadable]:
        """The first items that could not become records."""
        ...

    def every_unreadable(self) -> Iterator[Unreadable]:
        """All items that could not become records, one by one."""
        ...

    def undelivered(self, state: DocumentState) -> Iterator[Undelivered]:
        """Each document in this state, one by one, with the raw objects of its records."""
        ...

    def rejections(self, limit: int) -> list[tuple[str, str]]:
        """Document id and reason of the first rejected documents."""
        ...

    def doubts(self, limit: int) -> list[tuple[str, str]]:
        """Document id and reason of the first documents that are in doubt."""
        ...

    def owners(self, limit: int) -> Owners:
        """How many owners the records have, and what became of those with most records."""
        ...

    def confirmed_records(self) -> dict[str, int]:
        """Loaded records by what Synap said of their document, empty where it was not asked."""
        ...

    def keep_sample(self, sample: Sample) -> None:
        """Keep where a run is; of many samples, some hundred are kept, evenly spread."""
        ...

    def samples(self) -> list[Sample]:
        """What was kept of all runs, in order."""
        ...

    def present(self, user_id: str | None = None) -> Present:
        """How much (of a user) the job knows to be in Synap."""
        ...

    def verifiable(
        self, size: int, *, user_id: str | None = None, among: Sequence[int] | None = None
    ) -> Iterator[Verifiable]:
        """About so many documents that stand for all that are in Synap (of a user), one by one.

        Every user has one while that goes; always the same for the same documents. With
        ``among`` it is just those of these numbers that are there.
        """
        ...

    def given(self, names: Sequence[str]) -> dict[str, Given]:
        """The documents that have these ids, or memories that have them, by the id."""
        ...

    def ingestion_gaps(self, user_id: str | None = None, examples: int = 100) -> list[IngestionGap]:
        """Loaded documents by what was heard of their ingestion."""
        ...

    def triable(self, size: int) -> Iterator[Claimed]:
        """About so many documents that stand for all that wait to be sent, one by one."""
        ...

    def documents_among(self, numbers: Sequence[int]) -> list[int]:
        """Those of the numbers under which there is a document."""
        ...

    def unread_partitions(self) -> int:
        """How many slices of the source were not read to their end."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
