"""What the rest of the host may ask of a ledger, whatever database is behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from synap_import.sources import Exported

from .values import Origin

if TYPE_CHECKING:
    from synap_import.sources import Finding, Page, Partition, Unreadable

    from .differences import Differences
    from .values import (
        Answer,
        Books,
        Claimed,
        Confirmable,
        DocumentState,
        Given,
        Identified,
        Ingested,
        IngestionGap,
        Marking,
        Owners,
        PartitionProgress,
        PlannedDocument,
        PlannedOwner,
        Present,
        RollbackOutlook,
        Sample,
        Staged,
        StagedRecord,
        Survey,
        Undelivered,
        Undoable,
        Undone,
        Verifiable,
    )


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
