"""Partitions on their way to the workers: a few wait, each worker has one at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from synap_import.sources import Partition


@dataclass(slots=True)
class Desk:
    """Hands out partitions, at most ``most`` ahead of the workers, and takes back what broke off.

    One at a time: a worker that has a long one before it is not given another to wait with it.
    """

    most: int
    _waiting: deque[Partition] = field(default_factory=deque)
    _taken: dict[str, Partition] = field(default_factory=dict)
    _no_more: bool = False
    _change: anyio.Event = field(default_factory=anyio.Event)

    async def put(self, partition: Partition) -> None:
        """Wait until there is room for it."""
        while len(self._waiting) >= self.most:
            await self._change.wait()
        self._waiting.append(partition)

    def take(self, worker: str) -> Partition | None:
        """The next one for a worker, None while it has one or there is none."""
        if worker in self._taken or not self._waiting:
            return None
        self._taken[worker] = partition = self._waiting.popleft()
        self._tell()
        return partition

    def finished(self, worker: str) -> None:
        """The worker read its partition to the end."""
        self._taken.pop(worker, None)
        self._tell()

    def give_back(self, worker: str) -> None:
        """The worker is gone: somebody else goes on with its partition."""
        partition = self._taken.pop(worker, None)
        if partition is not None:
            self._waiting.appendleft(partition)

    def no_more(self) -> None:
        """All there are were put."""
        self._no_more = True
        self._tell()

    @property
    def is_done(self) -> bool:
        """Whether all were read to their end."""
        return self._no_more and not self._waiting and not self._taken

    def _tell(self) -> None:
        self._change.set()
        self._change = anyio.Event()
