"""Brings a job up to date with its source: what is new, what changed, and what is gone there.

The source is read once more. New and changed records are loaded like any others; of those that
changed, the memories of the older version are deleted when the newer one is accepted, and, where
that is wanted, the memories of records that the source does not have any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import anyio

from .errors import DestinationStoppedError
from .ledger import Origin
from .loading.confirming import ConfirmLimits, follow
from .preflight.codes import CATALOG
from .rollback import Deleted, Deleting
from .sources import Severity

if TYPE_CHECKING:
    from .destination import Synap
    from .following import Loading
    from .ledger import Books, Gone, Ledger, Replaced
    from .progress import Progress
    from .sources import Finding

_RESUME = "What was loaded stays loaded; the same command goes on with the rest."
_AT_ONCE = 4
"""Turns of each deleter between writing down what is gone."""

# So many may go without anybody having to say that it is meant.
_FEW_RECORDS = 100
_SMALL_SHARE = 0.2

_UNREADABLE = "unreadable items when nothing was gone"
_OPTIONS = "options of the source when nothing was gone"
_DIFFERENT = ""


class Mirror(StrEnum):
    """Whether what is gone at the source is removed from Synap, and if much of it may be."""

    NO = "no"
    FEW = "few"
    ALL = "all"


MayRemove = Callable[["Gone"], Awaitable[bool]]
"""Asks whether the memories of so many records may be deleted."""


async def unasked(_: Gone) -> bool:
    """Whoever asked for it meant it."""
    return True


@dataclass(frozen=True, slots=True)
class ResyncRules:
    """Whether everything is read again, and what is then removed from Synap.

    Without ``again`` it is an import like any other, which goes on with a re-sync that was
    interrupted.
    """

    again: bool = False
    mirror: Mirror = Mirror.NO
    keep_replaced: bool = False
    may_remove: MayRemove = unasked


@dataclass(slots=True)
class Resync:
    """One run by these rules: where it begins, and what its end means for what was loaded.

    ``options`` are those of the source, which may have it read a part only.
    """

    rules: ResyncRules = field(default_factory=ResyncRules)
    options: str = "{}"
    _is_one: bool = False
    _is_refused: bool = False
    _has_holes: bool = False
    _more_unreadable: int = 0
    _reads_otherwise: bool = False

    def begin(self, ledger: Ledger) -> bool:
        """Begin to read; returns whether everything is read again."""
        if self.rules.again and ledger.noted(_UNREADABLE) is None:
            books = ledger.books()
            if books.exported:
                _note_unreadable(ledger, books)
        self._is_one = ledger.reading.begin(again=self.rules.again)
        before = ledger.noted(_OPTIONS)
        if before is None or (not self._is_one and before != self.options):
            ledger.note(_OPTIONS, self.options if before is None else _DIFFERENT)
        return self._is_one

    async def end(self, ledger: Ledger, found: Sequence[Finding], *, mirrors: bool) -> None:
        """Everything was read; ``found`` is what the source then said is missing.

        Where it said so, nobody knows what is gone. ``mirrors`` is False when nothing is sent.
        """
        if not self._is_one:
            return
        self._has_holes = any(one.severity is Severity.ERROR for one in found)
        ledger.reading.end(saw_everything=not self._has_holes)
        if not self._has_holes:
            if mirrors and self.rules.mirror is not Mirror.NO:
                await self._mirror(ledger)
            if not ledger.differences.gone().in_synap:
                _note_unreadable(ledger, ledger.books())
                ledger.note(_OPTIONS, self.options)
        self.tell(ledger)

    async def _mirror(self, ledger: Ledger) -> None:
        gone = ledger.differences.gone()
        # An item that cannot be read any more is a record that was not seen, and is there.
        before = int(ledger.noted(_UNREADABLE) or 0)
        self._more_unreadable = max(0, _count_unreadable(ledger.books()) - before)
        self._reads_otherwise = ledger.noted(_OPTIONS) != self.options
        is_odd = are_too_many(gone) or self._more_unreadable > 0 or self._reads_otherwise
        self._is_refused = self.rules.mirror is Mirror.FEW and is_odd
        if gone.in_synap and not self._is_refused and await self.rules.may_remove(gone):
            ledger.differences.mirror()

    def tell(self, ledger: Ledger) -> None:
        """Keep what the owner of the data should know, in the place of what was kept before."""
        if not self._is_one:
            return
        gone, replaced = ledger.differences.gone(), ledger.differences.replaced()
        found = [*self._about_reading(), *self._about_gone(gone), *self._about_replaced(replaced)]
        ledger.findings.keep(found, Origin.RESYNC)

    def _about_reading(self) -> list[Finding]:
        return [CATALOG["gone-unknown"].found(1)] if self._has_holes else []

    def _about_gone(self, gone: Gone) -> list[Finding]:
        if not gone.in_synap:
            return []
        message = (
            f"{_records(gone.in_synap)} not in the source any more, and still in Synap "
            f"(of {gone.known:,} that were ever read)."
        )
        if self._is_refused and self._more_unreadable:
            message += (
                f" {self._more_unreadable:,} more items than before cannot be read, and may be "
                "these. None was removed."
            )
        if self._is_refused and self._reads_otherwise:
            message += " The source was read with other options before. None was removed."
        code = CATALOG["gone-too-many" if self._is_refused else "gone-still-loaded"]
        return [code.found(gone.in_synap, gone.examples, message)]

    def _about_replaced(self, replaced: Replaced) -> list[Finding]:
        stays = replaced.kept + replaced.not_ours
        if not stays:
            return []
        message = (
            f"{_documents(stays)} replaced, or of records that are gone, and still in Synap or "
            "perhaps there: it does not tell their memories, did not delete them, or had them "
            "before this job."
        )
        return [CATALOG["replaced-still-there"].found(stays, replaced.examples, message)]


def are_too_many(gone: Gone) -> bool:
    """Whether so much is gone that the source is rather not whole, or not the same.

    Nothing at all is what a source gives that was emptied, or opened with another key.
    """
    is_all = gone.records >= gone.known
    return is_all or gone.in_synap > max(_FEW_RECORDS, _SMALL_SHARE * gone.known)


@dataclass(slots=True)
class Resynced:
    """First ``loading``, then what was replaced by it, or is gone, is removed from Synap.

    A run that was interrupted removes nothing: the same command does both.
    """

    ledger: Ledger
    progress: Progress
    synap: Synap
    loading: Loading
    resync: Resync
    limits: ConfirmLimits = field(default_factory=ConfirmLimits)
    removed: Deleted = field(default_factory=Deleted)
    _stopped: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> Books:
        """Do both; returns the account of the job.

        Raises DestinationStoppedError when Synap takes, tells or deletes no more.
        """
        loaded = await self.loading.run()
        if self.resync.rules.keep_replaced or self.progress.stopping:
            return loaded
        untold = await self._ask_for_missing_ids()
        await self._remove()
        self.resync.tell(self.ledger)
        if untold is not None:
            raise untold
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self.progress.stopping = True
        self.loading.stop()
        self._stopped.set()

    async def _ask_for_missing_ids(self) -> DestinationStoppedError | None:
        """What Synap does not tell must not keep what is known from being removed."""
        to_ask = self.ledger.differences.ask_about_replaced()
        if not to_ask:
            return None
        self.progress.to_confirm += to_ask
        try:
            await follow(
                self.ledger.differences, self.synap, self.progress, self.limits, self._stopped
            )
        except DestinationStoppedError as error:
            return DestinationStoppedError(error.message, remedy=_RESUME)
        return None

    async def _remove(self) -> None:
        differences = self.ledger.differences
        self.progress.to_undo = differences.replaced().to_remove
        deleting = Deleting(self.synap, self.progress, self.limits, self._stopped, self.removed)
        behind = 0
        while not self._stopped.is_set():
            page = differences.removable(behind, self.limits.at_once * _AT_ONCE)
            if not page:
                break
            behind = page[-1].number
            outcomes = await deleting.delete(page)
            differences.end_removing(outcomes)
            done = sum(not one.remaining for one in outcomes)
            self.removed.documents += done
            self.progress.undone += done
            deleting.raise_if_stopped()


def _count_unreadable(books: Books) -> int:
    return books.rejected.get("unreadable", 0)


def _note_unreadable(ledger: Ledger, books: Books) -> None:
    ledger.note(_UNREADABLE, str(_count_unreadable(books)))


def _records(count: int) -> str:
    return "1 record is" if count == 1 else f"{count:,} records are"


def _documents(count: int) -> str:
    return "1 document was" if count == 1 else f"{count:,} documents were"
