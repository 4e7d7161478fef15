"""Clocks that disagree. Only dates in Retry-After are compared with the wall clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from support.chaos import Story, Witness, bad_synap, connected, live
from synap_import.sandbox import FaultScript


def told_to_wait(kind: str, seconds: float) -> Story:
    faults = FaultScript(batches=(kind,), retry_after_seconds=seconds)
    return replace(Story.of(2), duplicates="update", faults=faults)


async def lives(url: str, witness: Witness, story: Story, count: int) -> list[bool]:
    async with connected(url, story) as synap:
        return [await live(witness.ledger, synap, story) for _ in range(count)]


@pytest.mark.parametrize(
    ("kind", "seconds", "ends"),
    [
        ("429-past-date", 0, [True]),
        # Our clock went back by two hours, so the server's "now" is in two hours: nobody
        # would wait that long, so the run ends, and the next one finishes it.
        ("429-date", 7200, [False, True]),
    ],
)
def test_a_date_by_another_clock_neither_hangs_nor_loses_anything(
    tmp_path: Path, kind: str, seconds: float, ends: list[bool]
) -> None:
    story = told_to_wait(kind, seconds)
    with bad_synap(tmp_path, story) as url:
        witness = Witness(tmp_path / "ledger.sqlite", url)
        assert anyio.run(lives, url, witness, story, len(ends)) == ends
        witness.look()
        witness.compare()
        witness.account(story.count)
        assert set(witness.received().values()) == {1}
