"""The ledger of a job: its parts, each with one task, on one database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import accounting
from .accounting import Accounting
from .confirmations import Confirming
from .differences import Differences
from .findings import Findings
from .horizon import Horizon
from .listing import Listing
from .notes import note, noted
from .outcomes import Outcomes
from .planning import Planning
from .reading import Reading
from .recent_pages import RecentPages
from .samples import Samples
from .sending import Sending
from .surveying import Surveying
from .trials import Trials
from .undoing import Undoing
from .verifying import Verifying

if TYPE_CHECKING:
    from .database import Database
    from .values import Books


class Ledger:
    """All that is known of a job, for one thread at a time.

    Every method of a part is a transaction. It blocks for milliseconds, less than handing it to a
    thread would cost, and raises LedgerError when the database cannot go on.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        transaction = self._transaction = database.transaction
        pages, horizon = RecentPages(), Horizon(is_shared=database.is_shared)
        # The way of the data.
        self.reading = Reading(transaction, pages, horizon)
        self.planning = Planning(transaction, pages, horizon)
        self.trials = Trials(transaction)
        self.sending = Sending(database, pages, horizon)
        self.confirming = Confirming(transaction)
        # What else is done with what it brought.
        self.verifying = Verifying(transaction)
        self.undoing = Undoing(transaction)
        self.differences = Differences(transaction, pages.record)
        # What people are told.
        self.surveying = Surveying(transaction, pages.record)
        self.findings = Findings(transaction)
        self.accounting = Accounting(transaction)
        self.listing = Listing(transaction)
        self.outcomes = Outcomes(transaction)
        self.samples = Samples(transaction)

    def books(self) -> Books:
        """Count everything."""
        with self._transaction() as db:
            return accounting.books(db)

    def note(self, key: str, value: str) -> None:
        """Keep something about the job that later commands need to know."""
        with self._transaction("note") as db:
            note(db, key, value)

    def noted(self, key: str) -> str | None:
        """What was last kept under this key, None when nothing was."""
        with self._transaction() as db:
            return noted(db, key)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
