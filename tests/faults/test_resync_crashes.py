"""A re-sync that dies at any moment and is run again ends as one that did not die."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import pytest

from support.chaos import PLACES, crash_at, is_crash
from support.resyncs import At, of_pages, resync, turn
from support.sources import FakeSource, record
from support.thorough import a_few_of
from synap_import import MemoryRecord, fault_points
from synap_import.ledger import Books, SqliteLedger
from synap_import.resync import Mirror, ResyncRules
from synap_import.sandbox import BackgroundSandbox, SandboxSettings

RULES = ResyncRules(again=True, mirror=Mirror.ALL)
TRANSITIONS = (
    *("begin_reading", "open_partition", "stage", "end_reading", "mirror", "plan"),
    *("claim", "answer", "confirm", "ask_about_replaced", "end_removing"),
)
POINTS = [f"ledger.{name}.{place}" for name in TRANSITIONS for place in PLACES]
ORDINARY_POINTS = [point for number, point in enumerate(POINTS) if number % 4 == 0]


@dataclass(frozen=True)
class Outcome:
    """What there is at the end: documents in Synap, and the account."""

    documents: frozenset[tuple[str, str]]
    in_synap: int
    held: tuple[tuple[str, int], ...]
    gone: int


def first_version(chance: Random) -> list[MemoryRecord]:
    facts = [record(number) for number in range(chance.randint(5, 40))]
    roles = ("user", "assistant")
    return [*facts, *(turn(number, roles[number % 2]) for number in range(100, 112))]


def second_version(chance: Random, records: list[MemoryRecord]) -> list[MemoryRecord]:
    kept = [one for one in records if chance.random() > 0.15]
    changed = [
        one.model_copy(update={"text": f"{one.text}, but changed"})
        if chance.random() < 0.2
        else one
        for one in kept
    ]
    return [*changed, *(record(1000 + number) for number in range(chance.randint(0, 5)))]


def pages_of(chance: Random, records: list[MemoryRecord]) -> FakeSource:
    size = chance.randint(3, 15)
    return of_pages(*(records[start : start + size] for start in range(0, len(records), size)))


def sources(seed: int) -> tuple[FakeSource, FakeSource]:
    """A source before and after people used it."""
    chance = Random(seed)
    before = first_version(chance)
    after = second_version(chance, before)
    return pages_of(chance, before), pages_of(chance, after)


class Place:
    """A sandbox and the ledger of a job that loads into it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._ledger = folder / "ledger.sqlite"
        settings = SandboxSettings(folder / "sandbox.sqlite", isolation="b2c")
        self._sandbox = BackgroundSandbox(settings)

    def sync(self, source: FakeSource, hook: fault_points.Hook | None = None) -> Books | None:
        """One life; None when it ended by the hook."""
        fault_points.on_reaching(hook)
        try:
            with closing(SqliteLedger(self._ledger)) as ledger:
                return resync(source, ledger, At(self._sandbox.base_url), RULES)
        except BaseException as error:
            if not is_crash(error):
                raise
            return None
        finally:
            fault_points.on_reaching(None)

    def outcome(self, books: Books) -> Outcome:
        assert (books.unaccounted, books.unfinished) == (0, 0)
        url = f"{self._sandbox.base_url}/sandbox/documents"
        lines = httpx.get(url, trust_env=False, timeout=30).content.splitlines()
        rows = [json.loads(line) for line in lines]
        return Outcome(
            frozenset((row["document_id"], row["document"]) for row in rows),
            books.loaded + books.already_there,
            tuple(sorted(books.held.items())),
            books.gone,
        )

    def close(self) -> None:
        self._sandbox.close()


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    both = Place(tmp_path / "undisturbed"), Place(tmp_path / "dying")
    yield both
    for one in both:
        one.close()


def undisturbed(place: Place, seed: int) -> Outcome:
    before, after = sources(seed)
    place.sync(before)
    books = place.sync(after)
    assert books is not None
    return place.outcome(books)


@pytest.mark.parametrize("seed", a_few_of(range(25), range(3)))
def test_dying_anywhere_any_number_of_times_changes_nothing(
    places: tuple[Place, Place], seed: int
) -> None:
    well, dying = places
    expected = undisturbed(well, seed)
    before, after = sources(seed)
    dying.sync(before)
    deaths = Random(seed + 1)
    books = None
    for life in range(deaths.randint(1, 5), -1, -1):
        hook = crash_at("ledger", deaths.randint(1, 150)) if life else None
        books = dying.sync(after, hook)
        if books is not None:
            break
    assert books is not None
    assert dying.outcome(books) == expected


@pytest.mark.parametrize("point", a_few_of(POINTS, ORDINARY_POINTS))
def test_dying_there_changes_nothing(places: tuple[Place, Place], point: str) -> None:
    well, dying = places
    seed = 7
    expected = undisturbed(well, seed)
    before, after = sources(seed)
    dying.sync(before)
    assert dying.sync(after, crash_at(point, 1)) is None
    books = dying.sync(after)
    assert books is not None
    assert dying.outcome(books) == expected
