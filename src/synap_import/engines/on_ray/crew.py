"""Keeps the workers of a job alive, hears what they did, and takes back what one of them lost.

Everything a worker does is safe to be done again: it reads a partition from the last cursor in the
ledger, and sends documents under the ids that they have. So one that died is followed by another,
after the ledger has given back what the dead one had in hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio
import ray
from ray.exceptions import RayActorError, RayError

from synap_import import errors
from synap_import.errors import ConfigurationError, EngineError, SynapImportError

from .order import Ended, Failure, Order, Report, Told

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from synap_import.ledger.postgres import PostgresLedger
    from synap_import.progress import Progress

    from .desk import Desk

_MOST_DEATHS = 5
_PAUSE_SECONDS = _TURN_SECONDS = 0.1
_MOST_TURNS_A_SECOND = 200
"""Many more would keep this process busy with nothing else."""
_UNSCHEDULED_SECONDS = 10.0
_RESUME = "Run the same command again: it goes on where it stopped."
_AN_ERROR = re.compile(r"[A-Za-z.]+(Error|Exception): ")
_COUNTED = ("exported", "held", "rejected", "loaded", "already_there", "in_doubt")


class WorkerFault(Exception):  # noqa: N818 - a fault of this tool, not an error for a person
    """Something unforeseen ended a worker; its traceback is the message."""


@dataclass(slots=True)
class Crew:
    """The workers of a job. ``hire`` makes the actor of a worker, ``pace`` is the one they ask."""

    order: Order
    hire: Callable[[str], Any]
    pace: Any
    ledger: PostgresLedger
    progress: Progress
    desk: Desk
    told: Told = field(default_factory=Told)
    pages: int = 0
    _reports: dict[str, Report] = field(default_factory=dict)
    _at_work: int = 0
    _failure: Exception | None = None
    _changed: anyio.Event = field(default_factory=anyio.Event)

    def start(self, tasks: TaskGroup) -> None:
        """Let all begin, each kept by a task of its own."""
        self._at_work = self.order.workers
        for number in range(1, self.order.workers + 1):
            tasks.start_soon(self._keep, number)

    def tell(self, **changes: Any) -> None:
        """Say what the workers may do from now on."""
        self.told = self.told._replace(**changes)
        self._tell_change()

    def dismiss(self) -> None:
        """The job needs nobody any more."""
        ray.kill(self.pace)

    async def change(self) -> None:
        """Wait until something was heard from a worker."""
        await self._changed.wait()

    async def _keep(self, number: int) -> None:
        try:
            await self._keep_one(number)
        except (SynapImportError, WorkerFault) as error:
            self._fail(error)
        except RayError as error:
            self._fail(EngineError(f"Ray does not go on ({_cause(error)}).", remedy=_RESUME))
        finally:
            self._at_work -= 1
            self._tell_change()
        if self._at_work == 0 and self._failure is not None:
            raise self._failure

    def _fail(self, error: Exception) -> None:
        """The others are not to be torn away from what they have in flight."""
        self._failure = self._failure or error
        self.tell(stop_reading=True, stop_sending=True)

    async def _keep_one(self, number: int) -> None:
        for attempt in count(1):
            name = f"w{number}.{attempt}"
            worker = self.hire(name)
            try:
                ended = await self._serve(name, worker, is_first=attempt == 1)
            except RayActorError as error:
                self._bury(name, worker)
                if attempt > _MOST_DEATHS:
                    raise EngineError(
                        f"Worker {number} died {attempt} times ({_cause(error)}).",
                        remedy=f"Ray's logs say why. {_RESUME}",
                    ) from error
                await anyio.sleep(_PAUSE_SECONDS * 2**attempt)
                continue
            except BaseException:
                ray.kill(worker)
                raise
            # Ray ends one that nobody holds any more, after what it still has to tell.
            if ended is not None and ended.failure is not None:
                raise _raised(ended.failure)
            return

    async def _serve(self, name: str, worker: Any, *, is_first: bool) -> Ended | None:
        """Go on with a worker until its work is over; None when it never began."""
        if not await self._is_scheduled(worker, is_first=is_first):
            return None
        work = worker.work.remote(self.order).future()
        seconds = max(_TURN_SECONDS, self.order.workers / _MOST_TURNS_A_SECOND)
        while not work.done():
            partition = self.desk.take(name) if self._is_ready(name) else None
            self._hear(name, await worker.turn.remote(self.told, partition, seconds))
        try:
            ended: Ended = work.result()
        except RayActorError:
            raise
        except RayError as error:
            raise ConfigurationError(
                f"A worker cannot begin ({_cause(error)}).",
                remedy="Install synap-import and its plugins in the same versions on every "
                "machine of the Ray cluster.",
            ) from error
        self._hear(name, ended.report)
        return ended

    async def _is_scheduled(self, worker: Any, *, is_first: bool) -> bool:
        """Wait until Ray has room for it; False when there is nothing left for it to do.

        For one that follows a dead one there is: what that one had in hand.
        """
        ready = worker.__ray_ready__.remote().future()
        waited = 0.0
        while not ready.done():
            if self.told.is_stopped or (is_first and self.told.is_over):
                return False
            await anyio.sleep(_PAUSE_SECONDS)
            waited += _PAUSE_SECONDS
            if waited >= _UNSCHEDULED_SECONDS and not self._reports:
                self.progress.waiting = "Ray to have room for a worker"
                self.progress.waiting_until = anyio.current_time()
        ready.result()
        return True

    def _is_ready(self, name: str) -> bool:
        return name in self._reports and self._reports[name].is_ready

    def _hear(self, name: str, report: Report) -> None:
        before = self._reports.get(name, Report())
        self._reports[name] = report
        for counter in _COUNTED:
            more = getattr(report, counter) - getattr(before, counter)
            setattr(self.progress, counter, getattr(self.progress, counter) + more)
        self.pages += report.pages - before.pages
        if report.finished > before.finished:
            self.desk.finished(name)
        self._show_waiting()
        if report != before:
            self._tell_change()

    def _show_waiting(self) -> None:
        waiting = [report for report in self._reports.values() if report.waits_for]
        first = min(waiting, key=lambda one: one.seconds, default=Report())
        self.progress.waiting = first.waits_for
        self.progress.waiting_until = anyio.current_time() + first.seconds

    def _bury(self, name: str, worker: Any) -> None:
        """Nothing of what it had in hand is lost: it is read and sent again."""
        ray.kill(worker)
        self.pace.leave.remote(name)
        self.desk.give_back(name)
        self.ledger.sending.take_back(name, hold_doubts=self.order.limits.hold_doubts)
        self._reports[name] = Report()
        self.progress.go_on_from(self.ledger.books())

    def _tell_change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _cause(error: RayError) -> str:
    """What Ray says, without the tracebacks in it."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return next((line for line in reversed(lines) if _AN_ERROR.match(line)), lines[0])


def _raised(failure: Failure) -> Exception:
    kind = getattr(errors, failure.error, None)
    if kind is None:
        return WorkerFault(failure.message)
    error: Exception = kind(failure.message, remedy=failure.remedy)
    return error
