"""Runs that can be watched and stopped, and how one ended."""

from __future__ import annotations

import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import anyio

from .errors import (
    DestinationStoppedError,
    ExitCode,
    InterruptedRunError,
    SourceUnavailableError,
    StoppedError,
)
from .events import Progressed
from .ledger import Origin
from .sources import Severity

if TYPE_CHECKING:
    from .errors import SynapImportError
    from .events import Listener
    from .ledger import Books, Ledger
    from .progress import Progress
    from .sources import Finding

# After these the account can be told: the ledger is well, a peer is not.
_STOPPED_BY_PEER = (DestinationStoppedError, SourceUnavailableError)
_PROGRESS_SECONDS = 1.0


class Run(Protocol):
    """What can be watched: an import, or a part of one that is done again."""

    ledger: Ledger
    progress: Progress

    async def run(self) -> Books:
        """Do it; returns the account of the job."""
        ...

    def stop(self) -> None:
        """Finish what is in flight and end."""
        ...


Watcher: TypeAlias = Callable[[Run], Coroutine[Any, Any, None]]
"""Looks on while a run goes on, until it is cancelled."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The account of the job, what the shell is told, and the peer's error that ended it early.

    ``refused`` is why a dry run would not be allowed to be a load.
    """

    books: Books
    exit_code: ExitCode
    stopped: StoppedError | None = None
    refused: SynapImportError | None = None


async def watch(
    run: Run, watchers: Sequence[Watcher], *, to_resume: str, is_partial: bool = False
) -> RunEnd:
    """Run with others looking on. Raises what ended the run, unless it was a peer.

    ``to_resume`` says what to do after an interruption that left no account. A partial run need
    not bring every record to its end.
    """
    books: Books | None = None
    failure: Exception | None = None
    try:
        async with anyio.create_task_group() as watching:
            for watcher in watchers:
                watching.start_soon(watcher, run)
            try:
                books = await run.run()
            except Exception as error:  # noqa: BLE001 - raised in here it would come out in a group
                failure = error
            finally:
                watching.cancel_scope.cancel()
    except ExceptionGroup as group:
        interrupted, others = group.split(InterruptedRunError)
        if others is not None or interrupted is None:
            raise
    if isinstance(failure, _STOPPED_BY_PEER):
        return RunEnd(run.ledger.books(), failure.exit_code, failure)
    if failure:
        raise failure
    if books is None:
        raise InterruptedRunError("Interrupted at once.", remedy=to_resume)
    if run.progress.stopping:
        return RunEnd(books, ExitCode.INTERRUPTED)
    return RunEnd(books, exit_code(books, compared(run.ledger), is_partial=is_partial))


def compared(ledger: Ledger) -> list[Finding]:
    """What comparing the job with its source found: an error among it is something missing."""
    return [*ledger.findings.kept(Origin.RECONCILE), *ledger.findings.kept(Origin.RESYNC)]


async def stop_on_signal(run: Run) -> None:
    """The first signal lets what is in flight finish; the second does not."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if run.progress.stopping:
                raise InterruptedRunError("Interrupted twice.")
            run.stop()


def telling_progress(tell: Listener) -> Watcher:
    """A watcher that tells where the run is, once a second."""
    return partial(_tell_progress, tell)


async def _tell_progress(tell: Listener, run: Run) -> None:
    while True:
        await anyio.sleep(_PROGRESS_SECONDS)
        tell(Progressed(asdict(run.progress)))


def exit_code(
    books: Books, findings: Sequence[Finding] = (), *, is_partial: bool = False
) -> ExitCode:
    """What a run that came to its end tells the shell; a partial one need not finish."""
    if books.in_doubt:
        return ExitCode.IN_DOUBT
    missing = any(finding.severity is Severity.ERROR for finding in findings)
    if books.rejected_total or books.unaccounted or missing:
        return ExitCode.SOMETHING_REJECTED
    if books.unfinished and not is_partial:
        return ExitCode.STOPPED_RESUMABLE
    return ExitCode.OK
