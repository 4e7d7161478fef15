"""So many readers of one source ask it no more often than one is allowed to."""

from __future__ import annotations

from contextlib import AsyncExitStack

import anyio
import pytest

from synap_import import Politeness
from synap_import.host import HostContext


def part_of(politeness: Politeness, readers: int) -> float | None:
    """The requests a second of one of so many readers."""
    return HostContext(AsyncExitStack(), readers=readers)._part_of(politeness).requests_per_second


@pytest.mark.parametrize(("readers", "part"), [(1, 8.0), (4, 2.0)])
def test_readers_share_the_requests_a_second(readers: int, part: float) -> None:
    assert part_of(Politeness(requests_per_second=8), readers) == part


def test_a_source_without_a_rate_has_none_with_many_readers() -> None:
    assert part_of(Politeness(), 4) is None


def test_a_client_of_a_reader_is_closed_with_its_run() -> None:
    async def run() -> bool:
        async with AsyncExitStack() as clients:
            client = HostContext(clients, readers=4).http_client()
        return client.is_closed

    assert anyio.run(run)
