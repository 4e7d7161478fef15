"""A run, and then what Synap makes of its documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import anyio

from .loading.confirming import ConfirmChoice, ConfirmLimits, confirm

if TYPE_CHECKING:
    from .destination import Synap
    from .ledger import Books, Ledger
    from .progress import Progress


class Loading(Protocol):
    """A run that sends documents."""

    async def run(self) -> Books:
        """Do it; returns the account of the job."""
        ...

    def stop(self) -> None:
        """Finish what is in flight and end."""
        ...


@dataclass(slots=True)
class Followed:
    """First ``loading``, if there is any to do, then its documents are followed.

    A run that was interrupted is not followed: the same command does both.
    """

    ledger: Ledger
    progress: Progress
    synap: Synap
    choice: ConfirmChoice
    limits: ConfirmLimits = field(default_factory=ConfirmLimits)
    loading: Loading | None = None
    _stopped: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> Books:
        """Do both; returns the account of the job.

        Raises DestinationStoppedError when Synap takes, or tells, no more.
        """
        loaded = None if self.loading is None else await self.loading.run()
        if loaded is not None and (self.progress.stopping or self.choice is ConfirmChoice.NONE):
            return loaded
        if not self.progress.stopping:
            await confirm(
                self.ledger,
                self.synap,
                self.choice,
                self.progress,
                self.limits,
                stopped=self._stopped,
            )
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self.progress.stopping = True
        if self.loading is not None:
            self.loading.stop()
        self._stopped.set()
