"""Sends rejected documents again: same documents, same ids, and nothing of the source is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from .documents import make_document
from .loading import Loader, LoadLimits
from .preflight.masking import masking

if TYPE_CHECKING:
    from .destination import Synap
    from .forms import DocumentForm
    from .ledger import Books, Ledger
    from .preflight.masking import Make
    from .progress import Progress


@dataclass(slots=True)
class Retry:
    """One run over what is rejected in a job whose import sent all else."""

    ledger: Ledger
    synap: Synap
    form: DocumentForm
    progress: Progress
    limits: LoadLimits = field(default_factory=LoadLimits)
    _loader: Loader | None = None

    async def run(self) -> Books:
        """Bring each rejected document to an answer; returns the account of the job.

        Raises DestinationStoppedError when Synap takes no more; the same again goes on.
        """
        if self.limits.hold_doubts:
            self.ledger.sending.recover(hold_doubts=True)
        self.ledger.sending.retry_rejected()
        self._begin()
        make: Make = partial(make_document, rules=self.form)
        if self.form.redact:
            make = masking(make)
        self._loader = Loader(self.ledger, self.synap, make, self.progress, self.limits)
        if self.progress.stopping:
            self._loader.stop()
        await self._loader.run(_nothing_more)
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self.progress.stopping = True
        if self._loader is not None:
            self._loader.stop()

    def _begin(self) -> None:
        self.progress.reading_done = True
        self.progress.go_on_from(self.ledger.books())


async def _nothing_more() -> bool:
    return False
