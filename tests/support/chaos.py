"""Chaos: small imports against a Synap that misbehaves, cut off at any moment, and resumed.

A ``Story`` is made from a seed alone: its records, its faults, its crashes. A life is one run
of the import until it ends or is cut off. In this process a life is cut off by an exception
that nothing catches, at a fault point of the ledger, which is dead from then on: to SQLite
that is what ``kill -9`` is. Other lives are processes of their own and are really killed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import anyio
import httpx

from synap_import import MemoryRecord, Partition, Unreadable, fault_points
from synap_import.destination import Synap, open_synap, whoami
from synap_import.errors import DestinationStoppedError
from synap_import.identity import UserMap, identity_user_map
from synap_import.identity import Verdict as Mapped
from synap_import.ledger import Books, SqliteLedger
from synap_import.loading import LoadLimits
from synap_import.pipeline import Import
from synap_import.planning import PlanRules, Unmapped
from synap_import.progress import Progress
from synap_import.records import Kind, Scope, ScopeKind
from synap_import.sandbox import BackgroundSandbox, FaultScript, SandboxSettings
from synap_import.sandbox.fault_acts import GROUPS

from .sources import FakeSource, Slice, record
from .warm import start_function

TRANSITIONS = (
    *("open_partition", "stage", "keep_findings", "replan", "plan"),
    *("recover", "claim", "release", "doubt", "answer"),
)
PLACES = ("before_begin", "before_commit", "after_commit")
POINTS = tuple(f"ledger.{name}.{place}" for name in TRANSITIONS for place in PLACES)

_PATIENCE_SECONDS = 40


class Crash(BaseException):
    """The process is dead; nothing may catch this, and nothing is written after it."""


def crash_at(point: str, passing: int) -> fault_points.Hook:
    """Crash at that passing of such a point, and at every point after it."""
    left = passing

    def hook(reached: str) -> None:
        nonlocal left
        left -= reached.startswith(point)
        if left <= 0:
            raise Crash(point)

    return hook


@dataclass(frozen=True)
class Story:
    """All that happens in one chaos run."""

    records: tuple[tuple[MemoryRecord, ...], ...]
    unreadable: tuple[Unreadable, ...]
    duplicates: Any
    faults: FaultScript
    limits: LoadLimits
    skipped: frozenset[str] = frozenset()
    read_timeout: float = 30.0

    @classmethod
    def of(cls, seed: int, *, stalls: bool = False, hold_doubts: bool = False) -> Story:
        """The story of a seed."""
        chance = Random(seed)
        kinds = [chance.choice(GROUPS[group]) for group in ("unknown", "odd", "throttle")]
        kinds += chance.sample(GROUPS["unknown"], 4)
        kinds += chance.choice([(), (), ("refuse",), (chance.choice(GROUPS["stop"]),)])
        kinds = [kind for kind in kinds if is_quick(kind)]
        return cls(
            records=_pages(chance, count=chance.randint(30, chance.choice([80, 80, 80, 300]))),
            unreadable=tuple(
                Unreadable(f"line {n}", "not JSON", "{") for n in range(chance.randint(0, 2))
            ),
            duplicates=chance.choice(["update", "row", "conflict"]),
            faults=FaultScript(
                seed=seed,
                rate=chance.choice([0.0, 0.1, 0.3, 0.6]),
                kinds=("stall-after", "stall-before") if stalls else tuple(kinds),
                in_a_row=2,
                building_requests=chance.choice([0, 0, 0, 2]),
                retry_after_seconds=0.01,
            ),
            limits=LoadLimits(
                max_bytes=chance.choice([3_000, 8_000, 20_000, 200_000]),
                first_pause_seconds=0.001,
                longest_pause_seconds=0.01,
                hold_doubts=hold_doubts,
            ),
            skipped=frozenset(chance.sample(["ada", "bob"], chance.choice([0, 0, 1]))),
            read_timeout=0.5 if stalls else 30.0,
        )

    @property
    def count(self) -> int:
        """Items of the source."""
        return sum(map(len, self.records)) + len(self.unreadable)

    def source(self) -> FakeSource:
        """The source, as a new life finds it."""
        return FakeSource([Slice(Partition("one", "one"), self.records, self.unreadable)])

    def rules(self) -> PlanRules:
        """Whose each record becomes."""
        user_map: UserMap = identity_user_map()
        for user in sorted(self.skipped):
            user_map.tables[ScopeKind.USER].add(user, Mapped.SKIPPED, 1)
        return PlanRules(user_map, unmapped=Unmapped.HOLD)


def is_quick(kind: str) -> bool:
    """Not for faults that take seconds: stalls, and 429 without Retry-After (a wait of 5 s)."""
    return not kind.startswith("stall") and kind != "429-bare"


def _pages(chance: Random, count: int) -> tuple[tuple[MemoryRecord, ...], ...]:
    records = [_record(chance, number) for number in range(count)]
    size = chance.randint(5, 60)
    return tuple(tuple(records[start : start + size]) for start in range(0, count, size))


def _record(chance: Random, number: int) -> MemoryRecord:
    user = chance.choice(["ada", "bob", "cy", "di"])
    if chance.random() < 0.3:
        scope = Scope(user=user, session=f"chat-{chance.randrange(3)}")
        role = chance.choice(["user", "assistant"])
        return record(number, scope=scope, kind=Kind.MESSAGE, role=role, position=number)
    odd = chance.random()
    if odd < 0.03:
        return record(number, user=user, text="")
    if odd < 0.06:
        return record(number, user=None, scope=Scope(agent="bot"))
    return record(number, user=user, text=f"memory {number}" * chance.choice([1, 1, 50]))


# -- lives -----------------------------------------------------------------------------------


@asynccontextmanager
async def connected(url: str, story: Story) -> AsyncIterator[Synap]:
    """A way to the sandbox that any number of lives may use."""
    identity = await whoami(url, "synap_test")
    async with open_synap(url, "synap_test", identity, read_timeout=story.read_timeout) as synap:
        yield synap


async def live(
    path: Path, synap: Synap, story: Story, hook: fault_points.Hook | None = None
) -> bool:
    """One life in this process: whether it ended by itself with everything done."""
    fault_points.on_reaching(hook)
    try:
        with closing(SqliteLedger(path)) as ledger:
            source, rules = story.source(), story.rules()
            await Import(source, ledger, rules, Progress(), synap, story.limits).run()
    except DestinationStoppedError:
        return False
    except BaseException as error:
        if not is_crash(error):
            raise
        return False
    finally:
        fault_points.on_reaching(None)
    return True


def is_crash(error: BaseException) -> bool:
    """Whether a life ended by its hook."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(is_crash, error.exceptions))
    return isinstance(error, Crash)


