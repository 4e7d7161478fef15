"""Memories asked for one by one, because only the history feed names them.

No list reaches a memory that carries no id of anybody. The feed may name many more than there
are, those deleted long ago or of other projects, so how many are asked for is bounded.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from synap_import import Page

from .listing import ToRecord, converted

if TYPE_CHECKING:
    from .client import PlatformClient

MOST_ASKED_FOR = 5_000

_PER_PAGE = 24


@dataclass(slots=True)
class Lookup:
    """Asks for memories by id, and remembers in this run which are not there."""

    client: PlatformClient
    gone: set[str] = field(default_factory=set)

    async def memories(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Those of the memories that are there."""
        found: dict[str, Mapping[str, Any] | None] = {}

        async def ask(memory_id: str) -> None:
            found[memory_id] = await self.client.memory(memory_id)

        try:
            async with anyio.create_task_group() as tasks:
                for memory_id in ids:
                    if memory_id not in self.gone:
                        tasks.start_soon(ask, memory_id)
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        self.gone |= {memory_id for memory_id, item in found.items() if item is None}
        return [item for one in ids if (item := found.get(one)) is not None]

    async def pages(
        self, ids: Sequence[str], cursor: str | None, record_of: ToRecord
    ) -> AsyncGenerator[Page, None]:
        """The memories in the order of their ids; the cursor is the last id asked for."""
        left = sorted(one for one in ids if cursor is None or one > cursor)[:MOST_ASKED_FOR]
        for begin in range(0, len(left), _PER_PAGE):
            wanted = left[begin : begin + _PER_PAGE]
            records, unreadable = converted(await self.memories(wanted), record_of)
            yield Page(records, wanted[-1], unreadable)
        yield Page((), None)
