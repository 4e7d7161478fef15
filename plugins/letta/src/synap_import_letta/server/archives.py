"""Passages of an archive that no agent has: they can only be searched for, by time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any, NamedTuple

from synap_import import Unreadable
from synap_import_letta.times import times_of

from .api import SEARCHED, LettaApi
from .walking import ids_of


class Found(NamedTuple):
    """Passages from a time on; ``hole`` are passages of one time that a search cannot reach."""

    items: list[Any]
    since: str | None
    hole: Unreadable | None = None


async def passages_by_time(
    api: LettaApi, archive: str, since: str | None
) -> AsyncGenerator[Found, None]:
    """The archive's passages from a time on; those of a page's last moment come twice.

    A search gives 100 at most, so more than 100 of one moment (a batch that was inserted at once)
    hide each other: the rest of that moment is told as unreadable.
    """
    while True:
        items = await api.passages_of_archive(archive, since)
        newest = _newest(items)
        if newest is None:
            return
        is_one_moment = newest == since
        hides_more = is_one_moment and len(ids_of(items)) >= SEARCHED
        since = _just_after(newest) if hides_more else newest
        yield Found(items, since, _hole(archive, newest) if hides_more else None)
        if is_one_moment and not hides_more:
            return


def _newest(items: list[Any]) -> str | None:
    times = [item.get("created_at") for item in items if isinstance(item, dict)]
    known = [one for one in times if isinstance(one, str)]
    return known[-1] if known else None


def _just_after(moment: str) -> str:
    exact = times_of({"created_at": moment}).created_at
    return moment if exact is None else (exact + timedelta(microseconds=1)).isoformat()


def _hole(archive: str, moment: str) -> Unreadable:
    return Unreadable(
        f"{archive}@{moment}",
        f"{SEARCHED} or more passages of this archive have the same time, and Letta shows only "
        f"{SEARCHED} of them while no agent has the archive. Attach it to an agent and import "
        "anew, with --new-job.",
    )