def live_apart(
    path: Path, url: str, story: Story, *, point: str = "", passing: int = 1, after: float = 30
) -> int:
    """One life in a process of its own, killed at a point or after so many seconds.

    Returns 0 when all was done, 3 when the run ended early, -9 when it was killed.
    """
    process = start_function(_life, path, url, story, point, passing)
    process.join(after)
    process.kill()
    process.join()
    assert process.exitcode in (0, 3, -9), f"a life ended with {process.exitcode}"
    return process.exitcode


def _life(path: Path, url: str, story: Story, point: str, passing: int) -> None:
    hook = fault_points.kill_at(point, passing) if point else None

    async def run() -> bool:
        async with connected(url, story) as synap:
            return await live(path, synap, story, hook)

    raise SystemExit(0 if anyio.run(run) else 3)


# -- what is promised ------------------------------------------------------------------------


@dataclass
class Witness:
    """Looks at ledger and sandbox from outside, between lives."""

    ledger: Path
    url: str
    acknowledged: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """What was acknowledged stays as it is; what is loaded is there."""
        received = self.received()
        assert {key: received.get(key) for key in self.acknowledged} == self.acknowledged, (
            "stored again after it was acknowledged"
        )
        loaded = self._documents("loaded")
        missing = [one for one in loaded if one not in received]
        assert not missing, "loaded, but not there"
        self.acknowledged |= {one: received[one] for one in loaded}

    def received(self) -> dict[str, int]:
        """How often the sandbox took each document in."""
        return {one["document_id"]: one["received"] for one in self.stored()}

    def stored(self) -> list[dict[str, Any]]:
        """The documents of the sandbox."""
        answer = httpx.get(f"{self.url}/sandbox/documents", trust_env=False, timeout=30)
        return [httpx.Response(200, content=line).json() for line in answer.text.splitlines()]

    def account(self, items: int, *, may_doubt: bool = False) -> Books:
        """The books at the end: each item in exactly one final state, nothing open."""
        with closing(SqliteLedger(self.ledger)) as ledger:
            books = ledger.books()
        assert books.exported == items, "lost, or counted twice"
        assert (books.unaccounted, books.unfinished) == (0, 0)
        assert may_doubt or books.in_doubt == 0
        homeless = "(document IS NULL) = (hold IS NULL)"
        assert self._rows(f"SELECT number FROM records WHERE {homeless}") == []
        dangling = "document NOT IN (SELECT number FROM documents)"
        assert self._rows(f"SELECT number FROM records WHERE {dangling}") == []
        return books

    def compare(self) -> None:
        """What the sandbox holds is what the ledger says, no more and no less."""
        stored = set(self.received())
        there = {*self._documents("loaded"), *self._documents("already_there")}
        doubted = self._rows(
            "SELECT document_id FROM documents WHERE doubt IS NOT NULL"
            " AND state IN ('rejected', 'in_doubt') UNION ALL SELECT document_id FROM doubts"
        )
        assert there <= stored, "said to be there, but is not"
        assert stored - there <= {one for (one,) in doubted}, "there, but not said"

    def _documents(self, state: str) -> list[str]:
        query = f"SELECT document_id FROM documents WHERE state = '{state}'"
        return [one for (one,) in self._rows(query)]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self.ledger.exists():
            return []
        with closing(sqlite3.connect(self.ledger)) as db:
            tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            return db.execute(query).fetchall() if tables else []


