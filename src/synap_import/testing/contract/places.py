"""Checks of partitions, pages and cursors: a run can stop anywhere and go on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .walks import Subject, Walk, rest_behind

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

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
    """From every cursor exactly the rest is read, by an adapter that knows nothing else."""
    cursors = [
        (partition.id, page.cursor, [r.id for later in pages[n + 1 :] for r in later.records])
        for partition, pages in walk.parts
        for n, page in enumerate(pages[:-1])
        if page.cursor is not None
    ]
    for partition_id, cursor, rest in cursors[:MOST_CURSORS]:
        with answered():
            again = [record.id for record in await rest_behind(subject, partition_id, cursor)]
        lost = [one for one in rest if one not in again]
        more = [one for one in again if one not in rest]
        assert not lost, (
            f"Going on from cursor {cursor!r} of partition {partition_id!r} loses {lost[:5]}. A "
            "cursor points right behind its own page."
        )
        assert not more, (
            f"Going on from cursor {cursor!r} of partition {partition_id!r} reads {more[:5]} "
            "again. A cursor points right behind its own page."
        )


def check_scopes(walk: Walk) -> None:
    """Whoever owns a record was told of, where the source tells without being read."""
    if walk.scopes is None:
        return
    told = {(one.kind, one.id) for one in walk.scopes}
    owners = {owner for record in walk.records if (owner := record.scope.owner())}
    untold = [(str(kind), one) for kind, one in sorted(owners - told)]
    assert not untold, (
        f"scopes() does not tell of {untold[:5]}, who own records: they would be missing in the "
        "user map, and their memories held. Tell everyone, or return None."
    )
