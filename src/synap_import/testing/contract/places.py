"""Checks of partitions, pages and cursors: a run can stop anywhere and go on.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from .walks import Subject, Walk, rest_behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from synap_import.sources import Page

__tracebackhide__ = True

MOST_CURSORS = 25
"""Each is one more reading."""


def check_pages(walk: Walk) -> None:
    """Partitions are told apart, and each ends with the cursor None."""
    ids = Counter(partition.id for partition, _ in walk.parts)
    twice = [one for one, count in ids.items() if count > 1]
    assert not twice, f"Partitions {twice} come twice: the host would skip the second as read."
    for partition, pages in walk.parts:
        assert pages, (
            f"Partition {partition.id!r} yields no page, so it never ends: an empty one is "
            "Page([], None)."
        )
        assert pages[-1].cursor is None, (
            f"The last page of partition {partition.id!r} has the cursor {pages[-1].cursor!r}. "
            "None says that it was read to its end; without it the next run reads it again."
        )
        early = [number for number, page in enumerate(pages[:-1]) if page.cursor is None]
        assert not early, (
            f"Page {early[0]} of partition {partition.id!r} has the cursor None, and more pages "
            "follow: a run that is stopped there would never read them."
        )


def check_unreadable(walk: Walk) -> None:
    """Items that cannot be read are told apart by where they are."""
    places = Counter(item.where for item in walk.unreadable)
    twice = [one for one, count in places.items() if count > 1]
    assert not twice, f"Unreadable items share a place: {twice}. Only one of them would be told of."


async def check_resume(
    subject: Subject, walk: Walk, answered: Callable[[], AbstractContextManager[object]]
) -> None:
    """From every cursor the rest is read, by an adapter that knows nothing else.

    A page may be read once more, where that shows what moved meanwhile.
    """
    for stop in islice(_stops(walk), MOST_CURSORS):
        partition_id, cursor, behind = stop.partition_id, stop.cursor, stop.behind
        with answered():
            again = await rest_behind(subject, partition_id, cursor, stop.before)
        rest = _ids(behind)
        lost = sorted(rest - _ids(again))
        strange = sorted(_ids(again) - rest - _ids(stop.before))
        assert not lost, (
            f"Going on from cursor {cursor!r} of partition {partition_id!r} loses {lost[:5]}. A "
            "cursor points right behind its own page, and ids do not depend on where it began."
        )
        assert not strange, (
            f"Going on from cursor {cursor!r} of partition {partition_id!r} gives {strange[:5]}, "
            "which a reading from the beginning does not: ids must not depend on where it began."
        )
        assert len(again) <= len(behind) + 1, (
            f"Going on from cursor {cursor!r} of partition {partition_id!r} reads {len(again)} "
            f"pages where {len(behind)} are left. One page may be read again, not more: a cursor "
            "points right behind its own page."
        )


class _Stop(NamedTuple):
    """Where a run could have been stopped: pages before it, in all partitions, and behind it."""

    partition_id: str
    cursor: str
    before: list[Page]
    behind: list[Page]


def _stops(walk: Walk) -> Iterator[_Stop]:
    read: list[Page] = []
    for partition, pages in walk.parts:
        for number, page in enumerate(pages[:-1], start=1):
            before = [*read, *pages[:number]]
            yield _Stop(partition.id, str(page.cursor), before, pages[number:])
        read += pages


def _ids(pages: Sequence[Page]) -> set[str]:
    return {record.id for page in pages for record in page.records}


def check_scopes(walk: Walk) -> None:
    """Whoever owns a record that could be loaded was told of, where the source tells at all."""
    if walk.scopes is None:
        return
    told = {(one.kind, one.id) for one in walk.scopes}
    loadable = [one for one in walk.records if one.hold is None and one.text.strip()]
    owners = {owner for record in loadable if (owner := record.scope.owner())}
    untold = [(str(kind), one) for kind, one in sorted(owners - told)]
    assert not untold, (
        f"scopes() does not tell of {untold[:5]}, who own records: they would be missing in the "
        "user map, and their memories held. Tell everyone, or return None."
    )
