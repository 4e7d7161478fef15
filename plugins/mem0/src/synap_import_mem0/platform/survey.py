"""What the project holds before it is read: counts of every combination of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import anyio
import httpx

from synap_import import SourceError, SourceUnavailableError

from .client import IncludeMergedRefusedError, PlatformClient
from .enumeration import (
    SUBSETS,
    Probe,
    Reading,
    Subset,
    filters_of,
    ids_of,
    reading_that_shows,
    total,
)

OPTIONAL_FAILURES = (SourceError, SourceUnavailableError, httpx.HTTPStatusError)
"""What the endpoints may answer that only serve to compare."""


def why(error: Exception) -> str:
    """What kept an optional endpoint from answering; httpx's own words quote the address."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}."
    return str(error)


@dataclass(frozen=True, slots=True)
class Survey:
    """Counts, expired memories included. ``merged`` has those with merged duplicates, None
    where the server does not give them; ``events`` is the length of the history feed, which
    grows with every change.
    """

    active: Mapping[Subset, Probe]
    merged: Mapping[Subset, Probe] | None
    events: int | None
    reading: Reading

    def probe(self, subset: Subset, *, merged: bool) -> Probe:
        """What is known of a list."""
        probes = self.merged if merged and self.merged is not None else self.active
        return probes[subset]

    def version(self, subset: Subset, *, merged: bool) -> str:
        """Another one when the list may have moved."""
        return f"{self.probe(subset, merged=merged).count}.{self.events}"

    def expected(self) -> int | None:
        """How many memories will be read, where the counts tell."""
        return total(self.merged or self.active, self.reading)


async def take_survey(client: PlatformClient) -> Survey:
    """Ask for all counts: 31 small requests."""
    active = await _probe_all(client, merged=False)
    merged: Mapping[Subset, Probe] | None = None
    if any(probe.at_least for probe in active.values()):
        merged = await _merged_probes(client)
    return Survey(active, merged, await length_of_feed(client), await _reading(client, active))


async def probe(
    client: PlatformClient, subset: Subset, *, merged: bool = False, **named: str
) -> Probe:
    """The count of one list."""
    filters = filters_of(subset, **named)
    listing = await client.memories(filters, page=1, size=1, merged=merged)
    item = listing.items[0] if listing.items else None
    return Probe(listing.count, item if isinstance(item, Mapping) else None)


async def _probe_all(client: PlatformClient, *, merged: bool) -> dict[Subset, Probe]:
    probes: dict[Subset, Probe] = {}

    async def ask(subset: Subset) -> None:
        probes[subset] = await probe(client, subset, merged=merged)

    # The first alone: what is refused, is refused once.
    await ask(SUBSETS[0])
    try:
        async with anyio.create_task_group() as tasks:
            for subset in SUBSETS[1:]:
                tasks.start_soon(ask, subset)
    except ExceptionGroup as group:
        raise _first(group) from group
    return {subset: probes[subset] for subset in SUBSETS}


async def _merged_probes(client: PlatformClient) -> dict[Subset, Probe] | None:
    try:
        return await _probe_all(client, merged=True)
    except IncludeMergedRefusedError:
        return None


async def length_of_feed(client: PlatformClient) -> int | None:
    """How much ever happened, where the server tells: it grows with every change."""
    try:
        return (await client.events(1, size=1)).count
    except OPTIONAL_FAILURES:
        return None


async def _reading(client: PlatformClient, probes: Mapping[Subset, Probe]) -> Reading:
    """What filters mean: from the counts, or by asking for one memory by fewer ids than it has."""
    shown = reading_that_shows(probes)
    if shown is not Reading.UNKNOWN:
        return shown
    several = (one.item for ids, one in probes.items() if len(ids) > 1 and one.item)
    item = next(several, None)
    if item is None:
        return Reading.UNKNOWN
    name, owner = next(iter(ids_of(item).items()))
    filters = {"AND": [{name: owner}, {"memory_ids": [item.get("id")]}]}
    try:
        found = await client.memories(filters, page=1, size=1)
    except OPTIONAL_FAILURES:
        return Reading.UNKNOWN
    if not found.items and found.count == 0:
        return Reading.CLOSED
    mine = [isinstance(one, Mapping) and one.get("id") == item.get("id") for one in found.items]
    return Reading.OPEN if mine == [True] and found.count == 1 else Reading.UNKNOWN


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
