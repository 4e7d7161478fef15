"""Deletes everything that Synap holds of a user, whoever put it there: more than a rollback."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import orjson

from .errors import DestinationStoppedError
from .loading.confirming import ConfirmLimits
from .loading.verdicts import Again, Split, Stop, Wait, judge

if TYPE_CHECKING:
    from .destination import Exchange, Synap
    from .ledger import Books, Ledger
    from .progress import Progress

_MOST_CALLS = 50
"""Each deletes as much as the server's cap allows; the SDK gives up after as many (0.6.9)."""

_RESUME = "The same command goes on: what is gone is gone."


@dataclass(frozen=True, slots=True)
class WipeAnswer:
    """What Synap says was deleted, or would be: by store, and where something stays."""

    counts: dict[str, Any]
    still_present_in: tuple[str, ...]
    complete: bool
    more: bool


@dataclass(slots=True)
class Wipe:
    """One run: everything of the user, under each customer that the job sent it under."""

    ledger: Ledger
    synap: Synap
    progress: Progress
    user_id: str
    limits: ConfirmLimits = field(default_factory=ConfirmLimits)
    still_present_in: set[str] = field(default_factory=set)
    _stopped: anyio.Event = field(default_factory=anyio.Event)

    async def preview(self) -> list[WipeAnswer]:
        """What would be deleted, for each customer; nothing is."""
        return [
            await self._ask(customer_id, dry_run=True)
            for customer_id in self.ledger.undoing.customers_of(self.user_id)
        ]

    async def run(self) -> Books:
        """Delete it all; returns the account of the job.

        Raises DestinationStoppedError when Synap refuses, or does not answer.
        """
        for customer_id in self.ledger.undoing.customers_of(self.user_id):
            for _ in range(_MOST_CALLS):
                if self._stopped.is_set():
                    return self.ledger.books()
                said = await self._ask(customer_id, dry_run=False)
                if not said.more:
                    break
            self.still_present_in.update(said.still_present_in)
            if said.complete and not said.still_present_in:
                self.ledger.undoing.wiped(self.user_id, customer_id)
            else:
                self.still_present_in.update(
                    said.still_present_in or {"(Synap does not say where)"}
                )
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self.progress.stopping = True
        self._stopped.set()

    async def _ask(self, customer_id: str | None, *, dry_run: bool) -> WipeAnswer:
        failures = 0
        waited = 0.0
        while True:
            exchange = await self.synap.wipe(self.user_id, customer_id, dry_run=dry_run)
            match read_wipe(exchange):
                case WipeAnswer() as said:
                    return said
                case Wait(seconds, what) if waited + seconds > self.limits.longest_wait_seconds:
                    raise _stopped(f"Synap asks to wait {seconds:.0f} s more for {what}.")
                case Wait(seconds, _):
                    waited += seconds
                    await anyio.sleep(seconds)
                case Stop(reason, remedy):
                    raise _stopped(reason, remedy)
                case Again(reason):
                    failures += 1
                    if failures >= self.limits.tries:
                        raise _stopped(f"Synap does not say that it deletes ({reason}).")
                    await anyio.sleep(self.limits.first_pause_seconds)


def read_wipe(exchange: Exchange) -> WipeAnswer | Again | Wait | Stop:
    """What to believe after asking once. Asking again is safe: what is gone is gone."""
    if exchange.status == 200:
        said = _read_body(exchange.body)
        return said or Again("HTTP 200 that does not say what was deleted")
    match judge(exchange, ()):
        case Wait() | Stop() as verdict:
            return verdict
        case Split(single):
            return Stop(f"Synap refuses to wipe this user ({single.reason}).", "")
        case verdict:
            return Again(getattr(verdict, "reason", f"HTTP {exchange.status}"))


def _read_body(raw: bytes) -> WipeAnswer | None:
    try:
        body = orjson.loads(raw)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        return None
    counts = body.get("counts")
    present = body.get("still_present_in")
    return WipeAnswer(
        counts if isinstance(counts, dict) else {},
        tuple(map(str, present)) if isinstance(present, list) else (),
        body["status"] == "complete" and body.get("fully_removed") is True,
        body.get("continue") is True,
    )


def _stopped(reason: str, remedy: str = "") -> DestinationStoppedError:
    return DestinationStoppedError(reason, remedy=f"{remedy} {_RESUME}".strip())
