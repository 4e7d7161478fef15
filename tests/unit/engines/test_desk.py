"""Partitions go to workers one at a time, and none is lost."""

from __future__ import annotations

import anyio
from hypothesis import given
from hypothesis import strategies as st

from synap_import import Partition
from synap_import.engines.on_ray.desk import Desk

ONE, TWO = Partition("1", "one"), Partition("2", "two")


def desk_with(*partitions: Partition) -> Desk:
    desk = Desk(most=10)

    async def put() -> None:
        for partition in partitions:
            await desk.put(partition)

    anyio.run(put)
    return desk


def test_a_worker_has_one_partition_at_a_time() -> None:
    desk = desk_with(ONE, TWO)
    assert desk.take("a") == ONE
    assert desk.take("a") is None
    assert desk.take("b") == TWO


def test_somebody_else_goes_on_with_the_partition_of_one_that_died() -> None:
    desk = desk_with(ONE, TWO)
    desk.take("a")
    desk.give_back("a")
    assert desk.take("b") == ONE


def test_it_is_done_when_all_were_put_and_read() -> None:
    desk = desk_with(ONE)
    desk.take("a")
    desk.no_more()
    assert not desk.is_done
    desk.finished("a")
    assert desk.is_done


def test_partitions_are_not_listed_far_ahead_of_the_workers() -> None:
    desk = Desk(most=1)

    async def put_two() -> None:
        await desk.put(ONE)
        with anyio.move_on_after(0.05) as waiting:
            await desk.put(TWO)
        assert waiting.cancelled_caught

    anyio.run(put_two)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["finish", "die"]))))
def test_every_partition_is_read_to_its_end_once(fates: list[tuple[str, str]]) -> None:
    partitions = [Partition(str(number), "") for number in range(5)]
    desk = desk_with(*partitions)
    desk.no_more()
    read = []
    for worker, fate in [*fates, *[("a", "finish")] * 5]:
        partition = desk.take(worker)
        if partition is None:
            continue
        if fate == "finish":
            read.append(partition)
            desk.finished(worker)
        else:
            desk.give_back(worker)
    assert read == partitions
    assert desk.is_done
