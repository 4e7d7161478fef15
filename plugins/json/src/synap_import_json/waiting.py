"""Work of which most is waiting for others, done by some threads at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, create_task_group, to_thread
from anyio.lowlevel import checkpoint

T = TypeVar("T")

_AT_ONCE = 8


async def one_by_one(works: Sequence[Callable[[], T]]) -> list[T]:
    """What each gives, done here; others have their turn in between."""
    done = []
    for work in works:
        done.append(work())
        await checkpoint()
    return done


async def side_by_side(works: Sequence[Callable[[], T]]) -> list[T]:
    """What each gives, in their order; raises what the first of them raised that failed."""
    limiter = CapacityLimiter(_AT_ONCE)
    done: dict[int, T] = {}
    failed: dict[int, Exception] = {}

    async def do(number: int, work: Callable[[], T]) -> None:
        try:
            done[number] = await to_thread.run_sync(work, limiter=limiter)
        except Exception as error:  # noqa: BLE001 - raised again below
            failed[number] = error

    async with create_task_group() as tasks:
        for number, work in enumerate(works):
            tasks.start_soon(partial(do, number, work))
    if failed:
        raise failed[min(failed)]
    return [done[number] for number in range(len(works))]
