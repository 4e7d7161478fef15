"""Reads partitions and sends documents, in a process of Ray's, on any of its machines.

It does both at once in one event loop, as the single process does, so that a worker keeps one
connection to the ledger and costs one process. One call, :meth:`Worker.work`, lasts as long as
its work; by :meth:`Worker.turn` it hears again and again what it may do, and tells what it did.
"""

from __future__ import annotations

import time
import traceback
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import anyio

from synap_import.engines.reading import Reading
from synap_import.errors import EngineError, SynapImportError, most_telling
from synap_import.handover import Handover
from synap_import.loading import Loader
from synap_import.preflight.masking import making
from synap_import.progress import Progress

from .equipment import Equipment, equipped
from .order import Ended, Failure, Report, Told
from .remote_slots import RemoteSlots

if TYPE_CHECKING:
    from synap_import.destination import Synap
    from synap_import.sources import Partition

    from .order import Order

_FORSAKEN_SECONDS = 120.0
"""Longer than an import counts its books. Ray ends the workers of one that died much sooner."""


class Worker:
    """One worker under its name; ``pace`` is the actor that all of the job ask."""

    def __init__(self, name: str, pace: Any) -> None:
        self._name = name
        self._pace = pace
        self._told = Told()
        self._given: list[Partition] = []
        self._progress = Progress()
        self._planned = Handover()
        self._loader: Loader | None = None
        self._reading = anyio.CancelScope()
        self._heard = anyio.Event()
        self._news = anyio.Event()
        self._heard_at = time.monotonic()
        self._is_ready = self._is_forsaken = False
        self._finished = self._pages = 0

    async def work(self, order: Order) -> Ended:
        """Do what there is to do until that is over; what ends it early is in what it returns."""
        failure = None
        try:
            async with equipped(order, self._name) as equipment:
                await self._do(order, equipment)
            if self._is_forsaken:
                # Else the import, if it was only slow, would wait for what nobody does.
                raise EngineError(
                    f"A worker heard nothing of the import for {_FORSAKEN_SECONDS:.0f} s, and "
                    "ended.",
                    remedy="Run the same command again: it goes on where it stopped.",
                )
        except SynapImportError as error:
            failure = Failure(type(error).__name__, error.message, error.remedy)
        except Exception:  # noqa: BLE001 - an exception of a source may not survive the way
            failure = Failure("", traceback.format_exc())
        return Ended(self._report(), failure)

    async def turn(self, told: Told, given: Partition | None, seconds: float) -> Report:
        """Hear what may be done, and a partition to read; tell what was done so far.

        That is after so many seconds, or when a partition is read.
        """
        self._hear(told, given)
        with anyio.move_on_after(seconds):
            await self._news.wait()
        self._news = anyio.Event()
        return self._report()

    def _hear(self, told: Told, given: Partition | None) -> None:
        self._heard_at = time.monotonic()
        if given is not None:
            self._given.append(given)
        if told.planned > self._told.planned:
            self._planned.announce()
        if told.sending_over or told.stop_sending:
            self._planned.finish()
        self._told = told
        if told.stop_sending and self._loader is not None:
            self._loader.stop()
        if told.stop_reading:
            self._reading.cancel()
        self._heard.set()
        self._heard = anyio.Event()

    async def _do(self, order: Order, equipment: Equipment) -> None:
        self._is_ready = True
        try:
            async with anyio.create_task_group() as watching:
                watching.start_soon(self._end_when_forsaken)
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._read, equipment)
                    if equipment.synap is not None:
                        tasks.start_soon(self._send, order, equipment, equipment.synap)
                watching.cancel_scope.cancel()
        except ExceptionGroup as group:
            # Here, so that what a source lets through is explained.
            raise most_telling(group) from group

    async def _read(self, equipment: Equipment) -> None:
        reading = Reading(
            equipment.source,
            equipment.ledger,
            self._progress,
            equipment.marker.marks,
            equipment.transforms,
        )
        with self._reading:
            while (partition := await self._next()) is not None:
                async with aclosing(reading.stage(partition)) as pages:
                    busy_from = time.thread_time()
                    async for _ in pages:
                        self._pages += 1
                        await self._make_way(time.thread_time() - busy_from)
                        busy_from = time.thread_time()
                self._finished += 1
                self._news.set()

    async def _end_when_forsaken(self) -> None:
        """Nobody may go on sending for an import that is not there any more."""
        while True:
            left = self._heard_at + _FORSAKEN_SECONDS - time.monotonic()
            if left <= 0:
                break
            await anyio.sleep(left)
        self._is_forsaken = not self._told.is_over
        self._hear(self._told._replace(stop_sending=True, stop_reading=True), None)

    async def _make_way(self, busy: float) -> None:
        """Let sending have as much of this process as reading a page took."""
        await anyio.sleep(busy if self._loader is not None else 0)

    async def _next(self) -> Partition | None:
        while not self._given:
            if self._told.reading_over or self._told.stop_reading:
                return None
            await self._heard.wait()
        return self._given.pop(0)

    async def _send(self, order: Order, equipment: Equipment, synap: Synap) -> None:
        while not self._told.may_send:
            if self._told.sending_over or self._told.stop_sending:
                return
            await self._heard.wait()
        self._loader = Loader(
            equipment.ledger,
            synap,
            making(order.form),
            self._progress,
            order.limits,
            slots=RemoteSlots(self._pace, self._name),
        )
        if self._told.stop_sending:
            self._loader.stop()
        await self._loader.run(self._planned.more)

    def _report(self) -> Report:
        progress = self._progress
        waits = max(0.0, progress.waiting_until - anyio.current_time()) if progress.waiting else 0.0
        return Report(
            self._is_ready,
            self._finished,
            self._pages,
            progress.exported,
            progress.held,
            progress.rejected,
            progress.loaded,
            progress.already_there,
            progress.in_doubt,
            progress.waiting,
            waits,
        )
