"""Asking Synap no faster than it likes."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from synap_import.loading.asking_pace import AskingPace

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def pace() -> AskingPace:
    return AskingPace(1000, anyio.Event())


async def test_a_refusal_halves_the_pace(pace: AskingPace) -> None:
    pace.too_fast(await pace.turn(), 0)
    assert pace.rate == 500


async def test_refusals_of_what_was_under_way_together_halve_it_once(pace: AskingPace) -> None:
    turns = [await pace.turn() for _ in range(4)]
    for turn in turns:
        pace.too_fast(turn, 0)
    assert pace.rate == 500


async def test_a_refusal_at_the_new_pace_halves_it_again(pace: AskingPace) -> None:
    pace.too_fast(await pace.turn(), 0)
    pace.too_fast(await pace.turn(), 0)
    assert pace.rate == 250


async def test_it_never_comes_to_a_standstill(pace: AskingPace) -> None:
    for _ in range(50):
        pace.too_fast(pace._cuts, 0)
    assert pace.rate == 0.5


async def test_good_answers_bring_it_back_and_not_beyond(pace: AskingPace) -> None:
    pace.too_fast(await pace.turn(), 0)
    for _ in range(500):
        pace.well()
    assert pace.rate == 1000


async def test_nobody_asks_while_it_is_held(pace: AskingPace) -> None:
    pace.too_fast(await pace.turn(), 3600)
    with anyio.move_on_after(0.01) as waiting:
        await pace.turn()
    assert waiting.cancelled_caught


async def test_who_waits_for_a_turn_hears_of_a_hold() -> None:
    pace = AskingPace(100, anyio.Event())
    await pace.turn()
    async with anyio.create_task_group() as tasks:
        taken: list[int | None] = []

        async def take() -> None:
            taken.append(await pace.turn())

        tasks.start_soon(take)
        await anyio.lowlevel.checkpoint()
        pace.too_fast(0, 3600)
        await anyio.sleep(0.05)
        tasks.cancel_scope.cancel()
    assert taken == []


async def test_stopping_ends_a_wait_without_a_turn(pace: AskingPace) -> None:
    pace.too_fast(await pace.turn(), 3600)
    pace.stopped.set()
    assert await pace.turn() is None
