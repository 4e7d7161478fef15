"""Imports, faults, crashes and changed user maps in any order; the promises hold after each."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.chaos import POINTS, Story, Witness, bad_synap, connected, crash_at, is_quick, live
from synap_import.fault_points import Hook
from synap_import.sandbox import FaultScript
from synap_import.sandbox.fault_acts import GROUPS

SEEDS = st.integers(0, 10_000)
KINDS = sorted(
    kind
    for kind in (*GROUPS["unknown"], *GROUPS["odd"], *GROUPS["throttle"], *GROUPS["stop"])
    if is_quick(kind)
)


class AnyOrder(RuleBasedStateMachine):
    """One job, and what its owner and its server may do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.lives = 0
        self.map_changed = False

    @initialize(seed=SEEDS, faults=st.lists(st.sampled_from(["ok", *KINDS]), max_size=12))
    def begin(self, seed: int, faults: list[str]) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        script = FaultScript(batches=tuple(faults), retry_after_seconds=0.01)
        self.story = replace(Story.of(seed), faults=script)
        url = self.stack.enter_context(bad_synap(folder, self.story))
        self.witness = Witness(folder / "ledger.sqlite", url)
        self.portal = self.stack.enter_context(start_blocking_portal())
        connection = self.portal.wrap_async_context_manager(connected(url, self.story))
        self.synap = self.stack.enter_context(connection)

    @rule()
    def run_undisturbed(self) -> None:
        self._live(None)

    @rule(point=st.sampled_from(POINTS), passing=st.integers(1, 5))
    def run_and_crash(self, point: str, passing: int) -> None:
        self._live(crash_at(point, passing))

    @rule(users=st.sets(st.sampled_from(["ada", "bob", "cy", "di"]), max_size=2))
    def change_the_user_map(self, users: set[str]) -> None:
        self.story = replace(self.story, skipped=frozenset(users))
        self.map_changed = True

    @invariant()
    def nothing_acknowledged_is_stored_again(self) -> None:
        if self.lives:
            self.witness.look()

    def teardown(self) -> None:
        with self.stack:
            if hasattr(self, "witness"):
                while not self._live(None):
                    self.witness.look()
                self.witness.look()
                self.witness.compare()
                # What may be there and would be held by the new map can only be told.
                self.witness.account(self.story.count, may_doubt=self.map_changed)

    def _live(self, hook: Hook | None) -> bool:
        self.lives += 1
        assert self.lives < 60, "it does not come to an end"
        return self.portal.call(live, self.witness.ledger, self.synap, self.story, hook)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=8,
    stateful_step_count=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
