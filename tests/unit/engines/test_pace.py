"""One limit for all workers: places are given in turn, and none is lost with its worker."""

from __future__ import annotations

import anyio
import pytest

from synap_import.engines.on_ray.pace import Now, Pace
from synap_import.loading.slots import Outcome

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def taken(pace: Pace, *workers: str) -> list[int]:
    """Places that are there at once."""
    with anyio.fail_after(1):
        return [place for worker in workers if (place := await pace.room(worker)) is not None]


async def has_room(pace: Pace, worker: str) -> bool:
    with anyio.move_on_after(0.05):
        return await pace.room(worker) is not None
    return False


async def test_the_window_is_that_of_all_workers_together() -> None:
    pace = Pace(most=2)
    await taken(pace, "one", "two")
    assert not await has_room(pace, "three")


async def test_an_answer_to_one_worker_is_room_for_another() -> None:
    pace = Pace(most=2)
    first, _ = await taken(pace, "one", "two")
    pace.ended(first, Outcome.ANSWERED, 0.01)
    assert await has_room(pace, "three")


async def test_what_was_not_used_is_there_for_others_at_once() -> None:
    pace = Pace(most=1)
    (place,) = await taken(pace, "one")
    pace.unused(place)
    assert await has_room(pace, "two")


async def test_a_refusal_to_one_worker_slows_down_all() -> None:
    pace = Pace(most=10)
    first, second = await taken(pace, "one", "two")
    pace.ended(first, Outcome.ANSWERED, 0.01)
    pace.ended(second, Outcome.REFUSED, 0.01)
    assert pace.now().pace is not None
    assert not await has_room(pace, "three")


async def test_the_refusals_of_what_was_let_go_together_count_once() -> None:
    pace = Pace(most=10)
    (answered, *refused) = await taken(pace, "one", "two")
    pace.ended(answered, Outcome.ANSWERED, 0.01)
    refused += await taken(pace, "three", "four")
    await anyio.sleep(0.05)  # the way to the workers was long, and their answers were quick
    pace.ended(refused[0], Outcome.REFUSED, 0.001)
    learned = pace.now().pace
    for place in refused[1:]:
        pace.ended(place, Outcome.REFUSED, 0.001)
    assert pace.now().pace == learned is not None


async def test_a_long_way_to_the_workers_is_no_slowness_of_the_server() -> None:
    pace = Pace(most=4)
    for _ in range(20):
        places = await taken(pace, *["one"] * 2)
        await anyio.sleep(0.06)
        for place in places:
            pace.ended(place, Outcome.ANSWERED, 0.01)
    assert len(await taken(pace, *["one"] * 3)) == 3


async def test_a_worker_that_died_takes_no_place_along() -> None:
    pace = Pace(most=2)
    await taken(pace, "one", "one")
    pace.leave("one")
    assert pace.now() == Now(0, None)
    assert await has_room(pace, "two")


async def test_whoever_sends_nothing_more_waits_no_longer() -> None:
    pace = Pace(most=1)
    await taken(pace, "one")
    answers: list[int | None] = []

    async def wait() -> None:
        answers.append(await pace.room("two"))

    with anyio.fail_after(1):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.sleep(0.01)
            pace.close("two")
    assert answers == [None]


async def test_what_is_told_twice_counts_once() -> None:
    pace = Pace(most=2)
    first, _ = await taken(pace, "one", "two")
    pace.ended(first, Outcome.ANSWERED, 0.01)
    pace.ended(first, Outcome.ANSWERED, 0.01)
    pace.unused(first)
    assert pace.now().in_flight == 1


async def test_a_pace_that_was_begun_anew_does_not_know_places_of_before() -> None:
    before, after = Pace(most=1), Pace(most=1)
    (old,) = await taken(before, "one")
    (new,) = await taken(after, "one")
    assert old != new
    after.ended(old, Outcome.ANSWERED, 0.01)
    assert after.now().in_flight == 1
