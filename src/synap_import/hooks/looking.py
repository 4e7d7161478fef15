"""A job as plugins see it: to read, in pages, with time between them for others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from anyio.lowlevel import checkpoint

from .agreeing import names_of
from .contract import JobRecord

if TYPE_CHECKING:
    from synap_import.ledger import Identified, Ledger

_PAGE = 500


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The :class:`~synap_import.hooks.contract.JobView` of a ledger."""

    ledger: Ledger
    source: str
    destination: str
    with_text: bool = True

    @property
    def transforms(self) -> tuple[str, ...]:
        """The names of those that the records went through."""
        return names_of(self.ledger)

    async def pages(self) -> AsyncIterator[Sequence[JobRecord]]:
        """Every record; without their words where these are not to be told."""
        records = self.ledger.listing.identified()
        while page := [self._shown(one) for one in islice(records, _PAGE)]:
            yield page
            await checkpoint()

    def _shown(self, one: Identified) -> JobRecord:
        hidden: dict[str, Any] = {"raw": None}
        if not self.with_text:
            hidden |= {"text": "", "metadata": {}}
        return JobRecord(one.record.model_copy(update=hidden), one.hold, one.document_id)
