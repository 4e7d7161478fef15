"""A large organization comes out whole: while it changes, and when the run is killed.

SUPERMEMORY_SIZE=full is the size that an import must be able to read; it takes some minutes.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from supermemory_support.items import document, memory
from supermemory_support.organizations import Unrest, organization, wanted_ids
from supermemory_support.reading import Ledger, ids, read, with_source
from supermemory_support.stand_in import StandIn
from support.thorough import a_few_of
from synap_import_supermemory.source import SuperMemorySource

IS_FULL = os.environ.get("SUPERMEMORY_SIZE") == "full"
TAGS, MEMORIES, DOCUMENTS = (300, 50_000, 20_000) if IS_FULL else (12, 1_500, 500)


@pytest.fixture(scope="module")
def quiet() -> StandIn:
    server = organization(TAGS, MEMORIES, DOCUMENTS)
    server.steady = True
    return server


def kills() -> Iterator[int]:
    yield from (1, 2, 3, 5, 8, 13, 21)


@pytest.mark.timeout(1200)
def test_the_set_that_comes_out_is_the_set_that_is_there(quiet: StandIn) -> None:
    outcome = read(quiet)
    assert ids(outcome) == wanted_ids(quiet)
    assert outcome.codes == []
    assert outcome.ledger.conflicting == []


@pytest.mark.timeout(1200)
def test_kills_in_between_change_nothing(quiet: StandIn) -> None:
    ledger = Ledger()
    for pages in kills():
        read(quiet, ledger, pages=pages)
    outcome = read(quiet, ledger)
    assert ids(outcome) == wanted_ids(quiet)
    assert outcome.codes == []


@pytest.mark.timeout(1200)
def test_what_stays_comes_out_of_an_organization_that_changes_all_the_time() -> None:
    unrest = Unrest(every=5)
    server = organization(TAGS, MEMORIES, DOCUMENTS)
    server.before = unrest
    ledger = Ledger()
    for pages in kills():
        read(server, ledger, pages=pages)
    outcome = read(server, ledger)
    assert unrest.gone
    assert unrest.new
    came = ids(outcome)
    assert wanted_ids(server) - unrest.new <= came
    assert came - wanted_ids(server) <= unrest.gone
    assert {*outcome.codes} <= {"supermemory-grew"}


@pytest.mark.parametrize("size", a_few_of([10_000, 100_000], [10_000]))
def test_memory_does_not_grow_with_the_number_of_large_documents(size: int) -> None:
    text = "large " * size

    def peak(count: int) -> int:
        server = StandIn(documents={"ana": [document(n, text) for n in range(count)]})

        async def act(source: SuperMemorySource) -> None:
            await source.check()
            async for partition in source.partitions():
                async with aclosing(source.pages(partition, None)) as pages:
                    async for page in pages:
                        del page
                        # Requests leave cycles that hold their bodies; the command collects often.
                        gc.collect()

        tracemalloc.start()
        try:
            with_source(server, act, tags=("ana",))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(90) < 1.5 * peak(30)


def test_requests_are_as_many_as_pages_and_one_row_for_each_further_page() -> None:
    server = StandIn(memories={"ana": [memory(n) for n in range(950)]})
    read(server)
    lists = [one for one in server.asked if one.path == "/v4/memories/list"]
    latest = [one for one in lists if one.order["sort"] == "updatedAt"]
    rows = [one for one in lists if one.order["limit"] == 1 and one not in latest]
    assert (len(latest), len(lists) - len(latest) - len(rows), len(rows)) == (1, 10, 9)
