"""What an import asks of the engine that does its two long parts: reading and sending.

Planning, the pre-flight, the comparison with the source and the account stay with the import: one
planner, whoever reads and sends. An engine and the import hand over through the ledger only.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from synap_import.destination import Synap
    from synap_import.ledger import Claimed
    from synap_import.loading.elsewhere import Elsewhere
    from synap_import.sources import Partition

Claim: TypeAlias = "Callable[[int], list[Claimed]]"
"""Takes the next documents for sending."""

More: TypeAlias = Callable[[], Awaitable[bool]]
"""Waits until more was planned; False when no more will be."""


class Engine(Protocol):
    """Reads partitions into the ledger, and sends what is planned there."""

    def working(self) -> AbstractAsyncContextManager[None]:
        """What must be there while it reads or sends. Errors of others that work come out here."""
        ...

    def read(self, partitions: AsyncIterator[Partition]) -> AsyncGenerator[bool, None]:
        """Stage the pages of partitions, and give the import its turn whenever some were.

        What it yields says whether anything was staged since. Closed early, it reads no more, and
        what was staged stays. Raises what the source raises.
        """
        ...

    async def send(self, synap: Synap | Elsewhere, more: More, claim: Claim | None = None) -> None:
        """Send until nothing is left: everything that is planned, or what ``claim`` gives.

        Raises DestinationStoppedError when the destination takes no more.
        """
        ...

    async def let_sending_go_first(self) -> None:
        """Let what can be sent go out before the import does something longer."""
        ...

    def stop_sending(self) -> None:
        """Finish what is in flight and send nothing more, even if sending has not begun."""
        ...
