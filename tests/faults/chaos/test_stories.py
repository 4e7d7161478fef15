"""Seeded chaos: whatever goes wrong in whatever order, nothing is lost and nothing comes twice.

``make chaos`` runs a thousand of them; a failing seed fails again by itself:
``CHAOS=17:1 python -m pytest tests/faults/chaos/test_stories.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.chaos import run_story, run_story_apart
from support.thorough import a_few_of

_FIRST, _COUNT = map(int, os.environ.get("CHAOS", "0:100").split(":"))
SEEDS = range(_FIRST, _FIRST + _COUNT)
_ORDINARY = range(8)  # one apart, one that stalls, one that holds
_EVERY_SO_OFTEN_APART = 10
_EVERY_SO_OFTEN_STALLING = 25
_EVERY_SO_OFTEN_HOLDING = 8


@pytest.mark.parametrize("seed", a_few_of(SEEDS, _ORDINARY))
def test_a_run_with_faults_and_crashes_ends_with_everything_accounted_for(
    tmp_path: Path, seed: int
) -> None:
    if seed % _EVERY_SO_OFTEN_APART == 0:
        books = run_story_apart(seed, tmp_path)
    else:
        books = run_story(
            seed,
            tmp_path,
            stalls=seed % _EVERY_SO_OFTEN_STALLING == 7,
            hold_doubts=seed % _EVERY_SO_OFTEN_HOLDING == 3,
        )
    assert books.loaded + books.already_there + books.rejected_total + books.in_doubt > 0