@contextmanager
def bad_synap(folder: Path, story: Story) -> Iterator[str]:
    """The address of a sandbox that acts out the faults of the story."""
    settings = SandboxSettings(
        folder / "sandbox.sqlite",
        isolation="b2c",
        duplicates=story.duplicates,
        faults=story.faults,
    )
    sandbox = BackgroundSandbox(settings)
    try:
        yield sandbox.base_url
    finally:
        # Beside what comes next: it takes a fifth of a second to leave.
        Thread(target=sandbox.close).start()


def run_story(seed: int, folder: Path, *, stalls: bool = False, hold_doubts: bool = False) -> Books:
    """Live, die and resume in this process until all is done; check after every life."""
    story = Story.of(seed, stalls=stalls, hold_doubts=hold_doubts)
    deaths = Random(seed + 1)

    async def lives(url: str, witness: Witness) -> None:
        async with connected(url, story) as synap:
            for number in _lives(deaths):
                hook = None
                if number:
                    hook = crash_at(*_where(deaths))
                done = await live(witness.ledger, synap, story, hook)
                witness.look()
                if done:
                    return

    return _told(story, folder, lambda url, witness: anyio.run(lives, url, witness))


def run_story_apart(seed: int, folder: Path) -> Books:
    """The same, each life in a process of its own that is really killed."""
    story = Story.of(seed)
    deaths = Random(seed + 1)

    def lives(url: str, witness: Witness) -> None:
        for number in _lives(deaths):
            death = _death(deaths) if number else {}
            code = live_apart(witness.ledger, url, story, **death)
            witness.look()
            if code == 0:
                return

    return _told(story, folder, lives)


def _death(chance: Random) -> dict[str, Any]:
    if chance.random() < 0.5:
        return {"after": chance.uniform(0.02, 0.4)}
    point, passing = _where(chance)
    return {"point": point, "passing": passing}


def _where(chance: Random) -> tuple[str, int]:
    """Mostly anywhere in a run, now and then around one transition."""
    if chance.random() < 0.7:
        return "ledger", chance.randint(1, chance.choice([50, 200, 400]))
    return chance.choice(POINTS), chance.choice([1, 2, 3, 8])


def _lives(chance: Random) -> Iterator[int]:
    """Counts the deaths down to 0, where it stays; fails when there is no end to it."""
    begun = time.monotonic()
    left = chance.randint(0, 6)
    while time.monotonic() - begun < _PATIENCE_SECONDS:
        yield left
        left = max(0, left - 1)
    raise AssertionError("it does not come to an end")


def _told(story: Story, folder: Path, lives: Callable[[str, Witness], None]) -> Books:
    with bad_synap(folder, story) as url:
        witness = Witness(folder / "ledger.sqlite", url)
        lives(url, witness)
        witness.compare()
        if story.limits.hold_doubts:
            assert set(witness.received().values()) <= {1}, "in doubt, and yet sent again"
        return witness.account(story.count, may_doubt=story.limits.hold_doubts)
